"""The front of a server: who is asked, how large a body may be, and how long it may take."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from personac.core.contracts import Channel
from personac.core.delivery import host
from personac.core.delivery.host import Host, respond


class Hook(Channel):
    """A channel that keeps what is posted to it."""

    body_bytes = 100

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.paths: list[tuple[str, str]] = []
        self.app = self._app

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        self.paths.append((scope["root_path"], scope["path"]))
        self.bodies.append((await receive())["body"])
        await respond(send, 200, {})


async def _site(scope: Any, receive: Any, send: Any) -> None:
    await respond(send, 404, {"code": "site"})


@pytest.fixture
def hook() -> Hook:
    return Hook()


Ask = Callable[..., Any]


@pytest.fixture
def ask(hook: Hook) -> Ask:
    """Return a function that makes a request of some parts, each after a pause, and returns status and answer."""
    ready = [True]
    served = Host(
        _site, {("ada", "hook"): hook}, lambda: (ready[0], {"ready": ready[0]}), lambda: ("text/plain", b"m 1")
    )

    async def request(
        path: str, *parts: bytes, method: str = "POST", pause: float = 0.0, length: int | None = None, up: bool = True
    ) -> tuple[int, bytes]:
        ready[0] = up
        waiting, got = list(parts or (b"",)), []

        async def receive() -> dict[str, Any]:
            await asyncio.sleep(pause)
            part = waiting.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(waiting)}

        async def send(packet: Any) -> None:
            got.append(packet)

        headers = [] if length is None else [(b"content-length", str(length).encode())]
        await served({"type": "http", "path": path, "method": method, "headers": headers}, receive, send)
        return got[0]["status"], got[1]["body"]

    return request


async def test_a_channel_gets_what_is_below_its_path_and_the_site_all_else(ask: Ask, hook: Hook) -> None:
    assert await ask("/p/ada/hook/events", b"a", b"b") == (200, b"{}")
    assert (hook.bodies, hook.paths) == ([b"ab"], [("/p/ada/hook", "/p/ada/hook/events")])
    for path in ("/p/ada/other/events", "/p/bob/hook/", "/p/ada", "/", "//p/ada/hook"):
        assert (await ask(path))[0] == 404
    assert len(hook.bodies) == 1


@pytest.mark.parametrize("length", [None, 50, 101], ids=["not told", "told wrongly", "told"])
async def test_a_body_over_the_limit_never_reaches_a_channel(ask: Ask, hook: Hook, length: int | None) -> None:
    status, answer = await ask("/p/ada/hook/", b"x" * 60, b"x" * 41, b"x" * 10**6, length=length)
    assert (status, json.loads(answer)["code"]) == (413, "too_large")
    assert hook.bodies == []


async def test_a_body_that_drips_is_not_waited_for(ask: Ask, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "BODY_SECONDS", 0.05)
    status, answer = await ask("/p/ada/hook/", *[b"x"] * 50, pause=0.01)
    assert (status, json.loads(answer)["code"]) == (408, "too_slow")
    assert hook.bodies == []


async def test_measures_are_for_whom_the_door_admits() -> None:
    class Door:
        def admits(self, scope: Any) -> bool:
            return (b"authorization", b"Bearer k") in scope["headers"]

        def refusal(self) -> tuple[int, dict[str, Any], list[tuple[bytes, bytes]]]:
            return 401, {"code": "not_for_you"}, [(b"www-authenticate", b"Basic")]

    ready = (True, dict[str, Any]())
    served = Host(_site, {}, lambda: ready, lambda: ("text/plain", b'signs{sign="risk:suicidal"} 1'), door=Door())
    for given, method, path, status in (
        (b"", "GET", "/metrics", 401), (b"Bearer x", "HEAD", "/metrics", 401), (b"Bearer k", "GET", "/metrics", 200),
        (b"", "GET", "/health", 200), (b"", "GET", "/ready", 200),
    ):  # fmt: skip
        got: list[Any] = []

        async def send(packet: Any, got: list[Any] = got) -> None:
            got.append(packet)

        scope = {"type": "http", "path": path, "method": method, "headers": [(b"authorization", given)]}
        await served(scope, None, send)
        assert got[0]["status"] == status
        assert (b"suicidal" in got[1]["body"]) == (path == "/metrics" and status == 200)
        assert (b"www-authenticate" in dict(got[0]["headers"])) == (status == 401)


async def test_health_readiness_and_measures_are_the_servers_own(ask: Ask) -> None:
    assert await ask("/health", method="GET") == (200, b'{"status": "ok"}')
    assert await ask("/metrics", method="GET") == (200, b"m 1")
    assert await ask("/metrics", method="HEAD") == (200, b"")
    assert (await ask("/ready", method="GET"))[0] == 200
    assert await ask("/ready", method="GET", up=False) == (503, b'{"ready": false}')
    assert (await ask("/health"))[0] == 405
