"""The real step of a turn that answers for a user's own data, for bots that else say what they are told to."""

from __future__ import annotations

import json

from personac.core.message import File, Message, Profile, Reply
from personac.core.mind.rights import RightsReader
from personac.core.persona.schema import Persona
from personac.core.rights import Claim, Rights, waits_for_consent
from personac.core.store.page import page
from personac.core.store.sqlite import SQLiteStore
from personac.core.turn import DialogueState


class Claims:
    """Settle commands and buttons as a running persona does; words are not understood, as nothing encodes them."""

    def __init__(self, profile: Profile, store: SQLiteStore) -> None:
        hello = {"name": "hello", "examples": ["hi", "hello"], "responses": {"en": ["Hello!"]}}
        given = {"personac": 1, "name": profile.name, "intents": [hello], "privacy": {"consent": profile.consent}}
        self._profile, self._store = profile, store
        self._rights = Rights(Persona.model_validate(given), profile.slug, RightsReader({}), store)

    def reply(self, message: Message) -> Reply | None:
        """Return the answer to a message about its user's data, recorded as a turn is."""
        state = self._store.dialogue(message.conversation)
        claim = self._rights.claim(message.text, {}, -1.0, state)
        if claim is None:
            return None
        language = "zh" if any("\u4e00" <= letter <= "\u9fff" for letter in message.text) else "en"
        settled = self._rights.settle(claim, message.user, language, state, message.shared)
        if settled.state is not None:
            ticket = self._store.ticket(message.user)
            self._store.record(message, message.text, settled.text, language, settled.state, ticket=ticket)
        return Reply(settled.text, language, skill=settled.skill, choices=settled.choices, milliseconds={"total": 1.0})

    def files(self, user: str, language: str) -> tuple[File, ...]:
        """Return an export."""
        kept = self._store.export(user)
        html = page(kept, self._profile.name, language, 0.0).encode()
        data = json.dumps(kept, ensure_ascii=False).encode()
        return File("mei-lin.json", "application/json", data), File("mei-lin.html", "text/html", html)

    def erased(self, user: str, language: str) -> Reply:
        """Erase all that is kept of a user, and return what tells so."""
        settled = self._rights.settle(Claim("forget", True), user, language, DialogueState(), False)
        return Reply(settled.text, language, skill=settled.skill)

    def question(self, user: str, language: str, conversation: str = "") -> str:
        """Return the question for consent, once; the next message of a conversation may answer it."""
        if self._profile.consent == "implied" or not self._store.ask(user):
            return ""
        text = self._profile.consent_text.get(language) or next(iter(self._profile.consent_text.values()))
        if conversation:
            state = waits_for_consent(self._store.dialogue(conversation))
            self._store.record(Message("", (), conversation, user), "", text, language, state)
        return text
