"""Messages on their way: what came in and is not answered, what is answered and not sent, what was given up.

Knows rows and their states (received → answered → sent | failed), not channels and not turns. What a user wrote and
what was answered is deleted from a row once it is sent; what stays for a week tells duplicates from new messages. All
that can be read is sealed with the user's key; users, conversations and keys of platforms are keyed hashes.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Literal

from ..message import Answer, Incoming
from .alive import Alive
from .seals import Damaged, Seals
from .tables import conversation_mark, drop_unused, user_mark
from .writer import Writer

log = logging.getLogger("personac")

State = Literal["received", "answered", "sent", "failed"]
Statement = Callable[[sqlite3.Connection], object]  # what else is written in the same transaction

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

    def __init__(self, writer: Writer, alive: Alive, sealing: Seals, clock: Callable[[], float] = time.time) -> None:
        self._writer = writer
        self._alive = alive
        self._sealing = sealing
        self._clock = clock
        self.owner = alive.name

    def take(self, incoming: Incoming, own: bool, answer: Answer | None = None) -> Future[Delivery | None]:
        """Write a new message, with its answer when that is known; None when its key was taken before."""
        now, state = self._clock(), "received" if answer is None else "answered"
        key, user = self._key(incoming.channel, incoming.key), user_mark(self._sealing, incoming.user)
        about = conversation_mark(self._sealing, incoming.conversation)
        whole = [incoming.key, incoming.conversation, incoming.user, incoming.payload]

        def change(database: sqlite3.Connection) -> Delivery | None:
            payload = self._seal(database, user, "payload", key, whole)
            row = database.execute(
                "INSERT OR IGNORE INTO deliveries(channel, key, conversation, user, at, own, owner, state, payload, "
                "answer, begun) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    incoming.channel, key, about, user, now, int(own), self.owner, state,
                    payload, self._answer(database, user, key, answer), int(answer is not None),
                ),
            )  # fmt: skip
            return Delivery(row.lastrowid or 0, incoming, now, state, answer, {}) if row.rowcount else None  # type: ignore[arg-type]

        return self._writer.do(change)

    def answered(
        self, row: Delivery, answer: Answer, memo: dict[str, Any], also: Sequence[Statement] = ()
    ) -> Future[bool]:
        """Write an answer before it is sent, and the turn that made it; false when the row is gone.

        Of a user who was erased meanwhile, the turn is not kept, and neither is the answer in a row that went then.
        """

        def change(database: sqlite3.Connection) -> bool:
            place = self._place(database, row.id)
            if place is None:
                return bool(database.execute("SELECT 1 FROM deliveries WHERE id = ?", (row.id,)).fetchone())
            database.execute(
                "UPDATE deliveries SET state = 'answered', answer = ?, memo = ?, begun = 1, tries = 0, next_at = 0, "
                "error = '' WHERE id = ?",
                (self._answer(database, *place, answer), self._memo(database, *place, memo), row.id),
            )
            (erased,) = database.execute("SELECT erased FROM deliveries WHERE id = ?", (row.id,)).fetchone()
            for statement in () if erased else also:
                statement(database)
            return True

        return self._writer.do(change)

    def keep(self, row: Delivery, memo: dict[str, Any]) -> Future[Any]:
        """Write the memo."""
        return self._update(row.id, "memo = ?", memo)

    def later(self, row: Delivery) -> Future[Any]:
        """Write that an attempt failed: its tries, the time of the next, the memo and the reason."""
        also = (row.tries, row.begun, row.next_at, row.error)
        return self._update(row.id, "memo = ?, tries = ?, begun = ?, next_at = ?, error = ?", row.memo, *also)

    def sent(self, row: Delivery, memo: dict[str, Any]) -> Future[Any]:
        """Close a row; words and conversation are deleted from it, and all when its user was erased meanwhile."""

        def change(database: sqlite3.Connection) -> None:
            found = database.execute("SELECT user, key, erased FROM deliveries WHERE id = ?", (row.id,)).fetchone()
            if found is None:
                return
            user, key, erased = found
            sealed = None if erased else self._memo(database, user, key, memo)
            database.execute(
                "UPDATE deliveries SET state = 'sent', payload = NULL, answer = NULL, conversation = '', error = '', "
                "memo = ?, user = ? WHERE id = ?",
                (sealed, "" if erased else user, row.id),
            )
            if erased:
                drop_unused(database, self._sealing, user)

        return self._writer.do(change)

    def failed(self, row: Delivery, error: str, memo: dict[str, Any]) -> Future[Any]:
        """Give a row up; it stays, with its words, until it is tried again or a month has passed."""
        return self._update(row.id, "memo = ?, state = 'failed', error = ?", memo, error)

    def find(self, channel: str, key: str) -> Future[Delivery | None]:
        """Return the row of a platform's message."""

        def change(database: sqlite3.Connection) -> Delivery | None:
            sql = f"SELECT {_COLUMNS} FROM deliveries WHERE channel = ? AND key = ?"
            row = database.execute(sql, (channel, self._key(channel, key))).fetchone()
            return self._delivery(database, row, key) if row else None

        return self._writer.do(change)

    def memos(self, incoming: Incoming, most: int) -> Future[list[dict[str, Any]]]:
        """Return the memos of the other messages of a conversation, the newest first."""
        sql = (
            "SELECT user, key, memo FROM deliveries WHERE channel = ? AND conversation = ? AND key != ? "
            "ORDER BY id DESC LIMIT ?"
        )
        about, key = conversation_mark(self._sealing, incoming.conversation), self._key(incoming.channel, incoming.key)
        given = (incoming.channel, about, key, most)
        return self._writer.do(
            lambda database: [self._memo_of(database, *row) for row in database.execute(sql, given).fetchall()]
        )

    def newest(self, channel: str, most: int) -> Future[list[tuple[dict[str, Any], dict[str, Any]]]]:
        """Return payload (empty when the row is closed) and memo of the rows of a channel, the newest first."""
        sql = "SELECT user, key, memo, payload FROM deliveries WHERE channel = ? ORDER BY id DESC LIMIT ?"

        def change(database: sqlite3.Connection) -> list[tuple[dict[str, Any], dict[str, Any]]]:
            found = []
            for user, key, memo, payload in database.execute(sql, (channel, most)).fetchall():
                whole = self._opened(database, user, "payload", key, payload)
                found.append((whole[3] if whole else {}, self._memo_of(database, user, key, memo)))
            return found

        return self._writer.do(change)

    def own(self, channel: str) -> Future[list[Delivery]]:
        """Return the open rows of a channel that runs its turns itself, oldest first."""
        sql = f"SELECT {_COLUMNS} FROM deliveries WHERE channel = ? AND own AND state IN ('received', 'answered')"
        return self._writer.do(
            lambda database: self._deliveries(database, database.execute(f"{sql} ORDER BY id", (channel,)).fetchall())
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
            found = self._deliveries(database, [row for row in rows if row[0] not in given_up])
            return [row for row in found if row.incoming.channel in wanted]

        return self._writer.do(change)

    def listed(self, sent: bool = False) -> Future[list[Delivery]]:
        """Return what is on its way or was given up, oldest first; with `sent`, all that is still known."""
        where = "" if sent else "WHERE state != 'sent'"
        sql = f"SELECT {_COLUMNS} FROM deliveries {where} ORDER BY id"
        return self._writer.do(lambda database: self._deliveries(database, database.execute(sql).fetchall()))

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

    def _key(self, channel: str, key: str) -> str:
        return self._sealing.keyring.name("delivery", channel, key)

    def _update(self, id: int, what: str, memo: dict[str, Any], *values: Any) -> Future[Any]:
        def change(database: sqlite3.Connection) -> None:
            place = self._place(database, id)
            if place is not None:
                given = (self._memo(database, *place, memo), *values, id)
                database.execute(f"UPDATE deliveries SET {what} WHERE id = ?", given)

        return self._writer.do(change)

    @staticmethod
    def _place(database: sqlite3.Connection, id: int) -> tuple[str, str] | None:
        """Return whose key seals a row, and the row's own hash; None for one that an erasure has closed."""
        found: tuple[str, str] | None = database.execute(
            "SELECT user, key FROM deliveries WHERE id = ? AND NOT (erased AND state = 'sent')", (id,)
        ).fetchone()
        return found

    def _seal(self, database: sqlite3.Connection, user: str, column: str, key: str, value: Any) -> bytes:
        return self._sealing.seal(database, user, f"deliveries.{column} {key}", value)

    def _answer(self, database: sqlite3.Connection, user: str, key: str, answer: Answer | None) -> bytes | None:
        return None if answer is None else self._seal(database, user, "answer", key, answer.as_dict())

    def _memo(self, database: sqlite3.Connection, user: str, key: str, memo: dict[str, Any]) -> bytes | None:
        return self._seal(database, user, "memo", key, memo) if memo else None

    def _memo_of(self, database: sqlite3.Connection, user: str, key: str, sealed: bytes | None) -> dict[str, Any]:
        memo: dict[str, Any] | None = self._opened(database, user, "memo", key, sealed)
        return memo or {}

    def _opened(self, database: sqlite3.Connection, user: str, column: str, key: str, sealed: bytes | None) -> Any:
        return None if sealed is None else self._sealing.open(database, user, f"deliveries.{column} {key}", sealed)

    def _deliveries(self, database: sqlite3.Connection, rows: Sequence[Sequence[Any]]) -> list[Delivery]:
        """Return the rows that can be read; the others are given up, and lie as they are."""
        found = []
        for row in rows:
            try:
                found.append(self._delivery(database, row))
            except Damaged as error:
                log.error("the delivery %s cannot be read: %s", row[0], error)
                database.execute("UPDATE deliveries SET state = 'failed', error = 'damaged' WHERE id = ?", (row[0],))
        return found

    def _delivery(self, database: sqlite3.Connection, row: Sequence[Any], known: str = "") -> Delivery:
        id, channel, key, _, user, payload, at, state, answer, memo, begun, tries, next_at, error = row
        whole = self._opened(database, user, "payload", key, payload) or [known, "", "", {}]
        packed = self._opened(database, user, "answer", key, answer)
        made = Answer.from_dict(packed) if packed else None
        noted = self._memo_of(database, user, key, memo)
        incoming = Incoming(channel, *whole)
        return Delivery(id, incoming, at, state, made, noted, begun, tries, next_at, error)
