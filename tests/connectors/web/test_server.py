"""A real server and real clients: what they get, what they may not have, and what a broken one does to the others."""

from __future__ import annotations

import asyncio
import io
import json
import re
import socket
import struct
import subprocess
import sys
import wave
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from personac.connectors.web.app import STATIC
from personac.connectors.web.connector import FRAME_BYTES, WebConnector
from personac.connectors.web.media import MEDIA_BYTES
from personac.connectors.web.session import WAITING
from personac.core.errors import Unavailable
from personac.core.message import Event, Message
from websockets.exceptions import InvalidStatus

DEMO = Path(__file__).parents[3] / "personas" / "tour_guide" / "demo"
MEGABYTE = 1024**2
QUESTION = "how much cash can I take out in a day"
REPLY_KEYS = {
    "text", "language", "intent", "confidence", "out_of_scope", "emotion", "slots", "skill", "sources", "rules",
    "redactions", "transcript", "picture_text", "audio", "expression", "milliseconds", "intents",
}  # fmt: skip
Make = Callable[..., Any]


def of(frames: list[dict[str, Any]], type: str) -> list[dict[str, Any]]:
    """Return the frames of a type."""
    return [frame for frame in frames if frame["type"] == type]


def upload(server: Any, data: Any, claimed: str, user: str = "", **headers: str) -> httpx.Response:
    """POST a file."""
    sent = {"Content-Type": claimed, "Cookie": f"personac_user={user}", **headers}
    return httpx.post(f"{server.base}/media", content=data, headers=sent, timeout=60)


# the page and its files


def test_the_page_comes_with_a_cookie_that_scripts_cannot_read(bank_server: Any) -> None:
    answer = httpx.get(bank_server.base)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    cookie = answer.headers["set-cookie"]
    assert re.match(r"personac_user=[\w-]{24};", cookie)
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    again = httpx.get(bank_server.base, headers={"Cookie": cookie.split(";")[0]})
    assert "set-cookie" not in again.headers


