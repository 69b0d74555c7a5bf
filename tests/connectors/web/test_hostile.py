"""Requests that are slow, large, deep, of another kind or not what they say: refused in order, others are served."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from personac.connectors.web import guard
from personac.connectors.web.listen import HEAD_BYTES, Listening
from personac.core.message import Profile

JSON = {"Content-Type": "application/json"}
MARKUP = """</script><script>alert(1)</script><img src=x onerror=alert(1)>"'--><svg/onload=alert(1)>"""
Make = Callable[..., Any]


def raw(server: Any, *parts: bytes, seconds: float = 0.0) -> bytes:
    """Send parts of a request, some seconds apart, and return all that comes until the server ends the connection."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
        try:
            for part in parts:
                line.sendall(part)
                time.sleep(seconds)
        except OSError:
            pass  # it was refused in the middle
        answer = b""
        try:
            while more := line.recv(65536):
                answer += more
        except ConnectionResetError:
            pass
        return answer


def head(path: str, length: int, kind: str = "application/json") -> bytes:
    """Return the head of a POST."""
    lines = (f"POST {path} HTTP/1.1", "Host: x", f"Content-Type: {kind}", f"Content-Length: {length}", "", "")
    return "\r\n".join(lines).encode()


@pytest.fixture(scope="module")
def plain(serve: Make, script: Make) -> Iterator[tuple[Any, str]]:
    """Serve, and return a session's token too."""
    with serve(script()) as server:
        yield server, "Bearer " + httpx.post(f"{server.base}/api/session", json={}).json()["token"]


