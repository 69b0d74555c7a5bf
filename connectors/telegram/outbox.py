"""Parts of one answer, each sent once, whatever happens between sending and knowing that it was sent.

Telegram has no key that makes a second sendMessage harmless. So it is written down, before each part, above which id
its message must lie: ids only grow, and what earlier processes saw counts. When no word came back (a crash, a lost
connection), the ids just above are tried by editing them to exactly what was sent: “message is not modified” proves
that the part is there, and with which id; others refuse and stay as they are. Turns of one chat run in order and a part
lies above all answers that the chat got before, so no other message of the bot is hit. Where none of the ids is the
part, it is sent again. A second copy is only possible when more messages than were tried reached the bot's account
during that one call, when Telegram carries the call out after it was asked about, or when somebody deleted the first.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions, Message, ReplyParameters
from telegram.error import BadRequest, ChatMigrated, TelegramError

from ...core.contracts import Memo
from ...core.errors import Undeliverable
from ...core.message import Media, file_name
from .faults import is_markup, is_missing, is_unchanged, may_have_arrived, meaning

PROBES = 60  # ids that are tried beyond what was heard of since
MOST_PROBES = 200  # in all, and where the process has ended since: nobody knows what came meanwhile

Seen = tuple[int, str, int]  # a chat, its kind, a message's id

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class Heights:
    """Know the highest message id seen: private chats and small groups share one count, supergroups have their own."""

    def __init__(self, earlier: Callable[[], Awaitable[Iterable[Seen]]]) -> None:
        self._earlier: Callable[[], Awaitable[Iterable[Seen]]] | None = earlier
        self._reading = asyncio.Lock()
        self._highest: dict[int, int] = {}
        self._chats: set[int] = set()
        self.process = secrets.token_hex(8)  # tells what was noted before a restart

    def is_new(self, chat: int) -> bool:
        """Tell whether nothing was sent to a chat since the process began; it counts as sent to from now on."""
        new = chat not in self._chats
        self._chats.add(chat)
        return new

    async def recall(self) -> None:
        """Take note of what earlier processes saw, once."""
        async with self._reading:
            if self._earlier is not None:
                for chat, kind, message in await self._earlier():
                    self.saw(chat, kind, message)
                self._earlier = None

    def saw(self, chat: int, kind: str, message: int) -> None:
        """Take note of a message id."""
        count = chat if kind == "supergroup" else 0
        if message > self._highest.get(count, 0):
            self._highest[count] = message
            if len(self._highest) > 10_000:
                self._highest.pop(next(iter(self._highest)))

    def of(self, chat: int, kind: str) -> int:
        """Return the highest id seen where a chat's messages are counted."""
        return self._highest.get(chat if kind == "supergroup" else 0, 0)


@dataclass(frozen=True, slots=True)
class Address:
    """Say where an answer goes; `reply_to` is a message that it quotes."""

    chat: int
    kind: str
    thread: int | None = None
    reply_to: int | None = None
    asked: int = 0  # the user's message: ours come after it


