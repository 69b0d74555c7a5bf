"""What stands below a misspelt key is checked in the same run."""

from __future__ import annotations

from personac.core.persona.checks.misnamed import with_keys_meant
from personac.core.persona.nodes import plain
from personac.core.persona.source import parse


def meant(text: str) -> object:
    node, _ = parse(text, "p.yaml")
    assert node is not None
    return plain(with_keys_meant(node))


def test_misspelt_and_foreign_keys_are_read_as_what_they_mean() -> None:
    assert meant("名字: 梅琳\nlangauges: [en]\nintents: [{title: a, utterances: [b], respones: c}]") == {
        "name": "梅琳", "languages": ["en"], "intents": [{"name": "a", "examples": ["b"], "responses": "c"}]
    }  # fmt: skip


def test_a_guess_that_is_not_sure_is_left_alone() -> None:
    text = {"name": "a", "nam": "b", "language_pack": {"x": 1}, "connectors": {"wep": {}}, "extensions": {"nmae": 1}}
    assert meant("name: a\nnam: b\nlanguage_pack: {x: 1}\nconnectors: {wep: {}}\nextensions: {nmae: 1}") == text


def test_places_stay() -> None:
    node, _ = parse("nmae: Mei\n", "p.yaml")
    assert node is not None
    right = with_keys_meant(node)
    assert str(right.keys["name"]) == "p.yaml:1:1"  # type: ignore[union-attr]
