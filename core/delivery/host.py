"""The HTTP front of a server: webhooks of channels, health, readiness and measures, ahead of the pages.

Knows ASGI, paths and sizes, not platforms. A channel's app is given a body only when it is whole, within its size and
in time, so a slow or endless upload costs no more than its own connection.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any, Protocol, TypeAlias

from ..contracts import ASGI, Channel

BODY_SECONDS = 10.0
Scope: TypeAlias = MutableMapping[str, Any]
Packet: TypeAlias = MutableMapping[str, Any]


class Door(Protocol):
    """Tell who may see what is the operator's."""

    def admits(self, scope: MutableMapping[str, Any]) -> bool: ...

    def refusal(self) -> tuple[int, dict[str, Any], list[tuple[bytes, bytes]]]: ...


class Host:
    """Be the application of a server."""

    def __init__(
        self,
        site: ASGI,
        channels: Mapping[tuple[str, str], Channel],
        ready: Callable[[], tuple[bool, dict[str, Any]]],
        measures: Callable[[], tuple[str, bytes]],
        monitor: ASGI | None = None,
        door: Door | None = None,
    ) -> None:
        """Serve channels by (slug, name), the monitor and the server's own paths; all others are the site's.

        Measures are for whom `door` admits, for everybody without one.
        """
        self._door = door
        self._monitor = monitor
        self._site = site
        self._channels = channels
        self._ready = ready
        self._measures = measures

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Answer one request."""
        path = str(scope.get("path", ""))
        if scope["type"] == "http" and path in ("/health", "/ready", "/metrics"):
            await self._own(path, scope, send)
            return
        if self._monitor is not None and scope["type"] == "http" and f"{path}/".startswith("/monitor/"):
            await self._monitor(scope, receive, send)
            return
        parts = path.split("/", 4)
        if scope["type"] in ("http", "websocket") and len(parts) >= 4 and parts[1] == "p":
            channel = self._channels.get((parts[2], parts[3]))
            if channel is not None and channel.app is not None:
                await self._hand_on(channel, channel.app, scope, "/".join(parts[:4]), receive, send)
                return
        await self._site(scope, receive, send)

    async def _own(self, path: str, scope: Scope, send: Any) -> None:
        method = str(scope["method"])
        if method not in ("GET", "HEAD"):
            await respond(send, 405, {"code": "method_not_allowed", "message": "Only GET is served here."})
        elif path == "/metrics" and self._door is not None and not self._door.admits(scope):
            status, said, headers = self._door.refusal()
            await respond(send, status, said, more=headers)
        elif path == "/metrics":
            kind, text = self._measures()
            await respond(send, 200, text if method == "GET" else b"", kind)
        elif path == "/health":
            await respond(send, 200, {"status": "ok"})
        else:
            ready, told = self._ready()
            await respond(send, 200 if ready else 503, told)

    @staticmethod
    async def _hand_on(channel: Channel, app: ASGI, scope: Scope, prefix: str, receive: Any, send: Any) -> None:
        inner = {**scope, "root_path": str(scope.get("root_path", "")) + prefix}
        if scope["type"] == "websocket":
            await app(inner, receive, send)
            return
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _body(receive, _length(scope), channel.body_bytes)
        except TimeoutError:
            await respond(send, 408, {"code": "too_slow", "message": "The body of this request took too long."})
            return
        except OverflowError:
            await respond(send, 413, {"code": "too_large", "message": "The body of this request is too large."})
            return
        if body is None:
            return
        given = False

        async def whole() -> Packet:
            nonlocal given
            if given:
                return dict(await receive())
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await app(inner, whole, send)


async def _body(receive: Any, length: int, most: int) -> bytes | None:
    """Return the whole body, None when the client went; raise OverflowError as soon as it is too large."""
    if length > most:
        raise OverflowError
    body = bytearray()
    while True:
        packet = await receive()
        if packet["type"] == "http.disconnect":
            return None
        body += packet.get("body", b"")
        if len(body) > most:
            raise OverflowError
        if not packet.get("more_body", False):
            return bytes(body)


def _length(scope: Scope) -> int:
    values = [value for name, value in scope.get("headers", ()) if name == b"content-length"]
    return int(values[0]) if values and values[0].isdigit() else 0


async def respond(
    send: Any,
    status: int,
    said: dict[str, Any] | bytes,
    kind: str = "application/json",
    more: Sequence[tuple[bytes, bytes]] = (),
) -> None:
    """Send one answer over ASGI, with `more` headers."""
    body = said if isinstance(said, bytes) else json.dumps(said, ensure_ascii=False).encode()
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
