"""Long polling, by hand: the library's own loop confirms updates before they are written down.

The next getUpdates call confirms all that lie below its offset, so it is made only when each was taken. Updates are
handed on as Telegram wrote them: one that the library cannot read must not hold up the others.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Bot
from telegram.error import Conflict, RetryAfter, TelegramError

from ...core.errors import PersonacError
from .faults import meaning
from .updates import WANTED

log = logging.getLogger("personac.telegram")

GET_UPDATES = "get_Updates"  # so written, it is no method of the library's, which would read them all or none
WAIT = 50  # seconds that Telegram holds a call open
BATCH = 100  # updates that one call brings at most
LONGEST_PAUSE = 60.0


async def poll(
    bot: Bot, take: Callable[[dict[str, Any]], Awaitable[None]], caught_up: asyncio.Event, wait: int = WAIT
) -> None:
    """Fetch updates until cancelled; tell when all that waited were taken, which is asked without waiting."""
    offset, failures = 0, 0
    while True:
        try:
            seconds = wait if caught_up.is_set() else 0
            asked = {"offset": offset, "timeout": seconds, "allowed_updates": list(WANTED)}
            updates = await bot.do_api_request(GET_UPDATES, api_kwargs=asked, read_timeout=wait + 10)
            for update in updates:
                await take(update)
                offset = int(update["update_id"]) + 1
            failures = 0
            if len(updates) < BATCH:
                caught_up.set()
        except (TelegramError, PersonacError) as error:
            failures += 1
            await asyncio.sleep(_pause(error, failures))


def _pause(error: Exception, failures: int) -> float:
    """Return the seconds to wait after a failure, and tell the operator what it was."""
    pause = min(LONGEST_PAUSE, 2.0 ** min(failures - 1, 10) / 2)
    if isinstance(error, RetryAfter):
        pause = max(pause, meaning(error).seconds or 0.0)  # type: ignore[attr-defined]
    if isinstance(error, Conflict):
        log.error("another program fetches this bot's updates; stop it, or give this one a bot of its own")
        return max(pause, 5.0)
    log.log(logging.WARNING if failures < 4 else logging.ERROR, "updates cannot be fetched: %s", _told(error))
    return pause


def _told(error: Exception) -> str:
    return str(meaning(error) if isinstance(error, TelegramError) else error)