@dataclass(slots=True)
class Outbox:
    """Send the parts of one answer; the memo holds `sent` (ids), `after` while the fate of a part is not known."""

    bot: Bot
    address: Address
    memo: Memo
    heights: Heights
    others: Callable[[], Awaitable[set[int]]]  # ids of the chat's other answers, which must not be touched
    _part: int = field(default=0)

    @property
    def chat(self) -> int:
        """Return the chat, where it has moved to."""
        return int(self.memo.get("chat", self.address.chat))

    async def text(
        self, markdown: str, plain: str, keyboard: InlineKeyboardMarkup | None = None, instead: int | None = None
    ) -> None:
        """Send one message, or edit an earlier one; where Telegram does not take the markup, the plain text."""
        new = self._part >= len(self._sent)
        if new and instead is not None and await self._replace(instead, markdown, plain, keyboard):
            self._keep(instead)

        def content() -> dict[str, Any]:
            if self.memo.get("plain"):
                return {"text": plain}
            return {"text": markdown, "parse_mode": "MarkdownV2"}

        async def send() -> Message:
            options = {**content(), **self._place(), "reply_markup": keyboard, "link_preview_options": NO_PREVIEW}
            return await self.bot.send_message(self.chat, **options)

        async def edit(message: int) -> object:
            options = {**content(), "reply_markup": keyboard, "link_preview_options": NO_PREVIEW}
            return await self.bot.edit_message_text(chat_id=self.chat, message_id=message, **options)

        await self._deliver(send, edit)

    async def voice(self, sound: bytes, seconds: float) -> None:
        """Send a voice note."""

        async def send() -> Message:
            return await self.bot.send_voice(
                self.chat, sound, duration=max(1, round(seconds)), filename="answer.ogg", **self._place()
            )

        await self._deliver(send, self._caption(None))

    async def document(self, data: bytes, name: str, caption: str) -> None:
        """Send a file."""

        async def send() -> Message:
            return await self.bot.send_document(self.chat, data, filename=name, caption=caption, **self._place())

        await self._deliver(send, self._caption(caption))

    async def media(self, media: Media) -> None:
        """Send a picture that Telegram shows as one, anything else as a file."""
        if media.mime not in ("image/png", "image/jpeg"):
            await self.document(media.data, file_name(media), media.name)
            return

        async def send() -> Message:
            return await self.bot.send_photo(self.chat, media.data, caption=media.name or None, **self._place())

        await self._deliver(send, self._caption(media.name or None))

    def _caption(self, caption: str | None) -> Callable[[int], Awaitable[object]]:
        async def edit(message: int) -> object:
            return await self.bot.edit_message_caption(chat_id=self.chat, message_id=message, caption=caption)

        return edit

    def _place(self) -> dict[str, Any]:
        reply = self.address.reply_to if self._part == 0 else None
        quote = ReplyParameters(reply, allow_sending_without_reply=True) if reply is not None else None
        return {"message_thread_id": self.address.thread, "reply_parameters": quote}

    @property
    def _sent(self) -> list[int]:
        sent: list[int] = self.memo.setdefault("sent", [])
        return sent

    async def _deliver(self, send: Callable[[], Awaitable[Message]], edit: Callable[[int], Awaitable[object]]) -> None:
        try:
            await self._once(send, edit)
        except ChatMigrated as moved:
            self.memo["chat"] = moved.new_chat_id
            self.memo.pop("after", None)
            await self._deliver(send, edit)
        self._part += 1

    async def _once(self, send: Callable[[], Awaitable[Message]], edit: Callable[[int], Awaitable[object]]) -> None:
        if self._part < len(self._sent):
            return
        await self.heights.recall()
        if "after" in self.memo:
            found = await self._find(edit)
            if found is not None:
                self._keep(found)
                return
        if self.heights.is_new(self.chat):  # what was sent before the process began counts, too
            self.heights.saw(self.chat, self.address.kind, max(await self.others(), default=0))
        self.memo["after"] = max(
            self.heights.of(self.chat, self.address.kind), self.address.asked, *self._sent, self.memo.get("after", 0)
        )
        self.memo["process"] = self.heights.process
        self.memo["where"] = [self.chat, self.address.kind]
        self._forget("until", "tried")
        await self.memo.keep()
        try:
            message = await send()
        except ChatMigrated:
            raise
        except TelegramError as error:
            if not may_have_arrived(error):
                self.memo.pop("after", None)
            if is_markup(error) and not self.memo.get("plain"):
                self.memo["plain"] = True
                return await self._once(send, edit)
            raise meaning(error) from error
        self._keep(message.message_id)

    def _keep(self, message: int) -> None:
        self.heights.saw(self.chat, self.address.kind, message)
        self._sent.append(message)
        self._forget("after", "until", "tried")

    def _forget(self, *keys: str) -> None:
        for key in keys:
            self.memo.pop(key, None)

    async def _find(self, edit: Callable[[int], Awaitable[object]]) -> int | None:
        """Return the id of a part that may have been sent."""
        after = int(self.memo["after"])
        others = {*self._sent, *await self.others()}
        known = self.heights.of(self.chat, self.address.kind) - after
        same = self.memo.get("process") == self.heights.process
        tried = min(MOST_PROBES, max(known, 0) + PROBES) if same else MOST_PROBES
        until = int(self.memo.setdefault("until", after + tried))
        for message in range(int(self.memo.get("tried", after)) + 1, until + 1):
            if message in others:
                continue
            try:
                await edit(message)
            except ChatMigrated:
                raise
            except TelegramError as error:
                if is_unchanged(error):
                    return message
                if not isinstance(error, BadRequest):
                    raise meaning(error) from error
                if not is_missing(error) and is_markup(error):
                    return None  # what Telegram can't read, it did not send
                self.memo["tried"] = message  # whoever goes on after a failure need not ask again; the next send may
                # well get this id, so `after` stays
                continue
            return message  # it was ours, and has our words now
        return None

    async def _replace(self, message: int, markdown: str, plain: str, keyboard: InlineKeyboardMarkup | None) -> bool:
        """Edit one of our messages to a new text; False when it can't be edited (any more)."""
        contents: tuple[dict[str, Any], ...] = ({"text": markdown, "parse_mode": "MarkdownV2"}, {"text": plain})
        for content in contents:
            options = {**content, "reply_markup": keyboard, "link_preview_options": NO_PREVIEW}
            try:
                await self.bot.edit_message_text(chat_id=self.chat, message_id=message, **options)
                return True
            except TelegramError as error:
                if is_unchanged(error):
                    return True
                if is_markup(error):
                    continue
                if isinstance(error, BadRequest):
                    return False
                raise meaning(error) from error
        raise Undeliverable("Telegram takes neither the markup nor the plain text")

    async def delete(self, message: int) -> None:
        """Delete one of our messages, if it can be."""
        try:
            await self.bot.delete_message(self.chat, message)
        except BadRequest:
            pass
        except TelegramError as error:
            raise meaning(error) from error
