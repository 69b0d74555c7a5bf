"""What is done for a customer who has proven who they are: told, refunded once, blocked, written down, handed over."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from personac.testing import SkillClient
from sqlalchemy import select

from .conftest import Open, Talk


def rows(office: SkillClient, table: str) -> list[dict[str, Any]]:
    """Return what the back office has in a table."""
    from personac.plugins.customer_service.tables import metadata

    with office.plugin._office.open() as desk:
        return [dict(row) for row in desk.connection.execute(select(metadata.tables[table])).mappings()]


async def test_a_refund_is_asked_for_and_done_once(ann: Talk) -> None:
    sure = await ann.say("refund", "refund ST-31 please")
    assert "5 pounds for ST-31" in sure.text
    assert sure.choices == ("Yes", "No")
    assert rows(ann.client, "refunds") == []
    assert "I have refunded 5 pounds" in (await ann.answer("Yes")).text
    assert "was refunded already, 5 pounds" in (await ann.say("refund", "refund ST-31")).text
    assert [(row["order_number"], row["cents"]) for row in rows(ann.client, "refunds")] == [("ST-31", 500)]
    assert "5 pounds were refunded" in (await ann.say("order", "order ST-31")).text


async def test_two_yeses_at_the_same_time_refund_once(office: SkillClient) -> None:
    talks = [Talk(office, f"c{n}", f"u{n}") for n in range(4)]
    for talk in talks:
        await talk.prove()
        await talk.say("refund", "refund ST-31")
    said = [result.text for result in await asyncio.gather(*(talk.answer("yes") for talk in talks))]
    assert sum("I have refunded" in text for text in said) == 1
    assert sum("was refunded already" in text for text in said) == 3
    assert len(rows(office, "refunds")) == 1


@pytest.mark.parametrize(
    ("order", "why"),
    [
        ("CU-32", "currency is not refunded"),
        ("EX-33", "within 30 days"),
        ("CB-35", "cost nothing"),
        ("CP-36", "was cancelled"),
        ("MV-34", "Above 100 pounds a colleague decides on a refund, so I have opened ticket 1001"),
    ],
)
async def test_what_forbids_a_refund_is_told(ann: Talk, order: str, why: str) -> None:
    told = await ann.say("refund", f"refund {order}")
    assert why in told.text
    assert not told.ask
    assert rows(ann.client, "refunds") == []


async def test_a_no_refunds_nothing_and_a_stale_yes_counts_for_nothing(ann: Talk) -> None:
    await ann.say("refund", "refund ST-31")
    assert "changed nothing" in (await ann.answer("no, wait")).text
    result = await ann.client.call("refund", "refund ST-31", user="ann", conversation="one", agreed="yes")
    assert result is not None
    assert result.ask == "agreed"
    assert rows(ann.client, "refunds") == []


async def test_to_ask_twice_is_no_yes(ann: Talk) -> None:
    for skill, words in (("refund", "refund ST-31"), ("block_card", "block card 4821")):
        for _ in range(3):
            assert (await ann.say(skill, words)).ask == "agreed"
    assert rows(ann.client, "refunds") == []
    assert "active" in {row["status"] for row in rows(ann.client, "cards")}


async def test_a_yes_to_one_order_is_no_yes_to_another(ann: Talk) -> None:
    await ann.say("refund", "refund ST-31")
    await ann.say("block_card", "block card 4821")
    assert "changed nothing" in (await ann.answer("no")).text
    assert rows(ann.client, "refunds") == []


async def test_a_yes_that_the_customer_did_not_write_is_none(ann: Talk) -> None:
    """As when a language model calls the skill with arguments of its own."""
    await ann.say("refund", "refund ST-31")
    where = {"user": "ann", "conversation": "one"}
    result = await ann.client.call("refund", "what is the weather like?", agreed="yes", order="ST-31", **where)
    assert result is not None
    assert result.ask == "agreed"
    assert rows(ann.client, "refunds") == []


async def test_an_unclear_answer_is_asked_again(ann: Talk) -> None:
    await ann.say("refund", "refund ST-31")
    assert (await ann.answer("hmm, the May one")).ask == "agreed"
    assert "I have refunded" in (await ann.answer("ok")).text


async def test_which_order_is_asked_with_its_own_orders_only(ann: Talk) -> None:
    asked = await ann.say("order", "where is my order?")
    assert asked.ask == "order"
    assert len(asked.choices) == 6
    assert not any("ST-41" in choice for choice in asked.choices)
    assert "CB-35" in (await ann.answer(next(choice for choice in asked.choices if "CB-35" in choice))).text


async def test_a_card_is_told_by_its_last_digits_and_blocked_after_a_yes(ann: Talk) -> None:
    told = (await ann.say("card", "my cards")).text
    assert "debit card ending in 4821: it is active" in told
    assert "credit card ending in 1180: it is on its way" in told
    assert (await ann.say("block_card", "block my card")).ask == "card"
    assert "debit card ending in 4821" in (await ann.answer("the debit card")).text
    assert "is blocked" in (await ann.answer("yes")).text
    assert "was blocked already" in (await ann.say("block_card", "block card 4821")).text
    assert {row["id"]: row["status"] for row in rows(ann.client, "cards")} == {
        "a1": "blocked",
        "a2": "sent",
        "b1": "active",
    }


async def test_a_card_is_blocked_in_chinese(ann: Talk) -> None:
    ann.language = "zh"
    assert "尾号4821的借记卡" in (await ann.say("block_card", "冻结我的借记卡")).text
    assert "已经冻结" in (await ann.answer("要")).text


async def test_a_ticket_has_a_number_and_is_opened_once(ann: Talk) -> None:
    assert (await ann.say("ticket", "open a ticket")).ask == "about"
    assert "ticket 1001" in (await ann.answer("The app shows a wrong address {0} '; --")).text
    await ann.say("ticket", "open a ticket")
    assert "ticket 1001" in (await ann.answer("The app shows a wrong address {0} '; --")).text
    told = (await ann.say("ticket_status", "how is ticket 1001")).text
    assert "Ticket 1001" in told
    assert "wrong address {0} '; --" in told
    bob = Talk(ann.client, "bob", "bob")
    await bob.prove("HB-1002", "2 Nov 1990")
    assert "no tickets" in (await bob.say("ticket_status", "how is ticket 1001")).text


async def test_tickets_come_to_an_end(ann: Talk) -> None:
    for number in range(10):
        await ann.say("ticket", "open a ticket")
        await ann.answer(f"matter {number}")
    await ann.say("ticket", "open a ticket")
    assert "10 open tickets" in (await ann.answer("one more")).text


async def test_who_takes_over_is_told_what_was_asked_known_and_tried(ann: Talk) -> None:
    await ann.say("refund", "refund CU-32")
    result = await ann.say("hand_over", "let me talk to a person")
    assert "1001" in result.text
    for told in ("Ann Lee, HB-1001, verified", "- refund CU-32", "- let me talk", "refund: CU-32 not done (never)"):
        assert told in result.hand_off
    assert "Ann Lee" not in result.text
    again = await ann.say("hand_over", "a human!")
    assert again.text == result.text
    (case,) = rows(ann.client, "tickets")
    assert (case["kind"], case["customer"], "a human!" in case["about"]) == ("handover", "HB-1001", True)


async def test_who_has_not_proven_it_is_handed_over_too(office: SkillClient) -> None:
    result = await Talk(office, language="zh").say("hand_over", "转人工")
    assert "未核实" in result.hand_off
    assert "编号是1001" in result.text


async def test_satisfaction_is_asked_once_and_kept(ann: Talk) -> None:
    asked = await ann.say("finish", "bye")
    assert asked.choices == ("1", "2", "3", "4", "5")
    assert "1 to 5" in (await ann.answer("10/10")).text
    assert "Thank you" in (await ann.answer("a 4")).text
    assert [row["score"] for row in rows(ann.client, "ratings")] == [4]
    assert not (await ann.say("finish", "bye")).ask
    assert not (await Talk(ann.client, "idle", "idle").say("finish", "bye")).ask  # nothing was done there


async def test_a_database_that_does_not_answer_is_told(open_office: Open, tmp_path: Any, caplog: Any) -> None:
    async with open_office(database=f"sqlite:///{tmp_path}/office.yaml") as office:  # a file that is no database
        result = await Talk(office).say("order", "my order")
    assert "does not answer" in result.text
    assert "back office failed" in caplog.text
