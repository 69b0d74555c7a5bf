"""Let a plugin's skill answer: what it is given of a turn, what it shows while it works, what becomes of its answer.

Knows the host of plugins and what a turn has gathered; does not know how plugins are run (hosting/) or found.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from .contracts import Plan, Store, Ticket
from .errors import NowhereToWrite, PersonacError, TooManyPlans, Unavailable
from .hosting.host import Host
from .message import Card, Media, Message, Progress
from .mind.memory.retrieval import Memory
from .mind.phrases import phrase
from .mind.privacy import Masked
from .mind.privacy.masking import everywhere
from .plugin import FollowUp, Manifest, SkillContext, SkillResult
from .turn import Decision, DialogueState, Passage, Understanding

log = logging.getLogger("personac")
HISTORY = 20  # turns that a skill may read back
KEPT = "."  # how the names begin of what plugins keep among a conversation's slots; no slot can have such a name


@dataclass(frozen=True, slots=True)
class Asked:
    """Hold what a turn has gathered when a skill is to answer; `text` is masked."""

    message: Message
    text: str
    masked: Masked
    understanding: Understanding
    passages: Sequence[Passage]
    language: str
    state: DialogueState = field(default_factory=DialogueState)
    ticket: Ticket | None = None
    seen: Sequence[tuple[str, float]] = ()
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Acted:
    """Hold what came of it: the decision as it stands now, and the words, None where the skill declined."""

    decision: Decision
    words: str | None = None
    slots: Mapping[str, Any] = field(default_factory=dict)
    choices: tuple[str, ...] = ()
    media: tuple[Media, ...] = ()
    cards: tuple[Card, ...] = ()
    hand_off: str = ""  # the summary for the person who is to take over
    state: DialogueState | None = None  # where the skill changes what the conversation remembers
    ended: bool = False  # by a rule, whose words these are


class Skills:
    """Run the skills of one persona."""

    def __init__(
        self,
        host: Host,
        records: Mapping[str, Mapping[str, Any]],
        memory: Memory,
        store: Store,
        slug: str,
        mask: Callable[[str], str],
        readable: Callable[[Sequence[Passage]], list[Passage]],
    ) -> None:
        """Run skills; facts go through `mask` for who reads no personal data, foreign words through `readable`."""
        self.host = host
        self._records = records
        self._memory = memory
        self._store = store
        self._slug = slug
        self._mask = mask
        self._readable = readable

    async def act(self, decision: Decision, asked: Asked, tell: Callable[[str], None]) -> Acted:
        """Run the skill of a decision."""
        name = decision.skill or ""
        shown = asked.masked.restore
        outcome = await self.host.run(name, await self._context(name, asked), lambda word: tell(shown(word)))
        if outcome.state == "failed":
            if asked.message.due:  # nobody waits for an answer
                return Acted(decision)
            sentence = phrase("skill_failed", asked.language)
            return Acted(Decision("fallback", sentence), sentence)
        if outcome.result is None:
            return Acted(decision)
        result = outcome.result
        if result.remember:
            await asyncio.to_thread(self._remember, name, result.remember, asked)
        if result.follow_ups and (instead := await self._plan(name, result.follow_ups, asked)):
            result = SkillResult(instead)
        if result.foreign:
            own = Passage("", "", "", result.text, asked.language)
            told, *passages = await asyncio.to_thread(self._readable, [own, *result.passages])
            result = replace(result, text=told.text, passages=passages)
        return self._judged(decision, result, asked, _kept(name))

    async def _plan(self, name: str, wanted: Sequence[FollowUp], asked: Asked) -> str:
        """Keep what a skill asks to be called for; return what the user is told when that can't be, else nothing."""
        own, opened = _own(name), asked.masked.opened
        plans = [
            Plan(own, plan.key, plan.at.timestamp() if plan.at else None, own + plan.skill, opened(plan.slots))
            for plan in wanted
        ]
        try:
            if asked.ticket is None:
                raise NowhereToWrite("nothing is recorded of this turn")
            await asyncio.to_thread(self._store.plan, asked.message, asked.language, plans, asked.ticket)
        except NowhereToWrite:
            return "" if all(plan.optional for plan in wanted) else phrase("follow_up_nowhere", asked.language)
        except TooManyPlans:
            return phrase("follow_up_full", asked.language)
        return ""

    def _planned(self, name: str, asked: Asked, personal: bool) -> list[FollowUp]:
        """Return the follow-ups of a skill's plugin in this conversation, masked unless it reads personal data."""
        found = []
        try:
            for plan in self._store.planned(asked.message.conversation, _own(name)):
                at = None if plan.due is None else datetime.fromtimestamp(plan.due, UTC)
                slots = plan.slots if personal else everywhere(plan.slots, self._mask)
                found.append(FollowUp(plan.key, at, plan.skill.partition(".")[2], slots))
        except Unavailable as error:
            log.error("the follow-ups of %s cannot be read: %s", name, error)
        return found

    def _remember(self, name: str, facts: Mapping[str, Any], asked: Asked) -> None:
        """Keep what a skill found out about a user who agreed to that, each plugin's facts for itself."""
        manifest, ticket = self.host.reads(name), asked.ticket
        if manifest is None or "memory" not in manifest.reads or ticket is None or not ticket.keep:
            return
        user, own = asked.message.user, _own(name)
        for key, value in facts.items():
            try:
                if value is None:
                    self._store.forget_fact(user, own + key)
                    continue
                if not manifest.reads_personal_data:
                    value = everywhere(value, self._mask)
                self._store.remember(user, own + key, value, ticket=ticket)
            except PersonacError as error:
                log.error("the skill %s could not keep a fact: %s", name, error)

    async def _facts(self, name: str, manifest: Manifest | None, asked: Asked) -> Mapping[str, Any]:
        if manifest is None or "memory" not in manifest.reads or asked.ticket is None or not asked.ticket.keep:
            return {}
        kept, own = await asyncio.to_thread(self._store.facts, asked.message.user), _own(name)
        facts = {key.removeprefix(own): value for key, value in kept.items() if key.startswith(own)}
        return facts if manifest.reads_personal_data else everywhere(facts, self._mask)

    def _judged(self, decision: Decision, result: SkillResult, asked: Asked, own: str) -> Acted:
        """Return an answer with what the conversation remembers of it; the runtime judges it by the rules."""
        text = asked.masked.hide(result.text)
        slots: dict[str, Any] = everywhere(dict(result.slots), asked.masked.hide)
        remembered = {**asked.state.slots, **slots}
        if result.keep is not None:
            remembered[own] = everywhere(dict(result.keep), asked.masked.hide)
        state = replace(asked.state, slots=remembered)
        decision = replace(decision, passages=tuple(result.passages))
        if result.ask and asked.message.call is None:
            values = {name: value for name, value in asked.understanding.slots.items() if name != result.ask}
            values |= {name: value for name, value in slots.items() if name != result.ask}
            form = {"values": values, "last": next(reversed(values), None), "tries": 0}
            state = replace(state, intent=asked.understanding.intent, asking=result.ask, form=form)
            decision = replace(decision, kind="ask", asking=result.ask)
        return Acted(
            decision,
            text,
            result.slots,
            choices=tuple(result.choices),
            media=tuple(result.media),
            cards=tuple(card.through(asked.masked.hide) for card in result.cards),
            hand_off=asked.masked.restore(result.hand_off),
            state=state,
        )

    async def _context(self, name: str, asked: Asked) -> SkillContext:
        manifest = self.host.reads(name)
        personal = manifest is not None and manifest.reads_personal_data
        history: Sequence[tuple[str, str, str]] = ()
        if manifest is not None and "history" in manifest.reads:
            history = await asyncio.to_thread(self._store.history, asked.message.conversation, HISTORY)
        slots, remembered, own = asked.understanding.slots, asked.state.slots, _kept(name)
        said = {key: value for key, value in remembered.items() if not key.startswith(KEPT)}
        kept = remembered.get(own, {})
        return SkillContext(
            text=asked.masked.restore(asked.text) if personal else asked.text,
            language=asked.language,
            intent=asked.understanding.intent or "",
            slots=asked.masked.opened(slots) if personal else slots,
            records=self._records,
            passage_of=lambda record, name: self._memory.of_record(record, name, asked.language),
            passages=asked.passages,
            media=asked.message.media,
            seen=asked.seen,
            unsure=asked.unsure,
            history=history,
            user=self._stable("user", asked.message.user),
            conversation=self._stable("conversation", asked.message.conversation),
            channel=asked.message.channel,
            facts=await self._facts(name, manifest, asked),
            remembered=asked.masked.opened(said) if personal else said,
            planned=await asyncio.to_thread(self._planned, name, asked, personal),
            called=asked.message.due,
            confidence=asked.understanding.confidence,
            kept=everywhere(kept, asked.masked.restore) if personal else kept,
        )

    def _stable(self, kind: str, name: str) -> str:
        """Return a name for a user or a conversation that a plugin may keep, and that is not the platform's."""
        return hashlib.blake2b(f"{self._slug}\0{kind}\0{name}".encode(), digest_size=12).hexdigest()


def _kept(name: str) -> str:
    """Return where a conversation's slots hold what a skill's plugin keeps of it."""
    return KEPT + name.partition(".")[0]


def _own(name: str) -> str:
    """Return what the keys of a plugin's facts begin with in the store."""
    return f"{name.partition('.')[0]}."


async def telling(
    work: Callable[[Callable[[str], None]], Awaitable[Any]], results: list[Any]
) -> AsyncGenerator[Progress, None]:
    """Yield what work shows while it runs, and put its result into a list; closing this ends the work."""
    words: asyncio.Queue[str | None] = asyncio.Queue()
    task = asyncio.ensure_future(work(words.put_nowait))
    task.add_done_callback(lambda _: words.put_nowait(None))
    try:
        while (word := await words.get()) is not None:
            yield Progress(word)
        results.append(task.result())
    finally:
        task.cancel()


__all__ = ["Acted", "Asked", "Skills", "telling"]
