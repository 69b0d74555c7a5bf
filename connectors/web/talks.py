"""Conversations as they run: one turn at a time, each message answered once, its frames kept for who comes back.

Knows requests, frames and listeners; does not know whether a listener is a WebSocket, a stream of events or a waiting
HTTP request. A position is `NAME-NUMBER`: the conversation's log as this process keeps it, and a frame in it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol

from ...core.contracts import Bot
from ...core.errors import BadInput, PersonacError
from ...core.message import Answer, Event, Media, Message, Reply, Sound
from .ledger import Ledger
from .media import MediaShelf
from .protocol import BadFrame, Request, as_sentence, to_frame

log = logging.getLogger("personac.web")
WAITING = 8  # messages of one conversation that may wait for their turn
FRAMES = 400  # of a conversation that are kept for who comes back
ANSWERED = 64  # messages of a conversation whose answer is kept for who asks again
GRACE = 120.0  # seconds that a turn goes on with nobody listening


class Listener(Protocol):
    """Hear the frames of a conversation."""

    async def push(self, text: str, payload: bytes | None = None) -> None:
        """Take a text frame and the binary frame that follows it; never raise for one who has gone."""


class Talk:
    """Run one conversation."""

    def __init__(
        self,
        bot: Bot,
        shelf: MediaShelf,
        ledger: Ledger,
        conversation: str,
        user: str,
        settled: Callable[[str, Reply, Talk], Awaitable[None]],
    ) -> None:
        self.conversation, self.user, self.used = conversation, user, time.monotonic()
        self._bot, self._shelf, self._ledger, self._settled = bot, shelf, ledger, settled
        self._name, self._count = secrets.token_hex(4), 0
        self._log: deque[tuple[int, str, str]] = deque(maxlen=FRAMES)  # number, message id, frame
        self._known: OrderedDict[str, str] = OrderedDict()  # id → its reply, empty while it is made or was stopped
        self._open: dict[str, None] = {}  # ids that wait or run
        self._listeners: set[Listener] = set()
        self._waiting: asyncio.Queue[tuple[Request, tuple[Media, ...]]] = asyncio.Queue(WAITING)
        self._worker: asyncio.Task[None] | None = None
        self._turn: asyncio.Task[None] | None = None
        self._voicing = False  # the words are out, only the voice still comes
        self._lock = asyncio.Lock()  # frames reach all in one order
        self._alone: asyncio.TimerHandle | None = None

    @property
    def position(self) -> str:
        """Return the position of the newest frame."""
        return f"{self._name}-{self._count}"

    @property
    def idle(self) -> bool:
        """Return whether nobody is here and nothing goes on."""
        return not self._listeners and self._turn is None and self._waiting.empty()

    async def join(self, listener: Listener, since: str | None = None) -> None:
        """Let somebody hear all frames after a position; without a known one, those of turns that still run."""
        start = self._number(since)
        async with self._lock:
            for number, id, frame in list(self._log):
                if number > start if start is not None else id in self._open:
                    await listener.push(frame)
            self._listeners.add(listener)
        if self._alone is not None:
            self._alone.cancel()
            self._alone = None

    def knows(self, since: str | None) -> bool:
        """Return whether everything after a position can be told again."""
        return self._number(since) is not None

    def _number(self, position: str | None) -> int | None:
        name, _, digits = (position or "").rpartition("-")
        if name != self._name or not (digits.isascii() and digits.isdecimal()) or len(digits) > 12:
            return None
        number, oldest = int(digits), self._log[0][0] if self._log else self._count + 1
        return number if oldest - 1 <= number <= self._count else None

    def leave(self, listener: Listener) -> None:
        """Let somebody go; a voice that nobody hears ends, words go on for a while."""
        self._listeners.discard(listener)
        self.used = time.monotonic()
        if self._listeners or self._turn is None:
            return
        if self._voicing:
            self._turn.cancel()
        elif self._alone is None:
            self._alone = asyncio.get_running_loop().call_later(GRACE, self._give_up)

    def _give_up(self) -> None:
        self._alone = None
        if not self._listeners:
            self.cancel()

    async def ask(self, request: Request, media: tuple[Media, ...] = (), listener: Listener | None = None) -> None:
        """Take a message of a listener that has joined; one with a known id is not asked again, but told its answer.

        What is still open the listener hears as everybody does. Raise BadFrame when too many wait, or the message is
        over a limit.
        """
        self.used = time.monotonic()
        if request.id and request.id in self._known:
            if listener is not None and request.id not in self._open:
                await self._again(request.id, self._known[request.id], listener)
            return
        if self._waiting.full():
            raise BadFrame("too_fast", "One moment, please: I am still answering.", request.id)
        self._open[request.id] = None
        self._remember(request.id, "")
        try:
            earlier = await self._ledger.take(self.conversation, self.user, request, media)
            if earlier is not None:
                self._open.pop(request.id, None)
                frame = to_frame(earlier, request.id)[0] if isinstance(earlier, Reply) else ""
                self._remember(request.id, frame)
                if listener is not None:
                    await self._again(request.id, frame, listener)
                return
            self.begin(request, media)
        except BaseException:
            self._open.pop(request.id, None)
            self._known.pop(request.id, None)
            raise

    def begin(self, request: Request, media: tuple[Media, ...] = ()) -> None:
        """Let a message that is written down wait for its turn; raise BadFrame when too many do."""
        if self._turn is not None and self._voicing:
            self._turn.cancel()
        try:
            self._waiting.put_nowait((request, media))
        except asyncio.QueueFull:
            raise BadFrame("too_fast", "One moment, please: I am still answering.", request.id) from None
        self._open[request.id] = None
        self._remember(request.id, "")
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())

    @staticmethod
    async def _again(id: str, reply: str, listener: Listener) -> None:
        if reply:
            await listener.push(reply)
        await listener.push(_frame("done", id))

    async def got(self, id: str) -> None:
        """Hear that an answer has arrived; it is not kept for a crash any more."""
        if self._known.get(id):
            await self._ledger.close(self.conversation, id)

    def _remember(self, id: str, reply: str) -> None:
        if id:
            self._known[id] = reply
            self._known.move_to_end(id)
            while len(self._known) > ANSWERED:
                self._known.popitem(last=False)

    async def stop(self) -> None:
        """End the running turn and drop those that wait, each with its `done`."""
        dropped = [self._waiting.get_nowait()[0] for _ in range(self._waiting.qsize())]
        if self._turn is not None:
            self._turn.cancel()
            await asyncio.wait([self._turn])
        for request in dropped:
            await self._ledger.close(self.conversation, request.id)
            await self._done(request.id)

    def cancel(self) -> None:
        """End everything at once, with nobody told."""
        for task in (self._worker, self._turn):
            if task is not None:
                task.cancel()

    def forget(self) -> None:
        """Drop what was kept of the conversation, also what is written down of what is over; what runs stays known."""
        for id in self._known.keys() - self._open.keys():
            self._ledger.close_soon(self.conversation, id)
        self._log.clear()
        self._known = OrderedDict((id, "") for id in self._known if id in self._open)

    async def _work(self) -> None:
        while not self._waiting.empty():
            request, media = self._waiting.get_nowait()
            self._voicing = False
            self._turn = asyncio.create_task(self._answer(request, media))
            await asyncio.wait([self._turn])
            self._turn = None
            await self._done(request.id)  # here, for a turn can be cancelled before its first step

    async def _answer(self, request: Request, media: tuple[Media, ...]) -> None:
        try:
            media += tuple(self._shelf.take(name, self.user) for name in request.media)
            message = Message(
                request.text, media, self.conversation, self.user, "web", request.speak, call=request.call
            )
            with self._ledger.turn(self.conversation, self.user, request):
                await self._run(self._bot.answer(message), request)
        except asyncio.CancelledError:
            if not self._known.get(request.id):  # stopped before it was answered, and not by a crash
                self._ledger.close_soon(self.conversation, request.id)
            raise
        except BadInput as error:
            await self._ledger.close(self.conversation, request.id)
            await self._error(request.id, error.code, str(error))
        except Exception as error:
            await self._failed(request, error)

    async def _failed(self, request: Request, error: Exception) -> None:
        """Tell who asked; of what was due, which nobody asked for just now, the operator alone hears."""
        named = isinstance(error, PersonacError)
        log.error("a turn failed: %s", error if named else type(error).__name__, exc_info=None if named else error)
        if request.call is not None:
            await self._ledger.close(self.conversation, request.id)
            return
        if named:
            await self._error(request.id, "unavailable", as_sentence(error))
        else:
            await self._error(request.id, "failed", "Something went wrong on my side. Please try that again.")

    async def _run(self, events: AsyncIterator[Event], request: Request) -> None:
        due = request.call is not None
        try:
            async for event in events:
                if due and isinstance(event, Reply) and not (event.text or event.media):  # there is nothing to say
                    await self._ledger.answered(self.conversation, request.id, Answer(event))
                    await self._ledger.close(self.conversation, request.id)
                    break
                await self._tell(event, request.id)
                self._voicing = isinstance(event, Reply | Sound)
                if self._voicing and not (self._listeners and self._waiting.empty()):
                    break  # who asks on, or has gone, does not listen to the end
        finally:
            await events.aclose()  # type: ignore[attr-defined]

    async def _tell(self, event: Any, id: str) -> None:
        if isinstance(event, Reply):
            await self._ledger.answered(self.conversation, id, Answer(event))
        async with self._lock:
            if isinstance(event, Sound):  # heard now or never
                frame, payload = to_frame(event, id)
            else:
                self._count += 1
                frame, payload = to_frame(event, id, self.position)
                self._log.append((self._count, id, frame))
            if isinstance(event, Reply):
                if event.about_data:
                    await self._settled(self.user, event, self)
                if event.erased:  # the log was dropped with all else
                    self._log.append((self._count, id, frame))
                self._remember(id, frame)
            await self._push(frame, payload)

    async def _error(self, id: str, code: str, message: str) -> None:
        self._known.pop(id, None)  # it was not answered, so it may be asked again
        await self._broadcast("error", id, code=code, message=message)

    async def _done(self, id: str) -> None:
        self._open.pop(id, None)
        await self._broadcast("done", id)

    async def _broadcast(self, type: str, id: str, **fields: str) -> None:
        async with self._lock:
            self._count += 1
            frame = _frame(type, id, at=self.position, **fields)
            self._log.append((self._count, id, frame))
            await self._push(frame)

    async def tell(self, frame: str, asker: Listener | None = None) -> None:
        """Push a frame that belongs to no message to all who are here but the asker; it cannot come again."""
        for listener in self._listeners - {asker}:
            await listener.push(frame)

    async def _push(self, frame: str, payload: bytes | None = None) -> None:
        for listener in list(self._listeners):
            await listener.push(frame, payload)


def _frame(type: str, id: str, **fields: str) -> str:
    return json.dumps({"type": type, "id": id, **fields}, ensure_ascii=False)
