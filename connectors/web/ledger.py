"""What is written down of a web message, so that a crash loses nothing and a message sent again is answered once.

Knows the desk of one persona, or none: then nothing outlives the process. Does not know sockets or turns. An answer
stays on the desk until its reader has told that it arrived, or some minutes have gone by.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from typing import Literal

from ...core.contracts import Desk
from ...core.message import CALL, Answer, Incoming, Media, Reply
from .protocol import BadFrame, Request, TooFast

CHANNEL = "web"
KEPT = 300.0  # seconds that an answer waits for its reader to come back


class Ledger:
    """Keep the messages of one persona's web channel."""

    def __init__(self, desk: Desk | None) -> None:
        self._desk = desk
        self._closing: dict[str, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._frozen = False

    def check(self, text: str, media: Sequence[Media] = (), id: str = "") -> None:
        """Hold a message to the persona's limits of length and size; raise BadFrame."""
        size = sum(len(item.data) for item in media)
        if self._desk is not None and (sentence := self._desk.too_long(len(text), size, "")):
            raise BadFrame("too_long", sentence, id)

    @contextmanager
    def place(self, user: str, conversation: str) -> Iterator[None]:
        """Hold a turn that is not written down to the persona's limits while the block runs; raise TooFast."""
        if self._desk is None:
            yield
            return
        with self._desk.place(user, conversation) as receipt:
            if not receipt:
                raise TooFast(receipt.wait)
            yield

    async def take(
        self, conversation: str, user: str, request: Request, media: tuple[Media, ...] = ()
    ) -> Reply | Literal["closed"] | None:
        """Write a message down; None when its turn must run now, else the answer that it got, or that it is over.

        Raise BadFrame for a message over the persona's limits.
        """
        if self._desk is None or not request.id:
            return None
        self.check(request.text, media, request.id)
        payload = {"text": request.text, "media": list(request.media), "speak": request.speak, "id": request.id}
        key = _key(conversation, request.id)
        receipt = await self._desk.take(Incoming(CHANNEL, key, conversation, user, payload), run=False)
        if receipt:
            return None
        if receipt.limit is not None:
            raise TooFast(receipt.wait, request.id)
        known = await self._desk.known(key)
        if known is None or known.state == "received":
            return None
        return known.answer.reply if known.answer is not None else "closed"

    def calls(self, begin: Callable[[Incoming, Request], None]) -> None:
        """Hear of what is due: `begin` runs its turn, when nobody has yet."""
        desk = self._desk
        if desk is None:
            return

        async def take(incoming: Incoming) -> None:
            payload = {"id": incoming.key, CALL: incoming.payload[CALL]}
            taken = replace(incoming, key=_key(incoming.conversation, incoming.key), payload=payload)
            if await desk.take(taken, run=False, counted=False):
                begin(taken, _request(taken))

        desk.calls(take)

    def turn(self, conversation: str, user: str, request: Request) -> AbstractContextManager[None]:
        """Hold what the turn of a message records until its answer is written."""
        if self._desk is None or not request.id:
            return nullcontext()
        return self._desk.turn(Incoming(CHANNEL, _key(conversation, request.id), conversation, user))

    async def answered(self, conversation: str, id: str, answer: Answer) -> None:
        """Write an answer down before it is shown."""
        if self._desk is None or not id:
            return
        key = _key(conversation, id)
        await self._desk.answered(key, answer)
        self._closing[key] = asyncio.get_running_loop().call_later(KEPT, self.close_soon, conversation, id)

    async def close(self, conversation: str, id: str) -> None:
        """Delete what was written of a message."""
        if self._desk is None or not id:
            return
        key = _key(conversation, id)
        if timer := self._closing.pop(key, None):
            timer.cancel()
        await self._desk.sent(key)

    def close_soon(self, conversation: str, id: str) -> None:
        """Delete what was written of a message, without waiting for it."""
        if self._desk is not None and id and not self._frozen:
            task = asyncio.get_running_loop().create_task(self.close(conversation, id))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def left_over(self) -> list[tuple[Incoming, Request]]:
        """Return what an earlier process had taken and not answered; its answers wait for their readers once more."""
        found: list[tuple[Incoming, Request]] = []
        for incoming in await self._desk.pending() if self._desk is not None else []:
            payload = incoming.payload
            id = str(payload.get("id", ""))
            known = await self._desk.known(incoming.key) if self._desk is not None else None
            if known is not None and known.answer is not None:
                later = asyncio.get_running_loop().call_later(KEPT, self.close_soon, incoming.conversation, id)
                self._closing[incoming.key] = later
                continue
            found.append((incoming, _request(incoming)))
        return found

    def freeze(self) -> None:
        """Delete nothing any more: the server ends, and what it leaves is for the next process."""
        self._frozen = True

    async def end(self) -> None:
        """Let go of the timers, and finish what is being deleted."""
        for timer in self._closing.values():
            timer.cancel()
        self._closing.clear()
        if self._tasks:
            await asyncio.wait(self._tasks)


def _request(incoming: Incoming) -> Request:
    """Return the request that was written down; its words are not spoken, for nobody may be there."""
    payload = incoming.payload
    id, text, media = str(payload.get("id", "")), str(payload.get("text", "")), tuple(payload.get("media", ()))
    return Request("message", id, text, media, speak=False, call=incoming.call)


def _key(conversation: str, id: str) -> str:
    return f"{conversation}/{id}"
