"""The input side of a turn: hear, see, mask, know a claim over one's own data, and judge what came in by the rules.

Ends where a message is understood; knows neither intents nor what is answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace

from .judging import Judge
from .message import Event, Message
from .mind import privacy
from .mind.ethics import Facts
from .mind.people import wants_person
from .mind.rights_polarity import pieces
from .mind.rules.ages import age_said, younger
from .mind.rules.ending import HELPING, closed
from .mind.small_talk import has_words
from .models.language import says_little
from .parts import Parts
from .perception import Perception
from .rights import Claim, without_question
from .turn import DialogueState, Percept, Verdict


@dataclass(frozen=True, slots=True)
class Taken:
    """Hold what came in: masked and judged, with the state of its conversation.

    `truth` is what the persona is, where that was asked for: it is said, whatever else is decided. `anew` tells that
    the user starts over in a closed conversation.
    """

    masked: privacy.Masked
    facts: Facts
    verdict: Verdict
    state: DialogueState
    claim: Claim | None = None  # over the user's own data
    anew: bool = False
    truth: str = ""


class Intake:
    """Take messages in for one persona."""

    def __init__(self, parts: Parts, judge: Judge, vault: privacy.Vault, own: privacy.OwnNames) -> None:
        """Mask with the marks that the `vault` holds, and leave the persona's `own` names alone."""
        self._parts, self._judge, self._vault, self._own = parts, judge, vault, own

    async def perceive(self, message: Message, percept: Percept) -> AsyncIterator[Event]:
        """Yield what is heard and seen, and fill the percept with all but the vectors of its text."""
        parts = self._parts
        previous = await self._spoken(message.conversation) if says_little(message.text) else None
        percept.language = previous or parts.persona.language
        perception = Perception(parts.detect, parts.persona.language, parts.hearing, parts.sight, previous)
        async for event in perception.perceive(message, percept):
            yield event

    def take(self, message: Message, percept: Percept, named: Mapping[str, float]) -> Taken:
        """Return a percept masked and judged by the rules that need no understanding; `named` are a guard's risks."""
        parts, language = self._parts, self.reply_language(percept.language)
        state, redact = parts.store.dialogue(message.conversation), parts.persona.privacy.redact
        masked = privacy.mask(percept.text, redact, self._vault.held(message.conversation), self._own)
        form = {**state.form, "values": privacy.known_only(state.form.get("values", {}), masked.found)}
        form = form if state.form else {}
        state = replace(state, slots=privacy.known_only(state.slots, masked.found), form=form)
        age = age_said(percept.text)
        if age is not None and age != age_said(masked.text):
            age = parts.ethics.age_group(age)
        state = replace(state, age=younger(age, state.age))
        facts = Facts(masked.text, language, percept.vectors, pii=masked.types, channel=message.channel, age=state.age)
        risks = self._judge.risks("input", percept.text, percept.language, percept.vectors, named)
        facts = replace(facts, risks=risks, asked=self._judge.asked(percept.text, percept.language, risks))
        verdict = parts.ethics.judge("input", facts)
        claim = self._claim(percept, state)
        ruled = claim is not None and claim.gives_way(verdict, risks)
        if claim is not None and not ruled and not parts.disclosure.asked(percept.text, {}):
            return Taken(masked, facts, verdict, state, claim)
        verdict, state, anew = closed(parts.ethics, verdict, without_question(state), masked.text, language)
        return Taken(masked, facts, verdict, state, anew=anew, truth=self._truth(percept, verdict, language))

    def reply_language(self, language: str) -> str:
        """Return the language of the persona's that answers a message in a language."""
        languages = self._parts.persona.languages
        if language in languages:
            return language
        base = language.split("-")[0]
        return next((own for own in languages if own.split("-")[0] == base), self._parts.persona.language)

    async def claimant_language(self, message: Message, percept: Percept) -> str:
        """Return the language of who speaks of their own data; a command has that of the conversation."""
        if not message.text.startswith("/") or not message.text.isascii():
            return percept.language
        return await self._spoken(message.conversation) or self._parts.persona.language

    async def _spoken(self, conversation: str) -> str | None:
        """Return the language that a conversation was in last, None when it begins."""
        before = await asyncio.to_thread(self._parts.store.history, conversation)
        return before[-1][2] if before else None

    def _claim(self, percept: Percept, state: DialogueState) -> Claim | None:
        """Return what a message claims over its user's data, else what the first of its parts does that claims any."""
        rights, fusion, text = self._parts.rights, self._parts.fusion, percept.text
        if not has_words(text):
            return None
        if (claim := rights.claim(text, percept.vectors, fusion.nearness(percept.vectors), state)) is not None:
            return claim
        for piece in pieces(text):
            (vectors,) = self._parts.encoders.encode_now([(piece, percept.language)])
            if (claim := rights.claim(piece, vectors, fusion.nearness(vectors), DialogueState())) is not None:
                return (
                    replace(claim, wish="privacy") if claim.wish == "agree" else claim
                )  # a part alone agrees to nothing
        return None

    def _truth(self, percept: Percept, verdict: Verdict, language: str) -> str:
        """Return what the persona is, when a message asks for it; one in need has to ask for it in so many words."""
        needy = verdict.ended_by is not None and verdict.ended_by.did in HELPING
        vectors = {} if needy or wants_person(percept.text) else percept.vectors
        disclosure = self._parts.disclosure
        return disclosure.answer(language) if disclosure.asked(percept.text, vectors) else ""


__all__ = ["Intake", "Taken"]
