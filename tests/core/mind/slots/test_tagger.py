"""The tagger of slots: what it learns from a few examples, and what its files say."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from personac.core.compile.tagger import Annotated, bio, learn, write
from personac.core.mind.slots.tagger import OUTSIDE, Span, Tagger, allowed, spans, viterbi, words

SAID = {
    "send 50 dollars to Bob": {"amount": "50 dollars", "to": "Bob"},
    "transfer £20 to Alice please": {"amount": "£20", "to": "Alice"},
    "pay Tom 30 euros": {"to": "Tom", "amount": "30 euros"},
    "give 15 pounds to Mary": {"amount": "15 pounds", "to": "Mary"},
    "what is my balance": {},
    "给小明转50块": {"to": "小明", "amount": "50块"},
    "转200元给小红": {"amount": "200元", "to": "小红"},
    "给小刚转一百元": {"to": "小刚", "amount": "一百元"},
}


def rows() -> list[Annotated]:
    return [
        Annotated(text, tuple(Span(k, text.index(v), text.index(v) + len(v)) for k, v in slots.items()))
        for text, slots in SAID.items()
    ]


@pytest.fixture(scope="module")
def tagger(tmp_path_factory: pytest.TempPathFactory) -> Tagger:
    folder = tmp_path_factory.mktemp("tagger")
    write(learn(rows(), {}, lambda done, total: None), folder)
    return Tagger(folder)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("send 75 dollars to Peter", {"amount": "75 dollars", "to": "Peter"}),
        ("给小兰转80元", {"amount": "80元", "to": "小兰"}),
        ("what is my limit", {}),
        ("", {}),
        ("😀", {}),
    ],
)
def test_new_words_are_marked_like_those_of_the_examples(tagger: Tagger, text: str, found: dict[str, str]) -> None:
    assert {span.label: text[span.start : span.end] for span in tagger.mark(text)} == found


def test_an_endless_message_is_marked_in_its_beginning(tagger: Tagger) -> None:
    assert all(span.end <= 1000 for span in tagger.mark("to " * 40_000))


def test_the_same_examples_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write(learn(rows()[:3], {}, lambda done, total: None), tmp_path / name)
    for file in ("tagger.json", "tagger.onnx"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_a_tag_goes_on_only_after_its_own_beginning() -> None:
    tags = [OUTSIDE, "B-a", "I-a", "B-b", "I-b"]
    may = allowed(tags)
    assert may[1, 2]
    assert not may[[0, 3, 4, -1], 2].any()
    steps = np.where(may, 0.0, -1e4).astype(np.float32)
    emissions = np.array([[0, 1, 0, 0, 0], [0, 0, 0, 0, 5], [0, 0, 3, 0, 0]], np.float32)
    best = [tags[i] for i in viterbi(emissions, steps)]
    assert all(tags.index(b) not in np.flatnonzero(~may[tags.index(a)]) for a, b in pairwise(best))


def test_tags_and_spans_are_two_forms_of_one_thing() -> None:
    text = "send 50 dollars to Bob"
    places = words(text)
    marked = [Span("amount", 5, 15), Span("to", 19, 22)]
    assert bio(marked, places) == [OUTSIDE, "B-amount", "I-amount", OUTSIDE, "B-to"]
    assert spans(bio(marked, places), places) == marked
