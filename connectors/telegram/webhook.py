"""The HTTP end to which Telegram posts updates: an ASGI application that believes nobody without the secret.

Knows neither bots nor messages: what is in an update is for the function it is given. Telegram takes any status but
2xx as a wish to get the update again.
"""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from ...core.contracts import ASGI
from ...core.errors import PersonacError

log = logging.getLogger("personac.telegram")

BODY_BYTES = 1024 * 1024  # updates are a few kilobytes
HEADER = b"x-telegram-bot-api-secret-token"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


def make_app(secret: str, take: Callable[[dict[str, Any]], Awaitable[None]]) -> ASGI:
    """Return the application; without a secret it refuses everything.

    `take` is given each update as Telegram wrote it; when it returns, Telegram is told that the update arrived.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        await _answer(send, await _handle(scope, receive))

    async def _handle(scope: Scope, receive: Receive) -> int:
        if scope["method"] != "POST":
            return 405
        headers = dict(scope["headers"])
        given = headers.get(HEADER, b"")
        if not secret or not hmac.compare_digest(given, secret.encode()):
            log.warning("a call of the webhook without the right secret token was refused")
            return 403
        if headers.get(b"content-type", b"").split(b";")[0].strip().lower() != b"application/json":
            return 415
        body = await _body(receive)
        if body is None:
            return 413
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            return 400
        if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
            return 400
        try:
            await take(update)
        except PersonacError as error:
            log.error("an update could not be taken, Telegram will send it again: %s", error)
            return 503
        return 200

    return app


async def _body(receive: Receive) -> bytes | None:
    """Return the body, None when it is too long or the caller went away."""
    pieces: list[bytes] = []
    size = 0
    while True:
        event = await receive()
        if event["type"] != "http.request":
            return None
        piece = event.get("body", b"")
        size += len(piece)
        if size > BODY_BYTES:
            return None
        pieces.append(piece)
        if not event.get("more_body"):
            return b"".join(pieces)


async def _answer(send: Send, status: int) -> None:
    headers = [(b"content-length", b"0")]
    if status == 405:
        headers.append((b"allow", b"POST"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
