"""One persona in one Slack workspace: what is read, shown and sent. Listeners take messages in; this answers them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from typing import Any

from ...core.contracts import ASGI, Bot, Channel, Desk, Memo
from ...core.errors import PersonacError, RetryLater, Undeliverable
from ...core.message import EXPORT, FORGOTTEN, Answer, Event, Incoming, Message, Reply, file_name, joined
from .blocks import ANSWER_CHARACTERS, Block, below, plain, quoted, spoken_by, words_of
from .events import conversation_of
from .files import FILE_BYTES, NotTaken, fetch, is_media, share
from .formatting import escape, split
from .handoff import FILE, FROM_PEOPLE, TO_PEOPLE, Handoff
from .listeners import Listeners
from .outbox import Outbox, Place, reason_of
from .settings import Settings
from .streaming import STREAM, Streaming
from .words import language_of, say

log = logging.getLogger("personac.slack")
OWN = "slack"  # the `skill` of what this connector says by itself
_GONE = ("message_not_found", "cant_update_message", "edit_window_closed")


class SlackChannel(Channel):
    """Answer the messages of one workspace."""

    def __init__(self, bot: Bot, settings: Settings, desk: Desk) -> None:
        self.bot, self.settings, self.desk = bot, settings, desk
        self.outbox = Outbox(settings.bot_token, settings.api)
        self.streaming = Streaming(self.outbox)
        self.handoff = Handoff(self.outbox, settings.people, bot)
        self.listeners = Listeners(self)
        self.app: ASGI | None = self.listeners.asgi
        self._directs: dict[str, str] = {}
        self._own: Mapping[str, str] = {}

    async def run(self) -> None:
        """Fetch messages in Socket Mode until cancelled; return at once where Slack calls."""
        await self.listeners.run()

    async def close(self) -> None:
        """End what runs beside the turns, and the session."""
        await self.listeners.close()
        await self.outbox.close()

    def known_direct(self, user: str) -> str:
        """Return the channel of the direct messages with a person, empty while it is not known."""
        return self._directs.get(user, "")

    # in

    async def read(self, incoming: Incoming) -> Message | Reply | None:
        """Make the message; a person's words for the other side of a hand-off, and own sentences, are replies."""
        payload = incoming.payload
        kind, text = payload["kind"], str(payload["text"])
        if kind == "relay":
            reply = await self.handoff.from_people(payload)
            if reply is not None or not payload["mentioned"] or await self.handoff.is_case(payload["thread"]):
                return reply
        if kind == "hello":
            return await self._hello(incoming)
        if kind == "told":
            return Reply(text, str(payload["language"]), skill=FORGOTTEN)
        if kind == "back":
            return await self.handoff.back(str(payload["case"]))
        conversation = incoming.conversation
        if kind == "command":
            conversation = conversation_of(payload["team"], await self.direct(payload["user"]), None)
        case = await self.handoff.taken(conversation)
        if case is not None:
            return Reply(text or FILE, case.language, skill=TO_PEOPLE, slots={"case": case.ts})
        try:
            media = await fetch(self.outbox, [file for file in payload["files"] if is_media(file) or not text])
        except NotTaken as refused:
            before = [] if text else await asyncio.to_thread(self.bot.history, conversation)
            language = before[-1][2] if before else language_of(text, self.bot.profile.languages)
            return self._own_words(refused.reason, language, size=FILE_BYTES // (1024 * 1024))
        if not text and not media:
            return None
        wanted = {"auto": any(item.kind == "audio" for item in media), "always": True, "never": False}
        speak = self.bot.profile.has_voice and wanted[self.settings.voice]
        return Message(
            text, media, conversation, incoming.user, incoming.channel, speak, incoming.key, not payload["direct"]
        )

    async def _hello(self, incoming: Incoming) -> Reply | None:
        """Return the greeting for somebody who opens the bot's messages for the first time."""
        place = Place(incoming.payload["channel"])
        async for _ in self.outbox.messages(place):
            return None
        profile = self.bot.profile
        language = profile.languages[0] if profile.languages else "en"
        text = profile.greeting.get(language, "")
        return Reply(text, language, skill=OWN) if text else None

    def _own_words(self, name: str, language: str, **values: object) -> Reply:
        language = language or language_of("", self.bot.profile.languages)
        return Reply(say(name, language, **values), language, skill=OWN)

    async def direct(self, user: str) -> str:
        """Return the channel of the direct messages with a person."""
        if user not in self._directs:
            data = await self.outbox.call(self.outbox.client.conversations_open(users=user))
            self._directs[user] = str(data["channel"]["id"])
        return self._directs[user]

    # out

    async def show(self, incoming: Incoming, events: AsyncIterator[Event], memo: Memo) -> None:
        """Show that the bot is at work, and the words as they are made."""
        payload = incoming.payload
        if payload["kind"] == "command":  # its answer comes elsewhere than where it was asked
            async for _ in events:
                pass
            return
        await self.streaming.show(incoming, events, memo)

    async def send(self, incoming: Incoming, answer: Answer, memo: Memo) -> None:
        """Send the words, then the voice or the file that belongs to them, then what goes to people."""
        payload, reply = incoming.payload, answer.reply
        place = await self._place(incoming, reply)
        own = reply.skill in (OWN, TO_PEOPLE, FROM_PEOPLE) or payload["kind"] == "told"
        head: list[Block] = []
        if payload["kind"] == "command" and not reply.about_data:
            head = quoted(payload["text"])
        elif reply.skill in (TO_PEOPLE, FROM_PEOPLE) and payload["user"]:
            head = [spoken_by("🧑" if reply.skill == TO_PEOPLE else "👤", payload["user"])]
        conversation = incoming.conversation
        if payload["kind"] == "command":
            conversation = conversation_of(payload["team"], place.channel, None)
        tail = [] if own else self._below(incoming, conversation, reply)
        if reply.slots.get("back") and own:
            await self.handoff.close(str(reply.slots["case"]))
        await self._words(incoming, place, reply.text or "…", head, tail, memo)
        if reply.skill in (TO_PEOPLE, FROM_PEOPLE):
            await self.handoff.files(incoming, place, reply, memo)
        for number, media in enumerate(reply.media):
            await share(self.outbox, place, file_name(media), media.data, memo, f"shown{number}", media.name)
        if reply.skill == EXPORT:
            for file in await asyncio.to_thread(self.bot.export_files, incoming.user, reply.language):
                await share(self.outbox, place, file.name, file.data, memo, file.name.rpartition(".")[2])
        if reply.erased:
            self._directs.pop(payload["user"], None)
            self.listeners.forget(incoming)
        if answer.speak and not own:
            await self._voice(incoming, place, reply, memo)
        if not own:
            await self.handoff.after(incoming, conversation, place, reply, memo)

    async def _place(self, incoming: Incoming, reply: Reply) -> Place:
        payload = incoming.payload
        if reply.skill == TO_PEOPLE:
            return Place(self.settings.people, str(reply.slots["case"]))
        if reply.skill == FROM_PEOPLE:
            return await self.handoff.place(str(reply.slots["case"]))
        if payload["kind"] in ("command", "told"):
            return Place(await self.direct(payload["user"]))
        return Place(payload["channel"], payload["thread"])

    def _below(self, incoming: Incoming, conversation: str, reply: Reply) -> list[Block]:
        rated = self.settings.feedback and bool(reply.milliseconds)  # a sentence about a limit took no turn
        blocks = below(reply, incoming.key, conversation, feedback=rated and not reply.about_data)
        if incoming.payload["text"] and not all(map(is_media, incoming.payload["files"])):
            blocks.insert(0, {"type": "context", "elements": [plain(say("cannot_read", reply.language))]})
        return blocks

    async def _words(
        self, incoming: Incoming, place: Place, text: str, head: list[Block], tail: list[Block], memo: Memo
    ) -> None:
        """Send the words, in one message or in several, each of them once."""
        pieces = split(text, ANSWER_CHARACTERS)
        for number, piece in enumerate(pieces):
            below_it = tail if number == len(pieces) - 1 else []
            if number == 0:
                await self._first(incoming, place, piece, head, below_it, memo)
            elif not memo.get(f"part{number}"):
                blocks = [*words_of(piece), *below_it]
                key, since = f"{incoming.key}#{number}", incoming.payload["ts"]
                again = memo.repeated > 0
                memo[f"part{number}"] = await self.outbox.post(
                    place, escape(piece), blocks, key, again=again, since=since
                )

    async def _first(
        self, incoming: Incoming, place: Place, text: str, head: list[Block], tail: list[Block], memo: Memo
    ) -> None:
        shown: dict[str, Any] = memo.get("answer") or {}
        ts, since = shown.get("ts"), incoming.payload["ts"] if place.channel == incoming.payload["channel"] else ""
        if shown.get("done"):
            return
        if ts is None and shown.get("as"):  # begun, and not known whether it is there
            ts = await self.outbox.there(place, incoming.key, since) or None
            if ts is None and shown["as"] == STREAM:
                ts = await self.streaming.lost(incoming, place, await self.own())
        if ts is not None:
            try:
                streamed = shown.get("as") == STREAM
                await self.streaming.finish(incoming, place, ts, text, tail, streamed=streamed)
                memo["answer"] = {**shown, "ts": ts, "done": True}
                return
            except Undeliverable as error:
                if reason_of(error) not in _GONE:
                    raise
        blocks = [*head, *words_of(text), *tail]
        again = memo.repeated > 0
        ts = await self.outbox.post(place, escape(text), blocks, incoming.key, again=again, since=since)
        memo["answer"] = {"ts": ts, "done": True}

    async def own(self) -> Mapping[str, str]:
        """Return who the bot itself is in this workspace (`user_id`, `bot_id`)."""
        if not self._own:
            data = await self.outbox.call(self.outbox.client.auth_test())
            self._own = {name: str(data[name]) for name in ("user_id", "bot_id") if data.get(name)}
        return self._own

    async def _voice(self, incoming: Incoming, place: Place, reply: Reply, memo: Memo) -> None:
        if (memo.get("voice") or {}).get("done"):
            return
        try:
            sounds = [sound async for sound in self.bot.say(reply.text, reply.language)]
        except RetryLater:
            raise
        except Exception as error:  # a fault of the voice's must not hold up the conversation
            named = isinstance(error, PersonacError)
            log.warning("an answer is sent without its voice: %s", error if named else type(error).__name__)
            return
        if sounds:
            await share(self.outbox, place, "answer.wav", joined(sounds).wav(), memo, "voice")
