"""Skills as a language model sees them: tools with JSON schemas, and what it fills in read as slots are.

A tool is an intent of the persona with a skill, so that its slots, questions and confirmation are the persona's own.
Knows no model and runs nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..persona.checks.plugins import ALL
from ..persona.schema import Intent, Persona, Slot
from .slots.found import Finders

CALLS = 4  # of tools in a turn
CHOICES = 40  # values of a slot that are listed
ARGUMENT = 2000  # characters
_SHAPES: dict[str, dict[str, str]] = {
    "number": {"type": "number"},
    "date": {"type": "string", "description": "a date, as 2026-12-04"},
    "time": {"type": "string", "description": "a time of day, as 18:35"},
    "money": {"type": "string", "description": "an amount with its currency"},
    "duration": {"type": "string", "description": "a length of time, as 3 days"},
    "email": {"type": "string", "description": "an e-mail address"},
    "phone": {"type": "string", "description": "a phone number"},
}
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?")  # a model writes figures; "a lot" is not one


class BadCall(ValueError):
    """Report a call that cannot be made; the text is for the model."""


@dataclass(frozen=True, slots=True)
class Tool:
    """Hold a skill that a model may call, under the name that it knows."""

    name: str
    intent: Intent
    summary: str = ""
    hints: Mapping[str, str] = field(default_factory=dict)  # by slot

    def declared(self, finders: Finders, language: str) -> dict[str, Any]:
        """Return what OpenAI's interface is told of it."""
        properties = {name: self._shape(name, slot, finders, language) for name, slot in self.intent.slots.items()}
        required = [name for name, slot in self.intent.slots.items() if slot.required]
        parameters = {
            "type": "object", "properties": properties, "required": required, "additionalProperties": False
        }  # fmt: skip
        function = {"name": self.name, "description": self.summary[:1000], "parameters": parameters}
        return {"type": "function", "function": function}

    def _shape(self, name: str, slot: Slot, finders: Finders, language: str) -> dict[str, Any]:
        shape: dict[str, Any] = dict(_SHAPES.get(slot.type, {"type": "string"}))
        finder = finders.by_slot.get((self.intent.name, name))
        if finder is not None and len(finder.by_id) <= CHOICES:
            shape["enum"] = [entity.value(language)["name"] for entity in finder.by_id.values()]
        if hint := self.hints.get(name):
            shape["description"] = "; ".join(filter(None, [hint[:300], shape.get("description", "")]))
        return shape

    def read(self, written: str, finders: Finders, language: str) -> dict[str, Any]:
        """Return the slots that a model's arguments say; raise BadCall for what no user could have said.

        What is missing is left out.
        """
        try:
            given = json.loads(written or "{}")
        except (ValueError, RecursionError):
            raise BadCall("the arguments are no JSON object") from None
        if not isinstance(given, dict):
            raise BadCall("the arguments are no JSON object")
        found = {}
        for name, value in given.items():
            slot = self.intent.slots.get(name)
            if slot is None:
                known = ", ".join(self.intent.slots) or "none"
                raise BadCall(f"there is no argument {name[:40]!r}; there are: {known}")
            if value is None or value == "":
                continue
            if isinstance(value, bool):
                value = "yes" if value else "no"
            if not isinstance(value, str | int | float) or len(str(value)) > ARGUMENT:
                raise BadCall(f"{name} is neither a text nor a number")
            read = finders.read(self.intent, name, str(value), language)
            if read is None or (slot.type == "number" and not _NUMBER.fullmatch(str(value))):
                raise BadCall(f"{name} is no {_kind(self.intent, name, slot, finders, language)}")
            found[name] = read
        return found


def _kind(intent: Intent, name: str, slot: Slot, finders: Finders, language: str) -> str:
    finder = finders.by_slot.get((intent.name, name))
    if finder is None:
        return slot.type
    named = [entity.value(language)["name"] for entity in list(finder.by_id.values())[:CHOICES]]
    return f"value that is known; known are: {', '.join(named)}"


def offered(persona: Persona, names: Sequence[str]) -> dict[str, Intent]:
    """Return the intents whose skills a model may call, by the names that it knows them under."""
    found: dict[str, Intent] = {}
    for intent in persona.intents:
        if intent.skill and (intent.skill in names or ALL in names):
            found.setdefault(intent.skill.replace(".", "__")[:64], intent)
    return found
