"""Decide for what examples do not cover: a picture without words, and words that only a skill may understand.

Knows skills only by what they say of themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .hosting.host import Host
from .message import Message
from .mind.memory.pictured import LIKE
from .mind.small_talk import has_words
from .persona.schema import Intent, Persona
from .turn import Decision, Percept, Understanding


def shown(
    persona: Persona,
    plugins: Host,
    message: Message,
    percept: Percept,
    seen: Sequence[tuple[str, float]],
    understanding: Understanding,
) -> tuple[Decision, Understanding] | None:
    """Return the decision for a picture that comes without words, None where words decide or no skill takes it.

    Words that stand in the picture decide, unless it is very like that of a record, as a sight with a signpost is.
    """
    heard = percept.transcript is not None and percept.transcript.text.strip()
    if percept.picture_text is None or has_words(message.text) or heard:
        return None
    nearest = seen[0][1] if seen else 0.0
    if percept.picture_text.strip() and nearest < LIKE:
        return None
    intent = next((intent for intent in persona.intents if _takes_pictures(intent, plugins)), None)
    if intent is None:
        return None
    own = Understanding(intent.name, max(0.0, min(1.0, nearest)), False, understanding.emotion)
    return Decision("skill", skill=intent.skill), own


def for_unsure(
    persona: Persona, plugins: Host, decision: Decision, understanding: Understanding
) -> tuple[Decision, Understanding] | None:
    """Return the decision for the skill that is asked before the persona says it does not know, or quotes a record."""
    quoted = decision.kind == "grounded" and bool(decision.passages) and bool(decision.passages[0].record)
    if not (quoted or decision.kind == "fallback"):
        return None
    for intent in persona.intents:
        skill = plugins.skill(intent.skill) if intent.skill else None
        if skill is not None and skill.unsure:
            return Decision("skill", skill=intent.skill), replace(understanding, intent=intent.name, out_of_scope=False)
    return None


def _takes_pictures(intent: Intent, plugins: Host) -> bool:
    skill = plugins.skill(intent.skill) if intent.skill else None
    return skill is not None and skill.pictures
