"""Make slots of a persona of Rasa's entities, slots and forms.

An entity whose values are known becomes a slot of these values; others take a number, a date or free text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ...writing import dump
from .domain import Domain, Slot
from .names import Names
from .nlu import Example, Mention, Nlu
from .shapes import a_list, a_text

LISTED = 20
"""How many values stand in the persona itself; more go to a file of records."""
FREE = 5
"""A slot that is asked for takes any words unless at least this many values are known from examples."""
_TYPES = {
    "number": "number", "ordinal": "number", "amount-of-money": "number", "time": "date", "date": "date",
    "email": "email", "phone-number": "phone", "phone_number": "phone", "phone": "phone",
}  # fmt: skip
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)*")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


@dataclass(slots=True)
class Values:
    """Hold what an entity may be: each value with its other names; `closed` when the project lists them."""

    names: dict[str, list[str]] = field(default_factory=dict)
    closed: bool = False

    def add(self, value: str, other: str = "") -> None:
        """Add a value, or another name of one; case does not matter."""
        value = " ".join(value.split())
        key = next((known for known in (value, self._known.get(value.casefold())) if known in self.names), value)
        if not key:
            return
        others = self.names.setdefault(key, [])
        self._known[key.casefold()] = key
        other = " ".join(other.split())
        if other and other.casefold() != key.casefold() and other not in others:
            others.append(other)

    _known: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(slots=True)
class Entities:
    """Know the values of all entities of a project, and make slots."""

    domain: Domain
    nlu: Nlu
    names: Names
    files: dict[str, bytes] = field(default_factory=dict)
    values: dict[str, Values] = field(default_factory=dict)

    def __post_init__(self) -> None:
        canonical = {text.casefold(): value for value, texts in self.nlu.synonyms.items() for text in texts}
        for entity, texts in self.nlu.lookups.items():
            values = self.values.setdefault(entity, Values())
            values.closed = True
            for text in texts:
                values.add(canonical.get(text.casefold(), text), text)
        mentions = [m for examples in self.nlu.intents.values() for example in examples for m in example.mentions]
        for mention in mentions:
            value = canonical.get(mention.text.casefold(), mention.value)
            known = self.values.setdefault(mention.entity, Values())
            known.add(value, mention.text)
        for known in self.values.values():
            for value in [value for value in known.names if value in self.nlu.synonyms]:
                known.closed = True
                for text in self.nlu.synonyms[value]:
                    known.add(value, text)

    def slots(self, examples: Sequence[Example], required: Sequence[str], mentioned: Sequence[str]) -> list[str]:
        """Return the names of the slots that an intent needs: a form's, those in its examples, those it says."""
        mentions = dict.fromkeys((m.entity, m.role) for example in examples for m in example.mentions)
        found = [self._slot_of(Mention(entity, "", "", role)) for entity, role in mentions]
        return list(dict.fromkeys([*required, *found, *mentioned]))

    def slot(self, name: str, required: bool) -> dict[str, Any]:
        """Return a slot as the persona language writes it, without its question."""
        slot = self.domain.slots.get(name) or Slot(name, mappings=[{"type": "from_entity", "entity": name}])
        kinds = {a_text(mapping.get("type")) for mapping in slot.mappings}
        known = self._values(slot)
        kind = self._type(slot, known)
        if kind:
            return {"type": kind}
        open_ = required and ("from_text" in kinds or not (known.closed or len(known.names) >= FREE))
        if not known.names or open_:
            return {"type": "text"}
        if any(known.names.values()) or len(known.names) > LISTED:
            return {"type": "entity", "values": f"{self._file(name, known)}#name"}
        return {"type": "entity", "values": list(known.names)}

    def _slot_of(self, mention: Mention) -> str:
        """Return the slot that an entity fills; an entity that fills none is its own."""
        fits = [
            (slot.name, mapping)
            for slot in self.domain.slots.values()
            for mapping in slot.mappings
            if mapping.get("type") == "from_entity" and mapping.get("entity") == mention.entity
        ]
        of_role = [name for name, mapping in fits if a_text(mapping.get("role")) == mention.role]
        return next(iter([*of_role, *(name for name, m in fits if not m.get("role"))]), mention.entity)

    def _values(self, slot: Slot) -> Values:
        found = Values()
        for value in slot.values if slot.type == "categorical" else []:
            found.add(value)
            found.closed = True
        if not slot.mappings:  # filled by the entity of its name, as in Rasa 2
            slot = Slot(slot.name, slot.type, slot.values, [{"type": "from_entity", "entity": slot.name}])
        for mapping in slot.mappings:
            known = self.values.get(a_text(mapping.get("entity"))) if mapping.get("type") == "from_entity" else None
            if known is not None:
                found.closed |= known.closed
                for value, others in known.names.items():
                    found.add(value)
                    for other in others:
                        found.add(value, other)
        choices = [mapping for mapping in slot.mappings if mapping.get("type") == "from_intent"]
        for mapping in choices if not found.names else []:
            self._choice(mapping, found)
        return found

    def _choice(self, mapping: dict[str, Any], found: Values) -> None:
        """Add what is said for an intent as the names of the value that the intent stands for."""
        for intent in a_list(mapping.get("intent")):
            texts = [example.text for example in self.nlu.intents.get(a_text(intent), []) if len(example.text) <= 24]
            if texts:
                found.closed = True
                for text in texts[:40]:
                    found.add(texts[0], text)

    def _type(self, slot: Slot, known: Values) -> str:
        if slot.type == "categorical":
            return ""
        entities = [a_text(mapping.get("entity")) for mapping in slot.mappings if mapping.get("entity")]
        named = next((_TYPES[name.lower()] for name in [*entities, slot.name] if name.lower() in _TYPES), "")
        if named and not known.closed:
            return named
        if known.names and all(_NUMBER.fullmatch(value) for value in known.names):
            return "number"
        if known.names and all(_EMAIL.fullmatch(value) for value in known.names):
            return "email"
        return "number" if slot.type == "float" and not known.names else ""

    def _file(self, name: str, known: Values) -> str:
        path = f"knowledge/entities/{self.names.give(name)}.yaml"
        records = [
            {"id": value, "name": value, **({"aliases": others} if others else {})}
            for value, others in known.names.items()
        ]
        self.files[path] = dump(records).encode()
        return path
