"""A channel in memory, and a post that runs on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from personac.core.contracts import Channel, Desk, Memo
from personac.core.delivery.measures import Measures
from personac.core.delivery.patience import Patience
from personac.core.delivery.post import Post
from personac.core.message import Answer, Incoming, Message, Reply
from personac.core.persona.schema import Limits
from personac.core.store.sqlite import SQLiteStore
from personac.testing import Parrot


class Line(Channel):
    """Keep what is sent; raise what it is told to."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []  # conversation and text
        self.attempts: list[tuple[str, int]] = []  # key and memo.repeated
        self.errors: list[Exception | None] = []
        self.reading: list[Exception | Reply | None] = []
        self.new = asyncio.Event()
        self.closed = False

    async def read(self, incoming: Incoming) -> Message | Reply | None:
        if self.reading:
            found = self.reading.pop(0)
            if isinstance(found, Exception):
                raise found
            return found
        return Message(incoming.payload["text"], (), incoming.conversation, incoming.user, "line")

    async def send(self, incoming: Incoming, answer: Answer, memo: Memo) -> None:
        self.attempts.append((incoming.key, memo.repeated))
        self.new.set()
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        self.sent.append((incoming.conversation, answer.reply.text))
        self.new.set()

    async def close(self) -> None:
        self.closed = True

    def texts(self, conversation: str = "c1") -> list[str]:
        return [text for own, text in self.sent if own == conversation]

    async def until(self, count: int) -> None:
        """Wait until so many answers went out."""
        await self._wait(self.sent, count)

    async def tried(self, count: int) -> None:
        """Wait until so many answers were tried to send."""
        await self._wait(self.attempts, count)

    async def _wait(self, kept: list[tuple[str, str]] | list[tuple[str, int]], count: int) -> None:
        async with asyncio.timeout(20):
            while len(kept) < count:
                self.new.clear()
                await self.new.wait()


class Running:
    """A post with one channel named line."""

    def __init__(self, path: Path, limits: Limits, patience: Patience, channel: Line | None = None) -> None:
        self.bot = Parrot()
        self.store = SQLiteStore(path)
        self.measures = Measures()
        self.post = Post(self.bot, self.store, lambda: limits, self.measures, patience)
        self.line = channel or Line()
        self.desk: Desk = self.post.desk("line")
        self.post.add("line", self.line)
        self._number = 0

    async def take(self, text: str, conversation: str = "c1", user: str = "ann", key: str = "") -> Any:
        self._number += 1
        message = Incoming("line", key or f"k{self._number}", conversation, user, {"text": text})
        return await self.desk.take(message)

    async def settled(self) -> None:
        """Wait until nothing is on its way."""
        async with asyncio.timeout(20):
            while self.count("personac_waiting"):  # noqa: ASYNC110 - a measure tells it, no event
                await asyncio.sleep(0.005)

    def count(self, name: str, **labels: str) -> float:
        """Return a measure."""
        return self.measures.registry.get_sample_value(name, {"persona": "parrot", "channel": "line", **labels}) or 0.0


Start = Callable[..., AbstractAsyncContextManager[Running]]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Return a function that runs a post on the same file each time."""

    @asynccontextmanager
    async def run(
        limits: Limits | None = None, patience: Patience | None = None, channel: Line | None = None
    ) -> AsyncIterator[Running]:
        running = Running(tmp_path / "line.sqlite", limits or Limits(), patience or Patience(0.02, 0.1, 50), channel)
        await running.post.start()
        try:
            yield running
        finally:
            await running.post.stop(5)
            running.post.close()
            running.store.close()

    return run
