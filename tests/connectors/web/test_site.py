"""What a real server serves over plain HTTP: the page and its files, locked down, and one turn as JSON."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from personac.connectors.web.app import STATIC
from personac.connectors.web.connector import WebConnector
from personac.core.errors import Unavailable

QUESTION = "how much cash can I take out in a day"
Make = Callable[..., Any]


def test_the_page_is_named_by_a_cookie_that_scripts_cannot_read(bank_server: Any) -> None:
    page = httpx.get(bank_server.base)
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "set-cookie" not in page.headers
    name = bank_server.base.rstrip("/") + "/name"
    answer = httpx.post(name)
    assert answer.status_code == 204
    cookie = answer.headers["set-cookie"]
    assert re.match(r"personac_user=[\w-]{24};", cookie)
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    again = httpx.post(name, headers={"Cookie": cookie.split(";")[0]})
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


def test_a_turn_over_http_has_the_stable_keys(bank_server: Any, reply_keys: set[str]) -> None:
    answer = httpx.post(f"{bank_server.base}/api/turn", json={"text": QUESTION}, timeout=30)
    assert answer.status_code == 200
    reply = answer.json()
    assert set(reply) == reply_keys
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
        assert (answer.status_code, answer.json()) == (503, {"code": "unavailable", "message": "The disk is full"})
        assert not server.errors


def test_what_the_page_says_it_needs_is_served_as_json(bank_server: Any) -> None:
    schema = json.loads(httpx.get(f"{bank_server.base}/openapi.json").text)
    assert "/api/turn" in schema["paths"]
