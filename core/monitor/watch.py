"""Put monitors on the personas of a server: their books, their ways of telling people, and the page."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..delivery.server import DeliveryServer
from ..errors import PersonacError
from ..persona.schema import Alerts, Rule
from ..persona.source import resolve_environment
from ..reload import Reloading
from .book import Book, book_path
from .door import KEY_VARIABLE, Door
from .monitor import Monitor
from .page import Page
from .ways import Way, ways_of

log = logging.getLogger("personac.monitor")


class _Ways:
    """Make the ways of a persona, anew when its settings change."""

    def __init__(self, bot: Reloading) -> None:
        self._bot = bot
        self._made: tuple[Alerts | None, dict[str, Way]] = (None, {})

    def __call__(self) -> Mapping[str, Way]:
        persona = self._bot.runtime.persona
        if persona.alerts is not self._made[0]:
            found: dict[str, Way] = {}
            for name in ("webhook", "email", "slack"):
                written = persona.alerts.model_dump(mode="json").get(name)
                if written is None:
                    continue
                try:
                    filled = resolve_environment({k: v for k, v in written.items() if v is not None}, os.environ)
                    found |= ways_of(Alerts.model_validate({name: filled}), persona.language)
                except PersonacError as error:
                    log.error("%s: alerts.%s: %s; going on without it", persona.name, name, error)
            self._made = (persona.alerts, found)
        return self._made[1]


def watch(server: DeliveryServer, bots: Sequence[Reloading], store: Path) -> None:
    """Watch the personas of a server, before it runs; raise Unavailable when a book cannot be opened."""
    books: dict[str, tuple[str, Book]] = {}
    for bot in bots:
        book = Book(book_path(store, bot.profile.slug))
        books[bot.profile.slug] = (bot.profile.name, book)
        monitor = Monitor(
            bot.profile.slug, book, lambda bot=bot: _alerts(bot), lambda bot=bot: _rules(bot), _Ways(bot), server.measures
        )  # fmt: skip
        bot.listener = monitor
        server.beside.append(monitor)
    server.monitor = Page(books, Door(os.environ.get(KEY_VARIABLE, "")))


def _alerts(bot: Reloading) -> Alerts:
    return bot.runtime.persona.alerts


def _rules(bot: Reloading) -> tuple[Rule, ...]:
    return bot.runtime.persona.ethics.rules
