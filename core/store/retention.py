"""Let go of what is too old, and of what the memory holds of users who did not agree."""

from __future__ import annotations

import sqlite3

from .tables import KEPT

LATEST = 50  # turns of a conversation that are shown and told on
PASSING = 20_000  # turns of users who did not agree that the memory holds at a time
SWEPT = 1_000  # turns between two looks for what is over that


def expire(database: sqlite3.Connection, before: float, given_up: float) -> int:
    """Delete within a transaction what is older than a time in seconds since 1970, and return the number of turns.

    What could not be sent goes when it is older than `given_up`; consents stay until they are withdrawn.
    """
    deleted = database.execute("DELETE FROM turns WHERE at < ?", (before,)).rowcount
    database.execute("DELETE FROM follow_ups WHERE due < ?", (before,))  # of channels that are not served
    for table in ("feedback", "facts", "media"):
        database.execute(f"DELETE FROM {table} WHERE at < ?", (before,))
    database.execute("DELETE FROM dialogues WHERE conversation NOT IN (SELECT conversation FROM turns)")
    database.execute("DELETE FROM deliveries WHERE state = 'failed' AND at < ?", (given_up,))
    database.execute("UPDATE deliveries SET memo = NULL, user = '' WHERE state = 'sent' AND at < ?", (given_up,))
    _drop_keys(database)
    return deleted


def _drop_keys(database: sqlite3.Connection) -> None:
    """Destroy the keys of users of whom nothing is left."""
    left = " ".join(f"AND user NOT IN (SELECT user FROM {table})" for table in KEPT)
    database.execute(f"DELETE FROM keys WHERE 1 {left}")


class Passing:
    """Keep what the memory holds from growing: the process may run for months."""

    def __init__(self, database: sqlite3.Connection, alone: bool) -> None:
        """Take the database in memory; `alone` tells that what is kept lies in another."""
        self._database = database
        self._alone = alone
        self._turns = 0

    def let_go(self, place: str) -> None:
        """Let go, within the transaction of a turn, of what nobody needs of its conversation, now and then of all."""
        database = self._database
        database.execute(
            "DELETE FROM turns WHERE conversation = ? AND id <= "
            "(SELECT id FROM turns WHERE conversation = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
            (place, place, LATEST),
        )
        self._turns += 1
        if self._turns % SWEPT == 0:
            over = "SELECT id FROM turns ORDER BY id DESC LIMIT 1 OFFSET ?"
            database.execute(f"DELETE FROM turns WHERE id <= ({over})", (PASSING,))
            database.execute("DELETE FROM dialogues WHERE conversation NOT IN (SELECT conversation FROM turns)")
            _drop_keys(database)
            if self._alone:
                database.execute("DELETE FROM tickets WHERE user NOT IN (SELECT user FROM turns)")
