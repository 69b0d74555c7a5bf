"""Passages that contradict each other are found, those that differ for a reason are not."""

from __future__ import annotations

import numpy as np
import pytest
from personac.core.compile.lints.contradictions import clashes
from personac.core.turn import Passage


def found(*passages: Passage, cosine: float = 0.9) -> list[tuple[str, str]]:
    """Return the clashes of passages that are all near each other in meaning."""
    pairs = np.array([(i, j) for j in range(len(passages)) for i in range(j)], np.intp)
    return [clash.written for clash in clashes(passages, pairs, np.full(len(pairs), cosine, np.float32))]


def row(line: int, question: str, answer: str, language: str = "en") -> Passage:
    return Passage(f"faq.csv#{line}", f"faq.csv:{line}", question, answer, language)


def field(record: str, name: str, text: str, language: str, title: str = "") -> Passage:
    return Passage(f"{record}.{name}.{language}", f"sights.yaml:{len(text)}", title, text, language, None, record, name)


@pytest.mark.parametrize(
    ("one", "other", "written"),
    [
        ("A spare card costs 5 pounds.", "The cost of a spare card is £7, once.", ("5 pounds", "£7")),
        ("Express delivery costs 8 pounds.", "Express delivery of a card costs 10 pounds.", ("8 pounds", "10 pounds")),
        ("Branches are open from 9 am to 5 pm.", "The branches are open from 9 am to 6 pm.", ("5 pm", "6 pm")),
        ("The saver pays 2.75 percent.", "The saver pays an interest of 3%.", ("2.75 percent", "3%")),
        ("A replacement card arrives within 5 working days.", "The replacement card arrives within 7 working days.",
         ("5 working days", "7 working days")),
    ],
)  # fmt: skip
def test_two_numbers_for_one_thing_clash(one: str, other: str, written: tuple[str, str]) -> None:
    assert found(row(2, "spare card?", one), row(9, "spare card cost?", other)) == [written]


def test_two_numbers_for_one_thing_clash_in_chinese() -> None:
    one, other = (
        row(2, "公交卡押金多少？", "公交卡押金20元。", "zh"),
        row(9, "公交卡押金", "公交卡的押金是三十元。", "zh"),
    )
    assert found(one, other) == [("20元", "三十元")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A ticket costs 60 yuan.", "A ticket costs ¥60."),
        ("A ticket costs 60 yuan in summer.", "A ticket costs 40 yuan in winter."),
        ("A ticket for adults costs 60 yuan.", "A ticket for children costs 30 yuan."),
        ("The museum opens at 9 am.", "The museum closes at 5 pm."),
        ("You can withdraw at most 500 pounds.", "You can withdraw at least 10 pounds."),
        ("The account costs 9 pounds a month.", "The account costs 90 pounds a year."),
        ("The gold card costs 5 pounds.", "The silver card costs 7 pounds."),
        ("Harbour Plus costs 9 pounds.", "Harbour Business costs 6 pounds."),
        ("A ticket costs 60 yuan in summer and 40 yuan in winter.", "In winter a ticket costs 40 yuan."),
        ("The card costs 5 pounds.", "The card arrives within 5 working days."),
    ],
)
def test_numbers_that_differ_for_a_reason_do_not_clash(one: str, other: str) -> None:
    assert found(row(2, "a question?", one), row(9, "another question?", other)) == []


def test_passages_that_are_not_near_in_meaning_do_not_clash() -> None:
    one, other = row(2, "", "A spare card costs 5 pounds."), row(9, "", "A spare card costs 7 pounds.")
    assert found(one, other, cosine=0.5) == []


def test_a_translation_with_another_number_clashes() -> None:
    english = field("palace", "price", "A ticket costs 60 yuan from April to October and 40 yuan otherwise.", "en")
    assert found(english, field("palace", "price", "门票旺季60元，淡季四十元。", "zh"), cosine=0.3) == []
    assert found(english, field("palace", "price", "门票旺季60元，淡季45元。", "zh"), cosine=0.3) == [
        ("40 yuan", "45元")
    ]


def test_a_translation_that_says_less_does_not_clash() -> None:
    english = field("palace", "price", "A ticket costs 60 yuan, the gallery 10 yuan extra.", "en")
    assert found(english, field("palace", "price", "门票60元，画廊另收费。", "zh")) == []


def test_fields_of_different_records_do_not_clash() -> None:
    assert found(field("palace", "price", "门票60元。", "zh"), field("temple", "price", "门票30元。", "zh")) == []


def test_parts_of_one_section_do_not_clash() -> None:
    parts = [
        Passage(f"fees.md#{i}", f"fees.md:{i}", "Fees · Closing", f"The closing fee is {fee} pounds.", "en")
        for i, fee in enumerate((15, 50))
    ]
    assert found(*parts) == []
    elsewhere = Passage("old.md#1", "old.md:1", "Closing", "The closing fee is 20 pounds.", "en")
    assert ("15 pounds", "20 pounds") in found(*parts, elsewhere)
