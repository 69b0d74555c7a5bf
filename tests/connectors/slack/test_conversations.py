"""Direct messages, mentions and threads: what is answered, where, how often, and what is not."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from .conftest import Connect, made
from .fake import FakeSlack, headers_for, words


async def test_a_direct_message_is_answered_where_it_was_asked(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect()
    await mei.says("U1", "D1", "Hello &lt;you&gt;")
    (answer,) = await mei.answers("D1")
    assert words(answer) == "You said: Hello <you>"
    assert answer["text"] == "You said: Hello &lt;you&gt;"
    assert "thread_ts" not in answer
    assert mei.bot.heard[0].user == "slack:T1:U1"


async def test_a_mention_is_answered_in_its_thread_once(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect()
    event = await mei.says("U1", "C1", "<@UBOT> when is it open?")
    (answer,) = await mei.answers("C1")
    assert answer["thread_ts"] == event["ts"]
    assert [message.text for message in mei.bot.heard] == ["when is it open?"]


async def test_a_thread_goes_on_without_mentions_and_stays_a_thread(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect()
    first = await mei.says("U1", "C1", "<@UBOT> hi")
    await mei.says("U1", "C1", "and on Sunday?", first["ts"])
    answers = await mei.answers("C1", 2)
    assert {answer["thread_ts"] for answer in answers} == {first["ts"]}
    assert len({message.conversation for message in mei.bot.heard}) == 1


@pytest.mark.parametrize(
    ("text", "settings"),
    [("<@U7> look at this", {}), ("and on Sunday?", {"threads": "mentioned"})],
    ids=["for somebody else", "only when mentioned"],
)
async def test_a_thread_does_not_go_on_for_words_that_are_not_for_the_bot(
    connect: Connect, slack: FakeSlack, text: str, settings: dict[str, str]
) -> None:
    mei = await connect(**settings)
    first = await mei.says("U1", "C1", "<@UBOT> hi")
    await mei.says("U1", "C1", text, first["ts"])
    await mei.answers("C1", 1)


async def test_channels_and_threads_without_the_bot_are_left_alone(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect()
    first = await mei.says("U1", "C1", "who has the keys?")
    await mei.says("U2", "C1", "me", first["ts"])
    assert mei.idle()
    assert not mei.bot.heard


@pytest.mark.parametrize(
    "more",
    [
        {"subtype": "message_changed", "message": {"text": "new"}, "hidden": True},
        {"subtype": "message_deleted", "deleted_ts": "1.1", "hidden": True},
        {"subtype": "channel_join"},
        {"subtype": "bot_message", "bot_id": "B9"},
        {"bot_id": "BBOT", "user": "UBOT"},
        {"user": "USLACKBOT"},
        {"user": None},
        {"subtype": "something_new"},
    ],
    ids=["edit", "deletion", "join", "other bot", "itself", "slackbot", "nobody", "unknown"],
)
async def test_what_no_person_said_is_acknowledged_and_not_answered(
    connect: Connect, slack: FakeSlack, more: dict[str, Any]
) -> None:
    mei = await connect()
    event = slack.says("U1", "D1", "hello") | more
    await mei.deliver(event)
    assert mei.idle()
    assert not mei.bot.heard


async def test_a_retry_and_a_second_delivery_give_one_answer(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect()
    body = json.dumps(slack.wrap(slack.says("U1", "D1", "hello"))).encode()
    again = {"x-slack-retry-num": "1", "x-slack-retry-reason": "http_timeout"}
    answers = await asyncio.gather(mei.request(body, headers_for(body)), mei.request(body, headers_for(body) | again))
    await mei.answers("D1")
    await mei.request(body, headers_for(body) | again)
    assert [answer.status_code for answer in answers] == [200, 200]
    await mei.answers("D1")
    assert len(mei.bot.heard) == 1


async def test_direct_messages_can_be_answered_in_threads(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect(direct="threads")
    event = await mei.says("U1", "D1", "hello")
    (answer,) = await mei.answers("D1")
    assert answer["thread_ts"] == event["ts"]


async def test_somebody_who_opens_the_bot_s_messages_first_is_greeted_once(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect()
    opened = {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "messages", "event_ts": "1.1"}
    await mei.deliver(opened)
    (greeting,) = await mei.answers("D1")
    assert words(greeting) == "Hello, I am Mei Lin, a bot."
    await mei.deliver(opened)
    await mei.answers("D1")
    await mei.says("U2", "D2", "hello")
    await mei.answers("D2")
    await mei.deliver(opened | {"user": "U2", "channel": "D2"})
    await mei.answers("D2")


async def test_conversations_run_side_by_side_and_each_in_order(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect()
    for number in range(5):
        for person in ("1", "2", "3"):
            await mei.says(f"U{person}", f"D{person}", f"message {number}")
    for person in ("1", "2", "3"):
        answers = await mei.answers(f"D{person}", 5)
        assert [words(answer) for answer in answers] == [f"You said: message {number}" for number in range(5)]


async def test_a_long_answer_comes_in_several_messages_and_none_is_lost(connect: Connect, slack: FakeSlack) -> None:
    text = "\n\n".join(f"Paragraph {number}. " + "Words and more words. " * 40 for number in range(30)).strip()

    async def long(message: Any) -> Any:
        yield made(text)

    mei = await connect(long)
    await mei.says("U1", "D1", "tell me all")
    answers = await mei.answers("D1", 3)
    said = "\n".join(words(answer) for answer in answers)
    assert said.split() == text.split()
    assert "blocks" in answers[0]
    assert sum(block["type"] == "context_actions" for answer in answers for block in answer["blocks"]) == 1


async def test_a_thread_of_which_nothing_is_kept_goes_on_after_a_restart(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect()
    first = await mei.says("U1", "C1", "<@UBOT> hi")
    strange = await mei.says("U2", "C1", "who has the keys?")
    await mei.answers("C1", 1)
    await mei.stop()
    again = await connect()
    for _ in range(2):
        await again.says("U1", "C1", "and on Sunday?", first["ts"])
        await again.says("U2", "C1", "me", strange["ts"])
    answers = await again.answers("C1", 3)
    assert {answer["thread_ts"] for answer in answers} == {first["ts"]}
    assert slack.count("conversations.replies") == 2  # each of the old threads was looked at once


async def test_a_mention_costs_one_place_of_the_limits(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect()
    for n in range(3):
        await mei.says("U1", "C1", f"<@UBOT> {n}")
    await mei.answers("C1", 3)
    taken = mei.post._measures.taken.collect()[0].samples
    assert {s.labels["outcome"]: s.value for s in taken if s.name.endswith("_total")} == {"new": 3.0}
