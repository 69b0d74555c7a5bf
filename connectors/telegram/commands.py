"""What the channel answers itself: commands, buttons, and messages that no persona can read.

Knows the persona by its contract, and Telegram only by the payload of a message.
"""

from __future__ import annotations

import asyncio
from typing import Any

from ...core.contracts import Bot
from ...core.errors import Unfinished
from ...core.message import IN_PRIVATE, Message, Reply
from . import keyboards
from .phrases import COMMANDS, commands, say, spoken
from .updates import CHANNEL, conversation, key_of

RIGHTS = {"privacy": ("/privacy", "/隐私"), "export": ("/export", "/导出"), "forget": ("/forget", "/忘记")}
PRIVATE = tuple(RIGHTS)  # what is nobody else's business


class Front:
    """Answer for one persona whatever is about the bot itself."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def language(self, payload: dict[str, Any]) -> str:
        """Return the language to speak: that of the conversation, else that of the user's Telegram."""
        history = await asyncio.to_thread(self._bot.history, conversation(payload))
        return spoken(history[-1][2] if history else payload["code"], self._bot.profile.languages)

    async def command(self, payload: dict[str, Any], username: str) -> Reply | Message:
        """Return the answer to a command; one about the user's own data is a message to the persona."""
        language, name = await self.language(payload), payload["command"]
        private = payload["type"] == "private"
        if name in PRIVATE and not private:
            return Reply(say("in_private", language), language, skill=IN_PRIVATE)
        if name in PRIVATE:
            text = RIGHTS[name][1 if language.startswith("zh") else 0]
            return Message(text, (), conversation(payload), f"{CHANNEL}-{payload['from']}", CHANNEL)
        if name == "start":
            return await self._start(payload, language)
        if name == "help":
            text = self._help(language, username)
        else:
            text = say("unknown_command", language, command=f"/{name}"[:40], commands=commands(language))
        return Reply(text, language, skill=f"{CHANNEL}.{name}" if name in COMMANDS else None)

    async def joined(self, payload: dict[str, Any], username: str) -> Reply:
        """Return what is said to a group that the bot came into."""
        language = await self.language(payload)
        return Reply(say("joined", language, greeting=self._hello(language), username=username), language)

    async def other(self, payload: dict[str, Any]) -> Reply:
        """Return a kind answer to what no persona can read."""
        language, other = await self.language(payload), dict(payload["other"])
        kind = other.pop("kind")
        return Reply(self._hello(language) if kind == "greeting" else say(kind, language, **other), language)

    async def tapped(self, payload: dict[str, Any]) -> Message | Reply | None:
        """Do what a button says; a choice is a message in the user's name. Raise Unavailable when it is not done."""
        kind, _, rest = str(payload["data"]).partition(":")
        user = f"{CHANNEL}-{payload['from']}"
        language = await self.language(payload)
        if kind == keyboards.CHOICE:
            if "label" not in payload:
                return Reply(say("old_button", language), language)
            return Message(
                payload["label"], (), conversation(payload), user, CHANNEL, shared=payload["type"] != "private"
            )
        if kind == keyboards.FEEDBACK:
            sign, _, asked = rest.partition(":")
            key = key_of(payload, int(asked)) if asked.isdecimal() else ""
            if key and sign in ("+", "-"):
                await asyncio.to_thread(self._bot.feedback, conversation(payload), user, key, sign == "+")
        elif kind == keyboards.CONSENT:
            try:
                told = await asyncio.to_thread(self._bot.set_consent, user, rest == "+", language)
            except Unfinished:
                return Reply(say("begun", language), language)
            said = say("agreed" if rest == "+" else "declined", language)
            return Reply("\n\n".join(filter(None, [said, told])), language)
        return None

    async def not_done(self, payload: dict[str, Any]) -> Reply:
        """Return what tells that a button has changed nothing."""
        language = await self.language(payload)
        return Reply(say("failed", language), language)

    def thanks(self, payload: dict[str, Any]) -> str | None:
        """Return what is shown at once when a button was tapped."""
        if str(payload["data"]).startswith(keyboards.FEEDBACK):
            return say("thanks", spoken(payload["code"], self._bot.profile.languages))
        return None

    def not_yours(self, payload: dict[str, Any]) -> str:
        """Return what is shown to who taps a button that stands below an answer to somebody else."""
        return say("not_yours", spoken(payload["code"], self._bot.profile.languages))

    def _hello(self, language: str) -> str:
        profile = self._bot.profile
        return profile.greeting.get(language) or next(iter(profile.greeting.values()), profile.name)

    async def _start(self, payload: dict[str, Any], language: str) -> Reply:
        """Return the greeting, and in a private chat the question whether the conversation may be kept."""
        reply = Reply(self._hello(language), language, skill=f"{CHANNEL}.start")
        if payload["type"] == "private":
            user, asked = f"{CHANNEL}-{payload['from']}", conversation(payload)
            reply.consent = await asyncio.to_thread(self._bot.ask_consent, user, language, asked)
        return reply

    def _help(self, language: str, username: str) -> str:
        group = say("help_group", language, username=username)
        summary = self._bot.profile.summary or self._hello(language)
        return say("help", language, summary=summary, group=group, commands=commands(language))
