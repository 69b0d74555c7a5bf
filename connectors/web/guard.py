"""What stands around every request: the limit of its body, the headers of its answer, and which pages may ask.

Knows paths, sizes and origins; does not know what is asked for. Requests that change something and come from a page of
another host are refused unless the persona allows that origin (cross-site request forgery); allowed pages get the
headers that let them read the answer (CORS, https://fetch.spec.whatwg.org/#http-cors-protocol).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Packet

from .media import MEDIA_BYTES
from .problems import problem

JSON_BYTES = 64 * 1024
SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
METHODS = "GET, POST, DELETE"
HEADERS = "Authorization, Content-Type, Last-Event-ID, Idempotency-Key"
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self' ws: wss:; worker-src 'self' blob:; frame-ancestors 'self'; base-uri 'none'; form-action 'self'"
)
CSP = "Content-Security-Policy"
QUIET = 10.0  # seconds


def framed_by(origins: Collection[str]) -> str:
    """Return the policy of a page that some origins may embed."""
    return POLICY.replace("frame-ancestors 'self'", " ".join(["frame-ancestors 'self'", *origins]))


def most_bytes(path: str) -> int:
    """Return how large the body of a request may be."""
    if path.endswith("/media") or path.startswith("/v1/audio/transcriptions"):
        return 2 * MEDIA_BYTES
    return 4 * MEDIA_BYTES if path == "/v1/chat/completions" else JSON_BYTES


def most_seconds(path: str) -> float:
    """Return how long the body of a request may take to arrive."""
    return 15.0 if most_bytes(path) == JSON_BYTES else 180.0


class Guard:
    """Be the outermost part of the application; `origins` tells which pages may use a path.

    A body must come in the time for its path, and no two parts of it further apart than QUIET seconds.
    """

    def __init__(self, app: ASGIApp, origins: Callable[[str], Collection[str]]) -> None:
        self.app, self._origins = app, origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path, headers = str(scope["path"]), Headers(scope=scope)
        left = most_bytes(path)
        origin = headers.get("origin", "").lower()
        own = not origin or origin.split("://", 1)[-1] == headers.get("host", "").lower()
        allowed = bool(origin) and not own and origin in self._origins(path)

        announced = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        loop = asyncio.get_running_loop()
        until, arriving = loop.time() + most_seconds(path), True

        unread = scope["method"] in SAFE  # only a stream that waits for its client to go asks for such a body

        async def limited() -> Packet:
            nonlocal left, arriving
            if not arriving:
                return await receive()
            try:
                async with asyncio.timeout_at(min(until, loop.time() + QUIET)):
                    packet = await receive()
            except TimeoutError:
                if unread:
                    return {"type": "http.disconnect"}
                raise HTTPException(408, "The body of this request took too long.") from None
            left -= len(packet.get("body", b""))
            arriving = packet.get("more_body", False)
            if left < 0:
                if unread:
                    return {"type": "http.disconnect"}
                raise HTTPException(413, "The body of this request is too large.")
            return packet

        async def dressed(packet: Packet) -> None:
            if packet["type"] == "http.response.start":
                answer = MutableHeaders(scope=packet)
                answer.setdefault(CSP, POLICY)
                answer["X-Content-Type-Options"] = "nosniff"
                answer["Referrer-Policy"] = "no-referrer"
                answer.setdefault("Cache-Control", "no-cache")  # the page and its parts change together
                if arriving and announced:
                    answer["Connection"] = "close"  # what still comes in is not waited for
                if origin and not own:
                    answer.add_vary_header("Origin")
                if allowed:
                    answer["Access-Control-Allow-Origin"] = origin
            await send(packet)

        if scope["method"] == "OPTIONS" and origin and "access-control-request-method" in headers:
            await _preflight(allowed or own)(scope, receive, dressed)
        elif scope["method"] not in SAFE and not own and not allowed:
            words = "This page is not among the origins that the persona allows; add it under connectors.web.origins."
            await problem(path, 403, "wrong_origin", words)(scope, receive, dressed)
        elif (length := headers.get("content-length", "")).isdigit() and int(length[:19]) > left:
            words = "The body of this request is too large."
            await problem(path, 413, "content_too_large", words)(scope, receive, dressed)
        else:
            await self.app(scope, limited, dressed)


def _preflight(allowed: bool) -> Response:
    if not allowed:
        return Response(status_code=403)
    told = {
        "Access-Control-Allow-Methods": METHODS,
        "Access-Control-Allow-Headers": HEADERS,
        "Access-Control-Max-Age": "600",
    }
    return Response(status_code=204, headers=told)
