"""The door for Slack's HTTP requests: what is too large, unsigned, old or malformed is refused before Bolt sees it.

Bolt checks the signature again; here it is checked on the raw bytes, so that nothing unsigned is ever decoded, parsed
or logged. Knows nothing of what a request asks for. The scheme is described at
https://docs.slack.dev/authentication/verifying-requests-from-slack.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

log = logging.getLogger("personac.slack")
BODY_BYTES = 1024 * 1024
BODY_SECONDS = 10.0
WINDOW_SECONDS = 300
PATH = "/slack/events"
_PATHS = ("", "/", "/events", PATH)
_TYPES = ("application/json", "application/x-www-form-urlencoded")
_DIGITS = re.compile(rb"\d{1,12}")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Refused(Exception):
    """A request that is not let in, with the HTTP status that says so."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


def signed(secret: str, timestamp: bytes, body: bytes, signature: bytes, now: float | None = None) -> bool:
    """Tell whether a request was signed with the secret, within five minutes of now (seconds since 1970)."""
    if not _DIGITS.fullmatch(timestamp):
        return False
    if abs((time.time() if now is None else now) - int(timestamp)) > WINDOW_SECONDS:
        return False
    own = hmac.new(secret.encode(), b"v0:" + timestamp + b":" + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(b"v0=" + own.encode(), signature)


class Gate:
    """Serve Slack's requests over ASGI, at the root or at `/events` of where it is mounted."""

    def __init__(self, secret: str, bolt: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        if not secret.strip():
            raise ValueError("a signing secret must not be empty")
        self._secret, self._bolt = secret, bolt

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            body = await self._admit(scope, receive)
        except Refused as refused:
            log.info("a request to Slack's door was refused: %s", refused.code)
            await _answer(send, refused.status, {"error": refused.code})
            return
        sent = False

        async def once() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def watched(packet: MutableMapping[str, Any]) -> None:
            nonlocal sent
            sent = True
            await send(packet)

        try:
            await self._bolt({**scope, "path": PATH, "root_path": ""}, once, watched)
        except (TypeError, AttributeError, LookupError, ValueError) as error:  # Bolt trusts the shape of what is signed
            if sent:
                raise
            log.warning("a signed request was malformed (%s)", type(error).__name__)
            await _answer(send, 400, {"error": "malformed"})

    async def _admit(self, scope: Scope, receive: Receive) -> bytes:
        if _below(scope) not in _PATHS:
            raise Refused(404, "not_found")
        if scope["method"] != "POST":
            raise Refused(405, "method_not_allowed")
        headers = {name.lower(): value for name, value in scope["headers"]}
        kind = headers.get(b"content-type", b"").split(b";")[0].strip().lower().decode("latin-1")
        if kind not in _TYPES:
            raise Refused(415, "unsupported_media_type")
        try:
            body = await asyncio.wait_for(_body(receive), BODY_SECONDS)
        except TimeoutError:
            raise Refused(408, "request_timeout") from None
        stamp, signature = headers.get(b"x-slack-request-timestamp", b""), headers.get(b"x-slack-signature", b"")
        if not signed(self._secret, stamp, body, signature):
            raise Refused(401, "invalid_signature")
        _check_shape(body, kind)
        return body


def _below(scope: Scope) -> str:
    """Return the path below the place where the application is mounted."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return path[len(root) :] if root and path.startswith(root) else path


async def _body(receive: Receive) -> bytes:
    chunks = bytearray()
    while True:
        packet = await receive()
        if packet["type"] != "http.request":
            raise Refused(400, "cut_off")
        chunks += packet.get("body", b"")
        if len(chunks) > BODY_BYTES:
            raise Refused(413, "too_large")
        if not packet.get("more_body", False):
            return bytes(chunks)


def _check_shape(body: bytes, kind: str) -> None:
    """Raise Refused unless a body is UTF-8 and of one of the shapes that Slack sends."""
    try:
        text = body.decode("utf-8")
        if kind == _TYPES[0] or text.startswith("{"):
            payload: Any = json.loads(text)
        else:
            form = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=200))
            payload = json.loads(form["payload"]) if "payload" in form else form
    except (ValueError, RecursionError):
        raise Refused(400, "malformed") from None
    if not isinstance(payload, dict):
        raise Refused(400, "malformed")
    for key, kinds in _SHAPES.items():
        if key in payload and not isinstance(payload[key], kinds):
            raise Refused(400, "malformed")
    for key in ("authorizations", "actions"):
        if any(not isinstance(item, dict) for item in payload.get(key) or ()):
            raise Refused(400, "malformed")


_SHAPES: dict[str, type | tuple[type, ...]] = {
    "event": dict,
    "authorizations": (list, type(None)),
    "actions": (list, type(None)),
    "type": str,
    "team": (dict, str, type(None)),
    "user": (dict, str, type(None)),
    "channel": (dict, str, type(None)),
    "message": dict,
    "view": (dict, type(None)),
    "container": dict,
}


async def _answer(send: Send, status: int, content: dict[str, Any]) -> None:
    body = json.dumps(content).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
