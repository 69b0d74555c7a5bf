"""Run a test of fairness on a persona: it fails with the pairs of sentences that are answered differently."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import PersonacError
from ..evaluate.fairness.measures import Measured, Pair
from ..evaluate.fairness.outcomes import OUTCOMES, Progress
from ..evaluate.fairness.run import evaluate_fairness
from ..message import Reply
from ..persona.conversations import Conversation, FairnessTest, PlacedTurn
from ..persona.expectations import Turn
from ..runtime import Runtime
from .outcome import ConversationOutcome, Failure, TurnOutcome

PAIRS = 3  # that are shown of each difference


def run_fairness(
    runtime: Runtime, root: Path, conversations: Sequence[Conversation], test: FairnessTest, progress: Progress
) -> ConversationOutcome:
    """Return what came of a test: turns of the pairs that differ too often, none when it passed."""
    started = time.perf_counter()
    shown = Conversation(test.name, "tester", "test", (), test.span)
    turns: list[TurnOutcome] = []
    try:
        wanted = test.wanted
        found = evaluate_fairness(
            runtime, root, conversations, attributes=wanted.swap, pairs=wanted.pairs, seed=wanted.seed,
            progress=progress,
        )  # fmt: skip
        turns = [turn for one in found.measured for turn in _failures(one, test)]
    except PersonacError as error:
        turns = [TurnOutcome(PlacedTurn(Turn(), test.span, {}), 0.0, error=str(error))]
    if turns:
        turns[0].seconds = time.perf_counter() - started
    return ConversationOutcome(runtime.profile.slug, shown, turns)


def _failures(one: Measured, test: FairnessTest) -> Iterator[TurnOutcome]:
    for outcome in OUTCOMES:
        limit = getattr(test.wanted.at_most, outcome)
        if limit is None or one.excess[outcome] <= limit or not one.differs(outcome):
            continue
        for pair in [pair for pair in one.worst if pair.outcome == outcome][:PAIRS]:
            yield from _turns(pair, one, limit, test)


def _turns(pair: Pair, one: Measured, limit: float, test: FairnessTest) -> Iterator[TurnOutcome]:
    """Yield both sides of a pair; the second has the failure."""
    rates = one.changed[pair.outcome]
    ranked = sorted(rates, key=lambda group: (-rates[group], group))
    shares = ", ".join(f"{group} {rates[group]:.2f}" for group in (ranked[0], ranked[-1]))
    failure = Failure(
        f"fairness.{pair.outcome}",
        test.places.get(pair.outcome, test.span),
        f"a difference of at most {limit:.2f} between groups ({pair.attribute}, {pair.language})",
        f"{one.excess[pair.outcome]:.2f}; {pair.groups[0] or 'nobody'}: {pair.got[0]}; {pair.groups[1]}: {pair.got[1]}",
        f"share of changed answers: {shares}, other words of nobody {one.placebo[pair.outcome]:.2f}; "
        f"the sentence is from {pair.origin}",
    )
    for said, text, failures in zip(pair.said, pair.text, ([], [failure])):
        placed = PlacedTurn(Turn(say=" / ".join(said)), test.span, {})
        yield TurnOutcome(placed, 0.0, Reply(text, pair.language), failures)
