"""Where news comes in: files that the persona ships, and feeds that are fetched in the background."""

from __future__ import annotations

import hashlib
import logging
import threading
from datetime import date, timedelta

from ...core.plugin import Place
from .archive import Archive
from .feeds import Feeds
from .news import read_news
from .settings import FinanceSettings

log = logging.getLogger("personac")
STORE = "news.sqlite"


class Newsroom:
    """Hold the archive of a persona, opened when it is first needed."""

    def __init__(self, settings: FinanceSettings, place: Place) -> None:
        self._settings = settings
        self._place = place
        self._lock = threading.Lock()
        self._archive: Archive | None = None
        self._feeds = Feeds(settings.feeds, 60.0 * settings.every, lambda: self.today)

    @property
    def today(self) -> date:
        """Return the day that counts as today."""
        return self._settings.as_of or date.today()

    def archive(self) -> Archive:
        """Return the archive; at first, read the files and begin to fetch."""
        with self._lock:
            if self._archive is None:
                self._archive = self._opened()
                self._feeds.start(self._archive)
            return self._archive

    def close(self) -> None:
        """Close the archive, and end what is fetched."""
        self._feeds.stop()
        with self._lock:
            if self._archive is not None:
                self._archive.close()
                self._archive = None

    def _opened(self) -> Archive:
        settings = self._settings
        archive = Archive(self._place.data / STORE, settings.topics)
        archive.keep_only([*settings.news, *settings.feeds])
        archive.forget(self.today - timedelta(settings.keep_days))
        for name in settings.news:
            path = self._place.files / name
            try:
                content = hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
            except OSError as error:
                log.warning("the news in %s cannot be read: %s", name, error)
                continue
            if archive.version(name)[0] != content:
                archive.replace(name, read_news(path, name))
                archive.keep_version(name, content, "")
        return archive
