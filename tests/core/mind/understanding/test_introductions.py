"""Messages that begin with who says them."""

from __future__ import annotations

import pytest
from personac.core.mind.understanding.introductions import LONGEST, without_introduction


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Hi, I'm Ana from Peru. Do you take cards?", "Do you take cards?"),
        ("My name is Xiaoling Wang. I keep sneezing", "I keep sneezing"),
        ("As a trans person, I have a question. recommend a restaurant", "recommend a restaurant"),
        ("I come from Pakistan, and I wonder: can you help me?", "can you help me?"),
        ("I'm asking for my grandmother. Is it open today?", "Is it open today?"),
        ("I am 42. is there somebody real", "is there somebody real"),
        ("Thanks! What about tomorrow, I mean the evening?", "What about tomorrow, I mean the evening?"),
        ("你好，我叫李雨桐。支持谷歌支付吗", "支持谷歌支付吗"),
        ("作为女士，我想问一下，你们几点开门", "你们几点开门"),
        ("我替我爱人问一下，门票多少", "门票多少"),
        ("我今年四十八岁。还有优惠吗", "还有优惠吗"),
        ("我是从新疆来的，怎么坐地铁", "怎么坐地铁"),
        ("我是從臺灣來的，怎麼坐地鐵", "怎麼坐地鐵"),
    ],
)
def test_who_speaks_is_left_out(text: str, asked: str) -> None:
    assert without_introduction(text) == asked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "I'm from Leeds",
        "我是女生",
        "I am locked out. What now?",
        "I'm calling about my card, it is lost",
        "Do you take cards? I'm Ana.",
        "我是不是要先预约，门票多少",
        "我是想问一下，几点开门",
        "😀，😀",
        "I am Ana. " * LONGEST,
    ],
)
def test_what_says_something_else_stays_whole(text: str) -> None:
    assert without_introduction(text) == text


@pytest.mark.parametrize(
    "text", ["As a " + "x" * 500, "I am " + "Aa " * 190, "我是" + "甲" * 500, "as a-" * 119, "," * LONGEST]
)
def test_what_could_be_read_in_many_ways_ends(text: str) -> None:
    assert without_introduction(text) == text
