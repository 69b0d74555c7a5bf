"""Where sentences end, in whole texts and in texts that still grow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from personac.core.mind.grounding.sentences import pieces, sentences, sentences_so_far


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It costs 3.5 yuan. Go early!", ["It costs 3.5 yuan.", "Go early!"]),
        ("Dr. Li lives in No. 4, St. James's St. near us. He left.", None),
        ("Open from 9 a.m. to 5 p.m. on weekdays. Closed today.", None),
        ("He left at 5 p.m. Then he slept.", ["He left at 5 p.m.", "Then he slept."]),
        ("Pay by phone, e.g. Alipay. Cash works too.", None),
        ("No. It is closed.", ["No.", "It is closed."]),
        ("See No. 4 on the map. Turn left.", None),
        ("J. Smith built it. It burned.", None),
        ("“Really?” she said. “Yes.” He left.", ["“Really?” she said.", "“Yes.”", "He left."]),
        ("Wait... what? Fine.", ["Wait... what?", "Fine."]),
        ("他说：“来吧。”然后走了。“好！”", ["他说：“来吧。”", "然后走了。", "“好！”"]),
        ("门票3.5元。早上9:00开门！要预约吗？要。", ["门票3.5元。", "早上9:00开门！", "要预约吗？", "要。"]),
        ("1. Take Line 5. 2. Walk north.", ["1. Take Line 5.", "2. Walk north."]),
        ("First line\nsecond line\n\nthird", ["First line", "second line", "third"]),
        ("故宫很大。Go early!", ["故宫很大。", "Go early!"]),
        ("", []),
    ],
)
def test_sentences_end_where_people_end_them(text: str, expected: list[str] | None) -> None:
    found = sentences(text)
    assert found == expected if expected is not None else len(found) == 2


def test_a_sentence_that_may_go_on_is_not_yet_one() -> None:
    assert sentences_so_far("It opens at 8.") == ["It opens at 8."]
    assert sentences_so_far("It opens at 8. ") == ["It opens at 8. "]
    assert sentences_so_far("It opens at 8. T") == ["It opens at 8.", "T"]
    assert sentences_so_far("故宫很大。它") == ["故宫很大。", "它"]


@given(st.text("aA3.。！ \n”“'9:!?点元", max_size=60))
def test_pieces_lose_nothing_and_streaming_cuts_the_same(text: str) -> None:
    assert "".join(pieces(text)) == text
    whole: list[str] = []
    waiting = ""
    for char in text:
        *ready, waiting = sentences_so_far(waiting + char)
        whole += ready
    rest = [waiting.strip()] if waiting.strip() else []
    assert "".join("".join([*whole, *rest]).split()) == "".join("".join(sentences(text)).split())
