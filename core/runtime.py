"""The one pipeline: perceive, guard in, understand, recall, decide, act, guard out, express.

The stages are called in that order, each with typed input and output, and each is timed. The runtime keeps no state
of its own between turns; what a conversation remembers is in the store.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from itertools import compress
from typing import TYPE_CHECKING

from .contracts import Ticket
from .errors import PersonacError, Unavailable
from .intake import Intake
from .judging import Judge
from .message import WITHOUT_FILES, Call, Delta, Event, Message, Reply, Sound, Source
from .mind import privacy
from .mind.answers import about_nothing, words
from .mind.dialogue import decide, says_nothing, without_skill
from .mind.ethics import Facts, Side
from .mind.forms import CONFIRM, question
from .mind.grounding.asked import answering
from .mind.grounding.sentences import pieces
from .mind.people import asked_for, for_people, wants_person
from .mind.phrases import phrase
from .mind.privacy.masking import everywhere, texts_of
from .mind.rules.ruled import Ruled
from .mind.slots.given import given
from .mind.slots.names import Aliases
from .mind.understanding.understand import understand
from .mind.understanding.wishes import Wish, further
from .parts import Parts
from .perception import check_size
from .rights import Claim, waits_for_consent
from .services import Services
from .skills import Acted, Asked, Skills, telling
from .spans import Clock
from .talking import Talk, Talker
from .turn import Called, Decision, DialogueState, Passage, Percept, Trace, Understanding, Vector, Verdict
from .uncovered import for_unsure, shown

if TYPE_CHECKING:
    pass


log = logging.getLogger("personac")
CHOICES = 8  # values of a slot that are offered as buttons


@dataclass(frozen=True, slots=True)
class _Mind:
    """Hold what one visit off the event loop found: what came in, understanding, memory and decision."""

    verdict: Verdict
    masked: privacy.Masked
    understanding: Understanding
    query: Vector | None
    passages: Sequence[Passage]
    decision: Decision
    state: DialogueState
    also: tuple[Wish, ...] = ()  # the further things that the message asks for
    claim: Claim | None = None  # over the user's own data
    ticket: Ticket | None = None
    unsure: tuple[Decision, Understanding] | None = None  # what stands when a skill that was asked knows no more
    seen: Sequence[tuple[str, float]] = ()  # the records that its pictures are like
    for_people: bool = False  # a person is asked for
    truth: str = ""  # what the persona is, where that is asked for


class Runtime(Services):
    """Run one persona."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._names = {intent.name: intent for intent in parts.persona.intents}
        self._for_people = for_people(parts.persona)
        self._judge = Judge(parts)
        self._intake = Intake(parts, self._judge, self._vault, self._own)
        self._aliases = Aliases(parts.records.values())
        readable = partial(parts.guards.readable, encode=parts.encoders.encode_now)
        slug = parts.profile.slug
        self.skills = Skills(parts.plugins, parts.records, parts.memory, parts.store, slug, self._mask, readable)
        self._talker = Talker(
            parts.persona, parts.model, parts.plugins, parts.finders, parts.guards, parts.encoders, self._aliases,
            self._own, parts.detect,
        )  # fmt: skip
        self.watch: Callable[[Message, Trace], None] | None = None  # is told what each turn gathered

    async def answer(self, message: Message) -> AsyncIterator[Event]:
        """Yield what was heard and seen, the words, the whole reply, and its sound.

        Raise BadInput when the message can't be used; nothing is stored then. Closing the iterator ends the turn.
        """
        clock = Clock()
        check_size(message)
        perceiving = time.perf_counter()
        parts = self.parts
        ticket = await asyncio.to_thread(self._ticket, message.user, message.keep)
        percept = Percept("", self.persona.language)
        async for event in self._intake.perceive(message, percept):
            yield event

        suspected = await self._judge.named("input", percept.text)

        def think(vectors: Mapping[str, Vector]) -> _Mind:
            percept.vectors.update(vectors)
            clock.milliseconds["perceive"] = (time.perf_counter() - perceiving) * 1000
            mind = self._think(message, percept, clock, suspected)
            return mind if message.call is None else self._called(mind, message.call, percept.language)

        if message.call is not None and message.due:
            percept.language = message.call.language
            mind = await asyncio.to_thread(self._due, message, message.call)
        elif percept.text:
            mind = await self.parts.encoders.encode_and(percept.text, percept.language, think)
        else:
            mind = await asyncio.to_thread(think, {})
        mind = replace(mind, ticket=ticket)
        language = self._intake.reply_language(percept.language)
        if mind.claim is not None:
            yield Delta((reply := await self._settle(mind.claim, message, mind, percept, clock, ticket)).text)
            yield reply
            return
        understanding, decision = mind.understanding, mind.decision
        ruled = Ruled()
        notes = ruled.take(mind.verdict)
        calls: list[Called] = []
        if self.watch is not None:
            self.watch(message, Trace(percept, understanding, mind.passages, decision, ruled.judged, calls))
        facts = Facts("", language, channel=message.channel, age=mind.state.age)
        with clock.stage("act"):
            summary = phrase("people_summary", language) if mind.for_people else ""
            acted = Acted(decision, hand_off=summary)
            if decision.kind == "skill":
                results: list[Acted] = []
                work = partial(self._run_skill, mind, message, facts, ruled)
                async with aclosing(telling(work, results)) as words_told:
                    async for word in words_told:
                        yield word
                (acted,) = results
                decision = acted.decision
                if acted.words is None and mind.unsure is not None:
                    _, understanding = mind.unsure
                mind = replace(mind, understanding=understanding, state=acted.state or mind.state)
        if message.due and not (acted.words or acted.media):
            yield Reply("", language)
            return
        said, others = list[str](), list[Acted]()
        if decision.kind == "model" and self.parts.model is not None:
            with clock.stage("act"):
                talk = await self._talk(message, mind, facts, ruled, calls)
                async with aclosing(talk.say()) as stream:
                    async for sentence, checked in stream:
                        notes += ruled.take(checked)
                        said += [*(f"{note}\n\n" for note in notes), sentence]
                        for piece in said[-1 - len(notes) :]:
                            yield Delta(mind.masked.restore(piece))
                        notes = []
                        if checked.say is not None:
                            break
                acted, understanding = talk.came(bool(said)), talk.understanding
                decision = acted.decision
                mind = replace(mind, understanding=understanding, state=acted.state or talk.state)
        if not said:
            with clock.stage("act"):
                text = acted.words or self._words(decision, mind, language)
                settled = ruled.ended_by is not None
                more = {} if settled else await self._further(mind, message, facts, ruled, text, others)
                if (asks := next((other for other in others if other.decision.asking), None)) is not None:
                    mind, acted = replace(mind, state=asks.state or mind.state), replace(acted, choices=asks.choices)
                text = "\n\n".join(filter(None, [text, *more, "" if settled else decision.then]))
                own = decision.passages[:1] if decision.kind == "grounded" else decision.passages
                named = {passage.id: passage for passage in (*own, *(p for used in more.values() for p in used))}
                decision = replace(decision, passages=tuple(named.values()))
            if not settled:  # what a rule says is not judged again
                with clock.stage("guard_out"):
                    verdict = await self._judge.judged("output", facts, text)
                text = verdict.say or verdict.text
                ruled.take(verdict)
            said = [*(f"{note}\n\n" for note in ruled.notes), text]
            for piece in (*said[:-1], *pieces(mind.masked.restore(text))):
                yield Delta(piece)
        if ruled.behind:
            said = ["".join(said).rstrip(), ruled.behind]
            yield Delta(ruled.behind)
        text = "".join(said).strip()
        if mind.truth and mind.truth not in text:  # a rule decided about the rest of the message
            text = f"{text}\n\n{mind.truth}"
            yield Delta(f"\n\n{mind.truth}")
        with clock.stage("express"):
            reply = self._reply(text, percept, mind, decision, understanding, ruled, language)
            reply.slots |= acted.slots
            reply.media = acted.media
            if ruled.ended_by is None:
                reply.choices = acted.choices or reply.choices
                reply.cards = tuple(card.through(mind.masked.restore) for card in acted.cards)
            reply.hand_off = "\n\n".join(filter(None, [one.hand_off for one in (acted, *others)]))
        if ruled.ended_by is not None:
            parts.notes.write("rule", rule=ruled.ended_by.id, did=ruled.ended_by.did, channel=message.channel)
        with clock.stage("store"):
            if not message.shared:
                reply.consent = await asyncio.to_thread(self.ask_consent, message.user, language)
            if reply.consent:
                mind = replace(mind, state=waits_for_consent(mind.state))
            await self._remember(message, mind, reply, text, ticket)
        reply.milliseconds = {**clock.milliseconds, "total": (time.perf_counter() - clock.started) * 1000}
        yield reply
        if message.speak and self.parts.voice is not None:
            async for sound in self._sound(reply):
                yield sound

    def _think(self, message: Message, percept: Percept, clock: Clock, named: Mapping[str, float]) -> _Mind:
        """Guard what came in, understand it, recall passages and decide."""
        persona, parts = self.persona, self.parts
        language = self._intake.reply_language(percept.language)
        with clock.stage("guard_in"):
            taken = self._intake.take(message, percept, named)
        verdict, masked, state, facts = taken.verdict, taken.masked, taken.state, taken.facts
        bare = _Mind(
            verdict, masked, Understanding(None, 0.0, False), None, (), Decision("response"), state,
            claim=taken.claim, truth=taken.truth,
        )  # fmt: skip
        if taken.claim is not None:
            return bare
        if taken.anew:
            return replace(bare, decision=Decision("response", phrase("anew", language)))
        if not parts.ethics.may_outweigh(verdict):
            return replace(bare, decision=Decision("refuse", verdict.say or ""))
        with clock.stage("understand"):
            understanding, query = understand(parts.fusion, percept, parts.encoders.encode_now)
            silent = says_nothing(persona, state, percept.text)
            if silent:
                understanding = Understanding(None, 0.0, True, understanding.emotion)
            asks_people = wants_person(verdict.text)
            if asks_people and self._for_people is not None:
                understanding = asked_for(understanding, self._for_people)
            facts = replace(facts, text=verdict.text, intent=understanding.intent or "", emotion=understanding.emotion)
            verdict = parts.ethics.joined(verdict, parts.ethics.judge("input", facts))
        if verdict.say is not None:
            decision = Decision("refuse", verdict.say)
            return replace(bare, verdict=verdict, understanding=understanding, query=query, decision=decision)
        with clock.stage("recall"):
            fused = None if query is None else (parts.fusion.config.query, query)
            count = persona.retrieval.passages
            passages = parts.memory.search(percept.vectors, fused, verdict.text, language, count, only=self._only)
        with clock.stage("decide"):
            unsure: tuple[Decision, Understanding] | None = None
            seen = parts.pictured.seen(percept.vectors) if parts.pictured else ()
            if taken.truth:
                people = self._on_people(language, query) if asks_people and not understanding.intents else ""
                decision = Decision("response", taken.truth, then=people)
            elif asks_people and self._for_people is None:
                decision = self._talker.considered(Decision("fallback"))  # a tool may hand over
                if decision.kind == "fallback":
                    decision = Decision("response", phrase("people", language))
            elif (picture := shown(persona, parts.plugins, message, percept, seen, understanding)) is not None:
                decision, understanding = picture
            elif silent:
                decision = Decision("fallback", about_nothing(percept, language))
            else:
                decision, state, understanding = decide(
                    persona, understanding, passages, parts.finders, state, verdict.text, language
                )
                decision = replace(decision, passages=answering(verdict.text, decision.passages))
                decision = self._talker.considered(decision)
                if (asked := for_unsure(persona, parts.plugins, decision, understanding)) is not None:
                    unsure = decision, understanding
                    decision, understanding = asked
                state = replace(state, age=facts.age)
        also: tuple[Wish, ...] = ()
        if understanding.intents and decision.kind in ("response", "skill", "ask", "grounded"):
            also, state = further(
                persona, understanding, decision, state, passages, parts.finders, verdict.text, language
            )
            state = replace(state, age=facts.age)
        return _Mind(
            verdict, masked, understanding, query, passages, decision, state, also, unsure=unsure, seen=seen,
            for_people=asks_people and decision.kind == "response", truth=taken.truth,
        )  # fmt: skip

    def _due(self, message: Message, call: Call) -> _Mind:
        """Decide for a skill that is due now; its slots are masked as if they had just been said."""
        masked = privacy.mask("\n".join(texts_of(call.slots)), self.persona.privacy.redact, spare=self._own)
        understanding = Understanding(None, 0.0, False, slots=everywhere(call.slots, masked.hide))
        state = self.parts.store.dialogue(message.conversation)
        return _Mind(Verdict(""), masked, understanding, None, (), Decision("skill", skill=call.skill), state)

    def _called(self, mind: _Mind, call: Call, language: str) -> _Mind:
        """Decide for the skill that another program asks for, where nothing stands against the user's words."""
        intent = next((i for i in self.persona.intents if i.skill == call.skill and i.confirm is None), None)
        if mind.claim is not None or mind.decision.kind == "refuse" or intent is None:
            return mind
        language = self._intake.reply_language(language)
        slots = given(intent, call.slots, self.parts.finders, language)
        kinds = self.persona.privacy.redact
        masked = privacy.mask("\n".join(texts_of(slots)), kinds, mind.masked.found, self._own)
        masked = replace(mind.masked, found=masked.found)
        understanding = replace(
            mind.understanding, intent=intent.name, out_of_scope=False, slots=everywhere(slots, masked.hide)
        )
        decision = Decision("skill", skill=call.skill)
        missing = next((name for name, slot in intent.slots.items() if slot.required and name not in slots), None)
        if missing is not None:
            decision = Decision(
                "ask", question(intent, missing, slots, language, self.persona.language), asking=missing
            )
        return replace(mind, masked=masked, understanding=understanding, decision=decision, also=())

    async def _settle(
        self, claim: Claim, message: Message, mind: _Mind, percept: Percept, clock: Clock, ticket: Ticket
    ) -> Reply:
        """Do what a user claims over their own data, and return the reply."""
        language = await self._intake.claimant_language(message, percept)
        with clock.stage("act"):
            settled = await asyncio.to_thread(
                self.parts.rights.settle, claim, message.user, language, mind.state, message.shared,
                message.channel not in WITHOUT_FILES,
            )  # fmt: skip
        transcript = percept.transcript.text if percept.transcript else None
        reply = Reply(settled.text, language, skill=settled.skill, choices=settled.choices, transcript=transcript)
        if reply.erased:
            self._let_go(message.user)
        if settled.state is not None:
            with clock.stage("store"):
                await self._remember(message, replace(mind, state=settled.state), reply, settled.text, ticket)
        reply.milliseconds = {**clock.milliseconds, "total": (time.perf_counter() - clock.started) * 1000}
        return reply

    async def _further(
        self, mind: _Mind, message: Message, facts: Facts, ruled: Ruled, said: str, others: list[Acted]
    ) -> dict[str, tuple[Passage, ...]]:
        """Return the words for the further wishes of a message, each with the passages that it used.

        What skills did is put into `others`. Of several that ask, only the first does: an answer is to one question.
        """
        found: dict[str, tuple[Passage, ...]] = {}
        asking = bool(mind.state.asking)
        for understanding, decision in mind.also:
            own = replace(mind, understanding=understanding, decision=decision)
            words: str | None = None
            if decision.kind == "skill":
                acted = await self._run_skill(own, message, facts, ruled)
                decision, words = acted.decision, acted.words
                if words is None or (asking and acted.decision.asking):
                    continue
                asking = asking or bool(acted.decision.asking)
                others.append(acted)
            words = words or self._words(decision, own, facts.language)
            if words and words != said:
                found.setdefault(words, decision.passages)
        return found

    async def _run_skill(
        self, mind: _Mind, message: Message, facts: Facts, ruled: Ruled, tell: Callable[[str], None] = lambda word: None
    ) -> Acted:
        understanding, language = mind.understanding, facts.language
        asked = Asked(
            message, mind.verdict.text, mind.masked, understanding, mind.passages, language, mind.state, mind.ticket,
            mind.seen, mind.unsure is not None,
        )  # fmt: skip
        acted = await self.skills.act(mind.decision, asked, partial(self._show, facts, tell))
        if acted.words is not None:
            verdict = await self._judge.judged("tool", facts, acted.words)
            ruled.take(verdict)
            if verdict.say is not None:
                return Acted(replace(acted.decision, passages=()), verdict.say, ended=True)
            cards = await self._judge.allowed(["\n".join(filter(None, card.texts())) for card in acted.cards], facts)
            choices = await self._judge.allowed([mind.masked.hide(choice) for choice in acted.choices], facts)
            return replace(
                acted,
                words=verdict.text,
                cards=tuple(compress(acted.cards, cards)),
                choices=tuple(compress(acted.choices, choices)),
            )
        if mind.unsure is not None:
            return replace(acted, decision=mind.unsure[0])
        intent = self._names.get(understanding.intent or "")
        decision = without_skill(self.persona, understanding, mind.passages, language, mind.verdict.text, intent)
        return replace(acted, decision=decision)

    def _on_people(self, language: str, query: Vector | None) -> str:
        """Return how people are reached, in the words of the intent for it where it has some."""
        intent = self._names.get(self._for_people or "")
        own = self.parts.responses.choose(intent.name, language, query) if intent and intent.responses else ""
        return own or phrase("people", language)

    def _words(self, decision: Decision, mind: _Mind, language: str) -> str:
        said, query = mind.verdict.text, mind.query
        return words(self.persona, self.parts.responses, decision, mind.understanding, query, said, language)

    async def _talk(self, message: Message, mind: _Mind, facts: Facts, ruled: Ruled, calls: list[Called]) -> Talk:
        """Return the turn with the language model, whose words and tools are judged as all others are."""

        async def judged(side: Side, text: str, own: Understanding | None) -> Verdict:
            known = facts if own is None else replace(facts, intent=own.intent or "", emotion=own.emotion)
            verdict = await self._judge.judged(side, known, text)
            if side == "input" and verdict.say is not None:
                ruled.take(verdict)
            return verdict

        async def run(decision: Decision, understanding: Understanding, state: DialogueState) -> Acted:
            own = replace(mind, decision=decision, understanding=understanding, state=state)
            return await self._run_skill(own, message, facts, ruled)

        history = await asyncio.to_thread(self.parts.store.history, message.conversation, 3)
        return Talk(
            self._talker, mind.decision, mind.understanding, mind.masked, mind.verdict.text, history, mind.state,
            facts.language, judged, run, calls,
        )  # fmt: skip

    def _show(self, facts: Facts, tell: Callable[[str], None], word: str) -> None:
        """Show what a skill says while it runs, unless the rules hold something against it."""
        verdict = self.parts.ethics.judge("tool", replace(facts, text=word))
        if verdict.say is None:
            tell(verdict.text)

    def _reply(
        self,
        text: str,
        percept: Percept,
        mind: _Mind,
        decision: Decision,
        understanding: Understanding,
        ruled: Ruled,
        language: str,
    ) -> Reply:
        passages = decision.passages if ruled.ended_by is None else ()
        emotion = understanding.emotion
        mood = {"refuse": "sadness", "fallback": "surprise"}.get(decision.kind, emotion)
        expressions = dict(self.persona.face.expressions)
        slots = {**{k: v for own, _ in mind.also for k, v in own.slots.items()}, **understanding.slots}
        return Reply(
            text=mind.masked.restore(text),
            language=language,
            intent=understanding.intent,
            confidence=understanding.confidence,
            out_of_scope=understanding.out_of_scope,
            emotion=emotion,
            slots=mind.masked.opened(slots),
            intents=tuple(name for name, _ in understanding.intents) or tuple(filter(None, [understanding.intent])),
            choices=self._choices(understanding.intent, decision.asking, language),
            skill=decision.skill,
            sources=tuple(Source(p.id, p.source, p.text, p.score) for p in passages),
            rules=tuple(ruled.rules),
            redactions=mind.masked.types,
            transcript=percept.transcript.text if percept.transcript else None,
            picture_text=percept.picture_text,
            expression=expressions.get(mood, mood),  # type: ignore[call-overload]
        )

    def _choices(self, intent: str | None, asking: str | None, language: str) -> tuple[str, ...]:
        """Return what may fill the slot that is asked for, when it is little enough for buttons."""
        if asking == CONFIRM:
            return phrase("yes", language), phrase("no", language)
        finder = self.parts.finders.by_slot.get((intent or "", asking or ""))
        if finder is None or len(finder.by_id) > CHOICES:
            return ()
        return tuple(entity.value(language)["name"] for entity in finder.by_id.values())

    async def _remember(self, message: Message, mind: _Mind, reply: Reply, text: str, ticket: Ticket) -> None:
        """Keep a turn; `text` is the answer as it was before marks were filled in."""
        self._vault.hold(message.conversation, message.user, mind.masked.found)
        answered, said = text, mind.verdict.text
        if mind.decision.kind in ("skill", "model"):  # what code or a model says may be about the user
            hidden = mind.masked.hide(text)
            answered = privacy.mask(hidden, self.persona.privacy.redact, mind.masked.found, self._told).text
        closed_by = next((rule.id for rule in reply.rules if rule.did == "end"), mind.state.ended)
        state = replace(mind.state, ended=closed_by)
        media, keep = self.persona.privacy.keep_media, partial(self.parts.store.record, message, said, answered)
        record = partial(keep, reply.language, state, ticket=ticket, media=media)
        try:
            if ticket.keep:
                await asyncio.to_thread(record)
            else:
                record()  # memory only
        except Unavailable as error:
            log.error("%s", error)

    async def _sound(self, reply: Reply) -> AsyncIterator[Sound]:
        assert self.parts.voice is not None
        try:
            voice = await asyncio.to_thread(self.parts.voice.get)
            async for sound in voice.speak(reply.text, reply.language):
                yield sound
        except PersonacError as error:
            log.warning("the voice: %s", error)


__all__ = ["Runtime"]
