"""In which threads of channels the bot takes part, so that it goes on there without being mentioned.

Those that it joined in this process are known; of older ones Slack is asked, once for each.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from ...core.contracts import Bot
from ...core.errors import Undeliverable
from ...core.message import Incoming
from .events import bot_user_of
from .outbox import Outbox, Place

KNOWN = 10_000


class Threads:
    """Know the threads of one workspace."""

    def __init__(self, bot: Bot, outbox: Outbox) -> None:
        self._bot, self._outbox = bot, outbox
        self._known: OrderedDict[str, bool] = OrderedDict()  # by conversation
        self._began = time.time()

    def joined(self, conversation: str, takes_part: bool = True) -> None:
        """Note that the bot was asked something in a thread."""
        self._known[conversation] = takes_part
        self._known.move_to_end(conversation)
        if len(self._known) > KNOWN:
            self._known.popitem(last=False)

    def forget(self, conversation: str) -> None:
        """Let go of what is known of a conversation."""
        self._known.pop(conversation, None)

    async def has_us(self, incoming: Incoming, body: Mapping[str, Any]) -> bool:
        """Tell whether the bot takes part in a message's thread; raise RetryLater when Slack cannot say now."""
        known = self._known.get(incoming.conversation)
        if known is None:
            known = bool(self._bot.history(incoming.conversation)) or await self._looked_up(incoming, body)
            self.joined(incoming.conversation, known)
        return known

    async def _looked_up(self, incoming: Incoming, body: Mapping[str, Any]) -> bool:
        us, thread = bot_user_of(body), str(incoming.payload["thread"])
        if not us or not _before(thread, self._began):
            return False  # it would have been mentioned since
        try:
            async for message in self._outbox.messages(Place(incoming.payload["channel"], thread)):
                if message.get("user") == us:
                    return True
        except Undeliverable:  # it may not look into this channel
            return False
        return False


def _before(ts: str, seconds: float) -> bool:
    try:
        return float(ts) < seconds
    except ValueError:
        return False
