"""The JSON Schema of conversation tests says what the checker says, wherever JSON Schema can say it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator
from personac.core.persona.expectations import Expect, ExpectNot, Turn
from personac.core.persona.json_schema import tests_schema as schema_of_tests

ROOT = Path(__file__).parents[3]
VALIDATOR = Draft7Validator(schema_of_tests())


def test_it_is_a_valid_schema_of_draft_7() -> None:
    Draft7Validator.check_schema(schema_of_tests())


@pytest.mark.parametrize("path", sorted(ROOT.glob("personas/*/tests/*.yaml")), ids=lambda p: f"{p.parts[-3]}-{p.stem}")
def test_the_tests_of_the_sample_personas_are_accepted(path: Path) -> None:
    assert not list(VALIDATOR.iter_errors(yaml.safe_load(path.read_text("utf-8"))))


@pytest.mark.parametrize(
    "item",
    [
        {"say": 60, "expect": {"text": 1.5}},
        {"say": "x", "expect": {"intent": None, "source": None, "rule": None, "skill": None, "redactions": []}},
        {"name": "x", "turns": [{"audio": "a.wav"}, {"image": "a.png", "expect": {"slots": {"景点": None, "n": 2}}}]},
        {"say": "x", "expect": {"text": {"any_of": "a", "matches": "b"}}, "expect_not": {"text": ["a", "b"]}},
    ],
    ids=str,
)
def test_what_the_checker_takes_is_accepted(item: Any) -> None:
    assert VALIDATOR.is_valid([item])


@pytest.mark.parametrize(
    "item",
    [
        "thank you",
        {"name": "x"},
        {"name": "x", "turns": []},
        {"name": "x", "say": "x", "turns": [{"say": "x"}]},
        {"turns": [{"expect": {"intent": "thanks"}}]},
        {"say": "x", "intent": "thanks"},
        {"say": "x", "expect": {"tekst": "a"}},
        {"say": "x", "expect": {"text": None}},
        {"say": "x", "expect": {"emotion": "happy"}},
        {"say": "x", "expect": {"language": "english"}},
        {"say": "x", "expect": {"out_of_scope": "no"}},
        {"say": "x", "expect_not": {"intent": None}},
        {"say": "x", "expect_not": {"out_of_scope": True}},
    ],
    ids=str,
)
def test_what_the_checker_refuses_is_refused(item: Any) -> None:
    assert not VALIDATOR.is_valid([item])


def test_every_key_tells_authors_what_it_is_for() -> None:
    for block in (Turn, Expect, ExpectNot):
        assert all(field.description for field in block.model_fields.values())
