"""Words shown while they are made: by Slack's streams, by edits, within the rates, and right at the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from personac.connectors.slack.pace import Pace
from personac.core.message import Delta, Event, Message

from .conftest import Answering, Connect, made
from .fake import FakeSlack, Fault, elements, words

pytestmark = pytest.mark.usefixtures("quick")
SENTENCES = ("It opens at *nine*. ", "It closes at <five>. ", "Tickets & maps are at http://x.example/a_b.")
WHOLE = "".join(SENTENCES)


def slowly(*sentences: str, final: str = "", **more: Any) -> Answering:
    """Return a way of answering that takes its time."""

    async def answering(message: Message) -> AsyncIterator[Event]:
        for sentence in sentences:
            yield Delta(sentence)
            await asyncio.sleep(0.08)
        yield made(final or "".join(sentences), **more)

    return answering


async def test_words_are_streamed_in_a_thread_as_plain_words(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect(slowly(*SENTENCES))
    await mei.says("U1", "C1", "<@UBOT> when?")
    (answer,) = await mei.answers("C1")
    assert answer["text"] == (
        "It opens at \\*nine\\*. It closes at &lt;five&gt;. Tickets &amp; maps are at http://x.example/a_b."
    )
    assert answer["streaming"] is False
    assert answer["metadata"]["event_payload"]["key"] == mei.bot.heard[0].id
    assert slack.count("chat.startStream") == slack.count("chat.stopStream") == 1
    assert slack.count("chat.appendStream") >= 1
    assert slack.count("chat.update") == slack.count("chat.postMessage") == 0
    start = next(args for method, args in slack.calls if method == "chat.startStream")
    assert (start["recipient_user_id"], start["recipient_team_id"]) == ("U1", "T1")
    assert elements(answer, "feedback_buttons")


async def test_words_are_shown_by_edits_where_there_is_no_thread(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect(slowly(*SENTENCES))
    await mei.says("U1", "D1", "when?")
    (answer,) = await mei.answers("D1")
    assert words(answer) == WHOLE
    assert answer["edits"] >= 2
    assert slack.count("chat.startStream") == 0


async def test_words_are_shown_by_edits_where_streams_are_not_allowed(connect: Connect, slack: FakeSlack) -> None:
    slack.no_streams.add("C1")
    mei = await connect(slowly(*SENTENCES))
    for text in ("<@UBOT> when?", "<@UBOT> and now?"):
        await mei.says("U1", "C1", text)
    answers = await mei.answers("C1", 2)
    assert [words(answer) for answer in answers] == [WHOLE, WHOLE]
    assert all(answer["edits"] for answer in answers)
    assert slack.count("chat.startStream") <= 2  # two conversations ask side by side; later ones know


async def test_an_answer_that_is_there_at_once_takes_one_call(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect()
    await mei.says("U1", "C1", "<@UBOT> hi")
    await mei.answers("C1")
    assert [method for method, _ in slack.calls if method.startswith("chat.")] == ["chat.postMessage"]


async def test_words_that_were_taken_back_are_replaced(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect(slowly("It costs 99.", final="I would rather not say."))
    await mei.says("U1", "C1", "<@UBOT> price?")
    (answer,) = await mei.answers("C1")
    assert answer["text"] == "I would rather not say."
    assert answer["blocks"][0]["type"] == "rich_text"


async def test_a_stream_that_breaks_off_ends_whole(connect: Connect, slack: FakeSlack) -> None:
    slack.faults["chat.appendStream"] = [Fault(500)]
    slack.faults["chat.stopStream"] = [Fault(429, "ratelimited", retry_after=0), Fault(after=True)]
    mei = await connect(slowly(*SENTENCES))
    await mei.says("U1", "C1", "<@UBOT> when?")
    (answer,) = await mei.answers("C1")
    assert answer["streaming"] is False
    assert answer["text"] == WHOLE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


async def test_an_expired_stream_is_replaced_by_an_edit(connect: Connect, slack: FakeSlack) -> None:
    slack.faults["chat.stopStream"] = [Fault(error="message_not_in_streaming_state")] * 5
    mei = await connect(slowly(*SENTENCES))
    await mei.says("U1", "C1", "<@UBOT> when?")
    (answer,) = await mei.answers("C1")
    assert answer["edits"] == 1


async def test_edits_wait_when_slack_asks_to(connect: Connect, slack: FakeSlack) -> None:
    slack.faults["chat.update"] = [Fault(429, "ratelimited", retry_after=1)]
    mei = await connect(slowly(*SENTENCES, *SENTENCES))
    await mei.says("U1", "D1", "when?")
    (answer,) = await mei.answers("D1")
    assert words(answer) == WHOLE + WHOLE
    assert slack.count("chat.update") == 2  # the one that was sent away, and the last


async def test_a_message_that_was_deleted_meanwhile_is_posted_anew(connect: Connect, slack: FakeSlack) -> None:
    async def answering(message: Message) -> AsyncIterator[Event]:
        yield Delta(SENTENCES[0])
        await slack.until(lambda: slack.of_bot("D1"))
        slack.channels["D1"] = [m for m in slack.channels["D1"] if "bot_id" not in m]
        yield made(WHOLE)

    mei = await connect(answering)
    await mei.says("U1", "D1", "when?")
    (answer,) = await mei.answers("D1")
    assert words(answer) == WHOLE


async def test_somebody_who_waits_is_shown_that_the_bot_is_at_work(connect: Connect, slack: FakeSlack) -> None:
    async def answering(message: Message) -> AsyncIterator[Event]:
        await asyncio.sleep(0.1)
        yield made("Here.")

    mei = await connect(answering)
    await mei.says("U1", "C1", "<@UBOT> 你好")
    await mei.answers("C1")
    status = [args["status"] for method, args in slack.calls if method == "assistant.threads.setStatus"]
    assert status == ["正在思考…"]


def test_a_pace_gives_so_many_a_minute_and_none_while_it_is_paused() -> None:
    now = [0.0]
    pace = Pace(60, 2, lambda: now[0])
    assert [pace.take() for _ in range(3)] == [True, True, False]
    now[0] = 1.0
    assert pace.take()
    pace.pause(30)
    now[0] = 20.0
    assert not pace.take()
    now[0] = 31.5
    assert pace.take()


async def test_many_at_once_stay_within_slack_s_rates_and_all_are_answered(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect(slowly(*SENTENCES))
    await asyncio.gather(*(mei.says(f"U{n}", "C1", f"<@UBOT> {n}?") for n in range(30)))
    answers = await mei.answers("C1", 30)
    assert all(WHOLE in words(answer | {"streamed": False}) or answer.get("streamed") for answer in answers)
    assert slack.count("chat.startStream") <= 8  # 20 a minute, and a few at once
    first_words = [args for method, args in slack.calls if method == "chat.update" and "…" in str(args["blocks"])]
    assert len(first_words) <= 10


@pytest.mark.parametrize("error", ["msg_too_long", "invalid_blocks"])
async def test_a_stream_that_does_not_take_its_end_is_replaced(connect: Connect, slack: FakeSlack, error: str) -> None:
    slack.faults["chat.stopStream"] = [Fault(error=error)]
    mei = await connect(slowly(*SENTENCES))
    await mei.says("U1", "C1", "<@UBOT> when?")
    (answer,) = await mei.answers("C1")
    assert words(answer | {"streamed": False}) == WHOLE
    assert answer["streaming"] is False


@pytest.mark.parametrize("fault", [Fault(after=True), Fault(503, after=True), Fault(503)])
async def test_a_stream_of_which_it_is_not_known_whether_it_began_gives_one_answer(
    connect: Connect, slack: FakeSlack, fault: Fault
) -> None:
    slack.faults["chat.startStream"] = [fault]
    mei = await connect(slowly(*SENTENCES))
    await mei.says("U1", "C1", "<@UBOT> when?")
    (answer,) = await mei.answers("C1")
    assert words(answer | {"streamed": False}) == WHOLE
    assert not answer.get("streaming")


@pytest.mark.parametrize("method", ["chat.appendStream", "chat.stopStream"])
async def test_words_whose_arrival_was_not_heard_of_are_not_shown_twice(
    connect: Connect, slack: FakeSlack, method: str
) -> None:
    slack.faults[method] = [Fault(after=True)]
    mei = await connect(slowly(*SENTENCES))
    await mei.says("U1", "C1", "<@UBOT> when?")
    (answer,) = await mei.answers("C1")
    assert words(answer | {"streamed": False}) == WHOLE


async def test_where_the_bot_may_not_read_back_it_answers_all_the_same(connect: Connect, slack: FakeSlack) -> None:
    slack.faults["chat.startStream"] = [Fault(503)]
    slack.faults["conversations.replies"] = [Fault(error="missing_scope")] * 9
    mei = await connect(slowly(*SENTENCES))
    await mei.says("U1", "C1", "<@UBOT> when?")
    (answer,) = await mei.answers("C1")
    assert words(answer) == WHOLE
