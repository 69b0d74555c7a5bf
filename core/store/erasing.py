"""Erase a user from a store, step by step, so that an erasure that is killed half-way finishes at the next start.

    journal     the erasure is written down: from here on it will happen
    rows        the user's key is destroyed, rows are deleted; what is on its way is sealed with a new key until then
    overwritten SQLite has overwritten what was deleted, and the write-ahead log is cut to nothing
    told        the receipt is in the audit log
    closed      the journal forgets it

Knows tables and steps, and users by their keyed hashes alone.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..message import Erasure
from .seals import Damaged, Seals
from .tables import KEPT, empty_log

PATIENCE = 500  # milliseconds that other processes get to end what they read
_OPEN = "state IN ('received', 'answered')"


def reached(step: str) -> None:
    """Mark that a step is done: where tests end the process."""


def begin(database: sqlite3.Connection, user: str, persona: str, at: float) -> str:
    """Write down that a user is to be erased, so that nothing stops it; return the id of the receipt."""
    id = uuid.uuid4().hex
    with durable(database):
        database.execute("INSERT INTO erasures(id, user, at, persona) VALUES (?, ?, ?, ?)", (id, user, at, persona))
    reached("journal")
    return id


def delete(database: sqlite3.Connection, sealing: Seals, id: str) -> None:
    """Destroy the key and the rows of an erasure's user, once, and note how many there were."""
    user, parts = database.execute("SELECT user, parts FROM erasures WHERE id = ?", (id,)).fetchone()
    if parts is not None:
        return
    with durable(database):
        told = json.dumps(delete_rows(database, sealing, user))
        database.execute("UPDATE erasures SET parts = ? WHERE id = ?", (told, id))
    reached("rows")


def note(database: sqlite3.Connection, user: str, persona: str, at: float, parts: dict[str, int]) -> str:
    """Write down, within a transaction that deletes a user, what is left to do after it; return the receipt's id."""
    id, told = uuid.uuid4().hex, json.dumps(parts)
    database.execute("INSERT INTO erasures VALUES (?, ?, ?, ?, ?)", (id, user, at, told, persona))
    return id


def delete_rows(database: sqlite3.Connection, sealing: Seals, user: str, decided: bool = False) -> dict[str, int]:
    """Delete a user within a transaction, and return how many rows of what there were.

    With `decided`, what the user decided about keeping stays.
    """
    parts: dict[str, int] = {}
    open_rows = database.execute(
        f"SELECT id, key, payload, answer, memo FROM deliveries WHERE user = ? AND {_OPEN}", (user,)
    ).fetchall()
    held: list[tuple[int, str, str, Any]] = []
    for id, key, *columns in open_rows:
        try:
            held += [
                (id, key, column, sealing.open(database, user, f"deliveries.{column} {key}", sealed))
                for column, sealed in zip(("payload", "answer", "memo"), columns, strict=True)
                if sealed is not None
            ]
        except Damaged:  # it could not have been answered
            database.execute("DELETE FROM deliveries WHERE id = ?", (id,))
    database.execute("DELETE FROM tickets WHERE user = ?", (user,))
    for table in (*KEPT[:-1], *(() if decided else ("consents", "decisions"))):
        parts[table] = database.execute(f"DELETE FROM {table} WHERE user = ?", (user,)).rowcount
    given_up = database.execute("DELETE FROM deliveries WHERE state = 'failed' AND user = ?", (user,))
    parts["deliveries"] = given_up.rowcount
    database.execute(  # the hash of the platform's key stays, so that what is delivered twice is answered once
        "UPDATE deliveries SET user = '', memo = NULL, erased = 1 WHERE state = 'sent' AND user = ?", (user,)
    )
    database.execute(f"UPDATE deliveries SET erased = 1 WHERE {_OPEN} AND user = ?", (user,))
    sealing.destroy(database, user)
    for id, key, column, value in held:
        sealed = sealing.seal(database, user, f"deliveries.{column} {key}", value)
        database.execute(f"UPDATE deliveries SET {column} = ? WHERE id = ?", (sealed, id))
    return parts


def overwrite(database: sqlite3.Connection) -> bool:
    """Cut the write-ahead log, in which deleted rows still stand; false when other processes read on and on."""
    (before,) = database.execute("PRAGMA busy_timeout").fetchone()
    database.execute(f"PRAGMA busy_timeout = {PATIENCE}")
    try:
        done = empty_log(database)
    finally:
        database.execute(f"PRAGMA busy_timeout = {before}")
    if done:
        reached("overwritten")
    return done


def receipt(database: sqlite3.Connection, id: str, cleaned: bool, also: dict[str, int]) -> tuple[Erasure, str, str]:
    """Return the receipt of an erasure, whose hash and which persona; `also` counts what was in memory."""
    user, at, noted, persona = database.execute(
        "SELECT user, at, parts, persona FROM erasures WHERE id = ?", (id,)
    ).fetchone()
    parts = {name: count + also.get(name, 0) for name, count in json.loads(noted).items()}
    left = database.execute(f"SELECT count(*) FROM deliveries WHERE user = ? AND {_OPEN}", (user,)).fetchone()[0]
    return Erasure(id, at, sum(parts.values()), parts, cleaned and not left), user, persona


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


Told = Callable[[Erasure, str, str], None]


def finish(database: sqlite3.Connection, sealing: Seals, id: str, also: dict[str, int], tell: Told) -> Erasure:
    """Do all steps of an erasure that are left, and return its receipt; not cleaned yet, it stays in the journal."""
    delete(database, sealing, id)
    cleaned = overwrite(database)
    made, user, persona = receipt(database, id, cleaned, also)
    if cleaned:
        tell(made, user, persona)
        reached("told")
        close(database, id)
    return made
