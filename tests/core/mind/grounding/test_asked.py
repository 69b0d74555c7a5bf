"""What kind of figure a question wants."""

from __future__ import annotations

import pytest
from personac.core.mind.grounding.asked import answering, unanswered, wanted
from personac.core.turn import Passage


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How much is a ticket?", "money"),
        ("门票多少钱？", "money"),
        ("冬天门票几块钱？", "money"),
        ("联票卖多少元？", "money"),
        ("What time does it open?", "time"),
        ("When does it close?", "time"),
        ("故宫几点开门？", "time"),
        ("How long does a transfer take?", "duration"),
        ("Within how many weeks do I get an answer?", "duration"),
        ("On which day is it closed?", "day"),
        ("周几闭馆？", "day"),
        ("How many branches are there?", "number"),
        ("Who built it?", None),
        ("讲讲它的故事", None),
    ],
)
def test_a_question_tells_which_figure_it_wants(question: str, kind: str | None) -> None:
    assert wanted(question) == kind


def test_an_answer_without_the_figure_that_its_source_holds_is_not_whole() -> None:
    source = "The park opens at 6:00 in April and costs 15 yuan."
    assert unanswered("What time does the park open?", "The park is open in April.", source)
    assert not unanswered("What time does the park open?", "It opens at 6:00.", source)
    assert not unanswered("How long is the walk?", "It is long.", source)
    assert not unanswered("Who built it?", "An emperor.", source)


def test_of_two_passages_about_one_place_the_one_with_the_figure_that_is_asked_for_comes_first() -> None:
    hours = Passage("a", "a", "香山公园 · 开放时间", "香山公园每天6:00开门。", "zh")
    price = Passage("b", "b", "香山公园 · 门票", "香山公园门票10元。", "zh")
    other = Passage("c", "c", "北海公园 · 门票", "北海公园门票5元。", "zh")
    assert answering("香山公园冬天门票几块钱？", (hours, other, price)) == (price, hours, other)
    assert answering("香山公园几点开门？", (hours, other, price)) == (hours, other, price)
    assert answering("香山公园门票多少？", (hours, other)) == (hours, other)
    assert answering("香山公园好玩吗？", (hours, price)) == (hours, price)
    assert answering("多少钱？", ()) == ()
