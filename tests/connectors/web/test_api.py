"""REST and Server-Sent Events for clients of one's own, and their description."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from personac.connectors.web.app import make_app
from personac.core.errors import Unavailable
from personac.core.message import Reply

KEY = "a-key-of-the-persona"
ORIGIN = "https://shop.example"
Make = Callable[..., Any]


def unwritable(user: str, granted: bool, language: str = "") -> str:
    raise Unavailable("that could not be written down")


def events_of(text: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Return (id, event, data) of a stream of events."""
    found = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if lines:
            found.append((lines.get("id", ""), lines["event"], json.loads(lines["data"])))
    return found


def test_a_session_says_something_and_is_answered(serve: Make, script: Make, api: Make, reply_keys: set[str]) -> None:
    with serve(script()) as server:
        own = api(server)
        told = own.say("hello").json()
        assert told["reply"]["text"] == "hello"
        assert set(told["reply"]) == reply_keys
        assert told["conversation"] == own.session["conversation"]


def test_a_message_that_is_sent_again_is_answered_once(serve: Make, script: Make, api: Make) -> None:
    bot = script()
    with serve(bot) as server:
        own = api(server)
        first, second = own.say("hello", id="m1"), own.say("hello", id="m1")
        assert first.json() == second.json()
        assert [message.text for message in bot.asked] == ["hello"]


def test_who_asks_again_while_the_voice_still_comes_need_not_wait_for_its_end(
    serve: Make, script: Make, api: Make
) -> None:
    bot = script()
    with serve(bot) as server:
        own = api(server)
        message, stream = {"text": "talk", "id": "m1", "speak": True}, {"Accept": "text/event-stream"}
        with own.web.stream("POST", "/api/messages", json=message, headers=stream) as answer:
            lines = answer.iter_lines()  # held, for the stream ends with it
            while next(lines) != "event: sound":
                pass
            assert own.say("talk", id="m1").json()["reply"]["text"] == "talk"
            assert bot.ended == []
        assert len(bot.asked) == 1


def test_the_words_come_one_by_one_where_a_stream_is_asked_for(serve: Make, script: Make, api: Make) -> None:
    bot = script()
    bot.go.release()
    with serve(bot) as server:
        own = api(server)
        seen: list[str] = []
        with own.web.stream(
            "POST", "/api/messages", json={"text": "slow one two", "id": "m1"}, headers={"Accept": "text/event-stream"}
        ) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            for line in answer.iter_lines():
                if line.startswith("data: ") and "delta" in line:
                    seen.append(json.loads(line[6:])["delta"])
                    bot.go.release()
        assert seen == ["slow ", "one ", "two"]


def test_a_stream_goes_on_after_the_event_that_was_seen_last(serve: Make, script: Make, api: Make) -> None:
    bot = script()
    bot.go.release(3)
    with serve(bot) as server:
        own = api(server)
        own.say("slow one two", id="m1")
        own.say("three", id="m2")
        everything = events_of(
            own.web.get("/api/events", params={"follow": False}, headers={"Last-Event-ID": "0-0"}).text
        )
        assert everything == []  # a position that is not known: nothing runs, so there is nothing to tell
        own.say("last", id="m3")
        start = own.web.post("/api/messages", json={"text": "x", "id": "m4"}, headers={"Accept": "text/event-stream"})
        position = events_of(start.text)[0][0].rpartition("-")[0] + "-0"
        told = events_of(own.web.get("/api/events", params={"follow": False}, headers={"Last-Event-ID": position}).text)
        words = [data["delta"] for _, event, data in told if event == "text"]
        assert words == ["slow ", "one ", "two", "three", "last", "x"]
        middle = told[1][0]
        rest = events_of(own.web.get("/api/events", params={"follow": False}, headers={"Last-Event-ID": middle}).text)
        assert rest == told[2:]


async def test_who_follows_hears_what_is_said_elsewhere(serve: Make, script: Make, api: Make) -> None:
    with serve(script()) as server:
        own = api(server)
        async with (
            httpx.AsyncClient(base_url=server.base, headers=own.web.headers, timeout=30) as web,
            web.stream("GET", "/api/events") as stream,
        ):
            lines: AsyncIterator[str] = stream.aiter_lines()
            assert await anext(lines) == ": hello"
            await asyncio.to_thread(own.say, "hello", id="m1")
            async for line in lines:
                if line == "event: done":
                    break


def test_a_conversation_is_its_session_s_own(serve: Make, script: Make, api: Make) -> None:
    with serve(script()) as server:
        ann, eve = api(server), api(server)
        name = ann.session["conversation"]
        assert ann.say("hello", conversation=name).status_code == 200
        refused = eve.say("hello", conversation=name)
        assert (refused.status_code, refused.json()["code"]) == (404, "unknown_conversation")
        assert eve.web.get("/api/events", params={"conversation": name}).status_code == 404


