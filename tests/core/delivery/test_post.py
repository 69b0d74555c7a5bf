"""Messages are answered in order and once, whatever fails between."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from personac.core.delivery.logs import JsonLines
from personac.core.delivery.patience import Patience
from personac.core.errors import Away, BadInput, RetryLater, Undeliverable
from personac.core.message import Answer, Event, Incoming, Message, Reply
from personac.core.persona.schema import Limits
from personac.core.turn import DialogueState
from personac.testing import Parrot


async def test_conversations_run_side_by_side_and_each_in_its_order(start: Any) -> None:
    async with start() as run:
        gate = asyncio.Event()
        answer = run.bot.answer

        async def slow(message: Message) -> AsyncIterator[Event]:
            if message.text == "first":
                await gate.wait()
            async for event in answer(message):
                yield event

        run.bot.answer = slow
        await run.take("first", "c1")
        await run.take("second", "c1")
        await run.take("other", "c2", "bob")
        await run.line.until(1)
        assert run.line.sent == [("c2", Parrot.said("other"))]
        gate.set()
        await run.line.until(3)
        assert run.line.texts() == [Parrot.said("first"), Parrot.said("second")]


async def test_a_duplicate_is_told_and_not_answered(start: Any) -> None:
    async with start() as run:
        assert await run.take("hi", key="a")
        assert not await run.take("hi", key="a")
        await run.line.until(1)
        assert not await run.take("hi", key="a")
        assert run.count("personac_messages_total", outcome="duplicate") == 2
    assert len(run.line.sent) == 1


async def test_what_a_platform_asks_to_wait_is_waited(start: Any) -> None:
    async with start() as run:
        run.line.errors = [RetryLater(0.3)]
        begun = asyncio.get_running_loop().time()
        await run.take("hi")
        await run.take("more")
        await run.line.until(2)
        assert asyncio.get_running_loop().time() - begun >= 0.3
    assert run.line.texts() == [Parrot.said("hi"), Parrot.said("more")]
    assert run.line.attempts == [("k1", 0), ("k1", 1), ("k2", 0)]


async def test_an_error_that_nobody_named_is_tried_again_and_no_word_of_it_is_logged(
    start: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async with start() as run:
        run.line.errors = [ValueError("the secret words")]
        run.line.reading = [KeyError("more secret words")]
        with caplog.at_level(logging.INFO, "personac"):
            await run.take("what I whisper")
            await run.line.until(1)
            await run.take("and again")
            await run.line.until(2)
    lines = [JsonLines().format(record) for record in caplog.records]
    assert {json.loads(line)["event"] for line in lines} >= {"again later", "sent"}
    assert "ValueError" in "".join(lines)
    for word in ("secret", "whisper", "ann", "c1"):
        assert not [line for line in lines if f'"{word}' in line or f" {word}" in line], word


async def test_after_enough_tries_an_answer_is_given_up_and_the_next_goes_on(start: Any) -> None:
    async with start(patience=Patience(0.01, 0.02, 3)) as run:
        run.line.errors = [RetryLater(None, "HTTP 502")] * 3
        await run.take("hi")
        await run.take("more")
        await run.line.until(1)
        await run.settled()
        assert run.line.texts() == [Parrot.said("more")]
        (row,) = run.post.deliveries.listed().result()
        assert (row.state, row.error, row.answer.reply.text) == ("failed", "HTTP 502", Parrot.said("hi"))
        assert run.post.deliveries.retry([row.id]).result() == 1
        await run.line.until(2)
    assert run.line.texts() == [Parrot.said("more"), Parrot.said("hi")]


async def test_what_can_never_be_sent_is_not_tried_again(start: Any) -> None:
    async with start() as run:
        run.line.errors = [Undeliverable("the user blocked the bot")]
        await run.take("hi")
        await run.take("more", "c2")
        await run.settled()
        assert [row.error for row in run.post.deliveries.listed().result()] == ["the user blocked the bot"]
    assert [key for key, _ in run.line.attempts].count("k1") == 1


async def test_an_answer_waits_for_its_user_to_be_back(start: Any) -> None:
    async with start() as run:
        run.line.errors = [Away(), Away()]
        await run.take("hi")
        await run.line.tried(1)
        run.desk.wake("c1")
        await run.line.tried(2)
        run.desk.wake("c1")
        await run.line.until(1)


async def test_a_failing_turn_is_answered_in_the_user_s_language(start: Any) -> None:
    async with start() as run:

        async def broken(message: Message) -> AsyncIterator[Event]:
            raise OSError("whatever")
            yield

        run.bot.answer = broken
        await run.take("你好，请问几点开门？")
        await run.line.until(1)
        assert "请再试一次" in run.line.texts()[0]
        run.line.reading = [BadInput("no_sight", "I cannot see.")]
        await run.take("")
        await run.line.until(2)
        assert "pictures" in run.line.texts()[1]


async def test_a_channel_may_answer_by_itself_or_not_at_all(start: Any) -> None:
    async with start() as run:
        run.line.reading = [None, Reply("All is forgotten.", "en")]
        await run.take("a sticker")
        await run.take("/forget")
        await run.line.until(1)
        assert run.line.texts() == ["All is forgotten."]
        assert run.bot.messages == []


async def test_limits_are_told_once_in_the_user_s_language(start: Any) -> None:
    async with start(Limits(characters=20, per_user=5, waiting=3)) as run:
        await run.take("这句话太长了，超过了二十个字的限制，所以不会被回答。", "c0", "zhang")
        await run.line.until(1)
        assert "字" in run.line.texts("c0")[0]
        gate = asyncio.Event()
        answer = run.bot.answer

        async def slow(message: Message) -> AsyncIterator[Event]:
            await gate.wait()
            async for event in answer(message):
                yield event

        run.bot.answer = slow
        receipts = [await run.take(f"n{n}") for n in range(10)]
        assert [bool(receipt) for receipt in receipts] == [True] * 3 + [False] * 7
        assert {receipt.limit for receipt in receipts[3:]} == {"waiting"}
        assert await run.take("someone else", "c2", "bob")
        gate.set()
        await run.line.until(6)
    assert [text for text in run.line.texts() if "busy" in text] == [run.line.texts()[1]]
    assert len(run.line.texts()) == 4


async def test_duplicates_cost_nothing_of_a_limit(start: Any) -> None:
    async with start(Limits(per_user=3, per_conversation=3)) as run:
        run.bot.seconds = lambda text: 30.0
        for n in range(3):
            assert await run.take(f"n{n}", key=f"a{n}")
            assert not await run.take(f"n{n}", key=f"a{n}")
        assert await run.take("n3", key="a3")
        for n in range(4):
            again = await run.take(f"n{n}", key=f"a{n}")
            assert (again.new, again.limit) == (False, None)
        assert (await run.take("n4", key="a4")).limit == "rate"
        await run.desk.stop("c1")


async def test_who_waits_for_each_answer_is_never_too_fast(start: Any) -> None:
    async with start(Limits(per_user=2, per_conversation=2)) as run:
        for n in range(12):
            assert await run.take(f"n{n}")
            await run.line.until(n + 1)


async def test_a_stopped_conversation_sends_nothing_more(start: Any) -> None:
    async with start() as run:
        run.bot.seconds = lambda text: 30.0 if text == "slow" else 0.0
        await run.take("slow")
        await run.take("later")
        await asyncio.sleep(0.05)
        assert await run.desk.stop("c1") == 2
        await run.take("now")
        await run.line.until(1)
        await run.settled()
        assert run.line.texts() == [Parrot.said("now")]
        assert run.post.deliveries.listed().result() == []


async def test_an_orderly_end_finishes_the_turn_that_runs_and_leaves_the_rest_to_the_next_start(start: Any) -> None:
    async with start() as run:
        run.bot.seconds = lambda text: 0.2
        for n in range(3):
            await run.take(f"n{n}")
        await asyncio.sleep(0.05)
    assert run.line.texts() == [Parrot.said("n0")]
    assert run.line.closed
    async with start() as again:
        await again.line.until(2)
        assert again.line.texts() == [Parrot.said("n1"), Parrot.said("n2")]
        assert again.line.attempts == [("k2", 0), ("k3", 0)]


async def test_a_client_that_leaves_while_its_message_is_written_gets_its_answer(start: Any) -> None:
    async with start() as run:
        taking = asyncio.create_task(run.take("hi"))
        await asyncio.sleep(0)
        taking.cancel()
        await run.line.until(1)
        assert run.line.texts() == [Parrot.said("hi")]


async def test_a_channel_that_runs_its_turns_itself_uses_the_desk_as_a_ledger(start: Any) -> None:
    async with start() as run:
        message = Incoming("line", "w1", "c1", "ann", {"text": "hi"})
        assert await run.desk.take(message, run=False)
        assert not await run.desk.take(message, run=False)
        assert (await run.desk.known("w1")).state == "received"
        assert run.line.sent == []
    async with start() as run:
        assert await run.desk.pending() == [message]
        from personac.core.message import Answer

        await run.desk.answered("w1", Answer(Reply("hello", "en")))
        known = await run.desk.known("w1")
        assert (known.state, known.answer.reply.text) == ("answered", "hello")
        await run.desk.sent("w1")
        assert await run.desk.pending() == []
        assert (await run.desk.known("w1")).answer is None
        assert await run.desk.known("w2") is None
        assert run.line.sent == []


async def test_measures_count_and_name_nobody(start: Any, tmp_path: Path) -> None:
    async with start() as run:
        await run.take("a private question", user="ann@example.org")
        await run.settled()
        text = run.measures.text().decode()
    assert 'personac_sends_total{channel="line",outcome="sent",persona="parrot"} 1.0' in text
    assert run.count("personac_take_seconds_count") == 1
    for word in ("ann", "c1", "private"):
        assert f'"{word}' not in text


async def test_memos_outlive_the_send(start: Any) -> None:
    async with start() as run:
        send = run.line.send

        async def noting(incoming: Any, answer: Any, memo: Any) -> None:
            memo["ts"] = "17.5"
            await memo.keep()
            await send(incoming, answer, memo)

        run.line.send = noting
        await run.take("hi", key="a")
        await run.line.until(1)
    async with start() as run:
        assert await run.desk.memo("a") == {"ts": "17.5"}
        assert await run.desk.memo("b") is None


async def test_what_a_channel_s_own_turn_records_is_written_with_its_answer_or_not_at_all(start: Any) -> None:
    async with start() as run:
        for key in ("crashed", "answered"):
            incoming = Incoming("line", key, "c1", "ann", {})
            await run.desk.take(incoming, run=False)
            with run.desk.turn(incoming):
                message = Message(key, (), "c1", "ann", "line")
                run.store.record(message, key, "fine", "en", DialogueState(), keep=True)
                assert run.store.history("c1") == []
                if key == "answered":
                    await run.desk.answered(key, Answer(Reply("fine", "en")))
        assert run.store.history("c1") == [("user", "answered", "en"), ("persona", "fine", "en")]
        assert run.count("personac_turns_total", outcome="answered") == 1