@pytest.mark.parametrize("path", ["/", "/main.js", "/style.css", "/icon.svg", "/face", "/health", "/nothing", "/media"])
def test_every_answer_is_locked_down(bank_server: Any, path: str) -> None:
    headers = httpx.get(bank_server.base + path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'self'"
    assert not re.search(r"unsafe|\*|https?:", headers["content-security-policy"])
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-cache"


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [
            value or "" for name, value in attrs if name in ("src", "href", "action", "data", "poster", "srcset")
        ]


def test_nothing_is_loaded_from_another_host(bank_server: Any) -> None:
    links = _Links()
    links.feed(httpx.get(bank_server.base).text)
    assert {"style.css", "main.js", "icon.svg"} <= set(links.found)
    for file in sorted(STATIC.iterdir()):
        text = httpx.get(f"{bank_server.base}/{file.name}").text
        assert text == file.read_text("utf-8")
        if file.suffix == ".css":
            links.found += re.findall(r"url\(\s*['\"]?([^'\")]+)", text) + re.findall(r"@import\s+['\"]([^'\"]+)", text)
        if file.suffix == ".js":
            imports = re.findall(r"(?:from|import)\s*\(?\s*['\"]([^'\"]+)", text)
            assert all(name.startswith("./") for name in imports), file
            assert not re.search(r"['\"`]\s*(?:\w+:)?//", text), file
            assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", text), file
    assert not [link for link in links.found if "//" in link]
    for link in links.found:
        if not link.startswith("#"):
            assert httpx.get(f"{bank_server.base}/{link}").status_code == 200


def test_the_page_holds_no_inline_code(bank_server: Any) -> None:
    page = httpx.get(bank_server.base).text
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=|javascript:", page)


def test_the_face_is_the_persona_s(bank_server: Any, bank: Any) -> None:
    answer = httpx.get(f"{bank_server.base}/face")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.content == bank.profile.face


def test_a_persona_without_a_face_has_none(serve: Make, script: Make) -> None:
    with serve(script()) as server:
        assert httpx.get(f"{server.base}/face").status_code == 404


@pytest.mark.parametrize(
    "path", ["/../app.py", "/%2e%2e/app.py", "/..%2fapp.py", "/static/../../app.py", "/app.py", "/docs"]
)
def test_only_the_page_s_own_files_are_served(bank_server: Any, path: str) -> None:
    with socket.create_connection(("127.0.0.1", bank_server.port), 10) as raw:  # httpx would tidy the path
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 404")


def test_health_and_readiness_are_told(bank_server: Any, bank: Any) -> None:
    assert httpx.get(f"{bank_server.base}/health").json() == {"status": "ok"}
    assert httpx.get(f"{bank_server.base}/ready").json() == bank.ready()


def test_several_personas_live_side_by_side(serve: Make, script: Make) -> None:
    with serve(script("ann"), script("bob")) as server:
        first = httpx.get(server.base, follow_redirects=False)
        assert (first.status_code, first.headers["location"]) == (307, "/p/ann/")
        for slug in ("ann", "bob"):
            assert "<title>" in httpx.get(f"{server.base}/p/{slug}/").text
            assert httpx.get(f"{server.base}/p/{slug}/main.js").status_code == 200
            assert httpx.get(f"{server.base}/p/{slug}/health").json() == {"status": "ok"}
            assert httpx.get(f"{server.base}/p/{slug}", follow_redirects=True).status_code == 200
        assert httpx.get(f"{server.base}/p/eve/").status_code == 404


def test_a_taken_port_is_told_with_a_way_out(bank_server: Any) -> None:
    with pytest.raises(Unavailable, match=f"port {bank_server.port} .*--port"):
        WebConnector(port=bank_server.port).bind()


# one turn over plain HTTP


def test_a_turn_over_http_has_the_stable_keys(bank_server: Any) -> None:
    answer = httpx.post(f"{bank_server.base}/api/turn", json={"text": QUESTION}, timeout=30)
    assert answer.status_code == 200
    reply = answer.json()
    assert set(reply) == REPLY_KEYS
    assert "500" in reply["text"]
    assert set(reply["sources"][0]) == {"id", "source", "text", "score"}


def test_the_same_user_goes_on_where_the_last_turn_ended(bank_server: Any) -> None:
    for user, conversation in (("ann", None), ("bob", "own")):
        body = {"text": QUESTION, "user": user, "conversation": conversation}
        assert httpx.post(f"{bank_server.base}/api/turn", json=body, timeout=30).json()["text"]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 422, "required"),
        (b"{", 422, "JSON"),
        (b"[]", 422, "dictionary"),
        (b"[" * 60_000, 4, ""),
        (b"\xff\xfe\x00", 4, ""),
        (b'{"say": "hello"}', 422, "`text`"),
        (b'{"text": ""}', 422, "`text`"),
        (b'{"text": 5}', 422, "`text`"),
        (b'{"text": "\\ud800"}', 422, "`text`"),
        (b'{"text": "hi", "user": ""}', 422, "`user`"),
        (b'{"text": "hi", "user": "%s"}' % (b"x" * 101), 422, "`user`"),
        (b'{"text": "%s"}' % (b"x" * 4001), 422, "4000"),
        (b'{"text": "%s"}' % (b"x" * 100_000), 413, "too large"),
    ],
    ids=["empty", "open", "list", "deep", "no UTF-8", "no text", "empty text", "number", "half a character",
         "no user", "long user", "long text", "huge"],
)  # fmt: skip
def test_a_wrong_body_is_refused_with_its_field(bank_server: Any, body: bytes, status: int, words: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = httpx.post(f"{bank_server.base}/api/turn", content=body, headers=headers, timeout=30)
    assert answer.status_code == status or answer.status_code // 100 == status
    problem = answer.json()
    assert set(problem) == {"code", "message"}
    assert words in problem["message"]
    assert len(answer.text) < 300
    assert not bank_server.errors


def test_an_outage_over_http_is_no_traceback(serve: Make, script: Make) -> None:
    with serve(script()) as server:
        answer = httpx.post(f"{server.base}/api/turn", json={"text": "outage"})
        assert (answer.status_code, answer.json()) == (503, {"code": "unavailable", "message": "the disk is full"})
        assert not server.errors


# the WebSocket


async def test_a_hello_is_answered_with_who_it_is(bank_server: Any, bank: Any, client: Make) -> None:
    welcome = await (await client(bank_server)).hello()
    assert welcome["persona"]["name"] == "Ava"
    assert welcome["persona"]["has_face"] is True
    assert welcome["ready"] == bank.ready()
    assert welcome["limits"] == {"media_bytes": MEDIA_BYTES, "text_characters": 4000}
    assert welcome["history"] == []


async def test_a_turn_is_words_then_the_reply_then_its_voice(bank_server: Any, client: Make) -> None:
    ann = await client(bank_server)
    await ann.hello()
    frames = [frame for frame in await ann.say(QUESTION, "m1", speak=True) if frame["type"] != "ready"]
    kinds = [frame["type"] for frame in frames]
    assert {frame["id"] for frame in frames} == {"m1"}
    assert re.fullmatch(r"(text )+reply (sound )+done ", "".join(f"{kind} " for kind in kinds))
    reply = of(frames, "reply")[0]["reply"]
    assert set(reply) == REPLY_KEYS
    assert "".join(frame["delta"] for frame in of(frames, "text")) == reply["text"]
    for sound in of(frames, "sound"):
        assert len(sound["payload"]) == sound["bytes"]
        with wave.open(io.BytesIO(sound["payload"])) as file:
            assert file.getnframes() / file.getframerate() == pytest.approx(sound["seconds"], abs=0.01)
        assert {shape for _, shape in sound["visemes"]} <= {"closed", "small", "open", "wide", "round", "teeth"}
        assert [at for at, _ in sound["visemes"]] == sorted(at for at, _ in sound["visemes"])


async def test_a_muted_page_gets_no_voice(bank_server: Any, client: Make) -> None:
    frames = await (await client(bank_server)).say(QUESTION, speak=False)
    assert of(frames, "reply")
    assert not of(frames, "sound")


async def test_parts_that_do_not_exist_are_left_out(serve: Make, script: Make, client: Make) -> None:
    bot = script(ready={"text": True, "speech": False})
    with serve(bot) as server:
        ann = await client(server)
        assert (await ann.hello())["ready"] == {"text": True, "speech": False}
        bot.parts["speech"] = True
        assert (await ann.until("ready"))[-1]["ready"] == {"text": True, "speech": True}


@pytest.mark.parametrize(("granted", "told"), [(True, "granted"), (False, "denied")])
async def test_consent_is_asked_once_and_remembered(
    serve: Make, script: Make, client: Make, cookie: Make, granted: bool, told: str
) -> None:
    ann = cookie()
    with serve(script()) as server:
        first = await client(server, ann)
        welcome = await first.hello()
        assert welcome["consent"] == "ask"
        assert welcome["consent_text"]["zh"] == "可以保留吗？"
        await first.send("consent", granted=granted)
        await first.say("hello")  # frames are handled in order
        assert (await (await client(server, ann)).hello())["consent"] == told
        assert (await (await client(server, cookie())).hello())["consent"] == "ask"


async def test_a_persona_that_need_not_ask_says_so(serve: Make, script: Make, client: Make) -> None:
    with serve(script(consent="implied")) as server:
        assert (await (await client(server)).hello())["consent"] == "implied"


async def test_who_returns_finds_the_conversation(bank_server: Any, client: Make, cookie: Make) -> None:
    ann = cookie()
    first = await client(bank_server, ann)
    conversation = (await first.hello())["conversation"]
    assert ann not in conversation  # it may be seen; the cookie may not
    said = of(await first.say(QUESTION), "reply")[0]["reply"]["text"]
    await first.socket.close()
    welcome = await (await client(bank_server, ann)).hello(conversation)
    assert welcome["conversation"] == conversation
    assert [(line["role"], line["text"]) for line in welcome["history"]] == [("user", QUESTION), ("persona", said)]


async def test_somebody_else_s_conversation_is_not_readable(bank_server: Any, client: Make, cookie: Make) -> None:
    ann = await client(bank_server, cookie())
    conversation = (await ann.hello())["conversation"]
    await ann.say(QUESTION)
    for stranger in (cookie(), "", "x" * 20):
        welcome = await (await client(bank_server, stranger)).hello(conversation)
        assert welcome["conversation"] != conversation
        assert welcome["history"] == []


async def test_forget_me_erases(bank_server: Any, bank: Any, client: Make, cookie: Make) -> None:
    user = cookie()
    ann, bob = await client(bank_server, user), await client(bank_server, cookie())
    conversation, others = (await ann.hello())["conversation"], (await bob.hello())["conversation"]
    await ann.send("consent", granted=True)
    await ann.say(QUESTION)
    await bob.say(QUESTION)
    assert bank.parts.store.export(user)["turns"]
    await ann.send("forget")
    await ann.until("forgotten")
    assert bank.parts.store.export(user)["turns"] == []
    assert bank.consent(user) is None
    assert (await ann.hello(conversation))["history"] == []
    assert bank.history(others)


async def test_forget_me_ends_the_turn_that_still_runs(serve: Make, script: Make, client: Make) -> None:
    bot = script()
    with serve(bot) as server:
        ann = await client(server)
        await ann.send("message", id="m1", text="think")
        await ann.send("message", id="m2", text="hello")
        await ann.send("forget")
        frames = await ann.until("forgotten")
    assert {frame["id"] for frame in of(frames, "done")} == {"m1", "m2"}
    assert not of(frames, "reply")


async def test_stop_cuts_the_voice(serve: Make, script: Make, client: Make) -> None:
    bot = script()
    with serve(bot) as server:
        ann = await client(server)
        await ann.send("message", id="m1", text="talk")
        await ann.until("sound")
        await ann.send("stop")
        rest = await ann.until("done", id="m1")
        assert len(of(rest, "sound")) < 20
        assert bot.ended == ["talk"]
        assert of(await ann.say("hello", "m2"), "reply")


async def test_stop_drops_what_waits_and_says_done_for_each(serve: Make, script: Make, client: Make) -> None:
    bot = script()
    with serve(bot) as server:
        ann = await client(server)
        for number, text in enumerate(["think", "one", "two", "three"]):
            await ann.send("message", id=f"m{number}", text=text)
        await ann.send("stop")
        await ann.send("stop")
        frames = await ann.say("after", "m9")
        assert sorted(frame["id"] for frame in of(frames, "done")) == ["m0", "m1", "m2", "m3", "m9"]
        assert [frame["reply"]["text"] for frame in of(frames, "reply")] == ["after"]
        assert [message.text for message in bot.asked][-1] == "after"


async def test_a_stop_right_behind_a_message_still_ends_with_done(serve: Make, script: Make, client: Make) -> None:
    with serve(script()) as server:
        ann = await client(server)
        for number in range(30):
            await ann.send("message", id=f"m{number}", text="talk")
            await ann.send("stop")
            await ann.until("done", id=f"m{number}")


async def test_a_new_question_cuts_the_voice_of_the_last(serve: Make, script: Make, client: Make) -> None:
    bot = script()
    with serve(bot) as server:
        ann = await client(server)
        await ann.send("message", id="m1", text="talk")
        await ann.until("sound", id="m1")
        frames = await ann.say("and now?", "m2")
        assert [frame["id"] for frame in of(frames, "done")] == ["m1", "m2"]
        assert len(of(frames, "sound")) < 20
        assert bot.ended == ["talk", "and now?"]


async def test_a_question_that_waits_takes_the_voice_of_the_one_before(serve: Make, script: Make, client: Make) -> None:
    with serve(script()) as server:
        ann = await client(server)
        for number in range(4):
            await ann.send("message", id=f"m{number}", text="talk")
        await ann.send("message", id="m9", text="hello")
        frames = await ann.until("done", id="m9")
        assert [frame["id"] for frame in of(frames, "reply")] == ["m0", "m1", "m2", "m3", "m9"]
        assert len(of(frames, "sound")) < 20


async def test_the_real_voice_stops_too(bank_server: Any, client: Make) -> None:
    ann = await client(bank_server)
    await ann.send("message", id="m1", text="What can you do?", speak=True)
    await ann.until("sound", id="m1")
    await ann.send("stop")
    await ann.until("done", id="m1")
    assert of(await ann.say(QUESTION), "reply")
    assert not bank_server.errors


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://localhost.evil.example", "null", "http://127.0.0.1:1"]
)
async def test_a_page_of_another_host_cannot_connect(bank_server: Any, client: Make, origin: str) -> None:
    with pytest.raises(InvalidStatus) as error:
        await client(bank_server, origin=origin)
    assert error.value.response.status_code == 403


