"""Messages with their media: files fetched from Telegram, albums gathered into one message.

Telegram sends each picture of an album as an update of its own, all within a moment.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Any

from telegram import Bot as Api
from telegram.error import BadRequest, InvalidToken, TelegramError

from ...core.contracts import Desk
from ...core.errors import RetryLater
from ...core.message import Incoming, Media, Message, Reply
from .faults import meaning
from .phrases import say
from .updates import CHANNEL, conversation, key_of

FILE_BYTES = 20 * 1024 * 1024  # what Telegram lets a bot fetch
ALBUM_SECONDS = 0.7  # without a further picture an album is complete
ALBUM = 10  # pictures of one
REMEMBERED = 1000


class Unfetchable(Exception):
    """Report a file that Telegram does not give, with the name of the sentence that says so."""


class Reader:
    """Make messages of what was written down."""

    def __init__(self, api: Api, desk: Desk) -> None:
        self._api = api
        self._desk = desk
        self._gathered: OrderedDict[str, list[int]] = OrderedDict()  # an album's first key: its message ids
        self._parts: OrderedDict[str, None] = OrderedDict()  # keys of those that came with another's

    async def message(self, incoming: Incoming, language: str, speak: bool) -> Message | Reply | None:
        """Return the message; a Reply that says why not; None where another message brings it along."""
        payload = incoming.payload
        payloads = [payload]
        if "album" in payload:
            if not payload.get("edit") and await self._came_along(incoming):
                return None
            payloads += await self._album(incoming)
        elif not payload.get("edit") and await self._edited(incoming):
            return None
        wanted = [media for each in payloads for media in each.get("media", ())]
        text = "\n".join(each["text"] for each in payloads if each.get("text"))
        too_long = self._desk.too_long(len(text), sum(media["size"] for media in wanted), language)
        if too_long:
            return Reply(too_long, language)
        shared = payload["type"] != "private"
        try:
            media = tuple(await asyncio.gather(*(self._fetch(media) for media in wanted)))
        except Unfetchable as error:
            return Reply(say(str(error), language, megabytes=FILE_BYTES // 2**20), language)
        return Message(text, media, conversation(payload), incoming.user, CHANNEL, speak, incoming.key, shared)

    def album(self, incoming: Incoming) -> list[int]:
        """Return the message ids that a message stands for, where it is an album's first."""
        return self._gathered.get(incoming.key, [])

    async def _came_along(self, incoming: Incoming) -> bool:
        """Tell whether an album's picture was part of an earlier message; memos tell it after a restart."""
        if incoming.key in self._parts:
            return True
        message = incoming.payload["message"]
        for earlier in range(message - 1, message - ALBUM, -1):
            memo = await self._desk.memo(key_of(incoming.payload, earlier))
            if memo is not None and message in memo.get("album", ()):
                return True
        return False

    async def _album(self, incoming: Incoming) -> list[dict[str, Any]]:
        """Return the payloads of an album's other pictures, once no more come."""
        if incoming.payload.get("edit"):
            return []
        found: list[Incoming] = []
        while True:
            await asyncio.sleep(ALBUM_SECONDS)
            waiting = await self._desk.waiting(incoming)
            album = incoming.payload["album"]
            now = [each for each in waiting if each.payload.get("album") == album and not each.payload.get("edit")]
            if len(now) == len(found) or len(now) >= ALBUM - 1:
                break
            found = now
        self._gathered[incoming.key] = [each.payload["message"] for each in now]
        for each in now:
            self._parts[each.key] = None
        while len(self._gathered) > REMEMBERED:
            self._gathered.popitem(last=False)
        while len(self._parts) > ALBUM * REMEMBERED:
            self._parts.popitem(last=False)
        return [each.payload for each in now]

    async def _edited(self, incoming: Incoming) -> bool:
        """Tell whether the user has edited a message that was not answered yet: then the edit is answered."""
        return any(
            later.payload.get("edit") and later.payload["message"] == incoming.payload["message"]
            for later in await self._desk.waiting(incoming)
        )

    async def _fetch(self, media: dict[str, Any]) -> Media:
        if media["size"] > FILE_BYTES:
            raise Unfetchable("too_big")
        try:
            file = await self._api.get_file(media["file"])
            if (file.file_size or 0) > FILE_BYTES:
                raise Unfetchable("too_big")
            try:
                data = bytes(await file.download_as_bytearray())
            except InvalidToken as error:  # what the library says of each 404
                raise Unfetchable("gone") from error
        except BadRequest as error:
            raise Unfetchable("too_big" if "too big" in error.message.lower() else "gone") from error
        except TelegramError as error:
            failure = meaning(error)
            raise failure if isinstance(failure, RetryLater) else Unfetchable("gone") from error
        return Media(media["kind"], data, media["mime"])
