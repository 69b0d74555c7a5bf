"""Messages on their way: what came in and is not answered, what is answered and not sent, what was given up.

Knows rows and their states (received → answered → sent | failed), not channels and not turns. What a user wrote and
what was answered is deleted from a row once it is sent; what stays for a week tells duplicates from new messages.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Literal

from ..message import Answer, Incoming
from .alive import Alive
from .writer import Writer

State = Literal["received", "answered", "sent", "failed"]
Statement = tuple[str, tuple[Any, ...]]

SCHEMA = """
CREATE TABLE IF NOT EXISTS deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT, channel TEXT NOT NULL, key TEXT NOT NULL, conversation TEXT NOT NULL,
  user TEXT NOT NULL, at REAL NOT NULL, own INTEGER NOT NULL, owner TEXT NOT NULL, state TEXT NOT NULL,
  payload TEXT, answer TEXT, memo TEXT NOT NULL DEFAULT '{}', begun INTEGER NOT NULL DEFAULT 0,
  tries INTEGER NOT NULL DEFAULT 0, next_at REAL NOT NULL DEFAULT 0, restarts INTEGER NOT NULL DEFAULT 0,
  error TEXT NOT NULL DEFAULT '', UNIQUE(channel, key));
CREATE INDEX IF NOT EXISTS deliveries_open ON deliveries(owner) WHERE state IN ('received', 'answered');
CREATE INDEX IF NOT EXISTS deliveries_failed ON deliveries(user) WHERE state = 'failed';
CREATE INDEX IF NOT EXISTS deliveries_at ON deliveries(at);
CREATE INDEX IF NOT EXISTS deliveries_conversation ON deliveries(channel, conversation, id);
"""
RESTARTS = 50  # ends of the process that a message may see before it is taken for their cause
SENT_SECONDS = 7 * 86400.0
OWN_SECONDS = 86400.0  # of those whose channel runs its turns itself, and whose client resends
FAILED_SECONDS = 30 * 86400.0
_COLUMNS = "id, channel, key, conversation, user, payload, at, state, answer, memo, begun, tries, next_at, error"


@dataclass(slots=True)
class Delivery:
    """Hold one row; `begun` counts the sends that were begun, `tries` those that failed."""

    id: int
    incoming: Incoming
    at: float
    state: State
    answer: Answer | None
    memo: dict[str, Any]
    begun: int = 0
    tries: int = 0
    next_at: float = 0.0
    error: str = ""


class Deliveries:
    """Keep the messages of one persona that are on their way; methods return futures of the writer's thread."""

    def __init__(self, writer: Writer, alive: Alive, clock: Callable[[], float] = time.time) -> None:
        self._writer = writer
        self._alive = alive
        self._clock = clock
        self.owner = alive.name

    def take(self, incoming: Incoming, own: bool, answer: Answer | None = None) -> Future[Delivery | None]:
        """Write a new message, with its answer when that is known; None when its key was taken before."""
        now, state = self._clock(), "received" if answer is None else "answered"
        payload = json.dumps(incoming.payload, ensure_ascii=False)
        values = (
            incoming.channel, incoming.key, incoming.conversation, incoming.user, now, int(own), self.owner, state,
            payload, _packed(answer), int(answer is not None),
        )  # fmt: skip

        def change(database: sqlite3.Connection) -> Delivery | None:
            row = database.execute(
                "INSERT OR IGNORE INTO deliveries(channel, key, conversation, user, at, own, owner, state, payload, "
                "answer, begun) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )
            return Delivery(row.lastrowid or 0, incoming, now, state, answer, {}) if row.rowcount else None  # type: ignore[arg-type]

        return self._writer.do(change)

    def answered(self, id: int, answer: Answer, memo: dict[str, Any], also: Sequence[Statement] = ()) -> Future[bool]:
        """Write an answer before it is sent, and the turn that made it; false when the row is gone."""
        packed, noted = _packed(answer), json.dumps(memo, ensure_ascii=False)

        def change(database: sqlite3.Connection) -> bool:
            row = database.execute(
                "UPDATE deliveries SET state = 'answered', answer = ?, memo = ?, begun = 1, tries = 0, next_at = 0, "
                "error = '' WHERE id = ?",
                (packed, noted, id),
            )
            for sql, values in also if row.rowcount else ():
                database.execute(sql, values)
            return bool(row.rowcount)

        return self._writer.do(change)

    def keep(self, id: int, memo: dict[str, Any]) -> Future[Any]:
        """Write the memo."""
        return self._run("UPDATE deliveries SET memo = ? WHERE id = ?", json.dumps(memo, ensure_ascii=False), id)

    def later(self, row: Delivery) -> Future[Any]:
        """Write that an attempt failed: its tries, the time of the next, the memo and the reason."""
        return self._run(
            "UPDATE deliveries SET tries = ?, begun = ?, next_at = ?, memo = ?, error = ? WHERE id = ?",
            row.tries, row.begun, row.next_at, json.dumps(row.memo, ensure_ascii=False), row.error, row.id,
        )  # fmt: skip

    def sent(self, id: int, memo: dict[str, Any]) -> Future[Any]:
        """Close a row; words, user and conversation are deleted from it."""
        return self._run(
            "UPDATE deliveries SET state = 'sent', payload = NULL, answer = NULL, user = '', conversation = '', "
            "error = '', memo = ? WHERE id = ?",
            json.dumps(memo, ensure_ascii=False), id,
        )  # fmt: skip

    def failed(self, id: int, error: str, memo: dict[str, Any]) -> Future[Any]:
        """Give a row up; it stays, with its words, until it is tried again or a month has passed."""
        noted = json.dumps(memo, ensure_ascii=False)
        return self._run("UPDATE deliveries SET state = 'failed', error = ?, memo = ? WHERE id = ?", error, noted, id)

    def find(self, channel: str, key: str) -> Future[Delivery | None]:
        """Return the row of a platform's message."""

        def change(database: sqlite3.Connection) -> Delivery | None:
            row = database.execute(
                f"SELECT {_COLUMNS} FROM deliveries WHERE channel = ? AND key = ?", (channel, key)
            ).fetchone()
            return _delivery(row) if row else None

        return self._writer.do(change)

    def memos(self, incoming: Incoming, most: int) -> Future[list[dict[str, Any]]]:
        """Return the memos of the other messages of a conversation, the newest first."""
        sql = "SELECT memo FROM deliveries WHERE channel = ? AND conversation = ? AND key != ? ORDER BY id DESC LIMIT ?"
        given = (incoming.channel, incoming.conversation, incoming.key, most)
        return self._writer.do(lambda database: [json.loads(row[0]) for row in database.execute(sql, given)])

    def newest(self, channel: str, most: int) -> Future[list[tuple[dict[str, Any], dict[str, Any]]]]:
        """Return payload (empty when the row is closed) and memo of the rows of a channel, the newest first."""
        sql = "SELECT payload, memo FROM deliveries WHERE channel = ? ORDER BY id DESC LIMIT ?"
        return self._writer.do(
            lambda database: [
                (json.loads(payload or "{}"), json.loads(memo))
                for payload, memo in database.execute(sql, (channel, most))
            ]
        )

    def own(self, channel: str) -> Future[list[Delivery]]:
        """Return the open rows of a channel that runs its turns itself, oldest first."""
        sql = f"SELECT {_COLUMNS} FROM deliveries WHERE channel = ? AND own AND state IN ('received', 'answered')"
        return self._writer.do(
            lambda database: [_delivery(row) for row in database.execute(f"{sql} ORDER BY id", (channel,))]
        )

    def adopt(self, channels: Iterable[str]) -> Future[list[Delivery]]:
        """Make all open rows of ended processes ours and return those of some channels, oldest first.

        A message that was the first of its conversation at too many ends of the process is given up.
        """
        wanted = set(channels)

        def change(database: sqlite3.Connection) -> list[Delivery]:
            left = "state IN ('received', 'answered')"
            owners = {owner for (owner,) in database.execute(f"SELECT DISTINCT owner FROM deliveries WHERE {left}")}
            dead = [owner for owner in owners if owner != self.owner and not self._alive.is_alive(owner)]
            if not dead:
                return []
            marks = ", ".join("?" * len(dead))
            rows = database.execute(
                f"SELECT {_COLUMNS} FROM deliveries WHERE {left} AND NOT own AND owner IN ({marks}) ORDER BY id", dead
            ).fetchall()
            database.execute(
                f"UPDATE deliveries SET restarts = restarts + 1 WHERE id IN (SELECT min(id) FROM deliveries WHERE "
                f"{left} AND owner IN ({marks}) AND owner != '' GROUP BY conversation)",
                dead,
            )
            database.execute(
                f"UPDATE deliveries SET owner = ? WHERE {left} AND owner IN ({marks})", (self.owner, *dead)
            )
            given_up = {
                id
                for (id,) in database.execute(
                    "UPDATE deliveries SET state = 'failed', error = 'the process ended each time' "
                    f"WHERE {left} AND restarts > ? RETURNING id",
                    (RESTARTS,),
                ).fetchall()
            }
            found = [_delivery(row) for row in rows if row[0] not in given_up]
            return [row for row in found if row.incoming.channel in wanted]

        return self._writer.do(change)

    def listed(self, sent: bool = False) -> Future[list[Delivery]]:
        """Return what is on its way or was given up, oldest first; with `sent`, all that is still known."""
        where = "" if sent else "WHERE state != 'sent'"
        sql = f"SELECT {_COLUMNS} FROM deliveries {where} ORDER BY id"
        return self._writer.do(lambda database: [_delivery(row) for row in database.execute(sql)])

    def retry(self, ids: Sequence[int] | None) -> Future[int]:
        """Put rows that were given up back, for a running server to take within seconds; None means all of them."""
        which = "" if ids is None else f" AND id IN ({', '.join('?' * len(ids))})"
        sql = (
            "UPDATE deliveries SET state = CASE WHEN answer IS NULL THEN 'received' ELSE 'answered' END, owner = '', "
            f"tries = 0, next_at = 0, restarts = 0 WHERE state = 'failed'{which}"
        )
        return self._writer.do(lambda database: database.execute(sql, tuple(ids or ())).rowcount)

    def prune(self) -> Future[Any]:
        """Forget closed rows after a week and given-up ones after a month."""
        now = self._clock()

        def change(database: sqlite3.Connection) -> None:
            for state, seconds in (("sent", SENT_SECONDS), ("failed", FAILED_SECONDS)):
                database.execute("DELETE FROM deliveries WHERE state = ? AND at < ?", (state, now - seconds))
            database.execute("DELETE FROM deliveries WHERE own AND at < ?", (now - OWN_SECONDS,))

        return self._writer.do(change)

    def close(self) -> None:
        """Write what waits to be written, and end; what is open is anyone's then."""
        self._writer.close()
        self._alive.close()

    def _run(self, sql: str, *values: Any) -> Future[Any]:
        return self._writer.do(lambda database: database.execute(sql, values).rowcount)


def _packed(answer: Answer | None) -> str | None:
    return None if answer is None else json.dumps(answer.as_dict(), ensure_ascii=False)


def _delivery(row: Sequence[Any]) -> Delivery:
    id, channel, key, conversation, user, payload, at, state, answer, memo, begun, tries, next_at, error = row
    incoming = Incoming(channel, key, conversation, user, json.loads(payload) if payload else {})
    packed = Answer.from_dict(json.loads(answer)) if answer else None
    return Delivery(id, incoming, at, state, packed, json.loads(memo), begun, tries, next_at, error)