async def test_the_page_itself_can_connect(bank_server: Any, client: Make) -> None:
    assert await (await client(bank_server, origin=bank_server.base)).hello()


async def test_a_socket_at_another_path_is_refused_in_order(bank_server: Any, client: Make) -> None:
    with pytest.raises(InvalidStatus) as error:
        await client(bank_server, path="/elsewhere")
    assert error.value.response.status_code in (403, 404)
    assert not bank_server.errors


# clients that send rubbish


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
    assert of(frames, "reply")
    assert not of(frames, "error")
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
        assert of(await ann.say("hello", "m2"), "reply")


async def test_an_empty_message_is_answered_kindly(bank_server: Any, client: Make) -> None:
    assert of(await (await client(bank_server)).say(""), "reply")[0]["reply"]["text"]


async def test_a_megabyte_in_one_frame_ends_that_connection_only(bank_server: Any, client: Make) -> None:
    ann, bob = await client(bank_server), await client(bank_server)
    await bob.hello()
    await ann.socket.send("x" * 4 * FRAME_BYTES)
    assert await ann.closed() == 1009
    assert of(await bob.say("hello"), "reply")
    assert not bank_server.errors


async def test_text_that_is_no_utf_8_ends_that_connection_only(bank_server: Any, client: Make) -> None:
    ann, bob = await client(bank_server), await client(bank_server)
    await ann.socket.send(b'{"type": "message", "text": "\xff\xfe"}', text=True)
    assert await ann.closed() == 1007
    assert of(await bob.say("hello"), "reply")
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
            assert of(await (await client(server)).say("hello"), "reply")
        for _ in range(10):
            assert await asyncio.to_thread(bot.endings.acquire, timeout=10)
        assert bot.ended.count("talk") == 5
        assert not server.errors
    ann = await client(bank_server)  # and with a real voice
    await ann.send("message", id="m1", text=QUESTION, speak=True)
    await ann.until("text")
    ann.socket.transport.abort()
    assert of(await (await client(bank_server)).say(QUESTION), "reply")
    assert not bank_server.errors


