"""The monitor's page: its files, the numbers that it draws, and what was said where a rule escalated, as JSON.

Knows books and paths, not how they are kept; what was said comes from who writes down that it was looked at.

Everything comes from this server; nothing is asked elsewhere (Content-Security-Policy).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import parse_qs

from ..delivery.host import respond
from ..errors import PersonacError, Unavailable
from .book import SLOT, Book, Escalation
from .door import Door
from .signs import PLAIN
from .surges import DAY, HOUR

Turns: TypeAlias = Callable[[Escalation], list[tuple[float, str, str, str]]]
"""Returns (time, said, answered, language), oldest first, once it is written down that somebody looked at them."""
STATIC = Path(__file__).parent / "static"
DAYS = 35
_FILES = {
    "": ("monitor.html", "text/html; charset=utf-8"),
    "monitor.js": ("monitor.js", "text/javascript; charset=utf-8"),
    "monitor.css": ("monitor.css", "text/css; charset=utf-8"),
}
_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; "
    b"form-action 'none'; frame-ancestors 'none'"
)


def by_hour(book: Book, hours: int) -> dict[str, Any]:
    """Return what the page draws of a persona: the counts of each hour, oldest first, surges and alerts.

    `hours` begin at full hours (UTC); the last one is not over.
    """
    now = book.clock()
    first = int(now // HOUR) * HOUR - (hours - 1) * HOUR
    found: dict[str, list[int]] = {sign: [0] * hours for sign in PLAIN}
    for sign, slots in book.counts(first).items():
        row = found.setdefault(sign, [0] * hours)
        for slot, n in slots.items():
            row[min((slot - first) // HOUR, hours - 1)] += n
    surges = [{"sign": sign, "since": since, "until": until} for sign, since, until in book.surges(first)]
    escalations = [{"id": one.id, "at": one.at, "rule": one.rule, "channel": one.channel} for one in book.escalations()]
    drawn = {"start": first, "now": int(now), "slot": SLOT, "signs": found, "surges": surges}
    return {**drawn, "alerts": book.waiting(), "escalations": escalations}


class Elsewhere(Unavailable):
    """Report that nothing of a conversation is here, and that another process may hold it."""


class Page:
    """Serve the page of several personas."""

    def __init__(
        self, books: Mapping[str, tuple[str, Book]], door: Door, turns: Mapping[str, Turns] | None = None
    ) -> None:
        """Show books by slug, each with the persona's name; `turns` tell what was said, by slug."""
        self._books = books
        self._door = door
        self._turns = turns or {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request below /monitor."""
        headers = [
            (b"content-security-policy", _POLICY),
            (b"referrer-policy", b"no-referrer"),
            (b"x-robots-tag", b"none"),
        ]
        if scope["method"] not in ("GET", "HEAD"):
            await respond(send, 405, {"code": "method_not_allowed", "message": "Only GET is served here."})
            return
        if not self._door.admits(scope):
            status, said, asks = self._door.refusal()
            await respond(send, status, said, more=[*headers, *asks])
            return
        name = str(scope["path"]).removeprefix("/monitor").removeprefix("/")
        if name == "data.json":
            hours = _hours(bytes(scope.get("query_string", b"")))
            said = await asyncio.to_thread(self._data, hours)
            await respond(send, 200, said, more=headers)
        elif name == "escalation.json":
            status, said = await asyncio.to_thread(self._opened, bytes(scope.get("query_string", b"")))
            await respond(send, status, said, more=headers)
        elif name in _FILES:
            if name == "" and not str(scope["path"]).endswith("/"):
                await respond(send, 307, b"", "text/plain", [*headers, (b"location", b"monitor/")])
                return
            file, kind = _FILES[name]
            await respond(send, 200, (STATIC / file).read_bytes(), kind, headers)
        else:
            await respond(send, 404, {"code": "not_found", "message": "There is nothing here."}, more=headers)

    def _data(self, hours: int) -> dict[str, Any]:
        return {
            "personas": [
                {"slug": slug, "name": name, **by_hour(book, hours)} for slug, (name, book) in self._books.items()
            ]
        }

    def _opened(self, query: bytes) -> tuple[int, dict[str, Any]]:
        """Return what was said in the conversation of `persona=SLUG&id=ID`."""
        asked = {key: values[0] for key, values in parse_qs(query.decode("latin-1")).items()}
        slug = asked.get("persona", "")
        escalation = self._books[slug][1].escalation(asked.get("id", "")) if slug in self._books else None
        if escalation is None or slug not in self._turns:
            return 404, {"code": "not_found", "message": "No such escalation is kept here (any more)."}
        try:
            turns = self._turns[slug](escalation)
        except PersonacError as error:
            code = "elsewhere" if isinstance(error, Elsewhere) else "unavailable"
            return 503, {"code": code, "message": str(error)}
        keys = ("at", "said", "answered", "language")
        told = {"id": escalation.id, "at": escalation.at, "rule": escalation.rule, "channel": escalation.channel}
        return 200, {**told, "turns": [dict(zip(keys, turn, strict=True)) for turn in turns]}


def _hours(query: bytes) -> int:
    """Return how many hours `hours=N` asks for: a week, if it says nothing good."""
    value = query.decode("latin-1").partition("hours=")[2]
    return min(max(int(value), 1), DAYS * DAY // HOUR) if value.isdigit() and len(value) < 6 else 168
