"""Keep conversations in SQLite: one file for those who agreed, memory for the others.

Rows of users who did not consent live in a second database in memory and go with the process. The file also holds
the messages on their way (deliveries.py), which a writer's thread of their own writes.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..contracts import Ticket
from ..errors import Unavailable
from ..message import Message
from ..turn import DialogueState
from . import deliveries
from .alive import Alive
from .deliveries import Deliveries, Statement
from .writer import Writer

_SCHEMA = """
CREATE TABLE IF NOT EXISTS turns (
  id INTEGER PRIMARY KEY, conversation TEXT NOT NULL, user TEXT NOT NULL, channel TEXT NOT NULL, at REAL NOT NULL,
  said TEXT NOT NULL, answered TEXT NOT NULL, language TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS turns_conversation ON turns(conversation, id);
CREATE INDEX IF NOT EXISTS turns_user ON turns(user);
CREATE TABLE IF NOT EXISTS dialogues (conversation TEXT PRIMARY KEY, user TEXT NOT NULL, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS consents (user TEXT PRIMARY KEY, granted INTEGER NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS tickets (user TEXT PRIMARY KEY, ticket TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS decisions (user TEXT NOT NULL, what TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS decisions_user ON decisions(user);
CREATE TABLE IF NOT EXISTS feedback (
  user TEXT NOT NULL, key TEXT NOT NULL, conversation TEXT NOT NULL, good INTEGER NOT NULL, at REAL NOT NULL,
  PRIMARY KEY (user, key));
"""
_OF_USERS = ("turns", "dialogues", "feedback")
_GOOD = " WHERE EXISTS (SELECT 1 FROM tickets WHERE user = ? AND ticket = ?)"
LATEST = 50  # turns of a conversation that are shown and told on
PASSING = 20_000  # turns of users who did not agree that the memory holds at a time
SWEPT = 1_000  # turns between two looks for what is over that
_held: ContextVar[list[Statement] | None] = ContextVar("held", default=None)


class SQLiteStore:
    """Keep what a persona remembers of its users."""

    def __init__(self, path: Path | None, clock: Callable[[], float] = time.time) -> None:
        """Open the file, made when it is not there; without a path nothing outlives the process."""
        self._clock = clock
        self._path = path
        self._lock = threading.Lock()
        self._writing = threading.Lock()  # held by whoever writes to the file; SQLite would poll for it
        self._passing = self._open(":memory:")
        self._kept = self._open(str(path)) if path else self._passing

    @staticmethod
    def _open(path: str) -> sqlite3.Connection:
        try:
            if path != ":memory:":
                Path(path).parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(path, check_same_thread=False, timeout=10)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA secure_delete = ON")
            connection.executescript(_SCHEMA + deliveries.SCHEMA)
        except (sqlite3.Error, OSError) as error:
            raise Unavailable(f"the conversations cannot be kept in {path}: {error}; give another --store") from error
        return connection

    def _databases(self) -> list[sqlite3.Connection]:
        return [self._passing] if self._kept is self._passing else [self._passing, self._kept]

    def dialogue(self, conversation: str) -> DialogueState:
        """Return what the conversation remembers, empty for a new one."""
        with self._lock:
            for database in self._databases():
                row = database.execute("SELECT state FROM dialogues WHERE conversation = ?", (conversation,)).fetchone()
                if row:
                    return DialogueState(**json.loads(row[0]))
        return DialogueState()

    def ticket(self, user: str, *, implied: bool = False, never: bool = False) -> Ticket:
        """Return what a turn that begins now records with: good until the user erases all or says no.

        It keeps what a user who agreed says; `implied` counts who has not decided as one, `never` nobody.
        """
        find, decided = "SELECT ticket FROM tickets WHERE user = ?", "SELECT granted FROM consents WHERE user = ?"
        with self._writing, self._lock, self._kept:
            row = None if never else self._kept.execute(decided, (user,)).fetchone()
            keep = not never and bool(row[0] if row else implied)
            database = self._kept if keep else self._passing
            known = database.execute(find, (user,)).fetchone()
            if known is None:
                known = (secrets.token_hex(8),)
                database.execute("INSERT INTO tickets VALUES (?, ?)", (user, *known))
                database.commit()
        return Ticket(keep, str(known[0]))

    def record(
        self,
        message: Message,
        said: str,
        answered: str,
        language: str,
        state: DialogueState,
        *,
        keep: bool = False,
        ticket: Ticket | None = None,
    ) -> None:
        """Write one turn, personal data already masked; without `keep` only for as long as the process lives.

        With a ticket, which tells itself whether to keep, nothing is written once that is not good any more.
        """
        keep = ticket.keep if ticket is not None else keep
        database = self._kept if keep else self._passing
        good, held_by = (_GOOD, (message.user, ticket.number)) if ticket is not None else ("", ())
        packed = json.dumps(asdict(state), ensure_ascii=False)
        statements: list[Statement] = [
            (
                "INSERT INTO turns(conversation, user, channel, at, said, answered, language) "
                f"SELECT ?, ?, ?, ?, ?, ?, ?{good}",
                (
                    message.conversation,
                    message.user,
                    message.channel,
                    self._clock(),
                    said,
                    answered,
                    language,
                    *held_by,
                ),
            ),
            (
                f"INSERT OR REPLACE INTO dialogues(conversation, user, state) SELECT ?, ?, ?{good}",
                (message.conversation, message.user, packed, *held_by),
            ),
        ]
        if keep and database is not self._passing and self._stays_in_memory(message, packed):
            statements.pop()
        held = _held.get()
        if held is not None and database is not self._passing:
            held.extend(statements)
            return
        try:
            with self._writing, self._lock, database:
                for sql, values in statements:
                    database.execute(sql, values)
                if not keep:
                    self._pass(message.conversation)
        except sqlite3.Error as error:
            raise Unavailable(f"the conversation could not be kept: {error}; is the disk full?") from error

    def _stays_in_memory(self, message: Message, state: str) -> bool:
        """Tell whether a conversation's state is somebody's who did not agree, as it may be in a group.

        Then the state goes on in memory. What the user said before agreeing moves on with them.
        """
        passing = self._passing
        with self._writing, self._lock, passing:
            of = passing.execute(
                "SELECT user FROM dialogues WHERE conversation = ?", (message.conversation,)
            ).fetchone()
            if of is None or of[0] == message.user:
                passing.execute("DELETE FROM dialogues WHERE conversation = ?", (message.conversation,))
                return False
            passing.execute("UPDATE dialogues SET state = ? WHERE conversation = ?", (state, message.conversation))
        return True

    def _pass(self, conversation: str) -> None:
        """Let go of what is held in memory and needed no more: the process may run for months."""
        passing = self._passing
        passing.execute(
            "DELETE FROM turns WHERE conversation = ? AND id <= "
            "(SELECT id FROM turns WHERE conversation = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
            (conversation, conversation, LATEST),
        )
        (newest,) = passing.execute("SELECT max(id) FROM turns").fetchone()
        if newest and newest % SWEPT == 0:
            passing.execute("DELETE FROM turns WHERE id <= ?", (newest - PASSING,))
            passing.execute("DELETE FROM dialogues WHERE conversation NOT IN (SELECT conversation FROM turns)")
            if passing is not self._kept:
                passing.execute("DELETE FROM tickets WHERE user NOT IN (SELECT user FROM turns)")

    @contextmanager
    def holding(self) -> Iterator[list[Statement]]:
        """Collect the turns that this task records for the file, for whoever writes them together with their answer."""
        held: list[Statement] = []
        token = _held.set(held)
        try:
            yield held
        finally:
            _held.reset(token)

    def deliveries(self) -> Deliveries:
        """Open the messages on their way; the caller closes them before the store."""
        return Deliveries(Writer(self._path, deliveries.SCHEMA + _SCHEMA, self._writing), Alive(self._path))

    def history(self, conversation: str, limit: int = LATEST) -> list[tuple[str, str, str]]:
        """Return (role, text, language) of the latest turns, oldest first."""
        with self._lock:
            rows: list[tuple[float, str, str, str]] = []
            for database in self._databases():
                rows += database.execute(
                    "SELECT at, said, answered, language FROM turns WHERE conversation = ? ORDER BY id DESC LIMIT ?",
                    (conversation, limit),
                ).fetchall()
        rows.sort(key=lambda row: -row[0])
        lines: list[tuple[str, str, str]] = []
        for _, said, answered, language in reversed(rows[:limit]):
            lines += [("user", said, language), ("persona", answered, language)]
        return lines

    def consent(self, user: str) -> bool | None:
        """Return what the user decided, None when not asked yet."""
        with self._lock:
            row = self._kept.execute("SELECT granted FROM consents WHERE user = ?", (user,)).fetchone()
        return None if row is None else bool(row[0])

    def ask(self, user: str) -> bool:
        """Write that the user is asked whether anything may be kept; false for one who was asked, or has decided."""
        with self._writing, self._lock, self._kept:
            if self._kept.execute("SELECT 1 FROM decisions WHERE user = ?", (user,)).fetchone():
                return False
            self._kept.execute("INSERT INTO decisions VALUES (?, 'asked', ?)", (user, self._clock()))
        return True

    def set_consent(self, user: str, granted: bool) -> None:
        """Write what the user decided; a no erases what was kept, in one step with the decision.

        Of two decisions at the same time the later one holds, and turns that began before a no write nothing.
        """
        with self._writing, self._lock:
            if not granted and self._passing is not self._kept:
                with self._passing:
                    _delete(self._passing, user, _OF_USERS)
            with self._kept:
                if not granted:
                    _delete(self._kept, user, _OF_USERS)
                now, what = self._clock(), "granted" if granted else "denied"
                self._kept.execute("INSERT OR REPLACE INTO consents VALUES (?, ?, ?)", (user, int(granted), now))
                self._kept.execute("INSERT INTO decisions VALUES (?, ?, ?)", (user, what, now))
            if not granted:
                self._kept.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def feedback(
        self, conversation: str, user: str, key: str, good: bool, *, keep: bool = False, ticket: Ticket | None = None
    ) -> None:
        """Keep what a user thought of the answer to a message; a second opinion replaces the first."""
        keep = ticket.keep if ticket is not None else keep
        database = self._kept if keep else self._passing
        allowed, held_by = (_GOOD, (user, ticket.number)) if ticket is not None else ("", ())
        with self._writing, self._lock, database:
            database.execute(
                f"INSERT OR REPLACE INTO feedback(user, key, conversation, good, at) SELECT ?, ?, ?, ?, ?{allowed}",
                (user, key, conversation, int(good), self._clock(), *held_by),
            )

    def export(self, user: str) -> dict[str, Any]:
        """Return all that is kept of a user."""
        with self._lock:
            turns = []
            for database in self._databases():
                turns += database.execute(
                    "SELECT at, channel, conversation, said, answered FROM turns WHERE user = ? ORDER BY id", (user,)
                ).fetchall()
            opinions = []
            for database in self._databases():
                opinions += database.execute(
                    "SELECT at, conversation, key, good FROM feedback WHERE user = ? ORDER BY at", (user,)
                ).fetchall()
            decided = self._kept.execute(
                "SELECT what, at FROM decisions WHERE user = ? ORDER BY at", (user,)
            ).fetchall()
            open_rows = self._kept.execute(
                "SELECT at, channel, conversation, state, payload, answer FROM deliveries WHERE user = ? ORDER BY id",
                (user,),
            ).fetchall()
        keys = ("at", "channel", "conversation", "said", "answered")
        return {
            "user": user,
            "consent": self.consent(user),
            "consents": [{"at": at, "what": what} for what, at in decided],
            "turns": [dict(zip(keys, turn)) for turn in turns],
            "feedback": [dict(zip(("at", "conversation", "key", "good"), row)) for row in opinions],
            "deliveries": [
                dict(zip(("at", "channel", "conversation", "state", "payload", "answer"), row)) for row in open_rows
            ],
        }

    def erase(self, user: str) -> int:
        """Delete all that is kept of a user and return the number of rows.

        What is on its way stays until it is answered, and goes then.
        """
        deleted = 0
        with self._writing, self._lock:
            for database in self._databases():
                with database:
                    deleted += _delete(database, user, (*_OF_USERS, "consents", "decisions"))
                database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return deleted

    def expire(self, before: float) -> int:
        """Delete turns older than a time in seconds since 1970 and return their number."""
        with self._writing, self._lock:
            deleted = 0
            for database in self._databases():
                with database:
                    deleted += database.execute("DELETE FROM turns WHERE at < ?", (before,)).rowcount
                    database.execute("DELETE FROM feedback WHERE at < ?", (before,))
                    database.execute("DELETE FROM dialogues WHERE conversation NOT IN (SELECT conversation FROM turns)")
        return deleted

    def close(self) -> None:
        """Close the databases."""
        with self._lock:
            for database in self._databases():
                database.close()


def _delete(database: sqlite3.Connection, user: str, tables: Iterable[str]) -> int:
    """Delete the rows of a user, and the deliveries that were given up; return how many."""
    deleted = 0
    for table in tables:
        deleted += database.execute(f"DELETE FROM {table} WHERE user = ?", (user,)).rowcount
    database.execute("DELETE FROM tickets WHERE user = ?", (user,))
    given_up = "DELETE FROM deliveries WHERE state = 'failed' AND user = ?"
    return deleted + database.execute(given_up, (user,)).rowcount
