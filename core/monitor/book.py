"""The book of one persona's monitor: counts by time, surges, and alerts that must be sent, in a file of its own.

Knows SQLite, times and the keyring of its folder. Counts hold no user, no conversation and no word. An escalation has
a random id and keyed hashes: one keeps it from being told twice, one finds its turns in the store while those are
there. What is to be told is sealed until it was, for at most a week. The keys of seals and hashes come from the
keyring, which the master key locks. Several processes may write: counts are added, an alert is taken by one process for
a time.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ..errors import Unavailable
from ..store.keyring import NONCE, Keyring, open_keyring
from ..store.tables import own

SLOT = 600  # seconds that are counted together
KEPT_SECONDS = 35 * 86400
ALERTS_SECONDS = 30 * 86400  # of those that were sent
OPEN_SECONDS = 7 * 86400  # of those that could not be
CLAIM_SECONDS = 60.0  # a process that took an alert has this long to send it
TAKEN = 4  # alerts for one way at a time
SUFFIX = ".monitor"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS counts (slot INTEGER NOT NULL, sign TEXT NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (slot, sign)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS surges (id INTEGER PRIMARY KEY, sign TEXT NOT NULL, since REAL NOT NULL, until REAL);
CREATE UNIQUE INDEX IF NOT EXISTS surges_open ON surges(sign) WHERE until IS NULL;
CREATE TABLE IF NOT EXISTS quiet (mark TEXT PRIMARY KEY, at REAL NOT NULL, user TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS alerts (
  id INTEGER PRIMARY KEY AUTOINCREMENT, way TEXT NOT NULL, at REAL NOT NULL, body BLOB, user TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT 'open', tries INTEGER NOT NULL DEFAULT 0, next_at REAL NOT NULL DEFAULT 0,
  claimed REAL NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS alerts_open ON alerts(next_at) WHERE state = 'open';
CREATE TABLE IF NOT EXISTS escalations (id TEXT PRIMARY KEY, at REAL NOT NULL, rule TEXT NOT NULL,
  channel TEXT NOT NULL, place TEXT NOT NULL, user TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS keys (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Due:
    """Hold an alert that is to be sent one way now; `tries` counts the attempts that failed."""

    id: int
    way: str
    at: float
    body: dict[str, Any]
    tries: int


@dataclass(frozen=True, slots=True)
class Escalation:
    """Hold a conversation that a rule escalated, under a random id; `place` stands for it in the store.

    `user` is the book's mark for the store's mark for whoever wrote what was escalated.
    """

    id: str
    at: float
    rule: str
    channel: str
    place: str
    user: str = ""


class Book:
    """Count, and keep what must be told."""

    def __init__(self, path: Path | None, clock: Callable[[], float] = time.time) -> None:
        """Open the file, made when it is not there; without a path it lives in memory.

        What an earlier version left, whose hashes can be guessed, is locked first. Raise Unavailable, also when the key
        is missing, wrong or damaged: then nothing is changed.
        """
        self.path = path
        self.clock = clock
        self._lock = threading.Lock()
        self._waiting: dict[tuple[int, str], int] = {}
        self._counting = threading.Lock()
        if path is None:
            self._keyring = Keyring.new()
        else:
            self._keyring = open_keyring(path.parent, any(path.parent.glob("*.sqlite")))
        self._cipher = AESGCM(hmac.digest(self._keyring.names, b"monitor", "sha256"))
        try:
            if path is not None:
                own(path)
            self._database = sqlite3.connect(
                ":memory:" if path is None else path, check_same_thread=False, timeout=10, isolation_level=None
            )
            for setting in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
                self._database.execute(f"PRAGMA {setting}")
            self._database.executescript(_SCHEMA)
        except (sqlite3.Error, OSError) as error:
            raise Unavailable(f"the monitor's {path} cannot be opened: {error}; give another --store") from error
        with self.change() as database:
            made = ("INSERT OR IGNORE INTO keys VALUES (?, ?)", ("told", secrets.token_hex(32)))
            if database.execute(*made).rowcount:
                database.execute("INSERT INTO keys VALUES ('since', ?)", (str(self.clock()),))
            (self._salt,) = database.execute("SELECT value FROM keys WHERE name = 'told'").fetchone()
            row = database.execute("SELECT value FROM keys WHERE name = 'since'").fetchone()
            self.since = None if row is None else float(row[0])  # when it was first opened; earlier books do not tell
            renewed = self._renew(database)
        if renewed:
            self.overwrite()

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """Run a transaction; raise Unavailable when it cannot be written."""
        with self._lock:
            try:
                self._database.execute("BEGIN IMMEDIATE")
                try:
                    yield self._database
                    self._database.execute("COMMIT")
                except BaseException:
                    if self._database.in_transaction:
                        self._database.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise Unavailable(f"the monitor could not be written: {error}; is the disk full?") from error

    # counts

    def count(self, *signs: str) -> None:
        """Count each sign once, now; it is written at the next `flush`."""
        slot = int(self.clock() // SLOT) * SLOT
        with self._counting:
            for sign in signs:
                self._waiting[slot, sign] = self._waiting.get((slot, sign), 0) + 1

    def flush(self) -> None:
        """Write what was counted; what cannot be written waits for the next time."""
        with self._counting:
            waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        try:
            with self.change() as database:
                database.executemany(
                    "INSERT INTO counts VALUES (?, ?, ?) ON CONFLICT (slot, sign) DO UPDATE SET n = n + excluded.n",
                    [(slot, sign, n) for (slot, sign), n in waiting.items()],
                )
        except Unavailable:
            with self._counting:
                for key, n in waiting.items():
                    self._waiting[key] = self._waiting.get(key, 0) + n
            raise

    def counts(self, since: float) -> dict[str, dict[int, int]]:
        """Return by sign the counts of all slots that begin at `since` or later."""
        self.flush()
        found: dict[str, dict[int, int]] = {}
        with self._lock:
            rows = self._database.execute("SELECT sign, slot, n FROM counts WHERE slot >= ?", (since,)).fetchall()
        for sign, slot, n in rows:
            found.setdefault(sign, {})[slot] = n
        return found

    def first(self) -> float | None:
        """Return when the oldest slot that is kept begins, None before anything was counted."""
        with self._lock:
            (slot,) = self._database.execute("SELECT min(slot) FROM counts").fetchone()
        return None if slot is None else float(slot)

    # surges

    def surges(self, since: float) -> list[tuple[str, float, float | None]]:
        """Return (sign, since, until) of surges that were open after a time, oldest first; until is None while open."""
        with self._lock:
            return self._database.execute(
                "SELECT sign, since, until FROM surges WHERE until IS NULL OR until >= ? ORDER BY since", (since,)
            ).fetchall()

    def begin_surge(self, sign: str, ways: Mapping[str, dict[str, Any]]) -> bool:
        """Open a surge and what is told of it, together; false when another process was first."""
        now = self.clock()
        with self.change() as database:
            made = database.execute("INSERT OR IGNORE INTO surges(sign, since) VALUES (?, ?)", (sign, now)).rowcount
            if made:
                self._add(database, ways, now)
        return bool(made)

    def end_surge(self, sign: str, ways: Mapping[str, dict[str, Any]]) -> bool:
        """Close a surge and tell it, together; false when another process was first."""
        now = self.clock()
        with self.change() as database:
            ended = database.execute(
                "UPDATE surges SET until = ? WHERE sign = ? AND until IS NULL", (now, sign)
            ).rowcount
            if ended:
                self._add(database, ways, now)
        return bool(ended)

    # alerts

    def promise(
        self,
        once: str,
        seconds: float,
        ways: Mapping[str, dict[str, Any]],
        user: str = "",
        escalation: Escalation | None = None,
    ) -> bool:
        """Write what is to be told before it is promised; false when `once` was told within some seconds."""
        now, mark, owner = self.clock(), self.mark(once), self.mark(user) if user else ""
        with self.change() as database:
            row = database.execute("SELECT at FROM quiet WHERE mark = ?", (mark,)).fetchone()
            if row is not None and row[0] > now - seconds:
                return False
            database.execute("INSERT OR REPLACE INTO quiet VALUES (?, ?, ?)", (mark, now, owner))
            self._add(database, ways, now, owner)
            if escalation is not None:
                one = escalation
                database.execute(
                    "INSERT INTO escalations VALUES (?, ?, ?, ?, ?, ?)",
                    (one.id, one.at, one.rule, one.channel, one.place, owner),
                )
        return True

    def escalations(self, limit: int = 50) -> list[Escalation]:
        """Return the conversations that were escalated last, newest first."""
        sql = "SELECT id, at, rule, channel, place, user FROM escalations ORDER BY at DESC LIMIT ?"
        with self._lock:
            return [Escalation(*row) for row in self._database.execute(sql, (limit,)).fetchall()]

    def escalation(self, id: str) -> Escalation | None:
        """Return the one of an id, None when it is not kept any more."""
        sql = "SELECT id, at, rule, channel, place, user FROM escalations WHERE id = ?"
        with self._lock:
            row = self._database.execute(sql, (id,)).fetchone()
        return None if row is None else Escalation(*row)

    def due(self, busy: Collection[str] = ()) -> list[Due]:
        """Take some alerts whose time has come for each way that is not busy.

        Other processes leave them alone for a while.
        """
        now = self.clock()
        free = f"AND way NOT IN ({', '.join('?' * len(busy))})" if busy else ""
        with self.change() as database:
            rows = database.execute(
                "UPDATE alerts SET claimed = ? WHERE id IN (SELECT id FROM (SELECT id, row_number() OVER "
                f"(PARTITION BY way ORDER BY id) AS place FROM alerts WHERE state = 'open' AND next_at <= ? "
                f"AND claimed <= ? {free}) WHERE place <= ?) RETURNING id, way, at, body, tries",
                (now + CLAIM_SECONDS, now, now, *busy, TAKEN),
            ).fetchall()
        found = []
        for id, way, at, body, tries in sorted(rows):
            try:
                found.append(Due(id, way, at, self._opened(way, body), tries))
            except InvalidTag:
                self.failed(id, "it was changed, or sealed with other keys")
        return found

    def sent(self, id: int) -> None:
        """Close an alert; what it said is deleted."""
        self._close(id, "sent", "")

    def failed(self, id: int, error: str) -> None:
        """Give an alert up; what it said is deleted."""
        self._close(id, "failed", error)

    def later(self, id: int, seconds: float, error: str) -> None:
        """Write that an attempt failed and when the next is made."""
        with self.change() as database:
            database.execute(
                "UPDATE alerts SET tries = tries + 1, next_at = ?, claimed = 0, error = ? WHERE id = ?",
                (self.clock() + seconds, error, id),
            )

    def waiting(self) -> dict[str, int]:
        """Return how many alerts are open, sent and given up."""
        with self._lock:
            return dict(self._database.execute("SELECT state, count(*) FROM alerts GROUP BY state").fetchall())

    def forget(self, user: str) -> None:
        """Delete what waits to be told of a user's conversations, and what was told, from the write-ahead log too."""
        with self.change() as database:
            for table in ("alerts", "escalations", "quiet"):
                database.execute(f"DELETE FROM {table} WHERE user = ?", (self.mark(user),))
        self.overwrite()

    def overwrite(self) -> None:
        """Take what was deleted from the write-ahead log, too."""
        with self._lock:
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def prune(self) -> None:
        """Let go of what is older than it is kept."""
        now = self.clock()
        with self.change() as database:
            database.execute("DELETE FROM counts WHERE slot < ?", (now - KEPT_SECONDS,))
            database.execute("DELETE FROM surges WHERE until < ?", (now - KEPT_SECONDS,))
            database.execute("DELETE FROM quiet WHERE at < ?", (now - ALERTS_SECONDS,))
            database.execute("DELETE FROM escalations WHERE at < ?", (now - ALERTS_SECONDS,))
            database.execute("DELETE FROM alerts WHERE state = 'open' AND at < ?", (now - OPEN_SECONDS,))
            database.execute("DELETE FROM alerts WHERE at < ?", (now - ALERTS_SECONDS,))

    def mark(self, text: str) -> str:
        """Return a hash that only this book can make, with the keys that the master key locks."""
        salted = hmac.new(self._salt.encode(), text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
        return self._keyring.name("monitor", salted)

    def close(self) -> None:
        """Write what was counted, and close the file."""
        try:
            self.flush()
        finally:
            with self._lock:
                self._database.close()

    def _add(
        self, database: sqlite3.Connection, ways: Mapping[str, dict[str, Any]], now: float, user: str = ""
    ) -> None:
        for way, body in ways.items():
            database.execute(
                "INSERT INTO alerts(way, at, body, user) VALUES (?, ?, ?, ?)",
                (way, now, self._sealed(way, json.dumps(body, ensure_ascii=False)), user),
            )

    def _sealed(self, way: str, body: str) -> bytes:
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, body.encode(), way.encode())

    def _opened(self, way: str, body: bytes) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._cipher.decrypt(body[:NONCE], body[NONCE:], way.encode()))
        return found

    def _renew(self, database: sqlite3.Connection) -> bool:
        """Lock what an earlier version left: its hashes are made with what is only a salt now, its alerts are plain."""
        if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'told'").fetchone() is None:
            return False
        for table in ("alerts", "escalations"):
            for (mark,) in database.execute(f"SELECT DISTINCT user FROM {table} WHERE user != ''").fetchall():
                given = (self._keyring.name("monitor", mark), mark)
                database.execute(f"UPDATE {table} SET user = ? WHERE user = ?", given)
        for id, way, body in database.execute("SELECT id, way, body FROM alerts WHERE body IS NOT NULL").fetchall():
            database.execute("UPDATE alerts SET body = ? WHERE id = ?", (self._sealed(way, body), id))
        database.execute("DELETE FROM told")
        database.execute("DROP TABLE told")
        return True

    def _close(self, id: int, state: str, error: str) -> None:
        with self.change() as database:
            database.execute(
                "UPDATE alerts SET state = ?, body = NULL, user = '', error = ? WHERE id = ?", (state, error, id)
            )


def book_path(store: Path, slug: str) -> Path:
    """Return the file of a persona's monitor in the folder that keeps conversations."""
    return store / f"{slug}{SUFFIX}"
