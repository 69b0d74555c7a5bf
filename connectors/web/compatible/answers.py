"""Turns of this interface, each run once however often its request comes: OpenAI's clients repeat one by themselves.

Knows events and who reads them; does not know HTTP or the shape of answers.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable

from ....core.message import Event

KEPT = 256


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
    """Hold the latest turns by what asked for them."""

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._turns: OrderedDict[str, Turn] = OrderedDict()

    def find(self, key: str) -> Turn | None:
        """Return the turn that a request has already begun, None when there is none or it failed."""
        turn = self._turns.get(key)
        return turn if turn is not None and not turn.failed else None

    def keep(self, key: str, turn: Turn) -> None:
        """Hold a turn."""
        turn.task.add_done_callback(lambda task: task.cancelled() or task.exception())
        self._turns[key] = turn
        self._turns.move_to_end(key)
        while len(self._turns) > self._most:
            self._turns.popitem(last=False)

    def close(self) -> None:
        """End all that still run."""
        for turn in self._turns.values():
            turn.task.cancel()
        self._turns.clear()
