"""What people press: a choice, 👍 and 👎, consent, and the buttons of the home tab and of a hand-off.

A choice is a message and goes to the desk like one; the rest is done at once, and doing it twice is doing it once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...core.errors import Unavailable, Unfinished
from .blocks import BACK, CHOICE, CONSENT, EXPORT, FORGET, GOOD_BAD, chosen, without
from .events import CHANNEL, own_of, user_of
from .words import language_of, say

if TYPE_CHECKING:
    from .listeners import Listeners

log = logging.getLogger("personac.slack")


class Buttons:
    """Act on the buttons of one workspace."""

    def __init__(self, listeners: Listeners) -> None:
        self._listeners = listeners
        self._channel = listeners.channel

    async def pressed(self, body: dict[str, Any], ack: Any) -> None:
        """Do what a button stands for, then tell Slack so."""
        action = (body.get("actions") or [{}])[0]
        name, value = str(action.get("action_id") or ""), str(action.get("value") or "")
        user, team = str(body["user"]["id"]), str((body.get("team") or body["user"]).get("id") or "")
        team = team if body.get("team") else str(body["user"].get("team_id") or "")
        message = body.get("message") or {}
        channel = str((body.get("channel") or {}).get("id") or "")
        if message:
            language = language_of(str(message.get("text") or ""), self._channel.bot.profile.languages)
        else:
            language = await self._listeners.language(team, user)
        if name.startswith(f"{CHOICE}_"):
            await self._chosen(team, user, channel, message, value, language)
        elif name == GOOD_BAD:
            await self._feedback(team, user, channel, message, value, language)
        elif name.startswith(f"{CONSENT}_"):
            await self._consent(team, user, channel, message, value == "yes", language)
        elif name == EXPORT:
            await self._listeners.claim("export", team, user, str(body.get("trigger_id")), language)
        elif name == FORGET:
            await self._listeners.erase(team, user, str(body.get("trigger_id")), language)
        elif name == BACK and channel == self._channel.settings.people:
            await self._listeners.back(team, str(message.get("ts")))
        await ack()

    async def _chosen(
        self, team: str, user: str, channel: str, message: Mapping[str, Any], value: str, language: str
    ) -> None:
        ts, thread = str(message.get("ts") or ""), message.get("thread_ts")
        thread = str(thread) if thread and (thread != ts or not channel.startswith("D")) else None
        key = f"choice:{team}:{channel}:{ts}:{user}"
        await self._listeners.take(own_of("choice", key, team, user, channel, thread, text=value, ts=ts))
        blocks = chosen(message.get("blocks") or (), value, language)
        outbox = self._channel.outbox
        self._listeners.beside(outbox.update(channel, ts, str(message.get("text") or ""), blocks))

    async def _feedback(
        self, team: str, user: str, channel: str, message: Mapping[str, Any], value: str, language: str
    ) -> None:
        opinion, _, about = value.partition(" ")
        conversation, _, key = about.partition(" ")
        if opinion not in ("good", "bad") or not conversation.startswith(f"{CHANNEL}:{team}:"):
            return
        said = "thanks"
        try:
            given = conversation, user_of(team, user), key, opinion == "good"
            await asyncio.to_thread(self._channel.bot.feedback, *given)
        except Unavailable as error:
            log.error("an opinion was not written down, and its user is told so: %s", error)
            said = "failed"
        self._whisper(user, channel, message, say(said, language))

    async def _consent(
        self, team: str, user: str, channel: str, message: Mapping[str, Any], granted: bool, language: str
    ) -> None:
        said = "consent_yes" if granted else "consent_no"
        try:
            told = await asyncio.to_thread(self._channel.bot.set_consent, user_of(team, user), granted, language)
        except Unfinished:
            told, said = "" if message else say("begun", language), "begun"
        except Unavailable as error:
            log.error("a decision was not written down, and its user is told so: %s", error)
            self._whisper(user, channel, message, say("failed", language))  # the buttons stay, to be pressed again
            return
        if message:
            note = "\n".join(filter(None, [say(said, language), told]))
            blocks = without(message.get("blocks") or (), CONSENT, note)
            text, ts = str(message.get("text") or ""), str(message.get("ts"))
            self._listeners.beside(self._channel.outbox.update(channel, ts, text, blocks))
        else:
            self._listeners.beside(self._listeners.publish(team, user, language))
            if told:
                self._listeners.beside(self._tell(user, told))

    def _whisper(self, user: str, channel: str, message: Mapping[str, Any], text: str) -> None:
        """Tell a person alone, below a message; directly where there is none."""
        if not message:
            self._listeners.beside(self._tell(user, text))
            return
        outbox, thread = self._channel.outbox, message.get("thread_ts")
        told = outbox.client.chat_postEphemeral(channel=channel, user=user, text=text, thread_ts=thread)
        self._listeners.beside(outbox.try_to(told))

    async def _tell(self, user: str, text: str) -> None:
        """Write to a person who decided in the home tab, where there is no message to put it below."""
        outbox = self._channel.outbox
        direct = await self._channel.direct(user)
        await outbox.try_to(outbox.client.chat_postMessage(channel=direct, text=text))
