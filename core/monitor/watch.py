"""Put monitors on the personas of a server: their books, their ways of telling people, and the page."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..delivery.server import DeliveryServer
from ..errors import PersonacError
from ..persona.rule_sets import rules_of
from ..persona.schema import Alerts, Persona, Rule
from ..persona.source import resolve_environment
from ..reload import Reloading
from .book import Book, Escalation, book_path
from .door import KEY_VARIABLE, Door
from .monitor import Monitor
from .page import Page, Turns
from .tallies import Tallies
from .ways import Way, ways_of

log = logging.getLogger("personac.monitor")


class _Known:
    """Tell what a persona says of alerts and rules; worked out anew when another artifact runs."""

    def __init__(self, bot: Reloading, book: Book) -> None:
        self._bot = bot
        self._book = book
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

        Raise PersonacError when that somebody looks at it cannot be written down.
        """
        store, what = self._bot.runtime.parts.store, {"escalation": escalation.id, "rule": escalation.rule}
        store.audit("escalation_opened", self._bot.profile.slug, **what)
        return store.turns(escalation.place, whose=lambda user: self._book.mark(user) == escalation.user)

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
    found: dict[str, Way] = {}
    written = persona.alerts.model_dump(mode="json", exclude_none=True)
    for name in ("webhook", "email", "slack"):
        if name not in written:
            continue
        try:
            filled = resolve_environment(written[name], os.environ)
            found |= ways_of(Alerts.model_validate({name: filled}), persona.language)
        except PersonacError as error:
            log.error("%s: alerts.%s: %s; going on without it", persona.name, name, error)
    return found


def watch(server: DeliveryServer, bots: Sequence[Reloading], store: Path | None) -> None:
    """Watch the personas of a server, before it runs; raise Unavailable when a book cannot be opened.

    Without a folder nothing that is counted outlives the process.
    """
    books: dict[str, tuple[str, Book]] = {}
    turns: dict[str, Turns] = {}
    for bot in bots:
        book = Book(None if store is None else book_path(store, bot.profile.slug))
        books[bot.profile.slug] = (bot.profile.name, book)
        known = _Known(bot, book)
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
    server.monitor = Page(books, Door(os.environ.get(KEY_VARIABLE, "")), turns)
