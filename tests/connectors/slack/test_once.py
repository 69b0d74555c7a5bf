"""No answer lost and none doubled: lost answers of Slack's, failures, rate limits, and a process that dies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from personac.core.message import Delta, Event, Message

from .conftest import Connect, Connected, made
from .fake import FakeSlack, Fault, words


async def die(mei: Connected) -> None:
    """End a persona's process as a kill would: nothing is finished, nothing more is written."""
    for task in [*mei.post._tasks, *(lane.task for lane in mei.post._lanes._lanes.values())]:
        if task is not None:
            task.cancel()
    await asyncio.sleep(0)
    await mei.stop(0.0)


async def test_a_post_whose_success_was_not_heard_of_is_not_repeated(connect: Connect, slack: FakeSlack) -> None:
    slack.faults["chat.postMessage"] = [Fault(after=True)]
    mei = await connect()
    for channel, text in (("D1", "hello"), ("C1", "<@UBOT> hello")):
        await mei.says("U1", channel, text)
        await mei.answers(channel)
        slack.faults["chat.postMessage"] = [Fault(500, "internal_error", after=True)]
    assert slack.count("chat.postMessage") == 2
    assert slack.count("conversations.history") == slack.count("conversations.replies") == 1


@pytest.mark.parametrize(
    "fault",
    [Fault(429, "ratelimited", retry_after=0), Fault(503), Fault(error="internal_error"), Fault(error="invalid_auth")],
)
async def test_a_post_that_failed_is_repeated(connect: Connect, slack: FakeSlack, fault: Fault) -> None:
    slack.faults["chat.postMessage"] = [fault, fault]
    mei = await connect()
    await mei.says("U1", "D1", "hello")
    await mei.answers("D1")
    assert slack.count("chat.postMessage") == 3


async def test_retry_after_is_waited_for(connect: Connect, slack: FakeSlack) -> None:
    slack.faults["chat.postMessage"] = [Fault(429, "ratelimited", retry_after=1)]
    mei = await connect()
    loop = asyncio.get_running_loop()
    began = loop.time()
    await mei.says("U1", "D1", "hello")
    await mei.answers("D1")
    assert loop.time() - began >= 1.0


async def test_what_can_never_be_sent_is_listed_with_what_to_do(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect()
    await mei.says("U1", "C9", "<@UBOT> hello")
    await slack.until(mei.idle)
    (row,) = await asyncio.wrap_future(mei.post.deliveries.listed())
    assert (row.state, row.error) == ("failed", "Slack: not_in_channel (invite the bot to the channel)")
    slack.members.add("C9")
    await asyncio.wrap_future(mei.post.deliveries.retry([row.id]))
    await mei.post._adopt()
    await mei.answers("C9")


async def test_blocks_that_a_workspace_does_not_take_do_not_cost_the_words(connect: Connect, slack: FakeSlack) -> None:
    slack.faults["chat.postMessage"] = [Fault(error="invalid_blocks")]
    mei = await connect()
    await mei.says("U1", "D1", "hello")
    (answer,) = await mei.answers("D1")
    assert answer["text"] == "You said: hello"
    assert not answer.get("blocks")


async def test_a_process_that_dies_before_the_turn_answers_after_its_restart(
    connect: Connect, slack: FakeSlack
) -> None:
    async def never(message: Message) -> AsyncIterator[Event]:
        await asyncio.Event().wait()
        yield made("")

    mei = await connect(never)
    await mei.says("U1", "D1", "hello")
    await slack.until(lambda: mei.bot.heard)
    await die(mei)
    again = await connect()
    (answer,) = await again.answers("D1")
    assert words(answer) == "You said: hello"


@pytest.mark.parametrize("after", [False, True], ids=["before it was posted", "after it was posted"])
async def test_a_process_that_dies_while_it_sends_answers_once(
    connect: Connect, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    mei = await connect()
    outbox = mei.post.channels["slack"].outbox
    post, reached = outbox.post, asyncio.Event()

    async def stuck(*args: object, **options: object) -> str:
        if after:
            await post(*args, **options)
        reached.set()
        await asyncio.Event().wait()
        return ""

    monkeypatch.setattr(outbox, "post", stuck)
    await mei.says("U1", "D1", "hello")
    await reached.wait()
    await die(mei)
    again = await connect()
    await again.answers("D1")
    assert slack.count("chat.postMessage") == 1


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("channel", ["C1", "D1"], ids=["streamed", "edited"])
@pytest.mark.parametrize("known", [False, True], ids=["not known to it", "known to it"])
async def test_a_message_that_was_begun_before_a_crash_is_finished_after_it(
    connect: Connect, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch, channel: str, known: bool
) -> None:
    async def half(message: Message) -> AsyncIterator[Event]:
        yield Delta("It opens ")
        await asyncio.Event().wait()

    mei = await connect(half)
    kept = mei.post._carrier._keep
    if not known:  # the process dies between Slack's answer and writing it down

        async def lossy(row: object, memo: dict[str, dict[str, str]]) -> None:
            if "ts" not in memo["answer"]:
                await kept(row, memo)

        monkeypatch.setattr(mei.post._carrier, "_keep", lossy)
    await mei.says("U1", channel, "<@UBOT> when?")
    await slack.until(lambda: slack.of_bot(channel))
    await asyncio.sleep(0.05)
    await die(mei)
    again = await connect()
    (answer,) = await again.answers(channel)
    assert answer["text"] == "You said: when?"
    assert not answer.get("streaming")
    assert words(answer | {"streamed": False}) == "You said: when?"


async def test_slack_is_not_told_that_a_message_arrived_which_could_not_be_written(
    connect: Connect, slack: FakeSlack
) -> None:
    import json

    from .fake import headers_for

    mei = await connect()
    await asyncio.to_thread(mei.post.close)
    body = json.dumps(slack.wrap(slack.says("U1", "D1", "hello"))).encode()
    response = await mei.request(body, headers_for(body))
    assert response.status_code == 503