async def test_half_a_handshake_and_half_a_request_trouble_nobody(bank_server: Any, client: Make) -> None:
    for start in (
        b"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n",
        b"\x16\x03\x01\x02\x00\x01",
        b"POST /media HTTP/1.1\r\n",
    ):
        with socket.create_connection(("127.0.0.1", bank_server.port)) as raw:
            raw.sendall(start)
    assert of(await (await client(bank_server)).say("hello"), "reply")
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
            while len(of(frames, "done")) < 50:
                frames.append(await ann.receive())
                if frames[-1]["type"] == "reply":
                    order.append("ann")
                    begun.set()
            return frames

        async def ask() -> None:
            await begun.wait()
            assert of(await bob.say(QUESTION), "reply")
            order.append("bob")

        frames, _ = await asyncio.gather(flood(), ask())
    refused = {frame["id"] for frame in of(frames, "error")}
    answered = {frame["id"] for frame in of(frames, "reply")}
    assert {frame["code"] for frame in of(frames, "error")} == {"too_fast"}
    assert sorted(frame["id"] for frame in of(frames, "done")) == sorted(f"a{number}" for number in range(50))
    assert len(answered) >= WAITING
    assert not answered & refused
    assert len(answered | refused) == 50
    assert order.index("bob") <= 4


