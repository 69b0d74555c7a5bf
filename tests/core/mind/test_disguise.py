"""Words are found however they are written, and not where they only seem to be."""

from __future__ import annotations

import pytest
from personac.core.mind.disguise import Words, fold


@pytest.mark.parametrize(
    "text",
    [
        "how do I scalp a ticket", "SCALP", "ｓｃａｌｐ", "sсаlр", "s c a l p", "s-c-a-l-p", "s.c.a.l.p", "5c4lp",
        "$calp", "sc\u200bal\u00adp", "ѕсаⅼр", "ścälp", "𝓈𝒸𝒶𝓁𝓅", "我想scalp一张票", "s  c  a  l  p",
    ],
)  # fmt: skip
def test_a_word_is_found_in_any_writing(text: str) -> None:
    assert Words(["scalp"]).found(text)


@pytest.mark.parametrize("text", ["scalpel", "a scale", "s calm p", "is cal pink", "escalped", ""])
def test_a_word_is_not_found_within_others(text: str) -> None:
    assert not Words(["scalp"]).found(text)


@pytest.mark.parametrize("text", ["我想自殺", "自 杀", "自.殺", "自\u200b杀", "不要自杀！"])
def test_chinese_words_are_found_in_both_writings(text: str) -> None:
    assert Words(["自杀"]).found(text)
    assert Words(["自殺"]).found(text)


@pytest.mark.parametrize(
    ("word", "text"),
    [("as", "a s"), ("well", "we'll"), ("sos", "room 505"), ("resign", "re-sign"), ("自杀", "自己杀鱼")],
)
def test_what_only_looks_like_a_word_is_left_alone(word: str, text: str) -> None:
    assert not Words([word]).found(text)


def test_phrases_are_found_with_any_signs_between() -> None:
    words = Words(["credit card", "¡!"])
    assert words.found("my Credit-Card")
    assert words.found("credit   c4rd")
    assert not words.found("credit a card")


def test_figures_that_are_meant_are_found() -> None:
    assert Words(["996"]).found("不要９９６")
    assert not Words(["996"]).found("99")


@pytest.mark.parametrize("word", ["18+", "100%", "!!!", "…", "😀", "❤️"])
def test_what_has_no_letter_is_found_as_it_is(word: str) -> None:
    assert Words([word]).found(f"so {word}")
    assert not Words([word]).found("so 18 or 100!")


def test_an_emoji_is_found_however_it_is_drawn() -> None:
    assert Words(["❤\ufe0f"]).found("I ❤ it")
    assert Words(["❤"]).found("I ❤\ufe0f it")


def test_places_are_those_of_the_text_as_written() -> None:
    text = "Ｔｈｅ s\u200bcаlp, 自殺 and ﬁne"
    assert [text[start:end] for start, end in Words(["scalp", "自杀", "fine"]).spans(text)] == [
        "s\u200bcаlp", "自殺", "ﬁne",
    ]  # fmt: skip


def test_other_scripts_keep_their_letters() -> None:
    assert fold("한국어")[0] == "한국어"
    assert Words(["हिन्दी"]).found("मैं हिन्दी बोलता हूँ")


def test_a_long_text_of_signs_is_searched_in_time() -> None:
    assert not Words(["credit card number", "kill"]).found("k . " * 1000 + "c-" * 1000)


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("店里着火", "店裡著火了"), ("店里着火", "店裏着火了"), ("枪支", "買鎗支"), ("台湾", "臺灣"), ("每周", "每週"),
        ("发布", "發佈"), ("关系", "關係"), ("了解", "瞭解"), ("借口", "藉口"), ("剩余", "剩餘"), ("晒干", "曬乾"),
        ("为什么", "為甚麼"), ("反复", "反覆"), ("自杀", "自殺"), ("你", "妳"), ("它", "牠"), ("沉没", "沈沒"),
        ("大炮", "大砲"), ("仿佛", "彷彿"),
        ("卫生", "衞生"), ("化妆", "化粧"), ("台面", "枱面"),
    ],
)  # fmt: skip
def test_variants_of_hong_kong_and_taiwan_are_found_in_both_directions(word: str, text: str) -> None:
    assert Words([word]).found(text)
    assert any(Words([text[start : start + len(word)]]).found(word) for start in range(len(text)))


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("Moonlight Pharmacy", "moonlightpharmacy"), ("Moonlight Pharmacy", "go to #MoonlightPharmacy!"),
        ("Moonlight Pharmacy", "m00nlightph4rmacy"), ("kill all of them", "killallofthem"),
        ("credit card", "my creditcard"),
        ("信用 卡", "信用卡"), ("VIP 客户", "VIP客戶"), ("VIP客户", "VIP 客户"),
    ],
)  # fmt: skip
def test_phrases_are_found_without_spaces(phrase: str, text: str) -> None:
    assert Words([phrase]).found(text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("the rapist", "my therapist"), ("an other", "another"),
        ("credit card", "creditcards"), ("Moonlight Pharmacy", "xmoonlightpharmacy"), ("be long", "belong"),
    ],
)  # fmt: skip
def test_phrases_of_short_words_are_not_found_in_other_words(phrase: str, text: str) -> None:
    assert not Words([phrase]).found(text)
