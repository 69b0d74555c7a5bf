"""What kind of figure a question wants."""

from __future__ import annotations

import pytest
from personac.core.mind.grounding.asked import unanswered, wanted


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How much is a ticket?", "money"),
        ("门票多少钱？", "money"),
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
