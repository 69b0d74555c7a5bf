"""A conversation for one HTTP request: its frames as Server-Sent Events, or the one answer that is waited for.

The stream follows https://html.spec.whatwg.org/multipage/server-sent-events.html: each event's id is its position, so
a client that reconnects with Last-Event-ID misses nothing. Does not know what a bot does.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

from ...core.errors import BadInput, PersonacError
from .replies import ReplyModel
from .shapes import Answered
from .talks import Talk

BEATS = 15.0  # seconds between two signs of life on a quiet stream
QUEUE = 1000  # frames that a slow reader may be behind


class Queue:
    """Hold the frames that a stream or a waiting request has not read yet; a Listener."""

    def __init__(self) -> None:
        self._frames: asyncio.Queue[dict[str, Any]] = asyncio.Queue(QUEUE)

    async def push(self, text: str, payload: bytes | None = None) -> None:
        """Take a frame, its bytes as base64; the oldest is dropped for a reader that is far behind."""
        frame = json.loads(text)
        if payload is not None:
            frame["data"] = base64.b64encode(payload).decode()
        if self._frames.full():
            self._frames.get_nowait()
        self._frames.put_nowait(frame)

    async def next(self, seconds: float | None = None) -> dict[str, Any] | None:
        """Return the next frame; None when none came in time."""
        try:
            async with asyncio.timeout(seconds):
                return await self._frames.get()
        except TimeoutError:
            return None


async def whole(talk: Talk, queue: Queue, id: str) -> Answered:
    """Wait for the answer to one message; raise BadInput with what went wrong with it."""
    while True:
        frame = await queue.next()
        if frame is None or frame.get("id") != id:
            continue
        if frame["type"] == "reply":
            return Answered(id=id, conversation=talk.conversation, reply=ReplyModel.model_validate(frame["reply"]))
        if frame["type"] == "error":
            if frame["code"] in ("unavailable", "failed"):
                raise PersonacError(frame["message"])
            raise BadInput(frame["code"], frame["message"])
        if frame["type"] == "done":
            raise BadInput("stopped", "That message was stopped before it was answered, or its answer is gone.")


async def stream(talk: Talk, queue: Queue, id: str | None, *, follow: bool = True) -> AsyncIterator[str]:
    """Yield the frames of a conversation, of one message until it is done, as Server-Sent Events."""
    try:
        yield ": hello\n\n"
        while True:
            frame = await queue.next(BEATS if follow else 0)
            if frame is None:
                if not follow:
                    return
                yield ": still here\n\n"
                continue
            if id is not None and frame.get("id") != id:
                continue
            at = frame.pop("at", "")
            place = f"id: {at}\n" if at else ""
            yield f"{place}event: {frame['type']}\ndata: {json.dumps(frame, ensure_ascii=False)}\n\n"
            if id is not None and frame["type"] == "done":
                return
    finally:
        talk.leave(queue)