@pytest.fixture
def impatient(serve: Make, script: Make, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Serve with little patience for what comes slowly."""
    monkeypatch.setattr(guard, "QUIET", 0.3)
    monkeypatch.setattr(guard, "most_seconds", lambda path: 1.0)
    monkeypatch.setattr(Listening, "head_seconds", 0.5)
    with serve(script()) as server:
        yield server
        assert httpx.post(f"{server.base}/api/turn", json={"text": "hi"}).json()["text"] == "hi"  # others are served
        assert not server.errors


@pytest.mark.parametrize(
    ("path", "kind", "begun"),
    [("/api/turn", "application/json", b"{"), ("/media", "image/png", b"\x89PNG"),
     ("/v1/chat/completions", "application/json", b"{"),
     ("/v1/audio/transcriptions", "multipart/form-data; boundary=b", b"--b\r\nContent-")],
)  # fmt: skip
def test_a_body_that_stops_coming_is_given_up(impatient: Any, path: str, kind: str, begun: bytes) -> None:
    answer = raw(impatient, head(path, 1000, kind), begun)
    assert b" 408 " in answer.split(b"\r\n")[0]
    assert b"took too long" in answer


@pytest.mark.parametrize("path", ["/health", "/nowhere"])
def test_a_body_that_nobody_wants_is_not_waited_for(impatient: Any, path: str) -> None:
    answer = raw(impatient, head(path, 1000), b"{")
    assert b" 40" in answer.split(b"\r\n")[0]
    assert b"connection: close" in answer.lower()


def test_a_body_that_trickles_is_given_up(impatient: Any) -> None:
    answer = raw(impatient, head("/api/turn", 1000), *[b" "] * 30, seconds=0.1)
    assert b" 408 " in answer.split(b"\r\n")[0]


@pytest.mark.parametrize("start", [b"", b"GET / HTT", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: 1"])
def test_a_head_that_never_ends_is_given_up(impatient: Any, start: bytes) -> None:
    assert raw(impatient, start) == b""


@pytest.mark.parametrize("start", [b"GET /" + b"a" * 70_000, b"GET / HTTP/1.1\r\nX-Long: " + b"a" * 70_000])
def test_a_head_that_is_too_large_is_refused(impatient: Any, start: bytes) -> None:
    assert len(start) > HEAD_BYTES
    assert b" 400 " in raw(impatient, start).split(b"\r\n")[0]


@pytest.mark.parametrize("path", ["/api/turn", "/api/session", "/v1/audio/speech", "/v1/chat/completions"])
def test_an_announced_body_that_is_too_large_is_refused_before_it_comes(impatient: Any, path: str) -> None:
    answer = raw(impatient, head(path, 10**9))
    assert b" 413 " in answer.split(b"\r\n")[0]
    assert b"too large" in answer


@pytest.mark.parametrize("path", ["/api/session", "/api/turn", "/api/messages", "/v1/chat/completions"])
@pytest.mark.parametrize(
    ("kind", "body"),
    [("text/plain", b'{"text": "hi"}'), ("application/x-www-form-urlencoded", b"text=hi"),
     ("application/json", b"[" * 60_000), ("application/json", b'{"a":' * 10_000 + b"1" + b"}" * 10_000),
     ("application/json", b'{"text": "\xff\xfe"}'), ("application/json", b"\x00" * 100),
     ("multipart/form-data", b"--\r\n")],
    ids=["text", "form", "deep list", "deep object", "no UTF-8", "zeros", "multipart"],
)  # fmt: skip
def test_a_body_of_another_kind_is_refused(plain: tuple[Any, str], path: str, kind: str, body: bytes) -> None:
    server, token = plain
    refused = httpx.post(server.base + path, content=body, headers={"Content-Type": kind, "Authorization": token})
    assert refused.status_code in (400, 415, 422)
    told = refused.json()
    assert len(json.dumps(told)) < 400
    assert (told["error"] if path.startswith("/v1") else told)["message"]
    assert not server.errors


def test_a_wrong_field_is_told_without_what_was_in_it(serve: Make, script: Make) -> None:
    with serve(script()) as server:
        refused = httpx.post(f"{server.base}/api/turn", json={"text": [MARKUP]})
        assert refused.headers["content-type"] == "application/json"
        assert "alert" not in refused.text


def test_a_body_that_is_no_json_is_told_so(serve: Make, script: Make) -> None:
    with serve(script()) as server:
        answer = httpx.post(f"{server.base}/api/turn", content='{"text": "hi', headers=JSON)
    assert (answer.status_code, answer.json()) == (422, {"code": "wrong_field", "message": "The body is no JSON."})


def test_names_with_markup_stay_text_wherever_they_are_told(serve: Make, script: Make) -> None:
    bot = script()
    bot.profile = Profile(MARKUP, "script", MARKUP, ("en",), {"en": MARKUP}, "implied", {}, False)
    with serve(bot) as server:
        for path in ("/widget.json", "/openapi.json", "/v1/models", "/v1/models/script"):
            told = httpx.get(server.base + path)
            assert told.headers["content-type"] == "application/json"
            assert told.headers["x-content-type-options"] == "nosniff"
        assert "<script>alert" not in httpx.get(server.base).text + httpx.get(f"{server.base}/embed").text
        missing = httpx.get(f"{server.base}/{MARKUP}")
        assert (missing.status_code, missing.headers["content-type"]) == (404, "application/json")


def test_an_address_with_markup_leads_nowhere(serve: Make, script: Make) -> None:
    settings = {"script": {"key": "a-key-of-the-persona"}}
    with serve(script(), settings=settings) as server:
        form = httpx.get(f"{server.base}/login", params={"again": MARKUP})
        assert "alert(" not in form.text
        away = httpx.post(f"{server.base}/login?next=https://evil.example", data={"key": "a-key-of-the-persona"})
        assert away.headers["location"] == "./"


def test_a_message_that_is_replayed_by_another_session_is_not_its_own(serve: Make, script: Make, api: Make) -> None:
    with serve(script()) as server:
        ann, eve = api(server), api(server)
        ann.say("my secret word", id="m1")
        replayed = eve.say("x", id="m1").json()
        assert replayed["reply"]["text"] == "x"