# files


LONE = """
import asyncio
from personac.connectors.web import WebConnector
from personac.core.message import Profile

class Bot:
    profile = Profile("Lone", "lone", "", ("en",), {}, "ask", {}, False)

connector = WebConnector(port=0)
taken = connector.bind()
print(connector.port, flush=True)
asyncio.run(connector.serve([Bot()], taken))
"""


@pytest.fixture(scope="module")
def lone_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, psutil.Process]]:
    """Serve in a process of its own, whose memory nobody else uses."""
    folder = tmp_path_factory.mktemp("lone")
    with subprocess.Popen([sys.executable, "-c", LONE], stdout=subprocess.PIPE, text=True, cwd=folder) as process:
        assert process.stdout is not None
        base = f"http://127.0.0.1:{process.stdout.readline().strip()}"
        with httpx.Client(transport=httpx.HTTPTransport(retries=5)) as first:
            first.get(f"{base}/health", timeout=30)
        yield base, psutil.Process(process.pid)
        process.terminate()


def endless(megabytes: int, process: psutil.Process, grown: list[int]) -> Iterator[bytes]:
    """Yield what begins like a picture, and note a process's memory meanwhile."""
    block = b"\x89PNG" + b"\0" * (65536 - 4)
    for number in range(megabytes * 16):
        if number % 32 == 0:
            grown.append(process.memory_info().rss)
        yield block


