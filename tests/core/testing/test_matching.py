from __future__ import annotations

import pytest
from personac.core.testing.matching import fits, holds, marked, nearest_part


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("A ticket costs 60 yuan.", "60"),
        ("A ticket costs 60 yuan.", "TICKET  costs"),
        ("Please don’t share it", "don't share"),
        ("门票旺季60元，淡季40元。", "60元"),
        ("开放时间：８：３０", "8:30"),
        ("You can send 25,000 pounds.", "25,000 pounds"),
        ("160 of them, or 60.", "60"),
        ("from 8:30 to 17:00", "8:30"),
    ],
)
def test_a_text_holds_a_part_whatever_its_case_width_and_blanks(text: str, wanted: str) -> None:
    assert holds(text, wanted)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("A ticket costs 160 yuan.", "60 yuan"),
        ("A ticket costs 60.5 yuan.", "60"),
        ("The limit is 10,000 pounds.", "000 pounds"),
        ("1.60 in all", "60"),
        ("open from 16:00", "6:00"),
        ("thank you", "thanks"),
    ],
)
def test_a_number_counts_only_as_a_whole(text: str, wanted: str) -> None:
    assert not holds(text, wanted)


def test_a_pattern_is_found_in_any_case_and_one_that_takes_for_ever_is_not() -> None:
    assert fits("It costs 60 yuan.", r"\d+ YUAN")
    assert not fits("It costs 60 yuan.", r"^\d+")
    assert not fits("a" * 40 + "!", r"^(a|a?)+$")


@pytest.mark.parametrize(
    ("text", "wanted", "near"),
    [
        ("A ticket costs 40 yuan in winter.", "60 yuan", "40 yuan"),
        ("It opens at 8:30 in the morning.", "opens at 9:30", "opens at 8:30"),
        ("天坛公园门票旺季15元，淡季10元。", "旺季25元", "旺季15元"),
        ("It opens at nine.", "bank card", None),
        ("", "60 yuan", None),
    ],
)
def test_the_nearest_part_of_a_text_is_named(text: str, wanted: str, near: str | None) -> None:
    assert nearest_part(text, wanted) == near


def test_differences_are_marked_by_words_where_texts_are_alike() -> None:
    assert marked("It costs 50 yuan.", "It costs 60 yuan.") == "It costs [-50-]{+60+} yuan."
    assert marked("门票十元", "门票六元") == "门票[-十-]{+六+}元"
    assert marked("You're welcome!", "I don't know that one.") == "I don't know that one."
