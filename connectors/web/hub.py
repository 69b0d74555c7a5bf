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
from ...core.message import FORGOTTEN, Incoming, Reply
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
            talk = self._talks[conversation] = Talk(
                self.bot, self.shelf, self.ledger, conversation, user, self._forgotten
            )
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
            await self._tell(user, "forgotten", reply.text, asker)
        return reply

    async def decide(self, user: str, granted: bool, language: str = "", asker: Listener | None = None) -> str:
        """Write what a user decided about keeping what they say, and return what is told of an erasure.

        A no lets go of what is held of them, too; a turn that runs is answered. Of an erasure whoever else of theirs is
        here is told, but not the `asker`.
        """
        told = await asyncio.to_thread(self.bot.set_consent, user, granted, language)
        if not granted:
            self._let_go(user)
        if told:
            await self._tell(user, "erased", told, asker)
        return told

    async def _forgotten(self, talk: Talk, text: str) -> None:
        """Let go of a user whose own words had all erased; who is in that conversation has read so."""
        self._let_go(talk.user)
        await self._tell(talk.user, "forgotten", text, but=talk)

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
