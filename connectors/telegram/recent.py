"""What was heard of late: whether a message is its chat's newest, what an edit changes, which albums are for the bot.

All of it is lost in a restart without harm: an edit is then taken for one of the newest message. Knows keys and ids,
and no words.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from ...core.contracts import Desk
from ...core.message import Incoming
from .updates import fingerprint, key_of

REMEMBERED = 10_000  # chats, albums, messages


class Recent:
    """Remember what came in, and find what went out for it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.albums: OrderedDict[str, None] = OrderedDict()
        self._latest: OrderedDict[int, int] = OrderedDict()  # chat: its latest message of a user
        self._edits: OrderedDict[str, str] = OrderedDict()  # a message's key: that of its latest edit
        self._contents: OrderedDict[str, int] = OrderedDict()  # a message's key: what it said, as a number

    def saw(self, incoming: Incoming) -> None:
        """Take note of a message, of its edit or of a tap."""
        payload = incoming.payload
        if "album" in payload:
            _remember(self.albums, payload["album"], None)
        if "query" in payload:
            return
        _remember(self._contents, key_of(payload), fingerprint(payload))
        if payload.get("edit"):
            _remember(self._edits, key_of(payload), incoming.key)
        else:
            _remember(self._latest, payload["chat"], payload["message"])

    def forget(self, chat: int) -> None:
        """Let go of what came in from a chat."""
        self._latest.pop(chat, None)
        for known in (self._edits, self._contents):
            for key in [key for key in known if key.startswith(f"{chat}:")]:
                del known[key]

    def changes_nothing(self, payload: dict[str, Any]) -> bool:
        """Tell whether an edit is none: Telegram tells of changes that the user did not make, too."""
        return bool(payload.get("edit")) and self._contents.get(key_of(payload)) == fingerprint(payload)

    async def before(self, incoming: Incoming) -> tuple[dict[str, Any], bool]:
        """Return the memo of what was sent for a message before its user edited it, and whether more was said since."""
        payload = incoming.payload
        if not payload.get("edit") or incoming.call is not None:
            return {}, False
        first = key_of(payload)
        newer = self._latest.get(payload["chat"], 0) > payload["message"]
        own = self._edits.get(first)
        for key in (own, first) if own and own != incoming.key else (first,):
            memo = await self._desk.memo(key)
            if memo and memo.get("sent"):
                return memo, newer
        return {}, newer

    async def seen(self) -> list[tuple[int, str, int]]:
        """Return chat, kind of chat and message id of what earlier processes took and sent last."""
        found: list[tuple[int, str, int]] = []
        for payload, memo in await self._desk.newest():
            if "message" in payload:
                found.append((payload["chat"], payload["type"], payload["message"]))
            if "where" in memo:
                chat, kind = memo["where"]
                found += [(chat, kind, int(message)) for message in (*memo.get("sent", ()), memo.get("after", 0))]
        return found

    async def sent_beside(self, incoming: Incoming) -> set[int]:
        """Return the ids of what was sent for the other messages of a chat."""
        return {int(sent) for memo in await self._desk.memos(incoming) for sent in memo.get("sent", ())}


def _remember(known: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    known[key] = value
    known.move_to_end(key)
    while len(known) > REMEMBERED:
        known.popitem(last=False)
