"""Turns of this interface, each run once however often its request comes: OpenAI's clients repeat one by themselves.

Knows events and who reads them; does not know HTTP or the shape of answers.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable

from ....core.message import Event

KEPT = 256
SECONDS = 300.0  # that a turn is held when it is over, as long as an answer waits for who comes back to the page


class Turn:
    """Run one turn to its end and let any number read its events from the first on."""

    def __init__(self, events: AsyncIterator[Event], ended: Callable[[bool], Awaitable[None]]) -> None:
        self._events: list[Event] = []
        self._error: BaseException | None = None
        self._over = False
        self._changed = asyncio.Event()
        self.task = asyncio.create_task(self._run(events, ended))

    async def _run(self, events: AsyncIterator[Event], ended: Callable[[bool], Awaitable[None]]) -> None:
        try:
            async for event in events:
                self._events.append(event)
                self._tell()
        except BaseException as error:
            self._error = error
            raise
        finally:
            await events.aclose()  # type: ignore[attr-defined]
            try:
                await ended(self._error is None)
            finally:
                self._over = True
                self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    @property
    def failed(self) -> bool:
        """Return whether it ended with an error, so that it may be tried again."""
        return self._error is not None

    async def read(self) -> AsyncIterator[Event]:
        """Yield the events; raise what the turn raised."""
        at = 0
        while True:
            changed = self._changed
            while at < len(self._events):
                yield self._events[at]
                at += 1
            if self._over:
                if self._error is not None:
                    raise self._error
                return
            await changed.wait()


class Turns:
    """Hold the latest turns by what asked for them, for a while after their end."""

    def __init__(self, most: int = KEPT, seconds: float = SECONDS) -> None:
        self._most, self._seconds = most, seconds
        self._turns: OrderedDict[str, Turn] = OrderedDict()

    def find(self, key: str) -> Turn | None:
        """Return the turn that a request has already begun, None when there is none or it failed."""
        turn = self._turns.get(key)
        return turn if turn is not None and not turn.failed else None

    def keep(self, key: str, turn: Turn) -> None:
        """Hold a turn."""
        turn.task.add_done_callback(lambda task: self._ended(key, turn, task))
        self._turns[key] = turn
        self._turns.move_to_end(key)
        while len(self._turns) > self._most:
            self._turns.popitem(last=False)

    def _ended(self, key: str, turn: Turn, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            task.exception()  # it is told to who reads the turn
        task.get_loop().call_later(self._seconds, self._let_go, key, turn)

    def _let_go(self, key: str, turn: Turn) -> None:
        if self._turns.get(key) is turn:
            del self._turns[key]

    def close(self) -> None:
        """End all that still run."""
        for turn in self._turns.values():
            turn.task.cancel()
        self._turns.clear()
