"""The conversations of one bot that somebody is in, or was lately.

Knows users and names of conversations; does not know what is said in them.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable

from ...core.contracts import Bot
from ...core.errors import Unfinished
from ...core.message import FORGOTTEN, WITHDRAWN, Incoming, Reply
from .ledger import Ledger
from .media import MediaShelf
from .protocol import BadFrame, Request
from .talks import Listener, Talk

log = logging.getLogger("personac.web")
IDLE = 900.0  # seconds that a conversation with nobody in it is kept
SWEEP = 60.0


class Hub:
    """Hold the conversations of one bot that somebody is in, or was lately."""

    def __init__(
        self, bot: Bot, shelf: MediaShelf, ledger: Ledger, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.bot, self.shelf, self.ledger, self._clock = bot, shelf, ledger, clock
        self._talks: dict[str, Talk] = {}
        self._swept = clock()

    async def resume(self) -> None:
        """Answer what an earlier process left unanswered, keep what it had answered, and hear of what is due."""
        for incoming, request in await self.ledger.left_over():
            self._begin(incoming, request)
        self.ledger.calls(self._begin)

    def _begin(self, incoming: Incoming, request: Request) -> None:
        try:
            self.talk(incoming.conversation, incoming.user).begin(request)
        except BadFrame:
            log.warning("what was written down was not answered: too many messages of its conversation wait")

    def talk(self, conversation: str, user: str) -> Talk:
        """Return a conversation of a user, begun when it is not there."""
        self._sweep()
        talk = self._talks.get(conversation)
        if talk is None:
            talk = self._talks[conversation] = Talk(self.bot, self.shelf, self.ledger, conversation, user, self.settled)
        talk.used = self._clock()
        return talk

    def __len__(self) -> int:
        return len(self._talks)

    async def forget(self, user: str, language: str = "", asker: Listener | None = None) -> Reply:
        """Erase what is kept of a user, who has confirmed it, end their turns, and return what tells so.

        Whoever else of theirs is here is told, too, but not the `asker`.
        """
        own = [talk for talk in self._talks.values() if talk.user == user]
        for talk in own:
            await talk.stop()
        reply = await asyncio.to_thread(self.bot.erase_and_tell, user, language or self.bot.profile.languages[0])
        self._let_go(user)
        if reply.skill == FORGOTTEN:
            await self._decided(user)
            await self._tell(user, "forgotten", reply.text, asker)
        return reply

    async def decide(self, user: str, granted: bool, language: str = "", asker: Listener | None = None) -> str:
        """Write what a user decided about keeping what they say, and return what is told of an erasure.

        A no lets go of what is held of them, too; a turn that runs is answered. Whoever of theirs is here is told of
        the decision, and of an erasure, but of that not the `asker`.
        """
        try:
            told = await asyncio.to_thread(self.bot.set_consent, user, granted, language)
        except Unfinished:  # it is decided, and the erasure goes on
            self._let_go(user)
            await self._decided(user)
            raise
        if not granted:
            self._let_go(user)
        await self._decided(user)
        if told:
            await self._tell(user, "erased", told, asker)
        return told

    async def settled(self, user: str, reply: Reply, talk: Talk | None = None) -> None:
        """Let go of what a user's own words erased, and tell whoever of theirs is here what they decided.

        Who is in the conversation `talk` reads the answer itself.
        """
        if reply.erased:
            self._let_go(user)
        await self._decided(user)
        told = {FORGOTTEN: "forgotten", WITHDRAWN: "erased"}.get(reply.skill or "")
        if told is not None:
            await self._tell(user, told, reply.text, but=talk)

    async def _decided(self, user: str) -> None:
        """Tell whoever of a user is here what is decided about keeping what they say."""
        frame = json.dumps({"type": "consent", "consent": await asyncio.to_thread(consent_of, self.bot, user)})
        for talk in [talk for talk in self._talks.values() if talk.user == user]:
            await talk.tell(frame)

    async def _tell(
        self, user: str, type: str, text: str, asker: Listener | None = None, but: Talk | None = None
    ) -> None:
        frame = json.dumps({"type": type, "text": text}, ensure_ascii=False)
        for talk in [talk for talk in self._talks.values() if talk.user == user and talk is not but]:
            await talk.tell(frame, asker)

    def _let_go(self, user: str) -> None:
        """Drop what is held of a user: words for who comes back, answers for who asks again, files that wait."""
        for talk in self._talks.values():
            if talk.user == user:
                talk.forget()
        self.shelf.forget(user)

    async def close(self) -> None:
        """End everything; what is not answered stays written down for the next process."""
        self.ledger.freeze()
        for talk in self._talks.values():
            talk.cancel()
        self._talks.clear()
        await self.ledger.end()

    def _sweep(self) -> None:
        now = self._clock()
        if now - self._swept < SWEEP:
            return
        self._swept = now
        for name in [name for name, talk in self._talks.items() if talk.idle and now - talk.used > IDLE]:
            del self._talks[name]


def consent_of(bot: Bot, user: str) -> str:
    """Return what a user decided: implied, ask, granted or denied."""
    if bot.profile.consent == "implied":
        return "implied"
    granted = bot.consent(user)
    return "ask" if granted is None else ("granted" if granted else "denied")
