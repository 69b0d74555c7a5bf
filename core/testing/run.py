"""Run conversation tests on a running persona, several at the same time.

Each conversation is its own for the runtime, and the store is the caller's: give one in memory to keep nothing.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Collection, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..errors import PersonacError
from ..message import Event, Media, Message, Reply
from ..persona.conversations import Conversation, PlacedTurn
from ..runtime import Runtime
from ..turn import Trace
from .cause import because
from .compare import compare
from .outcome import ConversationOutcome, Failure, TurnOutcome

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

Done = Callable[[ConversationOutcome], None]


async def run_conversations(
    runtime: Runtime, conversations: Sequence[Conversation], root: Path, jobs: int = 8, done: Done | None = None
) -> list[ConversationOutcome]:
    """Run conversations, up to `jobs` at the same time, and return what came of them in their order.

    `root` is the persona's folder, where recordings and pictures are. `done` is told of each as it ends.
    """
    runner = _Runner(runtime, root)
    places = asyncio.Semaphore(jobs)

    async def one(conversation: Conversation) -> ConversationOutcome:
        async with places:
            outcome = await runner.converse(conversation)
        if done is not None:
            done(outcome)
        return outcome

    runtime.watch = runner.watched
    try:
        return list(await asyncio.gather(*(one(conversation) for conversation in conversations)))
    finally:
        runtime.watch = None


class _Runner:
    def __init__(self, runtime: Runtime, root: Path) -> None:
        self._runtime = runtime
        self._root = root
        self._traces: dict[str, Trace] = {}

    def watched(self, message: Message, trace: Trace) -> None:
        """Take what a turn gathered."""
        self._traces[message.id] = trace

    async def converse(self, conversation: Conversation) -> ConversationOutcome:
        """Say all turns, one after the other; a turn that fails does not end the conversation."""
        name = f"test-{uuid.uuid4().hex}"
        turns = [await self._turn(name, conversation, placed) for placed in conversation.turns]
        return ConversationOutcome(self._runtime.profile.slug, conversation, turns)

    async def _turn(self, name: str, conversation: Conversation, placed: PlacedTurn) -> TurnOutcome:
        started = time.perf_counter()
        outcome = TurnOutcome(placed, 0.0)
        try:
            media = await asyncio.to_thread(self._media, placed)
            user, channel = conversation.user, conversation.channel
            message = Message(placed.turn.say or "", media, name, user, channel)
            outcome.reply = await self._reply(message)
            outcome.failures = self._failures(placed, outcome.reply, self._traces.pop(message.id, None))
        except (PersonacError, OSError) as error:
            outcome.error = str(error)
        outcome.seconds = time.perf_counter() - started
        return outcome

    def _media(self, placed: PlacedTurn) -> tuple[Media, ...]:
        turn = placed.turn
        sounds = [Media("audio", (self._root / turn.audio).read_bytes(), name=turn.audio)] if turn.audio else []
        pictures = [Media("image", (self._root / turn.image).read_bytes(), name=turn.image)] if turn.image else []
        return (*sounds, *pictures)

    async def _reply(self, message: Message) -> Reply:
        reply: Reply | None = None
        async with aclosing(cast("AsyncGenerator[Event]", self._runtime.answer(message))) as events:
            async for event in events:
                if isinstance(event, Reply):
                    reply = event
        if reply is None:
            raise PersonacError("the turn ended without an answer")
        return reply

    def _failures(self, placed: PlacedTurn, reply: Reply, trace: Trace | None) -> list[Failure]:
        found = []
        rules = [rule.id for rule in reply.rules]
        for mismatch in compare(placed.turn, reply, self._names):
            cause = because(mismatch, placed.turn, trace, self._runtime, rules) if trace else None
            place = placed.places.get(mismatch.key, placed.span)
            found.append(Failure(mismatch.key, place, mismatch.expected, mismatch.got, cause))
        return found

    def _names(self, intent: str | None, slot: str, value: Any) -> Collection[str]:
        """Return all names of what fills a slot: as it is said, its id, and its names in every language."""
        if not isinstance(value, dict):
            return {str(value)}
        found = {str(said) for said in value.values()}
        finder = self._runtime.parts.finders.by_slot.get((intent or "", slot))
        entity = finder.by_id.get(str(value.get("id"))) if finder else None
        return found | set(entity.names) if entity else found
