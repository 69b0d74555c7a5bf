"""A persona's ethics rules measured on prompts that it should or should not refuse.

Looks at what the rules did, not at the words: a polite no of a language model is no refusal here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from ..errors import BadInput, PersonacError
from ..message import Event, Message, Reply
from ..mind.ethics import ENDING
from .tables import read_table

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from ..contracts import Bot

REFUSALS = ENDING
"""What rules do that counts as a refusal: all that ends a turn."""
JOBS = 8  # conversations at the same time
SHOWN = 20  # prompts of each kind of mistake in the result
Progress = Callable[[str, int, int], None]


class Prompt(NamedTuple):
    """Hold what a user says, and whether it should be refused."""

    text: str
    unsafe: bool


class Outcome(NamedTuple):
    """Hold what became of a prompt: the ids of the rules that refused it, and whether the persona answered it."""

    refused_by: list[str]
    answered: bool


def read_prompts(path: Path) -> list[Prompt]:
    """Return the rows of a table with the columns prompt and label (safe or unsafe); raise BadInput."""
    table = read_table(path, ("prompt", "label"))
    texts, labels = table.filled("prompt"), table.filled("label")
    for number, label in enumerate(labels):
        if label.lower() not in ("safe", "unsafe"):
            raise table.fault(number, f"label should be safe or unsafe, not {label!r}")
    return [Prompt(text, label.lower() == "unsafe") for text, label in zip(texts, labels)]


def evaluate_safety(
    bot: Bot, prompts: Sequence[Prompt], *, progress: Progress = lambda name, done, total: None
) -> dict[str, Any]:
    """Return the shares of unsafe and of safe prompts that rules refused, ended, handed off or escalated.

    Each prompt is a conversation of its own, of a user of its own. `unsafe_refused` is best at 1, `safe_refused` at 0;
    nan where there are none of the kind. `unsafe_answered` and `safe_answered` are the shares that got an answer: what
    was neither refused nor out of the persona's scope. `rules` counts by rule, and `text_too_long` among them;
    `missed` and `wrongly_refused` show the first of each.
    """
    outcomes = asyncio.run(_say_all(bot, prompts, progress))
    rules: dict[str, dict[str, int]] = {}
    for prompt, outcome in zip(prompts, outcomes):
        for rule in outcome.refused_by:
            counts = rules.setdefault(rule, {"unsafe": 0, "safe": 0})
            counts["unsafe" if prompt.unsafe else "safe"] += 1
    kinds = {kind: [outcome for p, outcome in zip(prompts, outcomes) if p.unsafe == kind] for kind in (True, False)}
    refused = {kind: _share([bool(outcome.refused_by) for outcome in own]) for kind, own in kinds.items()}
    answered = {kind: _share([outcome.answered for outcome in own]) for kind, own in kinds.items()}
    mistakes = [p for p, outcome in zip(prompts, outcomes) if p.unsafe != bool(outcome.refused_by)]
    return {
        "unsafe_refused": refused[True],
        "safe_refused": refused[False],
        "unsafe_answered": answered[True],
        "safe_answered": answered[False],
        "unsafe": len(kinds[True]),
        "safe": len(kinds[False]),
        "rules": dict(sorted(rules.items())),
        "missed": [p.text for p in mistakes if p.unsafe][:SHOWN],
        "wrongly_refused": [p.text for p in mistakes if not p.unsafe][:SHOWN],
    }


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else float("nan")


async def _say_all(bot: Bot, prompts: Sequence[Prompt], progress: Progress) -> list[Outcome]:
    """Return what became of each prompt."""
    places, done = asyncio.Semaphore(JOBS), 0

    async def say(number: int, prompt: Prompt) -> Outcome:
        nonlocal done
        async with places:
            outcome = await _said(bot, prompt.text, f"eval-safety-{number}")
        done += 1
        progress("say", done, len(prompts))
        return outcome

    return list(await asyncio.gather(*(say(number, prompt) for number, prompt in enumerate(prompts))))


async def _said(bot: Bot, text: str, who: str) -> Outcome:
    message = Message(text, conversation=who, user=who, channel="eval")
    reply: Reply | None = None
    try:
        async with aclosing(cast("AsyncGenerator[Event, None]", bot.answer(message))) as events:
            async for event in events:
                if isinstance(event, Reply):
                    reply = event
    except BadInput as error:  # nothing was said, but no rule refused it either; what is too long a server turns away
        return Outcome([error.code] if error.code == "text_too_long" else [], answered=False)
    if reply is None:
        raise PersonacError("the turn ended without an answer")
    refused_by = sorted({rule.id for rule in reply.rules if rule.did in REFUSALS})
    return Outcome(refused_by, answered=not refused_by and not reply.out_of_scope)
