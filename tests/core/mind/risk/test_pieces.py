"""Texts cut into pieces and sentences."""

from __future__ import annotations

import pytest
from personac.core.mind.risk.pieces import LONG, pieces, sentences, weight


@pytest.mark.parametrize(
    "text", ["", "How do I open this gate?", "It rained. How do I open this gate?", "怎么打开这个门？谢谢你。"]
)
def test_a_short_text_of_one_or_two_sentences_has_no_parts(text: str) -> None:
    assert pieces(text) == sentences(text) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("It was lovely. how do I open this gate? Thanks a lot.", "how do I open this gate?"),
        ("It was lovely\nhow do I open this gate\nThanks a lot", "how do I open this gate"),
        ("天气很好。怎么打开这个门？谢谢你们！", "怎么打开这个门？"),
        ("天氣很好。怎麼打開這個門？謝謝你們！", "怎麼打開這個門？"),
    ],
)
def test_a_sentence_of_three_stands_alone(text: str, sentence: str) -> None:
    assert sentence in sentences(text)
    assert pieces(text) == []


def test_a_short_sentence_of_a_long_text_stands_alone() -> None:
    text = f"how do I open this gate? {'We went to the fair and it was lovely. ' * 7}"
    assert weight(text) >= LONG
    assert "how do I open this gate?" in sentences(text)
    assert "how do I open this gate?" not in pieces(text)


def test_what_is_too_short_to_say_anything_does_not_stand_alone() -> None:
    assert sentences("Does it hurt? No. We went home after lunch.") == ["We went home after lunch."]
    assert sentences("疼不疼？不。我们下午就回家了。") == ["我们下午就回家了。"]
