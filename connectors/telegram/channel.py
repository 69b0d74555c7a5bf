"""One persona as one bot on Telegram.

Ties the parts together: updates in, by webhook or long polling, written down before they are confirmed; answers out,
each part once. Keeps nothing that a restart would miss.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Coroutine
from functools import partial
from typing import Any

from telegram import Bot as Api
from telegram import BotCommand, InlineKeyboardMarkup, Update, User
from telegram.constants import ChatAction
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from ...core.contracts import Bot, Channel, Desk, Memo
from ...core.errors import PersonacError, RetryLater, Unavailable, Undeliverable
from ...core.message import EXPORT, Answer, Event, Incoming, Message, Reply, Sound
from . import keyboards
from .commands import Front
from .compose import compose, keyboard
from .faults import meaning
from .live import acting, stream
from .outbox import Address, Heights, Outbox
from .phrases import COMMANDS
from .polling import poll
from .reading import Reader
from .recent import Recent
from .settings import Settings
from .updates import WANTED, bare, is_of_another, to_incoming
from .voice import to_voice_note
from .webhook import make_app

log = logging.getLogger("personac.telegram")

CONNECTIONS = 64
CATCH_UP = 5.0  # seconds that the first answers wait for what users wrote meanwhile


class TelegramChannel(Channel):
    """Carry the messages of one bot."""

    def __init__(self, bot: Bot, settings: Settings, desk: Desk) -> None:
        self._bot = bot
        self._settings = settings
        self._desk = desk
        self._api = Api(
            settings.token,
            base_url=settings.base_url,
            base_file_url=settings.base_file_url,
            request=HTTPXRequest(connection_pool_size=CONNECTIONS, read_timeout=20, write_timeout=20, pool_timeout=10),
            get_updates_request=HTTPXRequest(connection_pool_size=1),
        )
        self._front = Front(bot)
        self._reader = Reader(self._api, desk)
        self._recent = Recent(desk)
        self._caught_up = asyncio.Event()
        self._heights = Heights(self._recent.seen)
        self._starting = asyncio.Lock()
        self._me: User | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.app = make_app(settings.secret_token, self._posted) if settings.secret_token else None

    async def run(self) -> None:
        """Tell Telegram where to post updates, or fetch them until cancelled; raise Unavailable."""
        try:
            await self._ready()
            self._beside(self._name_commands())
            if self._settings.webhook:
                await self._api.set_webhook(
                    self._settings.webhook, secret_token=self._settings.secret_token, allowed_updates=list(WANTED)
                )
                self._caught_up.set()
                return
            if (await self._api.get_webhook_info()).url:
                if self._settings.secret_token:
                    self._caught_up.set()
                    return  # somebody has set it, and Telegram takes either a webhook or polling
                await self._api.delete_webhook()
        except TelegramError as error:
            raise Unavailable(str(meaning(error))) from error
        self._caught_up.clear()
        await poll(self._api, self._arrived, self._caught_up)

    async def _ready(self) -> User:
        async with self._starting:
            if self._me is None:
                await self._api.initialize()
                self._me = self._api.bot
        return self._me

    async def _name_commands(self) -> None:
        """Fill the menu of commands, in the languages that we have sentences for."""
        for language in ("en", "zh"):
            menu = [BotCommand(name, texts[language]) for name, texts in COMMANDS.items()]
            try:
                await self._api.set_my_commands(menu, language_code=None if language == "en" else language)
            except TelegramError as error:  # it is filled already, mostly, and nobody waits for it
                log.warning("the menu of commands could not be filled: %s", meaning(error))

    # in

    async def _posted(self, values: dict[str, Any]) -> None:
        try:
            await self._ready()
        except TelegramError as error:
            raise Unavailable(str(meaning(error))) from error
        await self._arrived(values)

    async def _arrived(self, values: dict[str, Any]) -> None:
        """Take an update as Telegram wrote it, as far as the library can read it."""
        assert self._me is not None
        for shape in (values, bare(values)):
            try:
                update = Update.de_json(shape, self._api)
                incoming = to_incoming(update, self._me, self._recent.albums)
                json.dumps(
                    incoming.payload if incoming else None, ensure_ascii=False
                ).encode()  # fails for half letters
            except Exception as error:  # one that cannot be read must not hold up the others
                log.warning("update %d has a shape that is not known (%s)", values["update_id"], type(error).__name__)
                continue
            if incoming is not None:
                await self._take(update, incoming)
            return

    async def _take(self, update: Update, incoming: Incoming) -> None:
        """Write down what is for the bot."""
        payload, query = incoming.payload, update.callback_query
        if query is not None and is_of_another(query):
            self._beside(self._acknowledge(payload, self._front.not_yours(payload)))
            return
        if self._recent.changes_nothing(payload):
            return
        await self._desk.take(incoming)
        self._recent.saw(incoming)
        self._heights.saw(payload["chat"], payload["type"], payload["message"])
        if query is not None:
            self._beside(self._acknowledge(payload, self._front.thanks(payload)))

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _acknowledge(self, payload: dict[str, Any], said: str | None) -> None:
        """Stop the turning wheel on a button; Telegram forgets the tap after a moment anyway."""
        try:
            await self._api.answer_callback_query(payload["query"], said)
        except TelegramError as error:
            log.debug("a tap was not acknowledged: %s", type(error).__name__)

    async def read(self, incoming: Incoming) -> Message | Reply | None:
        """Make the message, with its media; answer by itself what is about the bot."""
        payload, username = incoming.payload, await self._username()
        if payload.get("joined"):
            return await self._front.joined(payload, username)
        if "command" in payload:
            return await self._front.command(payload, username)
        if "query" in payload:
            try:
                answer = await self._front.tapped(payload)
            except Unavailable as error:
                log.error("a button did nothing, and its user is told so: %s", error)
                return await self._front.not_done(payload)  # the buttons stay, to be tapped again
            await self._mark(payload)
            return answer
        if "other" in payload:
            return await self._front.other(payload)
        voice = self._settings.voice
        speak = self._bot.profile.has_voice and (voice == "always" or (voice == "auto" and "spoken" in payload))
        return await self._reader.message(incoming, await self._front.language(payload), speak)

    async def _username(self) -> str:
        try:
            return (await self._ready()).username or ""
        except TelegramError as error:
            raise meaning(error) from error

    async def _mark(self, payload: dict[str, Any]) -> None:
        """Show which button was tapped instead of the buttons."""
        label = payload.get("label")
        if not label or payload["data"] == keyboards.DONE:
            return
        options: InlineKeyboardMarkup = keyboards.chosen(label)
        try:
            await self._api.edit_message_reply_markup(payload["chat"], payload["message"], reply_markup=options)
        except TelegramError as error:
            log.debug("the buttons stay: %s", type(error).__name__)

    # out

    def _address(self, payload: dict[str, Any], quote: bool) -> Address:
        reply_to = payload["message"] if quote and "query" not in payload else None
        return Address(payload["chat"], payload["type"], payload.get("thread"), reply_to, payload["message"])

    async def show(self, incoming: Incoming, events: AsyncIterator[Event], memo: Memo) -> None:
        """Show that the persona is typing, and in a private chat the words as they come."""
        payload = incoming.payload
        if album := self._reader.album(incoming):
            memo["album"] = album
        address = self._address(payload, quote=False)
        drafts = payload["type"] == "private" and not payload.get("edit") and not payload.get("query")
        async with acting(self._api, address, ChatAction.TYPING):
            await stream(self._api, address, events, drafts)

    async def send(self, incoming: Incoming, answer: Answer, memo: Memo) -> None:
        """Send what was not sent yet; raise RetryLater or Undeliverable."""
        payload, reply = incoming.payload, answer.reply
        await self._know_ids()
        if album := self._reader.album(incoming):
            memo["album"] = album
        before, newer = await self._recent.before(incoming)
        quote = payload["type"] != "private" or bool(payload.get("edit") and newer)
        address = self._address(payload, quote=quote and not payload.get("joined"))
        box = Outbox(self._api, address, memo, self._heights, partial(self._recent.sent_beside, incoming))
        if reply.skill == EXPORT:
            files = await asyncio.to_thread(self._bot.export_files, incoming.user, reply.language)
            for number, file in enumerate(files):
                await box.document(file.data, file.name, reply.text if number == 0 else "")
            return
        buttons = keyboard(payload, reply, await self._username(), self._settings.feedback)
        made = compose(reply, sources=self._settings.sources)
        earlier = [] if newer else list(before.get("sent", ()))
        texts = earlier[: before.get("texts", len(earlier))]
        memo["texts"] = len(made)
        for number, piece in enumerate(made):
            below = buttons if number == len(made) - 1 else None
            instead = texts[number] if number < len(texts) else None
            await box.text(piece.markdown, piece.plain, below, instead)
        for message in earlier:
            if message not in memo["sent"]:
                await box.delete(message)
        for media in reply.media:
            await box.media(media)
        if reply.erased:
            self._recent.forget(payload["chat"])
        if answer.speak:
            await self._speak(box, address, reply)

    async def _know_ids(self) -> None:
        """Wait for the updates that wait: a part's id is found again the sooner the more ids are known before it."""
        try:
            await asyncio.wait_for(self._caught_up.wait(), CATCH_UP)
        except TimeoutError:  # nothing is fetched where Telegram posts updates, or it cannot be reached
            self._caught_up.set()

    async def _speak(self, box: Outbox, address: Address, reply: Reply) -> None:
        """Say the answer; its words went out before, so that where there can be no voice, that is all."""
        sounds: list[Sound] = []
        try:
            async with acting(self._api, address, ChatAction.RECORD_VOICE):
                async for sound in self._bot.say(reply.text, reply.language):
                    sounds.append(sound)
                if not any(sound.pcm for sound in sounds):
                    return
                note, seconds = await asyncio.to_thread(to_voice_note, sounds)
            await box.voice(note, seconds)
        except RetryLater:
            raise
        except (PersonacError, OSError, ValueError) as error:  # of the voice, of the encoder, or a user who wants none
            log.warning("an answer goes without its voice note: %s", _told(error))

    async def close(self) -> None:
        """Let go of connections."""
        for task in list(self._tasks):
            task.cancel()
        await self._api.shutdown()


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, Undeliverable) else type(error).__name__
