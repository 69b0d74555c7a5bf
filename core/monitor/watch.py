"""Put monitors on the personas of a server: their books, their ways of telling people, and the page."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..delivery.server import DeliveryServer
from ..persona.rule_sets import rules_of
from ..persona.schema import Alerts, Persona, Rule
from ..persona.ways import usable
from ..reload import Reloading
from ..store.alive import living
from .book import Book, Escalation, book_path
from .door import KEY_VARIABLE, Door
from .monitor import Monitor
from .page import Elsewhere, Page, Turns
from .tallies import Tallies
from .ways import Way, ways_of

log = logging.getLogger("personac.monitor")
_ELSEWHERE = (
    "nothing of this conversation is kept here; another process serves this persona too, "
    "and may still hold it in its memory: open it there"
)


class _Known:
    """Tell what a persona says of alerts and rules; worked out anew when another artifact runs."""

    def __init__(self, bot: Reloading, book: Book, store: Path | None) -> None:
        self._bot = bot
        self._book = book
        self._store = None if store is None else store / f"{bot.profile.slug}.sqlite"
        self._persona: Persona | None = None
        self._ways: Mapping[str, Way] = {}
        self._rules: tuple[Rule, ...] = ()

    def alerts(self) -> Alerts:
        return self._bot.runtime.persona.alerts

    def ways(self) -> Mapping[str, Way]:
        self._look()
        return self._ways

    def keeps(self, user: str) -> bool:
        return self._bot.runtime.persona.privacy.seconds != 0 and self._bot.consent(user) is True

    def name(self, user: str) -> str:
        return self._bot.runtime.parts.store.mark(user)

    def place(self, conversation: str) -> str:
        return self._bot.runtime.parts.store.place(conversation)

    def opened(self, escalation: Escalation) -> list[tuple[float, str, str, str]]:
        """Return what was said, in a group only by who was escalated and to that one.

        Raise Unavailable when that somebody looks at it cannot be written down, Elsewhere when nothing is here and
        another process may hold it: who did not agree to be kept is in the memory of the one that answered.
        """
        store, what = self._bot.runtime.parts.store, {"escalation": escalation.id, "rule": escalation.rule}
        found = store.turns(escalation.place, whose=lambda user: self._book.mark(user) == escalation.user)
        if found:
            store.audit("escalation_opened", self._bot.profile.slug, **what)
        elif self._store is not None and living(self._store) > 1:
            raise Elsewhere(_ELSEWHERE)
        return found

    def audit(self, event: str, what: Mapping[str, Any]) -> None:
        self._bot.runtime.parts.notes.write(event, **what)

    def rules(self) -> tuple[Rule, ...]:
        self._look()
        return self._rules

    def _look(self) -> None:
        persona = self._bot.runtime.persona
        if persona is not self._persona:
            self._ways, self._rules = _ways(persona), rules_of(persona.ethics)
            self._persona = persona


def _ways(persona: Persona) -> dict[str, Way]:
    """Return the ways that a persona names; one that lacks an environment variable is told and left out."""
    usables, lacking = usable(persona.alerts, os.environ)
    for name, why in lacking.items():
        log.error("%s: alerts.%s: %s; going on without it", persona.name, name, why)
    if lacking and not usables:
        log.error("%s: alerts: no way is left: NOBODY IS TOLD when a rule escalates", persona.name)
    return {name: way for one in usables for name, way in ways_of(one, persona.language).items()}


def watch(server: DeliveryServer, bots: Sequence[Reloading], store: Path | None) -> None:
    """Watch the personas of a server, before it runs; raise Unavailable when a book cannot be opened.

    Without a folder nothing that is counted outlives the process.
    """
    books: dict[str, tuple[str, Book]] = {}
    turns: dict[str, Turns] = {}
    for bot in bots:
        book = Book(None if store is None else book_path(store, bot.profile.slug))
        books[bot.profile.slug] = (bot.profile.name, book)
        known = _Known(bot, book, store)
        known.ways()  # what they lack is told now, not when somebody is in danger
        turns[bot.profile.slug] = known.opened
        persona = bot.runtime.persona
        Tallies(book).promise([intent.name for intent in persona.intents], persona.languages)
        monitor = Monitor(
            bot.profile.slug,
            book,
            known.alerts,
            known.rules,
            known.ways,
            server.measures,
            known.audit,
            keeps=known.keeps,
            name=known.name,
            place=known.place,
        )
        bot.listener = monitor
        server.beside.append(monitor)
    server.door = Door(os.environ.get(KEY_VARIABLE, ""))
    server.monitor = Page(books, server.door, turns)