@pytest.mark.parametrize("token", [" ", "nonsense", "v1.e30.AAAA", "v1.eyJ1IjoiYSJ9.", "é", "x" * 5000])
def test_a_token_that_nobody_signed_opens_nothing(serve: Make, script: Make, token: str) -> None:
    with serve(script()) as server:
        headers = {"Authorization": f"Bearer {token}".strip().encode("latin-1", "replace")}
        answer = httpx.post(f"{server.base}/api/messages", json={"text": "hi"}, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert not server.errors


def test_a_token_is_good_for_its_persona_and_outlives_a_restart_with_a_secret(serve: Make, script: Make) -> None:
    settings = {"ann": {"secret": "s" * 20}, "bob": {"secret": "s" * 20}}
    with serve(script("ann"), script("bob"), settings=settings) as server:
        token = httpx.post(f"{server.base}/p/ann/api/session", json={}).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    with serve(script("ann"), script("bob"), settings=settings) as server:
        assert httpx.get(f"{server.base}/p/ann/api/history", headers=headers).status_code == 200
        assert httpx.get(f"{server.base}/p/bob/api/history", headers=headers).status_code == 401


def test_consent_history_export_and_forgetting(serve: Make, script: Make, api: Make) -> None:
    bot = script()
    with serve(bot) as server:
        own = api(server)
        assert own.web.get("/api/history").json()["consent"] == "ask"
        assert own.web.post("/api/consent", json={"granted": True}).status_code == 204
        assert own.web.get("/api/history").json()["consent"] == "granted"
        assert own.web.get("/api/me").json()["turns"] == []
        page = own.web.get("/api/me/files/html", params={"language": "zh"})
        assert page.headers["content-disposition"] == 'attachment; filename="script.html"'
        assert page.text.endswith(" zh")
        assert own.web.get("/api/me/files/exe").status_code == 422
        assert own.web.delete("/api/me").status_code == 204


def test_an_erasure_that_fails_is_not_acknowledged(
    serve: Make, script: Make, api: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = script()
    monkeypatch.setattr(bot, "erase_and_tell", lambda user, language: Reply("That did not work.", language))
    with serve(bot) as server:
        failed = api(server).web.delete("/api/me")
        assert (failed.status_code, failed.json()["message"]) == (503, "That did not work.")


def test_a_turn_can_bring_what_its_user_has_decided(serve: Make, script: Make) -> None:
    bot = script()
    with serve(bot) as server:
        for consent in (None, True, False):
            body = {"text": "hello", "user": "ann", "consent": consent}
            assert httpx.post(f"{server.base}/api/turn", json=body).status_code == 200
            assert bot.agreed.get("ann") is consent
            assert bot.asked[-1].keep is (consent is not False)
        assert httpx.post(f"{server.base}/api/turn", json={"text": "x", "consent": "yes"}).status_code == 422


def test_a_session_needs_no_body(serve: Make, script: Make) -> None:
    with serve(script()) as server:
        for body in (
            {},
            {"json": {}},
            {"json": None},
            {"content": "null", "headers": {"Content-Type": "application/json"}},
        ):
            begun = httpx.post(f"{server.base}/api/session", **body)  # type: ignore[arg-type]
            assert (begun.status_code, set(begun.json())) == (200, {"token", "conversation", "expires"})


def test_a_wrong_field_is_always_named(serve: Make, script: Make) -> None:
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("/api/turn", {}, "`body`: "),
        ("/api/turn", {"json": []}, "`body`: "),
        ("/api/turn", {"json": {}}, "`text`: "),
        ("/api/session", {"json": {"user": 3}}, "`user`: "),
    ]
    with serve(script()) as server:
        for path, body, begins in wrong:
            told = httpx.post(f"{server.base}{path}", **body).json()
            assert (told["code"], told["message"][: len(begins)]) == ("wrong_field", begins)


def test_a_decision_that_cannot_be_written_down_is_told_as_a_sentence(serve: Make, script: Make, api: Make) -> None:
    bot = script()
    bot.set_consent = unwritable
    with serve(bot) as server:
        refused = api(server).web.post("/api/consent", json={"granted": True})
        assert (refused.status_code, refused.json()["message"]) == (503, "That could not be written down")


def test_what_a_bot_refuses_has_its_status(serve: Make, script: Make, api: Make) -> None:
    with serve(script()) as server:
        own = api(server)
        assert own.say("look", media=["nothing"]).status_code == 404
        assert (own.say("outage").status_code, own.say("break").status_code) == (503, 503)
        assert own.say("x" * 4001).status_code == 422


# who may come in


def test_nobody_comes_in_without_the_key_where_there_is_one(serve: Make, script: Make) -> None:
    with serve(script(), settings={"script": {"key": KEY}}) as server:
        for path, body in (("/api/session", {}), ("/api/turn", {"text": "hi"}), ("/api/messages", {"text": "hi"})):
            refused = httpx.post(server.base + path, json=body)
            assert (refused.status_code, refused.json()["code"]) == (401, "login_needed")
            wrong = httpx.post(server.base + path, json=body, headers={"Authorization": "Bearer wrong-key-here"})
            assert wrong.status_code == 401
        master = {"Authorization": f"Bearer {KEY}"}
        assert httpx.post(f"{server.base}/api/turn", json={"text": "hi"}, headers=master).status_code == 200
        session = httpx.post(f"{server.base}/api/session", json={"user": "ann"}, headers=master).json()
        own = {"Authorization": f"Bearer {session['token']}"}
        assert httpx.get(f"{server.base}/api/me", headers=own).json()["user"] == "ann"
        page = httpx.get(server.base)
        assert (page.status_code, page.headers["location"]) == (303, "login")


def test_only_the_key_names_the_user_of_a_session(serve: Make, script: Make) -> None:
    with serve(script()) as server:
        assert httpx.post(f"{server.base}/api/session", json={"user": "ann"}).status_code == 401


@pytest.mark.parametrize("path", ["/api/session", "/api/turn", "/media", "/v1/chat/completions", "/login"])
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://shop.example.evil.example"])
def test_a_page_of_another_host_changes_nothing(serve: Make, script: Make, path: str, origin: str) -> None:
    with serve(script(), settings={"script": {"origins": [ORIGIN]}}) as server:
        refused = httpx.post(server.base + path, json={}, headers={"Origin": origin})
        assert refused.status_code == 403
        assert "access-control-allow-origin" not in refused.headers


def test_a_page_that_is_allowed_may_ask_and_read(serve: Make, script: Make) -> None:
    with serve(script(), settings={"script": {"origins": [f"{ORIGIN}/"]}}) as server:
        wish = {
            "Origin": ORIGIN,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization",
        }
        before = httpx.options(f"{server.base}/api/session", headers=wish)
        assert before.status_code == 204
        assert "POST" in before.headers["access-control-allow-methods"]
        answer = httpx.post(f"{server.base}/api/session", json={}, headers={"Origin": ORIGIN})
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert "Origin" in answer.headers["vary"]
        assert "access-control-allow-credentials" not in answer.headers  # cookies are never sent along
        refused = httpx.options(f"{server.base}/api/session", headers={**wish, "Origin": "https://evil.example"})
        assert refused.status_code == 403


# its description


CHECKS = """
[parameters]
"query.follow" = false  # else a stream has no end

[[operations]]
include-name = "POST /v1/chat/completions"
checks.positive_data_acceptance.enabled = false  # that a picture's address must be a data URI, no schema can say
"""


def test_the_description_is_right(serve: Make, script: Make, api: Make, tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text(CHECKS)
    with serve(script(ready={"text": True, "speech": True})) as server:
        own = api(server)
        command = [
            "schemathesis", "run", f"{server.base}/openapi.json", "--phases", "coverage,fuzzing",
            "--max-examples", "4", "--seed", "5", "--generation-database", "none", "--request-timeout", "20",
            "-H", f"Authorization:Bearer {own.session['token']}",
        ]  # fmt: skip
        program = Path(sys.executable).parent / command[0]
        ran = subprocess.run([program, *command[1:]], cwd=tmp_path, capture_output=True, text=True, timeout=300)
        assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
        assert not [line for line in server.errors if "broken" not in line]


def test_a_wrong_method_is_told_with_the_right_ones(serve: Make, script: Make) -> None:
    with serve(script()) as server:
        for method, path, allowed in (
            ("PUT", "/api/me", "DELETE, GET"),
            ("GET", "/api/turn", "POST"),
            ("POST", "/v1/models/script", "GET"),
        ):
            refused = httpx.request(method, server.base + path)
            assert (refused.status_code, refused.headers["allow"]) == (405, allowed)
            assert "not " + method in refused.text


def test_the_description_names_every_path_with_its_refusals(serve: Make, script: Make) -> None:
    schema = make_app([script()]).openapi()
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            assert operation.get("summary"), (method, path)
            assert operation.get("description"), (method, path)
            for status, answer in operation["responses"].items():
                if status.startswith(("4", "5")):
                    model = answer["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
                    assert model == ("OpenAIProblem" if path.startswith("/v1/") else "Problem"), (path, status)
