"""The desk of one channel: messages are written down here before their platform is told that they arrived."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar

from ..errors import Unavailable
from ..message import Answer, Incoming, Known, Receipt, Reply
from ..mind.phrases import phrase
from ..spans import span
from ..store.deliveries import Deliveries, Delivery, Statement
from .lanes import Lanes
from .limits import Excess, Limiter
from .measures import Measures

OPEN = 20_000  # messages of one persona that may be on their way; beyond, platforms are asked to come back
RUNNING = 10_000  # messages of a channel that runs its turns itself, whose users are known at a time
MEMOS = 500  # of a conversation
NEWEST = 5000  # messages of a channel that one can look back on after a restart

_recorded: ContextVar[Sequence[Statement]] = ContextVar("recorded", default=())


class PersonaDesk:
    """Take the messages of one channel of one persona."""

    def __init__(
        self,
        persona: str,
        channel: str,
        deliveries: Deliveries,
        lanes: Lanes,
        limiter: Limiter,
        measures: Measures,
        language: Callable[[str], str],
        holding: Callable[[Incoming], AbstractContextManager[list[Statement]]],
    ) -> None:
        self._where = (persona, channel)
        self._channel = channel
        self._deliveries = deliveries
        self._lanes = lanes
        self._limiter = limiter
        self._measures = measures
        self._language = language  # that a conversation was last in
        self._holding = holding
        self._taking: set[asyncio.Task[Receipt]] = set()
        self._begin: Callable[[Incoming], Awaitable[None]] | None = None  # of a channel that runs its turns itself
        self._own: OrderedDict[str, Delivery] = OrderedDict()  # of messages taken without `run`

    async def take(self, incoming: Incoming, *, run: bool = True, counted: bool = True) -> Receipt:
        """Write a message down; when this returns, the platform may be told that it arrived."""
        if incoming.channel != self._channel:
            raise ValueError(f"a message of {incoming.channel} on the desk of {self._channel}")
        if self._lanes.rows >= OPEN:
            self._count("turned away")
            raise Unavailable("too many messages wait")
        excess = None
        if counted:
            excess = self._limiter.enter(incoming.user, incoming.conversation)
        else:
            self._limiter.reenter(incoming.user, incoming.conversation)
        taking = self._take(incoming, run) if excess is None else self._refuse(incoming, excess, run)
        task = asyncio.create_task(taking)  # a client that goes away meanwhile leaves no row without a turn
        self._taking.add(task)
        task.add_done_callback(self._taking.discard)
        return await asyncio.shield(task)

    async def _take(self, incoming: Incoming, run: bool) -> Receipt:
        started = time.perf_counter()
        try:
            with span("take", persona=self._where[0], channel=self._channel):
                row = await asyncio.wrap_future(self._deliveries.take(incoming, own=not run))
        except BaseException:
            self._limiter.leave(incoming.user, incoming.conversation)
            raise
        self._measures.take_seconds.labels(*self._where).observe(time.perf_counter() - started)
        if row is None:
            self._limiter.undo(incoming.user, incoming.conversation)
            self._count("duplicate")
            return Receipt(False)
        self._count("new")
        if run:
            self._lanes.add(row)
        else:
            self._remember(row)
        return Receipt(True)

    async def _refuse(self, incoming: Incoming, excess: Excess, run: bool) -> Receipt:
        """Let a message over a limit go; where its user was not told of late, the row's answer is to tell them."""
        if await asyncio.wrap_future(self._deliveries.find(self._channel, incoming.key)) is not None:
            if excess.tell:
                self._limiter.untold(incoming.user)
            self._count("duplicate")
            return Receipt(False)
        self._count(f"over the limit: {excess.limit}")
        if run and excess.tell:
            language = self._language(incoming.conversation)
            answer = Answer(Reply(phrase(f"limit_{excess.limit}", language), language))
            row = await asyncio.wrap_future(self._deliveries.take(incoming, own=False, answer=answer))
            if row is not None:
                self._lanes.add(row, next=True)
        return Receipt(False, excess.limit, excess.wait)

    async def waiting(self, incoming: Incoming) -> list[Incoming]:
        """Return the messages of the same conversation that were taken later and whose turns have not begun."""
        at = self._lanes.find(self._channel, incoming.conversation, incoming.key)
        if at is None:
            return []
        return [row.incoming for row in self._lanes.after(self._channel, incoming.conversation, at.id)]

    async def memo(self, key: str) -> dict[str, object] | None:
        """Return the memo of an earlier message of this channel, None when there is none (any more)."""
        row = await asyncio.wrap_future(self._deliveries.find(self._channel, key))
        return row.memo if row else None

    async def memos(self, incoming: Incoming) -> list[dict[str, object]]:
        """Return the memos of the other messages of the same conversation, the newest first; MEMOS at most."""
        return await asyncio.wrap_future(self._deliveries.memos(incoming, MEMOS))

    async def newest(self) -> list[tuple[dict[str, object], dict[str, object]]]:
        """Return payload and memo of the messages of this channel that were taken last, the newest first."""
        return await asyncio.wrap_future(self._deliveries.newest(self._channel, NEWEST))

    async def stop(self, conversation: str) -> int:
        """End the running turn of a conversation and drop what waits; return how many messages that were."""
        rows = await self._lanes.stop(self._channel, conversation)
        for row in rows:
            self._deliveries.sent(row, row.memo)
            self._leave(row)
        return len(rows)

    def wake(self, conversation: str) -> None:
        """Try now to send what waits for the user of a conversation to be back."""
        self._lanes.wake(self._channel, conversation)

    def too_long(self, characters: int, media_bytes: int, language: str) -> str | None:
        """Return the sentence for a message over the persona's limits, None when it is within them."""
        return self._limiter.too_long(characters, media_bytes, language)

    @contextmanager
    def place(self, user: str, conversation: str) -> Iterator[Receipt]:
        """Count a turn that is not written down against the limits while the block runs."""
        excess = self._limiter.enter(user, conversation)
        if excess is not None:
            self._count(f"over the limit: {excess.limit}")
            yield Receipt(False, excess.limit, excess.wait)
            return
        try:
            yield Receipt(True)
        finally:
            self._limiter.leave(user, conversation)

    async def known(self, key: str) -> Known | None:
        """Return how far a message has come, None when it was never taken (or long ago)."""
        row = await asyncio.wrap_future(self._deliveries.find(self._channel, key))
        return Known(row.state, row.answer) if row else None

    def calls(self, begin: Callable[[Incoming], Awaitable[None]]) -> None:
        """Hear of what is due in a conversation: `begin` takes it, not counted against limits, and runs its turn."""
        self._begin = begin

    async def call(self, incoming: Incoming) -> None:
        """Take what is due; once is enough, so that a call that was taken before is nothing."""
        if self._begin is not None:
            await self._begin(incoming)
        else:
            await self.take(incoming, counted=False)

    @contextmanager
    def turn(self, incoming: Incoming) -> Iterator[None]:
        """Hold what the turn in this block records until `answered` writes it with its answer: both or neither."""
        with self._holding(incoming) as statements:
            token = _recorded.set(statements)
            try:
                yield
            finally:
                _recorded.reset(token)

    async def answered(self, key: str, answer: Answer) -> None:
        """Write the answer of a message that was taken without `run`."""
        row = await self._found(key)
        if row is not None:
            if row.state == "received":
                self._measures.turns.labels(*self._where, "answered").inc()
                for stage, milliseconds in answer.reply.milliseconds.items():
                    self._measures.stage_seconds.labels(self._where[0], stage).observe(milliseconds / 1000)
            self._leave(row)
            await asyncio.wrap_future(self._deliveries.answered(row, answer, row.memo, _recorded.get()))

    async def sent(self, key: str) -> None:
        """Close a message that was taken without `run`; its payload and its answer are deleted."""
        row = self._own.pop(key, None) or await self._found(key)
        if row is not None:
            self._leave(row)
            self._deliveries.sent(row, row.memo)

    async def pending(self) -> list[Incoming]:
        """Return the messages taken without `run` that are not closed, oldest first: what a crash left over."""
        rows = await asyncio.wrap_future(self._deliveries.own(self._channel))
        return [row.incoming for row in rows if row.incoming.key not in self._own]

    def _remember(self, row: Delivery) -> None:
        self._own[row.incoming.key] = row
        while len(self._own) > RUNNING:
            self._leave(self._own.popitem(last=False)[1])

    def _leave(self, row: Delivery) -> None:
        """Count a message as answered, once."""
        if row.state == "received":
            row.state = "answered"
            self._limiter.leave(row.incoming.user, row.incoming.conversation)

    async def _found(self, key: str) -> Delivery | None:
        own = self._own.get(key)
        if own is not None:
            return own
        row = await asyncio.wrap_future(self._deliveries.find(self._channel, key))
        if row is not None:
            row.state = "answered"  # one of an earlier process is not counted
        return row

    def _count(self, outcome: str) -> None:
        self._measures.taken.labels(*self._where, outcome).inc()