@pytest.mark.parametrize("told", [True, False], ids=["length told", "chunked"])
@pytest.mark.parametrize("path", ["/media", "/api/turn"])
def test_a_huge_upload_is_refused_early(lone_server: tuple[str, psutil.Process], told: bool, path: str) -> None:
    base, process = lone_server
    headers = {"Content-Type": "image/png" if path == "/media" else "application/json"}
    if told:
        headers["Content-Length"] = str(200 * MEGABYTE)
    grown = [process.memory_info().rss]
    answer = httpx.post(base + path, content=endless(200, process, grown), headers=headers, timeout=60)
    assert answer.status_code == 413
    assert "too large" in answer.json()["message"]
    assert max(*grown, process.memory_info().rss) - grown[0] < 60 * MEGABYTE
    assert httpx.get(f"{base}/health").status_code == 200


def test_an_announced_size_is_refused_before_the_first_byte(bank_server: Any) -> None:
    with socket.create_connection(("127.0.0.1", bank_server.port), 10) as raw:
        raw.sendall(b"POST /media HTTP/1.1\r\nHost: localhost\r\nContent-Length: 209715200\r\n\r\n")
        assert raw.recv(65536).startswith(b"HTTP/1.1 413")


def test_an_upload_that_is_cut_off_is_forgotten_quietly(bank_server: Any) -> None:
    with socket.create_connection(("127.0.0.1", bank_server.port), 10) as raw:
        raw.sendall(b"POST /media HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n\x89PNG")
    assert httpx.get(f"{bank_server.base}/health").json() == {"status": "ok"}
    assert not bank_server.errors


@pytest.mark.parametrize(
    ("data", "claimed", "status", "code"),
    [
        (b"", "image/png", 400, "empty"),
        (b"MZ\x90\x00" + b"\0" * 500, "application/x-msdownload", 415, "not_media"),
        (b"#!/bin/sh\necho hello\n", "text/x-sh", 415, "not_media"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "text/html", 415, "not_media"),
    ],
    ids=["empty", "exe", "script", "page"],
)
def test_a_file_that_is_no_media_is_refused(
    bank_server: Any, data: bytes, claimed: str, status: int, code: str
) -> None:
    answer = upload(bank_server, data, claimed)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert len(answer.json()["message"]) > 20


