"""What connectors and the command line ask of a running persona beside answers: what it keeps, knows, hears and says.

Knows the parts of a persona and its store; does not know what becomes of a message (runtime.py).
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .contracts import Ticket
from .errors import BadInput, PersonacError, Unavailable
from .message import Erasure, File, Media, Message, Reply, Sound, Source
from .mind import privacy
from .mind.forgetting import forget_texts
from .mind.memory.filters import Filter
from .parts import Parts
from .perception import Perception
from .rights import Claim, waits_for_consent
from .store.page import page
from .turn import DialogueState, Passage, Transcript, Vector

if TYPE_CHECKING:
    pass

log = logging.getLogger("personac")


class Services:
    """Serve one persona beside its answers."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.persona = parts.persona
        self.profile = parts.profile
        self._vault = privacy.Vault()
        self._own = privacy.OwnNames([parts.persona.name], parts.records.values())
        self._told = privacy.OwnNames([parts.persona.name], parts.records.values(), words=True)
        limits = parts.persona.retrieval.filter
        self._only = Filter(limits.language, limits.source, limits.record, limits.field, limits.intent)

    def skill_names(self) -> list[str]:
        """Return the skills that other programs may call for their users: those of intents that ask for no yes."""
        return sorted({i.skill for i in self.persona.intents if i.skill and i.confirm is None})

    def ready(self) -> dict[str, bool]:
        """Return which of text, speech, pictures and voice are loaded; what the persona does not have is left out."""
        parts = {"speech": self.parts.hearing, "pictures": self.parts.sight, "voice": self.parts.voice}
        return {"text": True, **{name: lazy.ready for name, lazy in parts.items() if lazy is not None}}

    def warm_up(self, stop: threading.Event | None = None) -> None:
        """Load the heavy models; those that can't be had are logged and tell their user when asked for.

        Once `stop` is set, no other one is begun.
        """
        for name, lazy in (("voice", self.parts.voice), ("speech", self.parts.hearing), ("pictures", self.parts.sight)):
            if lazy is not None and not (stop is not None and stop.is_set()):
                try:
                    lazy.get()
                except PersonacError as error:
                    log.warning("%s: %s", name, error)

    def consent(self, user: str) -> bool | None:
        """Return what the user decided about keeping the conversation."""
        decided = self.parts.store.consent(user)
        return True if decided is None and self.persona.privacy.consent == "implied" else decided

    def set_consent(self, user: str, granted: bool, language: str = "") -> str:
        """Write what the user decided about keeping the conversation, and return what is told of an erasure."""
        agreed = self.parts.rights.agreed(user)
        if not granted:
            self._let_go(user)
        erased = self.parts.store.set_consent(user, granted)
        return self.parts.rights.forgotten(erased, language or self.persona.language) if erased and agreed else ""

    def history(self, conversation: str) -> list[tuple[str, str, str]]:
        """Return (role, text, language) of the latest turns, oldest first."""
        return self.parts.store.history(conversation)

    def state(self, conversation: str) -> DialogueState:
        """Return what a conversation remembers between turns, empty for a new one."""
        return self.parts.store.dialogue(conversation)

    def recount(self, conversation: str, user: str, lines: Sequence[tuple[str, str]], state: DialogueState) -> None:
        """Tell a new conversation what was said elsewhere: (role, text), oldest first, and the state that it left.

        It is kept as any turn of this user is, with personal data masked.
        """
        settings, said = self.persona.privacy, ""
        ticket = self._ticket(user)
        for role, text in lines:
            masked = privacy.mask(text, settings.redact, spare=self._own).text
            if role == "user":
                said = "\n".join(filter(None, [said, masked]))
                continue
            message = Message("", (), conversation, user, "told")
            language = self.parts.detect(masked) if masked else self.persona.language
            self.parts.store.record(message, said, masked, language, state, ticket=ticket)
            said = ""

    async def hear(self, media: Media) -> Transcript:
        """Return what is said in a recording, without a turn; raise BadInput."""
        parts = self.parts
        perception = Perception(parts.detect, self.persona.language, parts.hearing, parts.sight)
        transcript, _ = await asyncio.to_thread(perception.hear, media.data)
        return transcript

    async def say(self, text: str, language: str = "") -> AsyncIterator[Sound]:
        """Yield a text with the persona's voice; without a language, in that of the text."""
        if self.parts.voice is None:
            raise BadInput("no_voice", "This persona has no voice.")
        voice = await asyncio.to_thread(self.parts.voice.get)
        async for sound in voice.speak(text, language or self.parts.detect(text)):
            yield sound

    def feedback(self, conversation: str, user: str, key: str, good: bool) -> None:
        """Keep what a user thought of the answer to a message."""
        self.parts.store.feedback(conversation, user, key, good, ticket=self._ticket(user))

    async def search(self, text: str, count: int) -> list[Source]:
        """Return the passages of the persona's knowledge that fit a text best, without a turn."""
        if not text.strip():
            return []
        language = self.parts.detect(text)

        def find(vectors: Mapping[str, Vector]) -> Sequence[Passage]:
            return self.parts.memory.search(vectors, None, text, language, count, only=self._only)

        found = await self.parts.encoders.encode_and(text, language, find)
        return [Source(passage.id, passage.source, passage.text, passage.score) for passage in found]

    def export(self, user: str) -> dict[str, Any]:
        """Return all that is kept of a user."""
        return self.parts.store.export(user)

    def export_files(self, user: str, language: str) -> tuple[File, ...]:
        """Return all that is kept of a user as two files: JSON, and a page to read in a language."""
        kept, name = self.export(user), f"{self.profile.slug}-{time.strftime('%Y-%m-%d', time.gmtime())}"
        self.parts.rights.note("export", user)
        data = json.dumps(kept, ensure_ascii=False, indent=2).encode()
        html = page(kept, self.persona.name, language, time.time()).encode()
        return File(f"{name}.json", "application/json", data), File(f"{name}.html", "text/html", html)

    def erase_and_tell(self, user: str, language: str) -> Reply:
        """Erase all that is kept of a user, who has confirmed it, and return the words that tell so."""
        self._vault.forget(user)
        settled = self.parts.rights.settle(Claim("forget", True), user, language, DialogueState(), False)
        return Reply(settled.text, language, skill=settled.skill)

    def ask_consent(self, user: str, language: str, conversation: str = "") -> str:
        """Return the question whether the conversation may be kept, once for each user; empty from then on.

        It is empty, too, for who has decided, where nothing is ever kept or it need not be asked, and while it cannot
        be noted that it was. The next message of a `conversation` may answer it in words.
        """
        settings, texts = self.persona.privacy, self.profile.consent_text
        try:
            if settings.consent == "implied" or settings.seconds == 0 or not self.parts.store.ask(user):
                return ""
        except Unavailable as error:
            log.error("a user is asked for consent later: %s", error)
            return ""
        question = texts.get(language.split("-")[0]) or texts["en"]
        if conversation:
            self.recount(conversation, user, [("persona", question)], waits_for_consent(self.state(conversation)))
        return question

    def forget(self, user: str) -> Erasure:
        """Erase all that is kept of a user and return the receipt."""
        self._let_go(user)
        return self.parts.store.erase(user)

    def _let_go(self, user: str) -> None:
        """Forget what is held in memory and may have a user's words in it."""
        self._vault.forget(user)
        self.parts.memory.forget_questions()
        forget_texts()

    def remember(self, user: str, key: str, value: Any) -> None:
        """Keep a fact about a user; it outlives the process when the user agreed to that."""
        self.parts.store.remember(user, key, value, ticket=self._ticket(user))

    def facts(self, user: str) -> dict[str, Any]:
        """Return what is remembered about a user, by key."""
        return self.parts.store.facts(user)

    def forget_fact(self, user: str, key: str) -> bool:
        """Delete one fact; false when there was none."""
        return self.parts.store.forget_fact(user, key)

    def forget_old(self) -> int:
        """Delete what is older than the persona's retention and return the number of turns."""
        seconds = self.persona.privacy.seconds
        return self.parts.store.expire(0.0 if seconds is None else time.time() - seconds)

    def close(self) -> None:
        """End the runtime's threads and its store."""
        self.parts.plugins.close()
        self.parts.encoders.close()
        self.parts.notes.close()
        self.parts.store.close()

    def _mask(self, text: str) -> str:
        return privacy.mask(text, self.persona.privacy.redact, spare=self._own).text

    def _ticket(self, user: str, keep: bool = True) -> Ticket:
        """Return what a turn that begins now is recorded with; without `keep` it is in memory alone."""
        settings = self.persona.privacy
        return self.parts.store.ticket(
            user, implied=settings.consent == "implied", never=settings.seconds == 0 or not keep
        )
