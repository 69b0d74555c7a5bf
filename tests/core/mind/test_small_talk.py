"""What asks for nothing: no word, or nothing but greetings, farewells, thanks and nods."""

from __future__ import annotations

import pytest
from personac.core.mind.small_talk import has_words, is_one_word, is_small_talk, shares_word


@pytest.mark.parametrize("text", ["👍", "!!!", "🔫🔫", "\u200b", "…", "", "？"])
def test_signs_are_no_words(text: str) -> None:
    assert not has_words(text)


@pytest.mark.parametrize("text", ["a", "好", "42", "да", "5★"])
def test_letters_ideographs_and_figures_are(text: str) -> None:
    assert has_words(text)


@pytest.mark.parametrize(
    "text",
    [
        "bye",
        "Good bye!",
        "See you tomorrow",
        "ok 👍",
        "Thanks, bye",
        "hi there",
        "再见",
        "再見！",
        "拜拜啦",
        "好的，谢谢",
        "謝謝",
        "嗯嗯",
        "辛苦了",
        "我走了",
        "没事了",
        "對不起",
    ],
)
def test_a_farewell_and_the_like_are_small_talk(text: str) -> None:
    assert is_small_talk(text)


@pytest.mark.parametrize(
    "text",
    [
        "hi, when do you open?",
        "no parking?",
        "night bus",
        "可以退吗",
        "好吃吗",
        "对账单",
        "谢谢，几点开门",
        "👍",
        "",
        "Thank you letter",
        "haha " * 9 + "x",
        "哈" * 39 + "x",
    ],
)
def test_what_asks_for_something_is_none(text: str) -> None:
    assert not is_small_talk(text)


def test_a_word_is_shared_however_it_is_inflected_and_in_whichever_characters() -> None:
    assert shares_word("returns?", "You can return it.")
    assert shares_word("藥品", "药品不能退。")
    assert not shares_word("hmm", "Take two tablets.")
    assert is_one_word("hmm")
    assert is_one_word("随便")
    assert not is_one_word("hypertension check")
