"""Where news comes in: files that are read when they have changed, and feeds that are fetched in the background."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from pathlib import Path

from .archive import Archive
from .feeds import Feeds
from .news import read_news
from .settings import FinanceSettings


class Newsroom:
    """Hold the archive of a persona, opened when it is first needed, and keep it up to date."""

    def __init__(self, settings: FinanceSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._archive: Archive | None = None
        self._feeds = Feeds(settings.feeds, 60.0 * settings.every, lambda: self.today)
        self._stamps: dict[Path, tuple[int, int]] = {}

    @property
    def today(self) -> date:
        """Return the day that counts as today."""
        return self._settings.as_of or date.today()

    def archive(self) -> Archive:
        """Return the archive with what the files say now."""
        with self._lock:
            if self._archive is None:
                self._archive = Archive(self._settings.store, self._settings.topics)
                self._archive.forget(self.today - timedelta(self._settings.keep_days))
                self._feeds.start(self._archive)
            for path in map(Path, self._settings.news):
                if (stamp := _stamp(path)) != self._stamps.get(path):
                    self._stamps[path] = stamp
                    self._archive.add(read_news(path))
            return self._archive

    def close(self) -> None:
        """Close the archive, and end what is fetched."""
        self._feeds.stop()
        with self._lock:
            if self._archive is not None:
                self._archive.close()
                self._archive = None


def _stamp(path: Path) -> tuple[int, int]:
    """Return what tells one version of a file from another; of one that is not there, zeros."""
    try:
        seen = path.stat()
    except OSError:
        return (0, 0)
    return (seen.st_mtime_ns, seen.st_size)
