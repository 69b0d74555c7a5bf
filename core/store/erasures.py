"""The erasures of one store: what they ask of it and of what lies around it, the steps being erasing.py's.

Whoever calls holds the store's locks.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import PersonacError, Unavailable, Unfinished
from ..message import Erasure
from . import erasing
from .alive import is_alive
from .audit import AuditLog
from .seals import Seals

log = logging.getLogger("personac")


class Erasures:
    """Begin erasures, go on with them and finish them."""

    def __init__(
        self,
        kept: sqlite3.Connection,
        passing: sqlite3.Connection,
        seals: Seals,
        path: Path | None,
        clock: Callable[[], float],
        audit: AuditLog | None,
        beside: Callable[[str], object],
    ) -> None:
        """Take the store's databases on disk, at `path`, and in memory, which may be one, and its audit log.

        `beside` lets what lies beside the store go of the user whom a keyed hash stands for.
        """
        self._kept, self._passing, self._seals = kept, passing, seals
        self._path, self._persona = path, path.stem if path else ""
        self._clock, self._audit, self._beside = clock, audit, beside
        self._around = erasing.Around(self._runs, self.let_go, self._told)

    def begin(self, mark: str) -> str:
        """Write down that a user is to be erased and return the id of the receipt; raise Unavailable."""
        try:
            return erasing.begin(self._kept, mark, self._persona, self._clock())
        except sqlite3.Error as error:
            raise Unavailable(f"the user could not be erased: {error}; is the disk full?") from error

    def begin_with_a_no(self, mark: str, at: float) -> str:
        """Delete what was kept within the transaction that writes a user's no, and return the id of the receipt."""
        parts = erasing.delete_rows(self._kept, self._seals, mark, self._runs, decided=True)
        return erasing.note(self._kept, mark, self._persona, at, parts)

    def go_on(self, id: str, mark: str, decided: bool = False) -> Erasure:
        """Do the steps of an erasure that was begun, in memory too, and return its receipt; raise Unfinished.

        With `decided`, what the user decided about keeping stays.
        """
        also: dict[str, int] = {}
        if self._passing is not self._kept:
            with self._passing:
                also = erasing.delete_rows(self._passing, self._seals, mark, self._runs, decided)
        return self._finish(id, also)

    def finish(self) -> int:
        """Finish the erasures that were begun, in this process or a killed one; return their number."""
        return sum(self._finish(id, {}).done for id in erasing.unfinished(self._kept))

    def let_go(self, mark: str) -> bool:
        """Let what lies beside the store go of a user; false when it could not."""
        try:
            self._beside(mark)
        except PersonacError as error:
            log.error("what is kept beside the store of an erased user stays for now: %s", error)
            return False
        return True

    def _finish(self, id: str, also: dict[str, int]) -> Erasure:
        try:
            return erasing.finish(self._kept, self._seals, self._around, id, also)
        except erasing.Closed:
            return self._closed_elsewhere(id)
        except sqlite3.Error as error:
            log.error("the erasure %s could not go on: %s; is the disk full?", id, error)
            raise Unfinished("the erasure is written down and goes on later; it could not just now") from error

    def _closed_elsewhere(self, id: str) -> Erasure:
        """Return the receipt of an erasure that another process has finished meanwhile."""
        for entry in self._audit.entries() if self._audit is not None else ():
            if (entry.get("event"), entry.get("id")) == ("erasure", id):
                return Erasure(id, entry["at"], entry["rows"], entry["parts"])
        return Erasure(id, self._clock())

    def _runs(self, name: str) -> bool:
        return is_alive(self._path, name)

    def _told(self, made: Erasure, mark: str, persona: str) -> bool:
        """Write an erasure into the audit log, once, and the no that asked for it; false when that is still to do."""
        if self._audit is None:
            return True
        sql = "SELECT 1 FROM decisions WHERE user = ? AND what = 'denied' AND at = ?"
        denied = self._kept.execute(sql, (mark, made.at)).fetchone()
        events: dict[str, dict[str, Any]] = {"erasure": {"rows": made.rows, "parts": made.parts}}
        if denied:
            events["consent"] = {"granted": False}
        try:
            for event, what in events.items():
                if not self._audit.knows(event, made.id):
                    self._audit.write(event, persona, {"user": mark, "id": made.id, **what})
        except Unavailable as error:
            log.error("the erasure %s is done, and its entry in the audit log follows: %s", made.id, error)
            return False
        return True
