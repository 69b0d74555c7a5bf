"""Carry one row from received to sent: answer it, write the answer, send it, again where that fails, or give it up.

Knows rows, channels and time; does not know in which order rows come (lanes.py) or how an answer is made (turns.py).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ..contracts import Channel, Memo
from ..errors import Away, RetryLater, Undeliverable
from ..message import Answer
from ..spans import span
from ..store.deliveries import Deliveries, Delivery
from .lanes import Lane, Lanes
from .logs import fields, hashed
from .measures import Measures
from .patience import Patience
from .turns import Turns

log = logging.getLogger("personac.delivery")
SEND_SECONDS = 120.0
AWAY_SECONDS = 86400.0  # after which an answer that nobody came back for is let go


class Carrier:
    """Carry the rows of one persona."""

    def __init__(
        self,
        persona: str,
        deliveries: Deliveries,
        channels: Mapping[str, Channel],
        turns: Turns,
        measures: Measures,
        patience: Patience,
        answered: Callable[[Delivery], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._persona = persona
        self._deliveries = deliveries
        self._channels = channels
        self._turns = turns
        self._measures = measures
        self._patience = patience
        self._answered = answered  # told before the answer goes out
        self._clock = clock

    async def carry(self, row: Delivery, lane: Lane, lanes: Lanes) -> None:
        """Do all that a row needs; when this returns, it is sent or given up."""
        channel = self._channels[row.incoming.channel]
        memo = Memo(row.memo, row.begun, partial(self._keep, row))
        if row.answer is None and not await self._answer(channel, row, memo, lane, lanes):
            return
        assert row.answer is not None
        while True:
            await self._wait(row, lane, lanes)
            try:
                await self._send(channel, row, row.answer, memo)
            except Away:
                if self._clock() - row.at > AWAY_SECONDS:
                    self._close(row, memo, "nobody came back")
                    return
                await self._again(row, memo, row.tries, 0.0, "nobody is there")
                await lanes.pause(lane, 3600.0)
            except Undeliverable as error:
                await self._give_up(row, memo, str(error))
                return
            except RetryLater as error:
                if self._patience.is_over(row.tries + 1):
                    await self._give_up(row, memo, str(error))
                    return
                await self._later(row, memo, error)
            else:
                self._close(row, memo, "sent")
                return

    async def _answer(self, channel: Channel, row: Delivery, memo: Memo, lane: Lane, lanes: Lanes) -> bool:
        """Make the answer and write it; false when nothing is to be sent."""
        while True:
            await self._wait(row, lane, lanes)
            try:
                made = await self._turns.answer(channel, row.incoming, memo)
                break
            except Undeliverable as error:
                await self._give_up(row, memo, str(error))
                return False
            except RetryLater as error:
                if self._patience.is_over(row.tries + 1):
                    await self._give_up(row, memo, str(error))
                    return False
                await self._later(row, memo, error)
        if made is None:
            self._close(row, memo, "nothing to answer")
            return False
        there = await asyncio.wrap_future(self._deliveries.answered(row, made.answer, dict(memo), made.statements))
        row.answer, row.state, row.tries, row.next_at, row.begun = made.answer, "answered", 0, 0.0, 1
        memo.repeated = 0
        self._answered(row)
        if row.incoming.call is not None and not (made.answer.reply.text or made.answer.reply.media):
            self._close(row, memo, "nothing to say")
            return False
        return there

    async def _send(self, channel: Channel, row: Delivery, answer: Answer, memo: Memo) -> None:
        """Make one attempt; what is not one of the named errors counts as a platform that failed for now."""
        where = (self._persona, row.incoming.channel)
        started = time.perf_counter()
        outcome = "retried"
        try:
            with span("send", persona=where[0], channel=where[1], attempt=row.tries + 1):
                await asyncio.wait_for(channel.send(row.incoming, answer, memo), SEND_SECONDS)
            outcome = "sent"
        except (Away, Undeliverable) as error:
            outcome = type(error).__name__.lower()
            raise
        except RetryLater:
            raise
        except TimeoutError as error:
            raise RetryLater(None, "the platform did not answer in time") from error
        except Exception as error:
            log.warning("an answer could not be sent", exc_info=True, extra=fields(delivery=row.id, channel=where[1]))
            raise RetryLater(None, f"sending it failed ({type(error).__name__})") from error
        finally:
            self._measures.sends.labels(*where, outcome).inc()
            self._measures.send_seconds.labels(*where).observe(time.perf_counter() - started)

    async def _wait(self, row: Delivery, lane: Lane, lanes: Lanes) -> None:
        """Wait until it is time for the next attempt."""
        while (seconds := row.next_at - self._clock()) > 0:
            await lanes.pause(lane, seconds)

    async def _later(self, row: Delivery, memo: Memo, error: RetryLater) -> None:
        seconds = self._patience.seconds(row.tries + 1, error.seconds)
        await self._again(row, memo, row.tries + 1, seconds, str(error))
        said = fields(delivery=row.id, channel=row.incoming.channel, tries=row.tries, seconds=round(seconds, 2))
        log.info("again later", extra=said)

    async def _again(self, row: Delivery, memo: Memo, tries: int, seconds: float, error: str) -> None:
        """Write that another attempt will be made, before it is."""
        row.tries, row.memo, row.error = tries, dict(memo), error
        row.next_at = self._clock() + seconds if seconds else 0.0
        if row.answer is not None:
            memo.repeated = row.begun
            row.begun += 1
        await asyncio.wrap_future(self._deliveries.later(row))

    def _close(self, row: Delivery, memo: Memo, why: str) -> None:
        self._deliveries.sent(row, dict(memo))  # not waited for: what follows is written after it
        seconds = self._clock() - row.at
        where = (self._persona, row.incoming.channel)
        self._measures.delay_seconds.labels(*where).observe(max(seconds, 0.0))
        if log.isEnabledFor(logging.INFO):
            log.info(why, extra=self._fields(row, seconds=round(seconds, 3)))

    async def _give_up(self, row: Delivery, memo: Memo, error: str) -> None:
        await asyncio.wrap_future(self._deliveries.failed(row, error, dict(memo)))
        self._measures.sends.labels(self._persona, row.incoming.channel, "given up").inc()
        log.error("given up; see `personac deliveries`", extra=self._fields(row, reason=error, tries=row.tries))

    def _fields(self, row: Delivery, **values: Any) -> dict[str, Any]:
        conversation = hashed(row.incoming.conversation)
        return fields(
            persona=self._persona, channel=row.incoming.channel, delivery=row.id, conversation=conversation, **values
        )

    async def _keep(self, row: Delivery, memo: Mapping[str, Any]) -> None:
        row.memo = dict(memo)
        await asyncio.wrap_future(self._deliveries.keep(row, row.memo))
