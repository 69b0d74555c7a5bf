"""Messages that ask for several things."""

from __future__ import annotations

import pytest
from personac.core.mind.understanding.requests import asked_for, parts_of


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Cancel my order, and how do I get my money back?", ["Cancel my order", "how do I get my money back?"]),
        ("cancel it, and how do I get my money back?", ["cancel it", "how do I get my money back?"]),
        ("I lost my card. Can I get a new one?", ["I lost my card.", "Can I get a new one?"]),
        ("故宫几点开门？门票多少钱？", ["故宫几点开门？", "门票多少钱？"]),
        ("帮我取消订单，另外怎么退款", ["帮我取消订单", "怎么退款"]),
        ("幫我取消訂單，還有怎麼退款", ["帮我取消订单", "怎么退款"]),
    ],
)
def test_a_message_is_cut_where_another_wish_begins(text: str, parts: list[str]) -> None:
    assert parts_of(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "",
        "thanks",
        "When does it open?",
        "bed and breakfast prices",
        "故宫几点开门？",
        "Hi! When is it open?",
        "😀。😀",
        "a. " * 50_000,
    ],
)
def test_one_wish_is_not_cut(text: str) -> None:
    assert parts_of(text) == []


def test_both_intents_are_given_when_the_parts_are_sure_of_them() -> None:
    whole = [("cancel", 0.5), ("refund", 0.4)]
    found = asked_for(whole, [[("cancel", 0.9)], [("refund", 0.8)]])
    assert found == [("cancel", 0.9), ("refund", 0.8)]


@pytest.mark.parametrize(
    ("whole", "parts"),
    [
        ([("cancel", 0.5), ("refund", 0.4)], [[("cancel", 0.9)], [("refund", 0.3)]]),  # a part that is not sure
        ([("fees", 0.5), ("cancel", 0.4)], [[("cancel", 0.9)], [("refund", 0.9)]]),  # the whole means neither
        ([("cancel", 0.5)], [[("cancel", 0.9)], [("cancel", 0.9)]]),
        ([], []),
    ],
)
def test_a_message_with_one_intent_stays_one(
    whole: list[tuple[str, float]], parts: list[list[tuple[str, float]]]
) -> None:
    assert asked_for(whole, parts) == []
