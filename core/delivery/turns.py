"""One message in, one answer out: read it, hold it to the limits, run the turn, show it while it is made.

Knows a bot and a channel; does not know where answers are written or how they are sent.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractContextManager, aclosing
from dataclasses import dataclass, replace
from typing import cast

from ..contracts import Bot, Channel, Memo
from ..errors import BadInput, PersonacError, RetryLater, Undeliverable
from ..message import Answer, Event, Incoming, Message, Reply
from ..mind.phrases import PHRASES, REFUSALS, phrase
from ..persona.language import guess_language
from ..spans import span
from ..store.deliveries import Statement
from .limits import Limiter
from .logs import fields
from .measures import Measures

log = logging.getLogger("personac.delivery")
READ_SECONDS = 120.0
TURN_SECONDS = 180.0
SHOW_SECONDS = 10.0  # that a channel may take to end what it shows, once the answer is there
AT_ONCE = 64  # turns that run side by side


@dataclass(frozen=True, slots=True)
class Made:
    """Hold an answer with the rows of the turn that made it, to be written together."""

    answer: Answer
    statements: list[Statement]


class _Stream:
    """Pass events on to whoever shows them."""

    def __init__(self) -> None:
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()

    def put(self, event: Event | None) -> None:
        self._events.put_nowait(event)

    async def read(self) -> AsyncIterator[Event]:
        while (event := await self._events.get()) is not None:
            yield event


class Turns:
    """Make the answers of one persona."""

    def __init__(
        self,
        bot: Bot,
        holding: Callable[[Incoming], AbstractContextManager[list[Statement]]],
        limiter: Limiter,
        measures: Measures,
    ) -> None:
        self._bot = bot
        self._holding = holding
        self._limiter = limiter
        self._measures = measures
        self._places = asyncio.Semaphore(AT_ONCE)

    async def answer(self, channel: Channel, incoming: Incoming, memo: Memo) -> Made | None:
        """Return the answer to a message, None when there is none to give.

        Raise RetryLater or Undeliverable when the channel cannot read the message.
        """
        where = (self._bot.profile.slug, incoming.channel)
        started = time.perf_counter()
        with span("read", persona=where[0], channel=where[1]):
            read = await self._read(channel, incoming)
        if read is None:
            self._measures.turns.labels(*where, "nothing").inc()
            return None
        if isinstance(read, Reply):
            self._measures.turns.labels(*where, "own").inc()
            return Made(Answer(read), [])
        language = await self._language(read)
        refused = self._limiter.too_long(len(read.text), sum(len(m.data) for m in read.media), language)
        if refused is not None:
            self._measures.turns.labels(*where, "refused").inc()
            return Made(Answer(Reply(refused, language)), [])
        outcome, made = await self._turn(channel, incoming, read, memo, language)
        self._measures.turns.labels(*where, outcome).inc()
        self._measures.turn_seconds.labels(*where).observe(time.perf_counter() - started)
        for stage, milliseconds in made.answer.reply.milliseconds.items():
            self._measures.stage_seconds.labels(where[0], stage).observe(milliseconds / 1000)
        return made

    async def _language(self, message: Message) -> str:
        """Return the language in which a message without an answer of its own is answered: its own, else the last."""
        if message.call is not None:
            return message.call.language
        before = [] if message.text.strip() else await asyncio.to_thread(self._bot.history, message.conversation)
        return before[-1][2] if before else guess_language(message.text, self._bot.profile.languages)

    async def _read(self, channel: Channel, incoming: Incoming) -> Message | Reply | None:
        if incoming.call is not None:
            return incoming.called()
        try:
            return await asyncio.wait_for(channel.read(incoming), READ_SECONDS)
        except BadInput as error:
            language = self._bot.profile.languages[0]
            return Reply(_sentence(error, language), language)
        except (RetryLater, Undeliverable):
            raise
        except Exception as error:
            log.exception("a message could not be read", extra=fields(channel=incoming.channel))
            raise RetryLater(None, f"reading it failed ({type(error).__name__})") from error

    async def _turn(
        self, channel: Channel, incoming: Incoming, message: Message, memo: Memo, language: str
    ) -> tuple[str, Made]:
        """Run the turn; whatever happens in it, the user gets an answer."""
        async with self._places:
            stream = _Stream()
            shown = incoming.call is None and _shows(channel)
            showing = asyncio.create_task(self._show(channel, incoming, stream, memo)) if shown else None
            statements: list[Statement] = []
            outcome = "answered"
            try:
                with self._holding(incoming) as statements, span("turn", channel=incoming.channel):
                    async with asyncio.timeout(TURN_SECONDS):
                        reply = await self._reply(replace(message, speak=False), stream if showing else None)
            except BadInput as error:
                outcome, reply = "refused", Reply(_sentence(error, language), language)
            except Exception as error:  # a fault of ours, of a plugin, of a model; the next message may go well
                log.exception("a turn failed", extra=fields(channel=incoming.channel, error=type(error).__name__))
                outcome, reply = "failed", Reply(phrase("failed", language), language)
            finally:
                stream.put(None)
                if showing is not None:
                    await self._ended(showing)
        if outcome == "failed" and incoming.call is not None:  # nobody asked for anything just now
            reply = Reply("", language)
        kept = statements if outcome == "answered" else []
        return outcome, Made(Answer(reply, message.speak), kept)

    async def _reply(self, message: Message, stream: _Stream | None) -> Reply:
        async with aclosing(cast("AsyncGenerator[Event]", self._bot.answer(message))) as events:
            async for event in events:
                if stream is not None:
                    stream.put(event)
                if isinstance(event, Reply):
                    return event
        raise PersonacError("the turn ended without an answer")

    @staticmethod
    async def _show(channel: Channel, incoming: Incoming, stream: _Stream, memo: Memo) -> None:
        try:
            await channel.show(incoming, stream.read(), memo)
        except Exception:
            log.info(
                "an answer could not be shown while it was made", exc_info=True, extra=fields(channel=incoming.channel)
            )

    @staticmethod
    async def _ended(showing: asyncio.Task[None]) -> None:
        """Wait for what is shown to end, before the answer is sent."""
        task = asyncio.current_task()
        try:
            if task is None or not task.cancelling():
                await asyncio.wait([showing], timeout=SHOW_SECONDS)
        finally:
            showing.cancel()
            await asyncio.wait([showing])


def _shows(channel: Channel) -> bool:
    return type(channel).show is not Channel.show


def _sentence(error: BadInput, language: str) -> str:
    """Return what a user is told about a message that cannot be used, in their language where there is a sentence."""
    name = f"bad_{error.code}"
    if name in PHRASES:
        return phrase(name, language)
    base = language.split("-")[0]
    return str(error) if base == "en" else REFUSALS.get(error.code, {}).get(base) or phrase("bad_input", language)
