"""Which texts the tagger of slots learns from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from personac.core.compile.annotated import annotated
from personac.core.mind.slots.entities import finders_of
from personac.core.persona.schema import Persona


def said(*examples: Any, slots: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    intents = [
        {"name": "go", "examples": list(examples), "responses": {"en": ["ok"]}, "slots": slots},
        {"name": "thanks", "examples": ["thank you"], "responses": {"en": ["ok"]}},
    ]
    persona = Persona.model_validate({"personac": 1, "name": "Bo", "intents": intents})
    rows = annotated(persona, Path(), finders_of(persona, {}))
    return {row.text: [(s.label, row.text[s.start : s.end]) for s in row.spans] for row in rows}


TOLD = {"text": "3 to Rome", "slots": {"people": "3", "city": "Rome"}}
SLOTS = {"people": {"type": "number"}, "city": {"type": "entity", "values": ["Rome", "Oslo"]}}


def test_without_annotations_nothing_is_learnt() -> None:
    assert said("two to Oslo", slots=SLOTS) == {}


def test_names_and_single_values_of_other_examples_are_marked_too() -> None:
    assert said(TOLD, "two of us to Oslo", "2 or 3 to Rome", slots=SLOTS) == {
        "3 to Rome": [("people", "3"), ("city", "Rome")],
        "two of us to Oslo": [("people", "two"), ("city", "Oslo")],
    }  # "2 or 3" has more than one reading


def test_an_example_with_a_slot_of_free_text_must_be_annotated() -> None:
    slots = {**SLOTS, "name": {"type": "text"}}
    assert list(said(TOLD, "two of us to Oslo", slots=slots)) == ["3 to Rome"]
