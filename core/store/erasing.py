"""Erase a user from a store, step by step, so that an erasure that is killed half-way finishes at the next start.

    journal     the erasure is written down: from here on it will happen
    rows        the user's key is destroyed, rows are deleted; what is being answered is sealed with a new key until
                its answer was sent
    overwritten SQLite has overwritten what was deleted, and the write-ahead log is cut to nothing
    let go      what others hold of the user beside the store is deleted
    told        the receipt is in the audit log
    closed      the journal forgets it

Knows tables and steps, and users by their keyed hashes alone.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from ..message import Erasure
from .seals import Damaged, Seals
from .tables import KEPT, drop_unused, empty_log

log = logging.getLogger("personac")
PATIENCE = 500  # milliseconds that other processes get to end what they read
_OPEN = "state IN ('received', 'answered')"
_CLOSE = (  # the hash of the platform's key stays, so that what is delivered twice is answered once
    "UPDATE deliveries SET state = 'sent', user = '', conversation = '', payload = NULL, answer = NULL, memo = NULL, "
    "error = '', erased = 1 WHERE id = ?"
)
Runs = Callable[[str], bool]  # tells whether the process that took some messages still runs, by its name


class Closed(LookupError):
    """Report an erasure that the journal does not know any more: another process has finished it."""


def reached(step: str) -> None:
    """Mark that a step is done: where tests end the process."""


def begin(database: sqlite3.Connection, user: str, persona: str, at: float) -> str:
    """Write down that a user is to be erased, so that nothing stops it; return the id of the receipt."""
    id = uuid.uuid4().hex
    with durable(database):
        database.execute("INSERT INTO erasures(id, user, at, persona) VALUES (?, ?, ?, ?)", (id, user, at, persona))
    reached("journal")
    return id


def delete(database: sqlite3.Connection, sealing: Seals, runs: Runs, id: str) -> None:
    """Destroy the key and the rows of an erasure's user, once, and note how many there were.

    Later, what a process that has ended since did not answer goes, too.
    """
    user, _, parts, _ = _journal(database, id)
    if parts is not None:
        _drop_left(database, sealing, user, runs)
        return
    with durable(database):
        told = json.dumps(delete_rows(database, sealing, user, runs))
        database.execute("UPDATE erasures SET parts = ? WHERE id = ? AND parts IS NULL", (told, id))
    reached("rows")


def _journal(database: sqlite3.Connection, id: str) -> tuple[str, float, str | None, str]:
    sql = "SELECT user, at, parts, persona FROM erasures WHERE id = ?"
    row: tuple[str, float, str | None, str] | None = database.execute(sql, (id,)).fetchone()
    if row is None:
        raise Closed(id)
    return row


def note(database: sqlite3.Connection, user: str, persona: str, at: float, parts: dict[str, int]) -> str:
    """Write down, within a transaction that deletes a user, what is left to do after it; return the receipt's id."""
    id, told = uuid.uuid4().hex, json.dumps(parts)
    database.execute("INSERT INTO erasures VALUES (?, ?, ?, ?, ?)", (id, user, at, told, persona))
    return id


def delete_rows(
    database: sqlite3.Connection, sealing: Seals, user: str, runs: Runs, decided: bool = False
) -> dict[str, int]:
    """Delete a user within a transaction, and return how many rows of what there were.

    Only what a running process is about to answer, and has to send then, waits. With `decided`, what the user decided
    about keeping stays.
    """
    parts: dict[str, int] = {}
    held: list[tuple[int, str, str, Any]] = []
    closed: list[tuple[int]] = []
    for id, key, state, own, owner, *columns in database.execute(
        f"SELECT id, key, state, own, owner, payload, memo FROM deliveries WHERE user = ? AND {_OPEN}", (user,)
    ).fetchall():
        if state == "answered" or own or not runs(owner):
            closed.append((id,))
            continue
        try:
            held += [
                (id, key, column, sealing.open(database, user, f"deliveries.{column} {key}", sealed))
                for column, sealed in zip(("payload", "memo"), columns, strict=True)
                if sealed is not None
            ]
        except Damaged:  # it could not have been answered
            closed.append((id,))
    database.execute("DELETE FROM tickets WHERE user = ?", (user,))
    for table in (*KEPT[:-1], *(() if decided else ("consents", "decisions"))):
        parts[table] = database.execute(f"DELETE FROM {table} WHERE user = ?", (user,)).rowcount
    given_up = database.execute("DELETE FROM deliveries WHERE state = 'failed' AND user = ?", (user,))
    parts["deliveries"] = given_up.rowcount + len(closed)
    database.executemany(_CLOSE, closed)
    database.execute(
        "UPDATE deliveries SET user = '', memo = NULL, erased = 1 WHERE state = 'sent' AND user = ?", (user,)
    )
    database.execute(f"UPDATE deliveries SET erased = 1 WHERE {_OPEN} AND user = ?", (user,))
    sealing.destroy(database, user)
    for id, key, column, value in held:
        sealed = sealing.seal(database, user, f"deliveries.{column} {key}", value)
        database.execute(f"UPDATE deliveries SET {column} = ? WHERE id = ?", (sealed, id))
    return parts


