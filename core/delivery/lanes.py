"""Work in order within a conversation, side by side across conversations.

Knows rows by their conversation, not what is done with them. A lane is a task that lives while its conversation has
rows; an error of the work, such as a full disk, is waited out with the row in place.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from ..store.deliveries import Delivery

log = logging.getLogger("personac.delivery")
AGAIN_SECONDS = 5.0
Key: TypeAlias = tuple[str, str]  # channel and conversation


class Closing(Exception):
    """End a lane that waits, because the server does."""


@dataclass(slots=True)
class Lane:
    """Hold the rows of one conversation, the first of which is being worked at."""

    rows: deque[Delivery] = field(default_factory=deque)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None


class Lanes:
    """Run `work` for each row."""

    def __init__(self, work: Callable[[Delivery, Lane], Awaitable[None]]) -> None:
        self._work = work
        self._lanes: dict[Key, Lane] = {}
        self._rows = 0
        self.closing = False

    def __len__(self) -> int:
        return len(self._lanes)

    @property
    def rows(self) -> int:
        """Return how many rows wait or are worked at."""
        return self._rows

    def waiting(self, channel: str) -> int:
        """Return how many rows of a channel wait or are worked at."""
        return sum(len(lane.rows) for (name, _), lane in self._lanes.items() if name == channel)

    def add(self, row: Delivery, next: bool = False) -> None:
        """Let a row wait for its turn; with `next` only for the row that is being worked at."""
        lane = self._lanes.setdefault(_key(row), Lane())
        self._rows += 1
        place = len(lane.rows)
        while place > 1 and (next or lane.rows[place - 1].id > row.id):
            place -= 1
        lane.rows.insert(place, row)
        if lane.task is None and not self.closing:
            lane.task = asyncio.create_task(self._run(_key(row), lane))

    def after(self, channel: str, conversation: str, id: int) -> list[Delivery]:
        """Return the rows of a conversation that were taken after another and are not worked at."""
        lane = self._lanes.get((channel, conversation))
        return [row for row in list(lane.rows)[1:] if row.id > id] if lane else []

    def find(self, channel: str, conversation: str, key: str) -> Delivery | None:
        """Return a row by the platform's key."""
        lane = self._lanes.get((channel, conversation))
        return next((row for row in lane.rows if row.incoming.key == key), None) if lane else None

    def wake(self, channel: str, conversation: str) -> None:
        """Let a lane that waits go on now."""
        lane = self._lanes.get((channel, conversation))
        if lane is not None:
            lane.wake.set()

    async def pause(self, lane: Lane, seconds: float | None) -> None:
        """Wait until the time is over or the lane is woken; raise Closing when the server ends."""
        if not self.closing:
            try:
                await asyncio.wait_for(lane.wake.wait(), seconds)
            except TimeoutError:
                pass
            lane.wake.clear()
        if self.closing:
            raise Closing

    def hasten(self) -> None:
        """Let all that wait go on now."""
        for lane in self._lanes.values():
            for row in lane.rows:
                row.next_at = 0.0
            lane.wake.set()

    async def stop(self, channel: str, conversation: str) -> list[Delivery]:
        """End a lane and return the rows that were in it."""
        lane = self._lanes.pop((channel, conversation), None)
        if lane is None:
            return []
        if lane.task is not None:
            lane.task.cancel()
            await asyncio.wait([lane.task])
        self._rows -= len(lane.rows)
        return list(lane.rows)

    async def drain(self, seconds: float) -> None:
        """Begin nothing new, wait for what is being worked at, and end what takes longer."""
        self.closing = True
        for lane in self._lanes.values():
            lane.wake.set()
        tasks = [lane.task for lane in self._lanes.values() if lane.task is not None]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)

    def cancel(self) -> None:
        """End what is being worked at."""
        for lane in self._lanes.values():
            if lane.task is not None:
                lane.task.cancel()

    async def _run(self, key: Key, lane: Lane) -> None:
        try:
            while lane.rows and not self.closing:
                row = lane.rows[0]
                try:
                    await self._work(row, lane)
                except Closing:
                    return
                except Exception as error:  # whatever it is, the message must not be lost
                    log.error("a message waits: %s", type(error).__name__, extra={"fields": {"delivery": row.id}})
                    try:
                        await self.pause(lane, AGAIN_SECONDS)
                    except Closing:
                        return
                    continue
                if lane.rows and lane.rows[0] is row:
                    lane.rows.popleft()
                    self._rows -= 1
        finally:
            if self._lanes.get(key) is lane:
                del self._lanes[key]


def _key(row: Delivery) -> Key:
    return row.incoming.channel, row.incoming.conversation
