"""Words that were answered and not acknowledged go with an erasure, whatever ends the server, and with a no."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from personac.core.cli import cli
from personac.core.store.sqlite import SQLiteStore

Make = Callable[..., Any]


def data(folder: Path, *words: str) -> str:
    result = CliRunner().invoke(cli, ["data", *words, "--store", str(folder)])
    assert result.exit_code == 0, result.output
    return result.output


def kept(session: Any) -> list[Any]:
    deliveries: list[Any] = session.web.get("/api/me").json()["deliveries"]
    return deliveries


def running(session: Any, killable: Any, text: str, id: str) -> threading.Thread:
    """Send a message in a thread, and return once its answer is being made."""
    asking = threading.Thread(target=session.say, args=(text,), kwargs={"id": id}, daemon=True)
    asking.start()
    until = time.monotonic() + 30
    while text not in killable.noted("asked"):
        assert time.monotonic() < until
        time.sleep(0.01)
    return asking


def test_an_erasure_by_hand_takes_what_a_stopped_server_had_answered(killable: Any, api: Make) -> None:
    session = api(killable)
    session.web.post("/api/consent", json={"granted": True})
    for id in ("m1", "m2"):
        assert session.say("words of ann", id=id).status_code == 200  # and no `got`
    killable.kill()
    store = SQLiteStore(killable.folder / "store.sqlite")
    (known,) = store.users()
    store.close()
    assert data(killable.folder, "export", "--user", known.user).count("words of ann") == 4
    told = data(killable.folder, "erase", "--user", known.user)
    assert "4 rows" in told  # both messages, the yes and its date
    assert "answered" not in told
    assert known.user not in data(killable.folder, "list")
    after = json.loads(data(killable.folder, "export", "--user", known.user))["store"]
    assert after["deliveries"] == []
    killable.start()
    assert session.say("words of ann", id="m1").status_code == 409
    assert killable.noted("asked") == ["words of ann"] * 2


def test_what_was_answered_is_gone_when_the_erasure_is_acknowledged(killable: Any, api: Make) -> None:
    session = api(killable)
    session.say("words of ann", id="m1")
    assert len(kept(session)) == 1
    assert session.web.delete("/api/me").status_code == 204
    killable.kill()
    store = SQLiteStore(killable.folder / "store.sqlite")
    assert store.users() == []
    store.close()
    killable.start()
    assert kept(session) == []
    assert session.say("words of ann", id="m1").status_code == 409


def test_a_turn_that_runs_ends_with_an_erasure_and_leaves_nothing(killable: Any, api: Make) -> None:
    session = api(killable)
    asking = running(session, killable, "slow words", "m1")
    assert session.web.delete("/api/me").status_code == 204
    assert kept(session) == []
    asking.join()
    killable.kill()
    killable.start()
    assert killable.noted("asked") == ["slow words"]  # it is not answered by the next server


def test_a_no_takes_answers_that_were_not_acknowledged(killable: Any, api: Make) -> None:
    session = api(killable)
    session.web.post("/api/consent", json={"granted": True})
    session.say("words of ann", id="m1")
    assert session.web.post("/api/consent", json={"granted": False}).status_code == 204
    assert kept(session) == []
    assert session.say("words of ann", id="m1").status_code == 409
    assert session.web.get("/api/events", params={"follow": False}).text.count("words of ann") == 0


async def test_a_no_over_a_socket_takes_answers_that_were_not_acknowledged(killable: Any, client: Make) -> None:
    socket = await client(killable, "a-visitor-with-a-cookie")
    await socket.hello()
    await socket.say("words of ann", "m1")
    await socket.send("consent", granted=False)
    await socket.until("erased")
    assert [frame["type"] for frame in await socket.say("words of ann", "m1")] == ["done"]


def test_a_no_within_a_turn_takes_what_the_user_had_not_acknowledged(killable: Any, api: Make) -> None:
    session = api(killable)
    session.say("words of ann", id="m1")
    user = session.web.get("/api/me").json()["user"]
    assert session.web.post("/api/turn", json={"text": "hi", "user": user, "consent": False}).status_code == 200
    assert session.say("words of ann", id="m1").status_code == 409


def test_a_message_that_is_answered_while_its_user_says_no_is_answered_once_and_not_kept(
    killable: Any, api: Make
) -> None:
    session = api(killable)
    asking = running(session, killable, "slow words", "m1")
    session.web.post("/api/consent", json={"granted": False})
    assert kept(session) == []
    killable.let(2)
    assert session.say("slow words", id="m1").json()["reply"]["text"] == "slow words "
    asking.join()
    assert killable.noted("asked") == ["slow words"]
    assert kept(session) == []
