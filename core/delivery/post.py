"""The post of one persona: its channels, what they took, and the rows that an earlier process left.

Knows channels by their contract. A channel that cannot connect is tried again; the others go on.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from ..contracts import Bot, Channel
from ..errors import PersonacError
from ..persona.schema import Limits
from ..store.deliveries import Delivery
from ..store.sqlite import SQLiteStore
from .carrier import Carrier
from .desk import PersonaDesk
from .lanes import Lane, Lanes
from .limits import Limiter
from .logs import fields
from .measures import Measures
from .patience import Patience
from .turns import Turns

log = logging.getLogger("personac.delivery")
LOOK_SECONDS = 2.0  # between two looks for rows that were put back, or whose process ended
PRUNE_SECONDS = 3600.0
LANGUAGES = 5_000  # conversations whose language is known at a time
CONNECTING = Patience(1.0, 300.0)


@dataclass(slots=True)
class _State:
    """Tell how a channel's task is: up, or the reason why not."""

    up: bool = True
    reason: str = ""


class Post:
    """Deliver the messages of one persona."""

    def __init__(
        self,
        bot: Bot,
        store: SQLiteStore,
        limits: Callable[[], Limits],
        measures: Measures,
        patience: Patience | None = None,
    ) -> None:
        """Open the deliveries of a persona's store; raise Unavailable when they cannot be written."""
        self.bot = bot
        self.slug = bot.profile.slug
        self.channels: dict[str, Channel] = {}
        self.desks: dict[str, PersonaDesk] = {}
        self._states: dict[str, _State] = {}
        self._measures = measures
        self._limiter = Limiter(limits)
        self._languages: OrderedDict[str, str] = OrderedDict()
        self.deliveries = store.deliveries()
        self._store = store
        self._lanes = Lanes(self._carry)
        turns = Turns(bot, store.holding, self._limiter, measures)
        self._carrier = Carrier(
            self.slug, self.deliveries, self.channels, turns, measures, patience or Patience(), self._leave
        )
        self._tasks: list[asyncio.Task[None]] = []

    def desk(self, name: str) -> PersonaDesk:
        """Return the desk of a channel."""
        if name not in self.desks:
            self.desks[name] = PersonaDesk(
                self.slug,
                name,
                self.deliveries,
                self._lanes,
                self._limiter,
                self._measures,
                self._language,
                self._store.holding,
            )
        return self.desks[name]

    def add(self, name: str, channel: Channel) -> None:
        """Deliver on a channel, too."""
        self.channels[name] = channel
        self._states[name] = state = _State()
        self._measures.watch(self.slug, name, lambda: self._lanes.waiting(name), lambda: state.up)

    async def start(self) -> None:
        """Go on with what earlier processes left, and connect the channels."""
        await self._adopt()
        self._tasks = [asyncio.create_task(self._look())]
        self._tasks += [asyncio.create_task(self._run(name, channel)) for name, channel in self.channels.items()]

    def ready(self) -> dict[str, str]:
        """Return for each channel `up`, or why it is not."""
        return {name: "up" if state.up else state.reason for name, state in self._states.items()}

    async def stop(self, seconds: float) -> None:
        """Fetch nothing more, and finish the turns that run within some seconds; the rest is kept."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._lanes.drain(seconds)
        for name, channel in self.channels.items():
            try:
                await asyncio.wait_for(channel.close(), 5.0)
            except Exception:
                log.warning("a channel did not close", exc_info=True, extra=fields(persona=self.slug, channel=name))

    async def hasten(self) -> None:
        """Make the next attempts of all that waits for its time now."""
        self._lanes.hasten()

    def hurry(self) -> None:
        """End the turns that still run."""
        self._lanes.cancel()

    def close(self) -> None:
        """Let go of the store; what came in meanwhile is written, and answered after the next start."""
        self.deliveries.close()

    async def _carry(self, row: Delivery, lane: Lane) -> None:
        await self._carrier.carry(row, lane, self._lanes)
        if row.answer is not None:
            self._languages[row.incoming.conversation] = row.answer.reply.language
            self._languages.move_to_end(row.incoming.conversation)
            if len(self._languages) > LANGUAGES:
                self._languages.popitem(last=False)
        if row.state == "received":
            self._leave(row)

    def _leave(self, row: Delivery) -> None:
        self._limiter.leave(row.incoming.user, row.incoming.conversation)

    def _language(self, conversation: str) -> str:
        return self._languages.get(conversation, self.bot.profile.languages[0])

    async def _adopt(self) -> None:
        rows = await asyncio.wrap_future(self.deliveries.adopt(self.channels))
        for row in rows:
            if row.state == "received":
                self._limiter.reenter(row.incoming.user, row.incoming.conversation)
            self._lanes.add(row)
        if rows:
            log.info("going on with messages that were left", extra=fields(persona=self.slug, messages=len(rows)))

    async def _call(self) -> None:
        """Hand what is due to the desks of its channels; a channel that is not served now has it when it is."""
        for due in await asyncio.to_thread(self._store.due, tuple(self.desks)):
            try:
                await self.desks[due.incoming.channel].call(due.incoming)
            except PersonacError as error:  # it stays, and is tried again
                log.error("what is due cannot be done now: %s", error, extra=fields(persona=self.slug))
                continue
            await asyncio.to_thread(self._store.handed, due)

    async def _look(self) -> None:
        """Take in rows that were put back, hand over what is due, and forget old ones."""
        pruned = 0.0
        while True:
            try:
                if time.monotonic() - pruned > PRUNE_SECONDS or not pruned:
                    pruned = time.monotonic()
                    await asyncio.wrap_future(self.deliveries.prune())
                await asyncio.sleep(LOOK_SECONDS)
                await self._adopt()
                await self._call()
            except PersonacError as error:
                log.error("the store cannot be read or written: %s", error, extra=fields(persona=self.slug))

    async def _run(self, name: str, channel: Channel) -> None:
        """Keep a channel connected."""
        state, tries = self._states[name], 0
        while True:
            started = time.monotonic()
            try:
                state.up = True
                await channel.run()
                return
            except Exception as error:
                tries = tries + 1 if time.monotonic() - started < 60 else 1
                state.up = False
                state.reason = str(error) if isinstance(error, PersonacError) else type(error).__name__
                seconds = CONNECTING.seconds(tries, getattr(error, "seconds", None))
                said = fields(persona=self.slug, channel=name, reason=state.reason, seconds=round(seconds, 1))
                log.error("a channel is down", exc_info=not isinstance(error, PersonacError), extra=said)
                await asyncio.sleep(seconds)
