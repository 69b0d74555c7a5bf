"""RSS and Atom feeds, fetched in the background with limits: what a feed says is data, what fails is told in the log.

Raises nothing to whoever asks about news: a feed that is away, stalls or is malformed is tried again later.
"""

from __future__ import annotations

import io
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from ...core.errors import ModelMissing
from .archive import Archive
from .news import Item, item

log = logging.getLogger("personac")
SECONDS = 30.0  # for a feed, all of it
TIMEOUT = httpx.Timeout(10.0, connect=5.0)
BYTES = 4 * 1024 * 1024
ENTRIES = 500
REDIRECTS = 3
SLOWEST = 6 * 3600.0  # seconds between two tries of a feed that keeps failing
AGENT = "personac (news reader)"


class FeedFailed(Exception):
    """Report a feed that could not be read, and why."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """Hold what a feed's server sent; without a body nothing has changed."""

    body: bytes | None
    etag: str = ""
    modified: str = ""


@dataclass(slots=True)
class _Turn:
    url: str
    at: float = 0.0
    failed: int = 0


@dataclass(slots=True)
class Feeds:
    """Look at feeds in turn, each every so many seconds, on a thread of its own until stopped."""

    urls: Sequence[str]
    every: float
    today: Callable[[], date]
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self, archive: Archive) -> None:
        """Begin, once."""
        if self._thread is None and self.urls:
            self._thread = threading.Thread(target=self._run, args=(archive,), name="finance-feeds", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End after what is being fetched; that is not waited for."""
        self._stop.set()

    def _run(self, archive: Archive) -> None:
        turns = [_Turn(url) for url in self.urls]
        with httpx.Client(timeout=TIMEOUT, headers={"User-Agent": AGENT}) as client:
            while not self._stop.is_set():
                turn = min(turns, key=lambda one: one.at)
                if self._stop.wait(max(0.0, turn.at - time.monotonic())):
                    return
                wait = self._look(turn, archive, client)
                turn.at = time.monotonic() + wait

    def _look(self, turn: _Turn, archive: Archive, client: httpx.Client) -> float:
        """Read one feed and return the seconds until the next look at it."""
        try:
            fetched = fetch(client, turn.url, *archive.version(turn.url))
            if fetched.body is not None and not self._stop.is_set():
                archive.add(parse(fetched.body, turn.url, self.today()), turn.url)
                archive.keep_version(turn.url, fetched.etag, fetched.modified)
            turn.failed = 0
            return self.every
        except Exception as error:  # whatever a server sends, the other feeds go on
            turn.failed += 1
            wait = min(max(SLOWEST, self.every), self.every * 2.0 ** min(turn.failed - 1, 10))
            if not self._stop.is_set():
                log.warning(
                    "the feed %s cannot be read (%s); it is tried again in %d minutes", turn.url, error, wait / 60
                )
            return wait


def fetch(client: httpx.Client, url: str, etag: str = "", modified: str = "") -> Fetched:
    """Return what a feed's server sends, within limits of time and size; raise FeedFailed.

    Redirects are followed on the same host only, so that no feed leads elsewhere.
    """
    headers = {name: value for name, value in (("If-None-Match", etag), ("If-Modified-Since", modified)) if value}
    until = time.monotonic() + SECONDS
    place = url
    for _ in range(REDIRECTS + 1):
        try:
            with client.stream("GET", place, headers=headers) as response:
                if response.status_code == 304:
                    return Fetched(None, etag, modified)
                if not response.has_redirect_location:
                    return _body(response, until)
                place = urljoin(place, response.headers["location"])
        except httpx.HTTPError as error:
            raise FeedFailed(str(error) or type(error).__name__) from error
        if urlsplit(place).hostname != urlsplit(url).hostname or urlsplit(place).scheme not in ("http", "https"):
            raise FeedFailed(f"it sends readers to {place}; name that address if it is meant")
    raise FeedFailed("it sends readers in a circle")


def parse(body: bytes, url: str, today: date) -> list[Item]:
    """Return the items of a feed; raise FeedFailed for what is none, ModelMissing without feedparser."""
    feed: Any = _feedparser().parse(io.BytesIO(body), sanitize_html=True, resolve_relative_uris=False)
    if not feed.get("version") and not feed.entries:
        raise FeedFailed("it is no RSS and no Atom")
    source = str(feed.feed.get("title") or urlsplit(url).hostname or "")
    made = [_item(entry, source, today) for entry in feed.entries[:ENTRIES]]
    return [one for one in made if one is not None]


def _item(entry: Mapping[str, Any], source: str, today: date) -> Item | None:
    told = entry.get("published_parsed") or entry.get("updated_parsed")
    day = date(*told[:3]) if told else today
    title, text = (str(entry.get(name) or "") for name in ("title", "summary"))
    link = str(entry.get("link") or "")
    return item(min(day, today), title, text, source, link if link.startswith(("https://", "http://")) else "")


def _body(response: httpx.Response, until: float) -> Fetched:
    if response.status_code != 200:
        raise FeedFailed(f"its server answers {response.status_code}")
    parts, size = list[bytes](), 0
    for part in response.iter_bytes():
        parts.append(part)
        size += len(part)
        if size > BYTES:
            raise FeedFailed(f"it has more than {BYTES} bytes")
        if time.monotonic() > until:
            raise FeedFailed(f"it takes longer than {SECONDS:.0f} seconds")
    return Fetched(b"".join(parts), response.headers.get("etag", ""), response.headers.get("last-modified", ""))


def _feedparser() -> Any:
    try:
        import feedparser
    except ImportError as error:
        raise ModelMissing("feedparser", "pip install 'personac[finance]'") from error
    return feedparser
