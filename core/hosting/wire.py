"""What goes between the server and a plugin's process: contexts and results as lines of JSON.

Knows values, not processes. Nothing that comes from a plugin is unpickled or evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ..message import Card, packed, unpacked
from ..plugin import FollowUp, Skill, SkillContext, SkillResult, SlotSpec
from ..turn import Passage

_PLAIN = (
    "text", "language", "intent", "slots", "user", "conversation", "channel", "facts", "remembered", "called",
    "confidence", "kept", "unsure",
)  # fmt: skip


def packed_context(context: SkillContext) -> dict[str, Any]:
    """Return a context as JSON values, without records and what must be called."""
    return {
        "text": context.text,
        "language": context.language,
        "intent": context.intent,
        "slots": dict(context.slots),
        "passages": [asdict(passage) for passage in context.passages],
        "media": [packed(one) for one in context.media],
        "seen": [list(pair) for pair in context.seen],
        "history": [list(line) for line in context.history],
        "user": context.user,
        "conversation": context.conversation,
        "channel": context.channel,
        "facts": dict(context.facts),
        "remembered": dict(context.remembered),
        "planned": [_plan(plan) for plan in context.planned],
        "called": context.called,
        "confidence": context.confidence,
        "kept": dict(context.kept),
        "unsure": context.unsure,
    }


def context_of(
    values: Mapping[str, Any],
    records: Mapping[str, Mapping[str, Any]],
    passage_of: Callable[[str, str], Passage | None],
    tell: Callable[[str], None],
) -> SkillContext:
    """Return the context that `packed_context` packed."""
    return SkillContext(
        **{key: values[key] for key in _PLAIN},
        records=records,
        passage_of=passage_of,
        passages=[Passage(**passage) for passage in values["passages"]],
        media=[unpacked(one) for one in values["media"]],
        seen=[(record, near) for record, near in values["seen"]],
        history=[(role, text, language) for role, text, language in values["history"]],
        tell=tell,
        planned=[_follow_up(plan) for plan in values["planned"]],
    )


def packed_result(result: SkillResult) -> dict[str, Any]:
    """Return a result as JSON values."""
    return {
        "text": result.text,
        "passages": [asdict(passage) for passage in result.passages],
        "slots": dict(result.slots),
        "choices": list(result.choices),
        "ask": result.ask,
        "media": [packed(one) for one in result.media],
        "remember": dict(result.remember),
        "foreign": result.foreign,
        "hand_off": result.hand_off,
        "follow_ups": [_plan(plan) for plan in result.follow_ups],
        "keep": None if result.keep is None else dict(result.keep),
        "cards": [card.as_dict() for card in result.cards],
    }


def result_of(values: Mapping[str, Any]) -> SkillResult:
    """Return the result that `packed_result` packed; raise TypeError or KeyError for what is none."""
    passages = [Passage(**passage) for passage in values["passages"]]
    return SkillResult(
        values["text"],
        passages,
        values["slots"],
        values["choices"],
        values["ask"],
        [unpacked(one) for one in values["media"]],
        values["remember"],
        values["foreign"],
        values["hand_off"],
        [_follow_up(plan) for plan in values["follow_ups"]],
        values["keep"],
        [Card.from_dict(card) for card in values["cards"]],
    )


def _plan(plan: FollowUp) -> list[Any]:
    return [plan.key, plan.at.isoformat() if plan.at else None, plan.skill, dict(plan.slots), plan.optional]


def _follow_up(packed: Sequence[Any]) -> FollowUp:
    key, at, skill, slots, optional = packed
    return FollowUp(key, datetime.fromisoformat(at) if at else None, skill, slots, optional)


def packed_skill(skill: Skill) -> dict[str, Any]:
    """Return what is known about a skill as JSON values."""
    slots = {name: {**asdict(spec), "values": list(spec.values)} for name, spec in skill.slots.items()}
    told = {"summary": skill.summary, "confirm": dict(skill.confirm), "seconds": skill.seconds}
    return {**told, "slots": slots, "pictures": skill.pictures, "unsure": skill.unsure}


def skill_of(values: Mapping[str, Any], run: Callable[..., Any]) -> Skill:
    """Return a skill that runs elsewhere."""
    slots = {name: SlotSpec(**spec) for name, spec in values["slots"].items()}
    return Skill(
        run=run,
        summary=values["summary"],
        slots=slots,
        confirm=values["confirm"],
        seconds=float(values["seconds"]),
        pictures=values["pictures"],
        unsure=values["unsure"],
    )
