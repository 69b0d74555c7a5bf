"""The annotated texts of a persona: examples with slots, and those whose slots are plain from what they name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path

from ..mind.slots.entities import EntityFinder
from ..mind.slots.tagger import Span
from ..mind.values.typed import find
from ..persona.schema import Example, Intent, Persona
from ..persona.sources.knowledge import read_examples
from ..persona.sources.marked import place
from .tagger import Annotated

_DAY = date(2024, 5, 15)  # any day does: only where values stand is used


def annotated(persona: Persona, root: Path, finders: Mapping[tuple[str, str], EntityFinder]) -> list[Annotated]:
    """Return what the tagger learns from; nothing when no example says which of its words fill slots.

    Only intents with slots count: their messages are all that it marks, and others would make it shy of names.
    """
    rows: list[Annotated] = []
    told = False
    for intent in persona.intents:
        for example, _ in read_examples(intent, root):
            if not example.text:
                continue
            if example.slots:
                told = True
                rows.append(Annotated(example.text, tuple(_given(example))))
            elif intent.slots and (plain := _plain(intent, example.text, finders)) is not None:
                rows.append(Annotated(example.text, tuple(plain)))
    return rows if told else []


def _given(example: Example) -> Iterator[Span]:
    for slot, said in example.slots.items():
        where = place(example.text or "", said)
        if where is not None:
            yield Span(slot, *where)


def _plain(intent: Intent, text: str, finders: Mapping[tuple[str, str], EntityFinder]) -> list[Span] | None:
    """Return the spans of a text that nobody annotated, None when more than one reading is possible."""
    marked: list[Span] = []
    kinds = [slot.type for slot in intent.slots.values()]
    for name, slot in intent.slots.items():
        finder = finders.get((intent.name, name))
        if slot.type == "text":
            return None
        found = (
            [Span(name, mention.start, mention.end) for mention in finder.mentions(text)]
            if finder is not None
            else [Span(name, value.start, value.end) for value in find(slot.type, text, _DAY)]
        )
        if len(found) > 1 or (found and kinds.count(slot.type) > 1):
            return None
        marked += found
    marked.sort(key=lambda span: span.start)
    return marked if all(a.end <= b.start for a, b in pairwise(marked)) else None
