"""Slots: fill what an intent needs from the words of a message.

What the tagger marked comes first, then what the recognisers of values and names find; no words fill two slots.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from ...persona.schema import Intent
from ...plugin import Found
from ..values.typed import Value, find, read
from .entities import EntityFinder
from .tagger import Span, Tagger

Recognise: TypeAlias = Callable[[str, str, str], Iterable[Found]]
"""What finds the values of a plugin's slot type: the type, a text, its language."""


@dataclass(frozen=True, slots=True)
class Finders:
    """Hold the entity finders by (intent, slot), the tagger where slots were learnt, the day, and plugins' say."""

    by_slot: Mapping[tuple[str, str], EntityFinder]
    tagger: Tagger | None = None
    today: Callable[[], date] = date.today
    recognise: Recognise = lambda kind, text, language: ()
    refused: Callable[[str, str, Any, str], str] = lambda skill, slot, value, language: ""

    def fill_all(self, intent: Intent, text: str, language: str) -> dict[str, Any]:
        """Return the values of an intent's slots that a message says, for JSON.

        An entity is {id, name}; a number, a date and so on is {value, text, span}; a text is itself.
        """
        filled: dict[str, Any] = {}
        taken: list[tuple[int, int]] = []
        marked = self._marked(intent, text)
        for span in marked:
            if span.label not in filled:
                value = self._read(intent, span.label, text, language, span)
                if value is not None:
                    filled[span.label] = value
                    taken.append((span.start, span.end))
        for name, slot in sorted(
            intent.slots.items(), key=lambda item: item[1].type == "number"
        ):  # others have figures
            finder = self.by_slot.get((intent.name, name))
            if name in filled:
                continue
            if finder is not None:
                entity = finder.find(text)
                if entity is not None:
                    filled[name] = entity.value(language)
                continue
            for value in self._values(slot.type, text, language):
                if all(value.end <= start or end <= value.start for start, end in taken):
                    filled[name] = _json(value)
                    taken.append((value.start, value.end))
                    break
        return filled

    def fill(self, intent: Intent, slot: str, text: str, language: str, asked: bool) -> Any:
        """Return the value of a slot in a text, or None. When it was asked for, the text need say nothing else."""
        value = self.fill_all(intent, text, language).get(slot)
        if value is not None or not asked or (intent.name, slot) in self.by_slot:
            return value
        return self.read(intent, slot, text, language)

    def read(self, intent: Intent, slot: str, text: str, language: str) -> Any:
        """Return the value of a slot that a text is, as a whole; None when it is none."""
        return self._read(intent, slot, text, language, Span(slot, 0, len(text)))

    def is_all(self, intent: Intent, slot: str, text: str) -> bool:
        """Tell whether a text says a slot's value and nothing else."""
        finder = self.by_slot.get((intent.name, slot))
        return finder is not None and finder.is_all(text)

    def again(self, intent: Intent, slot: str, value: Any, language: str) -> Any:
        """Return a value from an earlier turn as it is called in this turn's language; None when it does not fit."""
        finder = self.by_slot.get((intent.name, slot))
        if finder is None:
            return value
        entity = finder.by_id.get(value["id"]) if isinstance(value, Mapping) and "id" in value else None
        return entity.value(language) if entity else None

    def _values(self, kind: str, text: str, language: str) -> Iterable[Value]:
        if "." not in kind:
            return find(kind, text, self.today())
        found = self.recognise(kind, text, language)
        return [Value(kind, one.value, text[one.start : one.end], one.start, one.end) for one in found]

    def _marked(self, intent: Intent, text: str) -> list[Span]:
        if self.tagger is None or not any(name in self.tagger.slots for name in intent.slots):
            return []
        names = {slot: finder for (_, slot), finder in self.by_slot.items() if slot in self.tagger.slots}
        return [span for span in self.tagger.mark(text, names) if span.label in intent.slots]

    def _read(self, intent: Intent, slot: str, text: str, language: str, span: Span) -> Any:
        said = text[span.start : span.end]
        finder = self.by_slot.get((intent.name, slot))
        if finder is not None:
            entity = finder.find(said)
            return entity.value(language) if entity else None
        kind = intent.slots[slot].type
        if kind in ("text", "entity"):
            return said.strip() or None
        if "." in kind:
            own = next(iter(self._values(kind, said, language)), None)
            return None if own is None else own.json() | {"span": [span.start + own.start, span.start + own.end]}
        value = read(kind, said, self.today())
        return None if value is None else _json(Value(kind, value, said.strip(), span.start, span.end))


def _json(value: Value) -> Any:
    return value.text if value.kind in ("email", "phone") else value.json()