def huge_png(side: int) -> bytes:
    """Return a tiny PNG whose header claims side x side pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 999)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "claimed", "code"),
    [
        (huge_png(20_000), "image/png", "picture_too_large"),
        ((DEMO / "sign.png").read_bytes()[:300], "image/png", "picture_damaged"),
        (b"this is a text and no sound " * 50, "audio/wav", "not_a_sound"),
        ((DEMO / "question.wav").read_bytes()[:30], "audio/wav", "not_a_sound"),
    ],
    ids=["20,000 x 20,000", "truncated", "text as sound", "head only"],
)
async def test_a_file_that_cannot_be_used_is_told_in_its_turn(
    bank_server: Any, client: Make, cookie: Make, data: bytes, claimed: str, code: str
) -> None:
    user = cookie()
    ann = await client(bank_server, user)
    name = upload(bank_server, data, claimed, user).json()["id"]
    frames = await ann.say("", "m1", media=[name])
    assert [frame["type"] for frame in frames] == ["error", "done"]
    assert frames[0]["id"] == "m1"
    assert frames[0]["code"] in (code, "sound_damaged", "sound_empty")
    assert of(await ann.say("hello", "m2"), "reply")
    assert not bank_server.errors


async def test_a_mislabelled_recording_is_heard_all_the_same(bank_server: Any, client: Make, cookie: Make) -> None:
    user = cookie()
    ann = await client(bank_server, user)
    answer = upload(bank_server, (DEMO / "question.wav").read_bytes(), "image/png", user).json()
    assert answer["kind"] == "audio"
    frames = await ann.say("", media=[answer["id"]])
    assert "temple of heaven" in of(frames, "heard")[0]["transcript"].lower()
    assert of(frames, "reply")[0]["reply"]["transcript"] == of(frames, "heard")[0]["transcript"]


async def test_an_upload_is_its_sender_s_and_is_used_once(
    serve: Make, script: Make, client: Make, cookie: Make
) -> None:
    user, bot = cookie(), script()
    with serve(bot) as server:
        ann, eve = await client(server, user), await client(server, cookie())
        name = upload(server, huge_png(1), "image/png", user).json()["id"]
        assert of(await eve.say("look", media=[name]), "error")[0]["code"] == "media_gone"
        assert of(await ann.say("look", media=[name]), "reply")
        assert [media.kind for media in bot.asked[-1].media] == ["image"]
        assert of(await ann.say("look", media=[name]), "error")[0]["code"] == "media_gone"


def test_thirty_uploads_that_are_never_used_stop_nobody(lone_server: tuple[str, psutil.Process], cookie: Make) -> None:
    base, process = lone_server
    before = process.memory_info().rss
    headers = {"Content-Type": "image/png", "Cookie": f"personac_user={cookie()}"}
    picture = huge_png(8).ljust(MEDIA_BYTES // 2, b"\0")
    for _ in range(30):
        assert httpx.post(f"{base}/media", content=picture, headers=headers).status_code == 200
    assert process.memory_info().rss - before < 200 * MEGABYTE
    headers["Cookie"] = f"personac_user={cookie()}"
    assert httpx.post(f"{base}/media", content=picture, headers=headers).status_code == 200


# ending


async def test_a_server_that_is_stopped_says_goodbye(serve: Make, script: Make, client: Make) -> None:
    bot = script()
    with serve(bot) as server:
        ann = await client(server)
        await ann.send("message", id="m1", text="talk")
        await ann.until("sound")
    assert await ann.closed() == 1012
    assert bot.ended == ["talk"]
    assert not server.errors


def test_what_the_page_says_it_needs_is_served_as_json(bank_server: Any) -> None:
    schema = json.loads(httpx.get(f"{bank_server.base}/openapi.json").text)
    assert "/api/turn" in schema["paths"]
