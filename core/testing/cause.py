"""Say why a turn went otherwise than expected: the numbers that decided it.

Reads what the turn gathered; runs no model and guesses nothing that the turn did not show.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..mind.dialogue import SAME_QUESTION, STRANGER
from ..mind.rules.reasons import judged_text
from ..persona.expectations import Turn
from ..persona.rule_sets import rules_of
from ..runtime import Runtime
from ..turn import Trace
from .compare import Mismatch, cites

_RANKED = 3
_PASSAGES = 3
_KNOWLEDGE = "a question that the knowledge answers"


def because(mismatch: Mismatch, turn: Turn, trace: Trace, runtime: Runtime, rules: Sequence[str]) -> str | None:
    """Return the nearest cause of a mismatch, or None when the turn shows none; `rules` are those that fired."""
    subject, wanted = mismatch.subject, mismatch.key.startswith("expect.")
    if subject == "rule":
        if not wanted:
            return _rules(trace, turn.expect_not.rule or (), runtime)
        return _rules(trace, [rule for rule in turn.expect.rule or () if rule not in rules] or rules, runtime)
    if trace.decision.kind == "refuse":
        return f"the rule {', '.join(rules)} ended the turn" if subject != "redactions" else None
    if subject in ("intent", "out_of_scope"):
        return _ranking(turn, trace, runtime)
    if subject == "source":
        return "; ".join([_decision(trace), _passages(turn, trace, runtime)])
    if subject in ("text", "skill", "slots"):
        return _decision(trace)
    if subject == "language":
        return f"the message was taken for {trace.percept.language}"
    return None


def _ranking(turn: Turn, trace: Trace, runtime: Runtime) -> str:
    """Return the likeliest intents, and the threshold where it decided."""
    understanding = trace.understanding
    if not understanding.ranking:
        return "there was nothing to understand"
    threshold = runtime.parts.fusion.config.judgement.threshold
    shown = [f"{name or _KNOWLEDGE} {share:.2f}" for name, share in understanding.ranking[:_RANKED]]
    names = [name for name, _ in understanding.ranking]
    for intent in turn.expect.intent or ():
        place = names.index(intent) if intent in names else None
        if place is None:
            shown.append(f"{intent} is not among the first {len(names)}")
        elif place >= _RANKED:
            shown.append(f"… {intent} {understanding.ranking[place][1]:.2f}")
    listed = " · ".join(shown)
    if understanding.out_of_scope:
        near = f"a nearness of {understanding.nearness:.2f} is below the threshold {threshold:.2f}"
        return f"out of scope: {near} ({listed})"
    if understanding.ranking[0][0] != (understanding.intent or ""):
        return f"the conversation was waiting for a slot of {understanding.intent} ({listed})"
    return f"{listed}; the threshold of being out of scope is {threshold:.2f}"


def _decision(trace: Trace) -> str:
    """Return how the turn was answered."""
    decision = trace.decision
    if trace.calls:
        calls = "; ".join(f"{call.skill}: {call.came}" for call in trace.calls)
        return f"answered by a language model, which called {calls}"
    if decision.kind == "ask":
        return f"the persona asked for the slot {decision.asking}"
    if decision.kind == "response":
        return f"answered by a response of {trace.understanding.intent or 'its own: that it is a bot'}"
    if decision.kind == "skill":
        return f"answered by the skill {decision.skill}"
    if decision.kind == "fallback":
        return "nothing near enough was found, so the persona said its fallback"
    if not decision.passages:
        return "answered by a language model without a passage and without a tool"
    kind = "a language model with" if decision.kind == "model" else "the passage"
    return f"answered by {kind} {decision.passages[0].source} at {decision.passages[0].score:.2f}"


def _passages(turn: Turn, trace: Trace, runtime: Runtime) -> str:
    """Return what was found in the knowledge, and what it would have needed."""
    if not trace.passages:
        return "no passage was found"
    needed = runtime.persona.retrieval.min_score + (STRANGER if trace.understanding.out_of_scope else 0.0)
    listed = ", ".join(f"{passage.source} {passage.score:.2f}" for passage in trace.passages[:_PASSAGES])
    found = f"found {listed} (an answer needs {needed:.2f}"
    if trace.decision.kind == "response":
        found += f", or {SAME_QUESTION:.2f} where the intent has responses"
    found += ")"
    for wanted in turn.expect.source or ():
        places = [place for place, passage in enumerate(trace.passages) if cites(passage.source, wanted)]
        if not places:
            found += f"; {wanted} is not among the {len(trace.passages)} that were found"
        elif places[0] >= _PASSAGES:
            found += f"; {wanted} came {places[0] + 1}th at {trace.passages[places[0]].score:.2f}"
    return found


def _rules(trace: Trace, rules: Sequence[str], runtime: Runtime) -> str | None:
    """Return what was seen when the rules were looked at, on each side."""
    told = [judged_text(judged) for judged in trace.judged if judged.rule in rules]
    unseen = [rule for rule in rules if not any(judged.rule == rule for judged in trace.judged)]
    for rule in list(unseen):
        if (why := _absent(rule, runtime)) is not None:
            unseen.remove(rule)
            told.append(f"{rule}: {why}")
    if unseen:
        told.append(f"{', '.join(unseen)}: not looked at, as the turn had ended or there was nothing to look at")
    return "; ".join(told) or None


def _absent(rule: str, runtime: Runtime) -> str | None:
    """Return why a rule of a set does not run in this persona, None for one that does."""
    ethics = runtime.persona.ethics
    if runtime.parts.ethics.has(rule):
        return None
    if rule in ethics.without:
        return "does not run here: `without` switches it off"
    if any(rule == own.id for own in rules_of(ethics)):
        return "does not run here: the judge of risks takes its place"
    return None
