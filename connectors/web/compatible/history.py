"""Which conversation a client's list of messages goes on with.

A client of this interface sends all that was said, each time. Where its list is one that was answered here, the
conversation of then goes on, with the form that it may be in. Where it was edited, or an answer is to be made again, a
new conversation begins that knows these messages and the state in which the list was left. Knows texts and digests;
does not know how a turn is answered.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from ....core.contracts import Bot
from ....core.turn import DialogueState

PLACES = 4096
TOLD = 20  # messages of a list that a new conversation is told


@dataclass(frozen=True, slots=True)
class Said:
    """Hold one message of a list: its words, and its digest with pictures and sounds."""

    role: str
    text: str
    digest: str


@dataclass(slots=True)
class Place:
    """Hold how a conversation stood after a list; `newest` while nothing was said in it since."""

    conversation: str
    state: DialogueState
    newest: bool = True


class Places:
    """Find conversations by the messages said in them."""

    def __init__(self, most: int = PLACES) -> None:
        self._most = most
        self._places: OrderedDict[str, Place] = OrderedDict()

    async def enter(self, bot: Bot, user: str, said: Sequence[Said], owner: str) -> tuple[str, Place | None]:
        """Return the conversation for what is said next, and the place that it goes on from, taken by this turn.

        `owner` names the user and the persona: nobody goes on with what somebody else has said.
        """
        place = self._places.get(_digest(owner, said)) if said else None
        if place is not None and place.newest:
            place.newest = False
            return place.conversation, place
        conversation = f"openai-{secrets.token_urlsafe(12)}"
        if said:
            lines = [(one.role, one.text) for one in said[-TOLD:]]
            state = place.state if place is not None else DialogueState()
            await asyncio.to_thread(bot.recount, conversation, user, lines, state)
        return conversation, None

    async def leave(self, bot: Bot, owner: str, said: Sequence[Said], conversation: str) -> None:
        """Remember how a conversation stands after its newest answer."""
        state = await asyncio.to_thread(bot.state, conversation)
        digest = _digest(owner, said)
        self._places[digest] = Place(conversation, state)
        self._places.move_to_end(digest)
        while len(self._places) > self._most:
            self._places.popitem(last=False)


def said(role: str, text: str, files: Sequence[bytes] = ()) -> Said:
    """Return a message of a list; spaces around its words do not count."""
    plain = text.strip()
    parts = [role, plain, *(hashlib.sha256(data).hexdigest() for data in files)]
    return Said(role, plain, hashlib.sha256(json.dumps(parts).encode("utf-8", "replace")).hexdigest())


def _digest(owner: str, said: Sequence[Said]) -> str:
    return hashlib.sha256(json.dumps([owner, *(one.digest for one in said)]).encode("utf-8", "replace")).hexdigest()
