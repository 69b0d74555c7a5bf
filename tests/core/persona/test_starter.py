"""The texts of new personas are whole, in both languages, and the face has what the page looks for."""

from __future__ import annotations

import re
from typing import Any, get_args
from xml.etree import ElementTree

import pytest
from personac.core.models.visemes import SHAPES
from personac.core.persona.nodes import get, items, text
from personac.core.persona.schema import Emotion, Privacy
from personac.core.persona.source import parse
from personac.core.persona.starter.files import starter_files
from personac.core.persona.starter.wishes import LANGUAGES, TONES, Wishes, folder_of, name_fault, texts


def _by_language(node: Any) -> list[dict[str, Any]]:
    """Return all parts of the texts that are by language."""
    if not isinstance(node, dict):
        return []
    if set(node) & set(LANGUAGES):
        return [node]
    return [found for value in node.values() for found in _by_language(value)]


def test_every_text_is_there_in_both_languages() -> None:
    found = _by_language(texts())
    assert len(found) >= 50
    for node in found:
        assert set(node) == set(LANGUAGES)
        assert len({type(value) for value in node.values()}) == 1
        if isinstance(node["en"], dict):
            assert set(node["en"]) == set(node["zh"])


def test_the_same_facts_are_told_in_both_languages() -> None:
    for domain in texts()["domains"].values():
        for (_, english), (_, chinese) in zip(domain["faq"]["en"], domain["faq"]["zh"], strict=True):
            assert set(re.findall(r"\d+", english)) == set(re.findall(r"\d+", chinese))


def test_each_tone_speaks_in_its_own_way() -> None:
    for what in ("greeting", "fallback", "thanks", "refuse"):
        said = [str(texts()["tones"][tone][what][code]) for tone in TONES for code in LANGUAGES]
        assert len(set(said)) == len(said)


def test_the_face_has_every_expression_and_mouth_that_is_asked_of_it() -> None:
    drawing = ElementTree.fromstring(starter_files(Wishes("Nora"))["face.svg"])
    shown = {element.get("data-expression") for element in drawing.iter()}
    assert set(get_args(Emotion)) - {"disgust"} <= shown
    assert "thinking" in shown
    assert {element.get("data-viseme") for element in drawing.iter()} - {None} == set(SHAPES)
    for element in drawing.iter():
        if element.get("data-expression"):
            assert {"eyes", "mouth"} <= {part.get("class") for part in element.iter()}


def test_faces_differ_by_name_and_stay_the_same() -> None:
    faces = [starter_files(Wishes(name))["face.svg"] for name in ("Nora", "小美", "Bo", "Ada", "Lin", "Max")]
    assert len(set(faces)) > 1
    assert faces[0] == starter_files(Wishes("Nora"))["face.svg"]
    assert not [face for face in faces if "#BACKGROUND" in face or "#COAT" in face]


@pytest.mark.parametrize(
    ("name", "folder"),
    [("Mei Lin", "mei_lin"), ("小美", "小美"), ("Café 9", "café_9"), ("Dr. Who?", "dr_who"), ("a-b", "a-b")],
)  # fmt: skip
def test_a_folder_is_named_after_the_persona(name: str, folder: str) -> None:
    assert name_fault(name) is None
    assert folder_of(name) == folder


def test_braces_left_in_a_text_are_none_of_ours() -> None:
    for wishes in (Wishes("Nora", ("en", "zh")), Wishes("小美", ("zh",), faq=(("几点？", "九点。"),))):
        assert not re.findall(r"\{\w+\}", starter_files(wishes)["persona.yaml"])


def test_a_new_persona_masks_what_one_without_a_word_of_it_masks() -> None:
    tree, _ = parse(starter_files(Wishes("Nora"))["persona.yaml"], "persona.yaml")
    assert tuple(text(kind) for kind in items(get(tree, "privacy", "redact"))) == Privacy().redact
