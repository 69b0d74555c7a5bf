"""Give the intents of a persona the slots and the question of the skills that do them.

What the author wrote wins; a slot of theirs takes from the skill its question, and that it is needed.
"""

from __future__ import annotations

from ..persona.checks.plugins import ALL
from ..persona.schema import Intent, Persona, Slot
from ..plugin import SlotSpec
from .host import Host


def with_slots(persona: Persona, host: Host) -> Persona:
    """Return the persona with all slots that its skills need."""
    intents = tuple(_filled(intent, host) for intent in persona.intents)
    return persona.model_copy(update={"intents": intents})


def with_tools(persona: Persona, host: Host) -> Persona:
    """Return the persona with an intent, which no message has, for each skill that only its language model calls."""
    names = persona.model.tools if persona.model is not None else ()
    own = {intent.skill for intent in persona.intents}
    skills = [f"{plugin}.{skill}" for plugin, loaded in host.plugins.items() for skill in loaded.skills]
    more = [
        Intent.model_construct(name=skill, skill=skill, examples=())
        for skill in skills
        if skill not in own and (skill in names or ALL in names)
    ]
    return persona.model_copy(update={"intents": (*persona.intents, *more)}) if more else persona


def _filled(intent: Intent, host: Host) -> Intent:
    skill = host.skill(intent.skill or "")
    if skill is None or not (skill.slots or skill.confirm):
        return intent
    own = {name: _slot(spec, intent.slots.get(name)) for name, spec in skill.slots.items()}
    confirm = intent.confirm if intent.confirm is not None else (dict(skill.confirm) or None)
    return intent.model_copy(update={"slots": {**intent.slots, **own}, "confirm": confirm})


def _slot(spec: SlotSpec, written: Slot | None) -> Slot:
    if written is not None:
        ask = {**spec.ask, **(written.ask or {})} or None
        return written.model_copy(update={"required": written.required or spec.required, "ask": ask})
    return Slot(type=spec.type, values=tuple(spec.values) or None, required=spec.required, ask=dict(spec.ask) or None)
