"""What a client that is broken, gone or in a hurry does to itself, and not to the others."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from personac.connectors.web.running import FRAME_BYTES
from personac.connectors.web.session import WAITING
from personac.core.message import Event, Message

QUESTION = "how much cash can I take out in a day"
Make = Callable[..., Any]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("", "not_json"),
        ("hello?", "not_json"),
        ('{"type": "message", "text": "hi"', "not_json"),
        ("[" * 60_000, "not_json"),
        ('{"a":' * 10_000 + "1" + "}" * 10_000, "not_json"),
        ("[]", "unknown_type"),
        ("null", "unknown_type"),
        ('{"type": "sudo"}', "unknown_type"),
        ('{"type": {"type": "message"}}', "unknown_type"),
        (b"\x00\x01\x02" * 100, "not_text"),
        (b'{"type": "stop"}', "not_text"),
        ('{"type": "message", "text": "%s"}' % ("x" * 100_000), "frame_too_large"),
        ('{"type": "message", "id": 5, "text": "hi"}', "wrong_field"),
        ('{"type": "message", "id": "\\ud800", "text": "hi"}', "wrong_field"),
    ],
    ids=["empty", "word", "open", "deep list", "deep object", "list", "null", "unknown", "type in type", "binary",
         "binary JSON", "long", "id 5", "half an id"],
)  # fmt: skip
async def test_rubbish_gets_one_clear_error_and_the_socket_goes_on(
    bank_server: Any, client: Make, frame: str | bytes, code: str
) -> None:
    ann = await client(bank_server)
    await ann.socket.send(frame)
    first = await ann.receive()
    assert (first["type"], first["code"], first["id"]) == ("error", code, "")
    assert len(first["message"]) > 20
    frames = await ann.say("hello", "m2")
    assert frames.of("reply")
    assert not frames.of("error")
    assert not bank_server.errors


@pytest.mark.parametrize(
    "fields", [{"text": 5}, {"text": "\ud83d"}, {"text": "hi", "media": "a"}, {"media": ["a"] * 11}]
)
async def test_an_error_of_a_message_carries_its_id_and_ends_with_done(
    bank_server: Any, client: Make, fields: dict[str, Any]
) -> None:
    ann = await client(bank_server)
    await ann.send("message", id="m1", **fields)
    error, done = await ann.receive(), await ann.receive()
    assert (error["type"], error["id"], error["code"]) == ("error", "m1", "wrong_field")
    assert done == {"type": "done", "id": "m1"}


@pytest.mark.parametrize(
    ("text", "code"), [("x" * 4001, "text_too_long"), ("break", "failed"), ("outage", "unavailable")]
)
async def test_a_turn_that_fails_says_so_once(
    bank_server: Any, serve: Make, script: Make, client: Make, text: str, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    with serve(script()) as server:
        ann = await client(bank_server if code == "text_too_long" else server)
        frames = await ann.say(text, "m1")
        assert [(frame["type"], frame["id"]) for frame in frames] == [("error", "m1"), ("done", "m1")]
        assert frames[0]["code"] == code
        assert "broken" not in frames[0]["message"]
        assert (await ann.say("hello", "m2")).of("reply")


async def test_an_empty_message_is_answered_kindly(bank_server: Any, client: Make) -> None:
    assert (await (await client(bank_server)).say("")).of("reply")[0]["reply"]["text"]


async def test_a_megabyte_in_one_frame_ends_that_connection_only(bank_server: Any, client: Make) -> None:
    ann, bob = await client(bank_server), await client(bank_server)
    await bob.hello()
    await ann.socket.send("x" * 4 * FRAME_BYTES)
    assert await ann.closed() == 1009
    assert (await bob.say("hello")).of("reply")
    assert not bank_server.errors


async def test_text_that_is_no_utf_8_ends_that_connection_only(bank_server: Any, client: Make) -> None:
    ann, bob = await client(bank_server), await client(bank_server)
    await ann.socket.send(b'{"type": "message", "text": "\xff\xfe"}', text=True)
    assert await ann.closed() == 1007
    assert (await bob.say("hello")).of("reply")
    assert not bank_server.errors


async def test_a_client_that_disappears_ends_its_turn_and_troubles_nobody(
    serve: Make, script: Make, client: Make, bank_server: Any
) -> None:
    bot = script()
    with serve(bot) as server:
        for _ in range(5):
            ann = await client(server)
            await ann.send("message", id="m1", text="talk")
            await ann.until("sound")
            ann.socket.transport.abort()
            assert (await (await client(server)).say("hello")).of("reply")
        for _ in range(10):
            assert await asyncio.to_thread(bot.endings.acquire, timeout=10)
        assert bot.ended.count("talk") == 5
        assert not server.errors
    ann = await client(bank_server)  # and with a real voice
    await ann.send("message", id="m1", text=QUESTION, speak=True)
    await ann.until("text")
    ann.socket.transport.abort()
    assert (await (await client(bank_server)).say(QUESTION)).of("reply")
    assert not bank_server.errors


async def test_half_a_handshake_and_half_a_request_trouble_nobody(bank_server: Any, client: Make) -> None:
    for start in (
        b"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n",
        b"\x16\x03\x01\x02\x00\x01",
        b"POST /media HTTP/1.1\r\n",
    ):
        with socket.create_connection(("127.0.0.1", bank_server.port)) as raw:
            raw.sendall(start)
    assert (await (await client(bank_server)).say("hello")).of("reply")
    assert not bank_server.errors


class Slow:
    """A bot whose turns take a while longer."""

    def __init__(self, bot: Any) -> None:
        self._bot = bot

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bot, name)

    async def answer(self, message: Message) -> AsyncIterator[Event]:
        await asyncio.sleep(0.15)
        async for event in self._bot.answer(message):
            yield event


async def test_a_flood_is_turned_away_and_others_are_answered(serve: Make, bank: Any, client: Make) -> None:
    with serve(Slow(bank)) as server:
        ann, bob = await client(server), await client(server)
        order: list[str] = []
        begun = asyncio.Event()

        async def flood() -> list[dict[str, Any]]:
            for number in range(50):
                await ann.send("message", id=f"a{number}", text=QUESTION, speak=False)
            frames: list[dict[str, Any]] = []
            while sum(frame["type"] == "done" for frame in frames) < 50:
                frames.append(await ann.receive())
                if frames[-1]["type"] == "reply":
                    order.append("ann")
                    begun.set()
            return frames

        async def ask() -> None:
            await begun.wait()
            assert (await bob.say(QUESTION)).of("reply")
            order.append("bob")

        frames, _ = await asyncio.gather(flood(), ask())
    refused = {frame["id"] for frame in frames if frame["type"] == "error"}
    answered = {frame["id"] for frame in frames if frame["type"] == "reply"}
    assert {frame["code"] for frame in frames if frame["type"] == "error"} == {"too_fast"}
    assert sorted(frame["id"] for frame in frames if frame["type"] == "done") == sorted(
        f"a{number}" for number in range(50)
    )
    assert len(answered) >= WAITING
    assert not answered & refused
    assert len(answered | refused) == 50
    assert order.index("bob") <= 4


async def test_a_server_that_is_stopped_says_goodbye(serve: Make, script: Make, client: Make) -> None:
    bot = script()
    with serve(bot) as server:
        ann = await client(server)
        await ann.send("message", id="m1", text="talk")
        await ann.until("sound")
    assert await ann.closed() == 1012
    assert bot.ended == ["talk"]
    assert not server.errors