def _drop_left(database: sqlite3.Connection, sealing: Seals, user: str, runs: Runs) -> None:
    """Let go of what an erasure left to be answered, when the process that was to answer it has ended.

    What is answered and not sent is for the next process: it may tell of the erasure itself.
    """
    left = database.execute(
        f"SELECT id, owner FROM deliveries WHERE user = ? AND erased AND (own OR state = 'received') AND {_OPEN}",
        (user,),
    ).fetchall()
    closed = [(id,) for id, owner in left if not runs(owner)]
    if closed:
        with durable(database):
            database.executemany(_CLOSE, closed)
            drop_unused(database, sealing, user)


def overwrite(database: sqlite3.Connection) -> bool:
    """Cut the write-ahead log, in which deleted rows still stand; false when others read on and on, or it fails."""
    (before,) = database.execute("PRAGMA busy_timeout").fetchone()
    database.execute(f"PRAGMA busy_timeout = {PATIENCE}")
    try:
        done = empty_log(database)
    except sqlite3.Error as error:  # a full disk
        log.error("what was deleted is not overwritten yet: %s", error)
        done = False
    finally:
        database.execute(f"PRAGMA busy_timeout = {before}")
    if done:
        reached("overwritten")
    return done


def receipt(database: sqlite3.Connection, id: str, cleaned: bool, also: dict[str, int]) -> tuple[Erasure, str, str]:
    """Return the receipt of an erasure, whose hash and which persona; `also` counts what was in memory."""
    user, at, noted, persona = _journal(database, id)
    parts = {name: count + also.get(name, 0) for name, count in json.loads(noted or "{}").items()}
    sql = f"SELECT count(*) FROM deliveries WHERE user = ? AND erased AND {_OPEN}"
    (waiting,) = database.execute(sql, (user,)).fetchone()
    made = Erasure(id, at, sum(parts.values()), parts, cleaned and not waiting, waiting, recorded=False)
    return made, user, persona


def close(database: sqlite3.Connection, id: str) -> None:
    """Forget an erasure that is done."""
    with durable(database):
        database.execute("DELETE FROM erasures WHERE id = ?", (id,))
    reached("closed")


def unfinished(database: sqlite3.Connection) -> list[str]:
    """Return the erasures that were begun and not closed, oldest first."""
    return [id for (id,) in database.execute("SELECT id FROM erasures ORDER BY at")]


@contextmanager
def durable(database: sqlite3.Connection) -> Iterator[None]:
    """Run a transaction that is on the disk when it is over."""
    database.execute("PRAGMA synchronous = FULL")
    try:
        with database:
            yield
    finally:
        database.execute("PRAGMA synchronous = NORMAL")


@dataclass(frozen=True, slots=True)
class Around:
    """Hold what an erasure asks of those around it; the last two return false when it has to be asked again."""

    runs: Runs
    let_go: Callable[[str], bool]
    tell: Callable[[Erasure, str, str], bool]


def finish(database: sqlite3.Connection, sealing: Seals, around: Around, id: str, also: dict[str, int]) -> Erasure:
    """Do all steps of an erasure that are left, and return its receipt; while one is left, it stays in the journal.

    Raise Closed, and sqlite3.Error when it has to go on later.
    """
    delete(database, sealing, around.runs, id)
    cleaned = overwrite(database)
    made, user, persona = receipt(database, id, cleaned, also)
    gone = around.let_go(user)
    reached("let go")
    if cleaned and around.tell(made, user, persona):
        made = replace(made, recorded=True)
        reached("told")
    if made.done and made.recorded and gone:
        close(database, id)
    return made
