"""Sentences, quotations, and what must stand in the sources."""

from __future__ import annotations

import pytest
from personac.core.mind.grounding import QUOTE_CHARACTERS, quote, sentences, ungrounded
from personac.core.turn import Passage

SOURCE = ["The Temple of Heaven opens at 6:00. A through ticket costs 1,034 yuan, bought at the East Gate."]


@pytest.mark.parametrize(
    ("sentence", "missing"),
    [
        ("It opens at 6:00.", []),
        ("The ticket costs 1034 yuan.", []),
        ("The ticket costs 60 yuan.", ["60"]),
        ("You buy it at the East Gate.", []),
        ("You buy it from Marco Polo.", ["Marco Polo"]),
        ("门票是9999元。", ["9999"]),
    ],
)
def test_numbers_and_names_must_stand_in_the_sources(sentence: str, missing: list[str]) -> None:
    assert ungrounded(sentence, SOURCE) == missing


def test_sentences_are_cut_in_both_languages() -> None:
    assert sentences("It costs 3.5 yuan. Go early! 故宫很大。你好？") == [
        "It costs 3.5 yuan.",
        "Go early! 故宫很大。",
        "你好？",
    ]


def test_a_long_passage_is_quoted_where_it_answers() -> None:
    filler = "This sentence is about nothing at all. " * 20
    text = f"{filler}The dragon boat leaves at noon from the north pier. {filler}".strip()
    passage = Passage("a", "a.md:1", "Boats", text, "en")
    said = quote(passage, "When does the dragon boat leave?")
    assert "noon" in said
    assert said in text
    assert len(said) <= QUOTE_CHARACTERS
