"""What a kill -9 leaves: each message is answered once, whoever asks for it again."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

STREAM = {"Accept": "text/event-stream"}
Make = Callable[..., Any]


def words_of(lines: Iterator[str], until: str) -> list[str]:
    """Return the words of a stream up to an event of a type."""
    words = []
    for line in lines:
        if line.startswith("data: ") and "delta" in (data := json.loads(line[6:])):
            words.append(data["delta"])
        if line == f"event: {until}" or (words and words[-1] == until):
            break
    return words


def test_a_message_in_the_middle_of_its_answer_is_answered_once_after_a_kill(killable: Any, api: Make) -> None:
    session = api(killable)
    message = {"text": "slow one two", "id": "m1"}
    killable.let(2)
    with session.web.stream("POST", "/api/messages", json=message, headers=STREAM) as answer:
        assert words_of(answer.iter_lines(), "one ") == ["slow ", "one "]
        killable.kill()
    killable.start()
    killable.let(3)
    first, second = session.say(**message), session.say(**message)
    assert first.json()["reply"]["text"] == "slow one two "
    assert second.json() == first.json()
    assert killable.noted("ended") == ["slow one two"]


def test_a_message_that_nobody_asks_for_again_is_answered_after_a_kill(killable: Any, api: Make) -> None:
    session = api(killable)
    with session.web.stream("POST", "/api/messages", json={"text": "slow", "id": "m1"}, headers=STREAM) as answer:
        next(answer.iter_lines())
        killable.kill()
    killable.let(1)
    killable.start()
    said = session.say("after", id="m2").json()  # runs behind what was left over
    assert said["reply"]["text"] == "after "
    assert killable.noted("ended") == ["slow", "after"]


def test_an_answer_that_was_made_is_given_again_after_a_kill_and_not_made_again(killable: Any, api: Make) -> None:
    session = api(killable)
    first = session.say("hello", id="m1").json()
    killable.kill()
    killable.start()
    again = session.say("hello", id="m1").json()
    assert again["reply"]["text"] == first["reply"]["text"] == "hello "
    assert killable.noted("asked") == ["hello"]


async def test_a_socket_that_asks_again_after_a_kill_is_answered_once(killable: Any, client: Make) -> None:
    visitor = "a-visitor-with-a-cookie"
    socket = await client(killable, visitor)
    welcome = await socket.hello()
    await socket.send("message", id="m1", text="slow one", speak=False)
    killable.let(1)
    await socket.until("text")
    killable.kill()
    killable.let(2)
    killable.start()
    socket = await client(killable, visitor)
    assert (await socket.hello(welcome["conversation"]))["resumed"] is False
    frames = await socket.say("slow one", "m1")
    assert [frame["reply"]["text"] for frame in frames.of("reply")] == ["slow one "]
    await socket.send("got", id="m1")
    assert killable.noted("ended") == ["slow one"]
    other = await socket.say("slow one", "m1")
    assert [frame["type"] for frame in other] == ["reply", "done"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/turn", {"text": "x" * 300}),
        ("/api/messages", {"text": "x" * 300}),
        ("/v1/chat/completions", {"model": "parrot", "messages": [{"role": "user", "content": "x" * 300}]}),
    ],
)
def test_a_message_over_the_persona_s_own_limit_is_refused(killable: Any, api: Make, path: str, body: Any) -> None:
    refused = api(killable).web.post(path, json=body)
    assert refused.status_code == 400
    assert "200" in refused.text
    assert killable.noted("asked") == []


def test_a_message_is_not_kept_once_its_answer_has_arrived(killable: Any, api: Make) -> None:
    session = api(killable)
    session.say("hello", id="m1")
    assert session.web.post("/api/messages/m1/got").status_code == 204
    with closing(sqlite3.connect(killable.folder / "store.sqlite")) as store:
        until = time.monotonic() + 30  # the row is written behind the answer
        while store.execute("SELECT payload, answer, conversation FROM deliveries").fetchall() != [(None, None, "")]:
            assert time.monotonic() < until
            time.sleep(0.01)
    killable.kill()
    killable.start()
    gone = session.say("hello", id="m1")
    assert (gone.status_code, gone.json()["code"]) == (409, "stopped")
    assert killable.noted("asked") == ["hello"]
