"""Servers that are none, stall, lie or flood; settings and domains that do not fit. rasa-sdk is not needed here."""

from __future__ import annotations

import asyncio
import json
import threading
import time
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from personac.core.errors import ExtensionInvalid, SettingsInvalid
from personac.core.hosting.host import Host
from personac.core.hosting.isolated import isolate
from personac.core.persona.plugin_use import PluginUse
from personac.core.plugin import Place, SkillContext
from personac.core.testing.skills import SkillClient, SkillFailed
from personac.plugins.rasa import Rasa
from personac.plugins.rasa.domain import Domain

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


class Server(ThreadingHTTPServer):
    """Answer a webhook with what a test says."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[tuple[int, bytes]] = []
        self.calls: list[dict[str, Any]] = []
        self.headers: list[Any] = []
        self.seconds = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/webhook"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        known = self.path.startswith("/actions")
        body = json.dumps([{"name": "action_x"}]).encode() if known else PNG
        self._send(200, body, "application/json" if known else "image/png")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers.get("content-encoding") == "deflate":
            body = zlib.decompress(body)
        self.server.calls.append(json.loads(body))
        self.server.headers.append(self.headers)
        time.sleep(self.server.seconds)
        self._send(*self.server.answers.pop(0), "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            pass


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


def said(*responses: dict[str, Any], events: Any = ()) -> tuple[int, bytes]:
    return 200, json.dumps({"events": list(events), "responses": list(responses)}).encode()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((200, b"<html>"), "no JSON"),
        ((200, b"[" * 100_000), "no JSON"),
        ((200, b"null"), "answered with nothing"),
        ((200, b"[]"), "a list"),
        ((200, b'{"events": {}, "responses": []}'), "must be lists"),
        ((200, b'{"events": ["slot"], "responses": []}'), "known are"),
        ((200, b'{"events": [], "responses": ["hello"]}'), "a response that is a str"),
        ((200, b'{"events": [], "responses": [{"buttons": ["x"]}]}'), "no list of objects"),
        ((200, b'{"events": [{"event": "slot", "name": "x", "value": 1}], "responses": [3]}'), "a response that is"),
        (
            (200, b'{"events": [{"event": "reminder", "intent": "a", "date_time": "soon"}], "responses": []}'),
            "expected ISO 8601",
        ),
        ((200, b" " * 10_000_000), "more than 1000000 bytes"),
        ((404, b'{"error": "no", "action_name": "action_x"}'), "has no action action_x"),
        ((404, b"nginx"), "is no action server"),
        ((449, b'{"error": "domain", "action_name": "action_x"}'), "wants the domain"),
        ((500, b'{"error": "boom", "request_body": {}}'), r"failed at .*\(500\): boom"),
        ((401, b"token"), "token"),
        ((302, b""), r"\(302\)"),
    ],
)  # fmt: skip
async def test_a_bad_answer_is_told_to_the_operator(server: Server, answer: tuple[int, bytes], told: str) -> None:
    async with SkillClient(Rasa, url=server.url) as client:
        server.answers = [answer]
        with pytest.raises(SkillFailed, match=told):
            await client.call("action_x")
        assert not client.kept


async def test_a_server_that_stalls_is_given_up(server: Server) -> None:
    server.seconds = 5.0
    server.answers = [said()]
    async with SkillClient(Rasa, url=server.url, seconds=0.2) as client:
        with pytest.raises(SkillFailed, match=r"more than 0\.2 s"):
            await client.call("action_x")


async def test_a_server_that_is_gone_fails_the_turn_only() -> None:
    async with SkillClient(Rasa, url="http://127.0.0.1:1/webhook", allow=("action_x",)) as client:
        with pytest.raises(SkillFailed, match="cannot be reached"):
            await client.call("action_x")
    with pytest.raises(ExtensionInvalid, match="name the actions under `allow:`"):
        SkillClient(Rasa, url="http://127.0.0.1:1/webhook")


async def test_the_domain_is_sent_to_a_server_that_asks(server: Server) -> None:
    server.answers = [(449, b'{"error": "domain", "action_name": "action_x"}'), said({"text": "Good."}), said()]
    async with SkillClient(Rasa, url=server.url, domain={"slots": {"a": {}}}, domain_when_asked=True) as client:
        result = await client.call("action_x")
        assert result is not None
        assert result.text == "Good."
        await client.call("action_x")
    first, second, third = server.calls
    assert "domain" not in first
    assert "domain" not in third
    assert second["domain"]["slots"] == {"a": {}}
    assert first["domain_digest"] == second["domain_digest"]


async def test_requests_have_what_endpoints_yml_would_give_them(server: Server) -> None:
    server.answers = [said()]
    settings = {"headers": {"X-Team": "bots"}, "token": "t0", "deflate": True}
    async with SkillClient(Rasa, url=server.url, **settings) as client:
        await client.call("action_x", "hello", user="somebody", colour={"id": "red", "name": "Red"}, n={"value": 3})
    assert server.headers[0]["x-team"] == "bots"
    assert server.headers[0]["content-encoding"] == "deflate"
    call = server.calls[0]
    assert set(call) == {"next_action", "sender_id", "tracker", "domain", "version", "domain_digest"}
    tracker = call["tracker"]
    assert tracker["slots"] == {"colour": "red", "n": 3}
    assert tracker["latest_message"]["entities"][0] == {"entity": "colour", "value": "red", "extractor": "personac"}
    assert [event["event"] for event in tracker["events"]] == ["action", "user", "slot", "slot"]
    assert tracker["active_loop"] == {}


async def test_pictures_come_from_hosts_that_are_named_only(server: Server) -> None:
    elsewhere = "http://10.0.0.1/picture.png"
    own = server.url.replace("/webhook", "/picture.png")
    data = "data:image/png;base64,iVBORw0KGgo="
    server.answers = [said({"image": own}, {"image": elsewhere}, {"image": data}, {"image": "file:///etc/passwd"})]
    async with SkillClient(Rasa, url=server.url) as client:
        result = await client.call("action_x")
        assert result is not None
        assert [m.data[:4] for m in result.media] == [b"\x89PNG", b"\x89PNG"]
        assert result.text == elsewhere


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ({}, "either `actions:`"),
        ({"actions": "a", "url": "http://x/webhook"}, "either `actions:`"),
        ({"url": "http://x/webhook", "python": "python3"}, "`python:` runs a package"),
        ({"url": "ftp://x"}, "write https://HOST/webhook"),
        ({"actions": "a/b.py"}, "is a module"),
        ({"actions": "a", "unknown": 1}, "unknown"),
        ({"actions": "a", "seconds": 0}, "seconds"),
    ],
)
def test_settings_that_do_not_fit_say_what_would(written: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsInvalid, match=told):
        SkillClient(Rasa, **written)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("slots: [a]", "`slots` is a list"),
        ("a", "holds no keys"),
        ("slots: {a: !!python/object/apply:os.system [ls]}", "no YAML"),
        ("a: [", "no YAML"),
        ("forms: {f: {required_slots: nothing}}", "no list of slots"),
    ],
)
def test_a_domain_that_does_not_fit_says_so(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "domain.yml").write_text(text, "utf-8")
    with pytest.raises(SettingsInvalid, match=told):
        Domain.read(str(tmp_path))
    with pytest.raises(SettingsInvalid, match="cannot be read"):
        Domain.read(str(tmp_path / "none.yml"))


def test_a_domain_may_lie_in_several_files_of_yaml_1_2(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("slots: {yes: {initial_value: no}}\nactions: [action_a]", "utf-8")
    (tmp_path / "b.yml").write_text(
        "slots: {b: {initial_value: true}}\nactions: [action_b: {send_domain: true}]", "utf-8"
    )
    domain = Domain.read(str(tmp_path))
    assert domain.initial() == {"yes": "no", "b": True}
    assert domain.actions == {"action_a", "action_b"}


async def test_a_long_conversation_is_kept_in_little(server: Server) -> None:
    async with SkillClient(Rasa, url=server.url) as client:
        for number in range(60):
            server.answers = [
                said({"text": "x" * 2000}, events=[{"event": "slot", "name": f"n{number % 5}", "value": number}])
            ]
            await client.call("action_x", "y" * 500)
        assert len(json.dumps(client.kept)) < 18_000
        assert server.calls[-1]["tracker"]["slots"] == {"n0": 55, "n1": 56, "n2": 57, "n3": 58, "n4": 54}


async def test_an_isolated_plugin_calls_a_server(server: Server, tmp_path: Path) -> None:
    use = PluginUse("rasa", {}, None, True)
    settings = {"url": server.url, "domain": {"slots": {"a": {}}}}
    loaded = await asyncio.to_thread(isolate, use, settings, Place(tmp_path, tmp_path))
    host = Host({"rasa": loaded})
    kept: Any = {}
    try:
        for number in (1, 2):
            server.answers = [said({"text": "Good."}, events=[{"event": "slot", "name": "a", "value": number}])]
            context = SkillContext("hi", "en", "x", {}, conversation="c", kept=kept)
            outcome = await host.run("rasa.action_x", context)
            assert outcome.result is not None, outcome.error
            assert outcome.result.text == "Good."
            kept = outcome.result.keep
    finally:
        host.close()
    assert server.calls[1]["tracker"]["slots"] == {"a": 1}
