"""Write into the audit log beside the turns: a note costs its turn nothing, and one that fails holds nobody up.

Knows the store's `audit`; does not know what is noted, which holds no words of users.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from .contracts import Store
from .errors import PersonacError

log = logging.getLogger("personac")
WAITING = 10_000  # notes that wait at a time; the disk is slower than a flood of refused messages


class Notes:
    """Write the notes of one persona, in their order, on a thread of their own."""

    def __init__(self, store: Store, slug: str) -> None:
        self._store, self._slug = store, slug
        self._lock = threading.Lock()
        self._waiting = 0
        self._closed = False
        self._thread = ThreadPoolExecutor(1, "notes")  # begun by the first note

    def write(self, event: str, **what: object) -> None:
        """Write an event, soon; after `close` at once. One that finds no room is logged with its event alone."""
        with self._lock:
            full, late = self._waiting >= WAITING, self._closed
            if not full and not late:
                self._waiting += 1
                self._thread.submit(self._write, event, what)
        if late:
            self._audit(event, what)
        elif full:
            log.error("the audit log: %s is not written, %d events wait", event, WAITING)

    def close(self, wait: bool = True) -> None:
        """Write what waits and end the thread."""
        with self._lock:
            self._closed = True
        self._thread.shutdown(wait)

    def _write(self, event: str, what: dict[str, object]) -> None:
        self._audit(event, what)
        with self._lock:
            self._waiting -= 1

    def _audit(self, event: str, what: dict[str, object]) -> None:
        try:
            self._store.audit(event, self._slug, **what)
        except PersonacError as error:
            log.error("the audit log: %s", error)
