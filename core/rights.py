"""One step of a turn: what users ask about their own data is answered and done here, on every channel alike.

Nothing is erased before the user has confirmed it. Knows the persona's settings and the store; does not know channels:
those show `choices` as buttons, and hand over the files of an export where `Reply.skill` says so.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from .contracts import Store
from .errors import PersonacError, Unfinished
from .message import FORGOTTEN, IN_PRIVATE, RIGHT, WITHDRAWN, Erasure
from .mind.phrases import choose, duration
from .mind.rights import RightsReader
from .mind.rights_polarity import answer, meant
from .mind.rights_words import Wish, is_sure, kinds, label, pressed, sentence, sure, wish_of
from .mind.risk.orders import KINDS as ATTACKS
from .persona.schema import Persona
from .turn import DialogueState, Vector, Verdict

log = logging.getLogger("personac")
SURE = "sure"  # what a conversation asks for while a question before erasing is open
DOUBTFUL = 0.3  # a wish that was read in words with a lower score gives way to an attack
CLEAR = 0.9  # how probable such an attack is; of 147 held-out wishes none is so doubtful and looks so much like one


@dataclass(frozen=True, slots=True)
class Claim:
    """Hold what a user claims over their data, and whether it was confirmed: None while that was not asked.

    `score` tells how surely it was read in words; None for a command, a button and an answer. One that is `late` is
    the yes of a question before erasing that is over: nothing is erased by it, as it does not tell what was asked.
    """

    wish: Wish
    confirmed: bool | None = None
    score: float | None = None
    late: bool = False

    def gives_way(self, verdict: Verdict, risks: Mapping[str, float]) -> bool:
        """Tell whether a rule goes before a wish that was read in words: who is in need, or a clear attack."""
        if self.score is None or verdict.ended_by is None:
            return False
        attack = max((risks.get(kind, 0.0) for kind in ATTACKS), default=0.0)
        return verdict.ended_by.did == "escalate" or (self.score < DOUBTFUL and attack >= CLEAR)


@dataclass(frozen=True, slots=True)
class Settled:
    """Hold the answer to a claim; without a state the turn leaves nothing to remember."""

    text: str
    skill: str
    choices: tuple[str, ...] = ()
    state: DialogueState | None = None


class Rights:
    """Find claims in messages, and settle them."""

    def __init__(self, persona: Persona, slug: str, reader: RightsReader, store: Store) -> None:
        """`slug` names the persona in the audit log."""
        self._persona, self._slug, self._reader, self._store = persona, slug, reader, store

    def claim(self, text: str, vectors: Mapping[str, Vector], own: float, state: DialogueState) -> Claim | None:
        """Return what a message claims; None for all others.

        `own` is the cosine with the nearest example of the persona itself: what that covers better is the persona's.
        """
        asked = _open_question(state)
        if asked == "agree" and (agreed := answer(text)) is not None:
            return Claim("agree" if agreed else "withdraw")
        if asked in ("forget", "withdraw") and (confirmed := is_sure(text)) is not None:
            return Claim(asked, confirmed)
        if (asked or not state.asking) and (confirmed := pressed(text)) is not None:
            return Claim("forget", late=True) if confirmed else Claim("forget", False)
        wish = wish_of(text)
        if wish is not None:
            return Claim(wish)
        found = self._reader.asked(vectors) if text.strip() else None
        if found is None or found.nearness < own:
            return None
        return Claim(meant(found.right, text), score=found.score)

    def settle(
        self, claim: Claim, user: str, language: str, state: DialogueState, shared: bool, files: bool = True
    ) -> Settled:
        """Do what is claimed and return the answer. Blocking; what goes wrong is told, as it is.

        Without `files` the channel cannot hand over an export: who can is told.
        """
        if shared:
            return Settled(sentence("in_private", language), IN_PRIVATE, state=without_question(state))
        skill = f"{RIGHT}{claim.wish}"
        try:
            if claim.late:
                return Settled(*self._over(user, language), state=without_question(state))
            if claim.wish == "privacy" or (claim.wish == "agree" and self._persona.privacy.seconds == 0):
                return Settled(*self._privacy(user, language), state=without_question(state))
            if claim.wish == "export":
                return Settled(self._export(user, language, files), skill, state=without_question(state))
            if claim.wish == "agree":
                said = sentence("kept_already" if self.agreed(user) else "agreed", language)
                self._store.set_consent(user, True)
                return Settled(said, skill, state=without_question(state))
            if claim.confirmed is None and (claim.wish == "forget" or self.agreed(user)):
                waiting = replace(state, intent=skill, asking=SURE)
                return Settled(sentence(f"{claim.wish}_sure", language), skill, sure(language), waiting)
            if claim.confirmed is False:
                return Settled(sentence("left", language), skill, state=without_question(state))
            if claim.confirmed is None and self._store.consent(user) is False:
                return Settled(sentence("nothing_kept", language), skill, state=without_question(state))
            if claim.wish == "withdraw":
                erased = self._store.set_consent(user, False)
                said = sentence("withdrawn" if claim.confirmed else "nothing_kept", language)
                if claim.confirmed and erased is not None:
                    said += f"\n{receipt(erased, language)}"
                return Settled(said, WITHDRAWN)
            return Settled(self.forgotten(self._store.erase(user), language), FORGOTTEN)
        except Unfinished as error:
            log.error("a user's claim %s goes on later: %s", claim.wish, error)
            return Settled(sentence("begun", language), skill)
        except PersonacError as error:
            log.error("a user's claim %s could not be settled: %s", claim.wish, error)
            return Settled(sentence("failed", language), skill, state=without_question(state))

    def agreed(self, user: str) -> bool:
        """Tell whether what a user says may be kept."""
        decided = self._store.consent(user)
        return decided if decided is not None else self._persona.privacy.consent == "implied"

    def note(self, event: str, user: str, **what: object) -> None:
        """Write an event into the audit log; one that cannot be written is logged, and holds nobody up."""
        try:
            self._store.audit(event, self._slug, user=user, **what)
        except PersonacError as error:
            log.error("the audit log: %s", error)

    @staticmethod
    def forgotten(erased: Erasure, language: str) -> str:
        """Return what a user is told of an erasure, with its receipt."""
        said = sentence("forgotten" if erased.done else "being_forgotten", language, count=erased.rows)
        return f"{said}\n{receipt(erased, language)}"

    def _export(self, user: str, language: str, files: bool) -> str:
        """Return what is said of an export: that it is here, or else who gives it."""
        if files:
            return sentence("export", language)
        return sentence("export_elsewhere", language, user=user) + self._contact(language)

    def _contact(self, language: str) -> str:
        """Return a line that tells whom to ask, empty where the persona names nobody."""
        contact = choose(self._persona.privacy.contact or {}, language, self._persona.language)
        return "\n" + sentence("contact", language, contact=contact) if contact else ""

    def _over(self, user: str, language: str) -> tuple[str, str, tuple[str, ...]]:
        """Return that nothing was erased, and what may be wished instead; each asks before it erases."""
        kept = self._persona.privacy.seconds != 0 and self.agreed(user)
        wishes: tuple[Wish, ...] = ("withdraw", "forget") if kept else ("forget",)
        return sentence("over", language), f"{RIGHT}forget", tuple(label(wish, language) for wish in wishes)

    def _privacy(self, user: str, language: str) -> tuple[str, str, tuple[str, ...]]:
        """Return what is kept, how long, whom to ask, and the choices."""
        settings, agreed = self._persona.privacy, self.agreed(user)
        decided = self._store.consent(user)
        if settings.seconds == 0:
            lines = [sentence("keeps_never", language)]
        elif agreed:
            lines = [sentence("keeps_agreed" if decided else "keeps_implied", language)]
        else:
            lines = [sentence("keeps_nothing" if decided is None else "keeps_declined", language)]
        if agreed and settings.seconds != 0:
            if settings.seconds is None:
                lines.append(sentence("forever", language))
            else:
                lines.append(sentence("until", language, time=duration(settings.seconds, language)))
            lines.append(sentence("media_kept" if settings.keep_media else "media", language))
            if masked := kinds(settings.redact, language):
                lines.append(sentence("masked", language, kinds=masked))
        text = (" " if not language.startswith("zh") else "").join(lines)
        text += self._contact(language) + "\n" + sentence("how", language)
        wishes: tuple[Wish, ...] = ("export", "forget")
        if settings.seconds != 0:
            wishes = ("withdraw" if agreed else "agree", *wishes)
        return text, f"{RIGHT}privacy", tuple(label(wish, language) for wish in wishes)


def receipt(erased: Erasure, language: str) -> str:
    """Return the line by which a user may ask about an erasure later."""
    at = datetime.fromtimestamp(erased.at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    told = sentence("receipt", language, id=erased.id, at=at)
    return told if erased.recorded else f"{told}\n{sentence('unrecorded', language)}"


def waits_for_consent(state: DialogueState) -> DialogueState:
    """Return a state in which the question for consent was just asked, unless another question is open."""
    return state if state.asking else replace(state, intent=f"{RIGHT}agree", asking=SURE)


def without_question(state: DialogueState) -> DialogueState:
    """Return a state in which no question about the user's data is open; a form goes on."""
    return state if _open_question(state) is None else replace(state, intent=None, asking=None)


def _open_question(state: DialogueState) -> Wish | None:
    """Return what the next message answers, when the last thing asked was about the user's data."""
    wishes: tuple[Wish, ...] = ("forget", "withdraw", "agree")
    return next((wish for wish in wishes if state.asking == SURE and state.intent == f"{RIGHT}{wish}"), None)
