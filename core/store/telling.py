"""What is kept, told: a user's data for the user, and how much there is of whom for the operator.

Knows tables and seals. A value that is damaged is told as such, and the others beside it.
"""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .seals import Damaged, Seals
from .tables import KEPT


@dataclass(slots=True)
class Known:
    """Tell how much is kept of a user, who is named by a keyed hash; times are in seconds since 1970."""

    user: str
    rows: dict[str, int]
    first: float | None = None
    last: float | None = None
    consent: bool | None = None


def export(databases: Sequence[sqlite3.Connection], sealing: Seals, user: str) -> dict[str, Any]:
    """Return all that is kept of a user, who is given by keyed hash, as JSON-ready values.

    The first of two databases is that in memory: what is of it is marked with `session_only`.
    """
    turns, facts, feedback, media, planned, deliveries, decided = [], [], [], [], [], [], []
    consent: bool | None = None
    for database in databases:
        held: dict[str, Any] = {"session_only": True} if database is not databases[-1] else {}
        for id, about, at, sealed in database.execute(
            "SELECT id, conversation, at, sealed FROM turns WHERE user = ? ORDER BY id", (user,)
        ).fetchall():
            row = _opened(database, sealing, user, f"turns.sealed {id} {about}", sealed, 5)
            turns.append(
                {"at": at, "channel": row[1], "conversation": row[0], "said": row[2], "answered": row[3]} | held
            )
        for id, at, sealed in database.execute(
            "SELECT id, at, sealed FROM feedback WHERE user = ? ORDER BY at", (user,)
        ).fetchall():
            key, conversation, good = _opened(database, sealing, user, f"feedback.sealed {id}", sealed, 3)
            feedback.append({"at": at, "conversation": conversation, "key": key, "good": good} | held)
        for id, at, sealed in database.execute(
            "SELECT id, at, sealed FROM facts WHERE user = ? ORDER BY at", (user,)
        ).fetchall():
            key, value = _opened(database, sealing, user, f"facts.sealed {id}", sealed, 2)
            facts.append({"at": at, "key": key, "value": value} | held)
        for id, at, sealed, data in database.execute(
            "SELECT id, at, about, sealed FROM media WHERE user = ? ORDER BY id", (user,)
        ).fetchall():
            conversation, kind, mime, name = _opened(database, sealing, user, f"media.about {id}", sealed, 4)
            opened = _value(database, sealing, user, f"media.sealed {id}", data)
            whole = base64.b64encode(opened).decode() if isinstance(opened, bytes) else DAMAGED
            media.append(
                {"at": at, "conversation": conversation, "kind": kind, "mime": mime, "name": name, "base64": whole}
            )
        for id, at, due, channel, sealed in database.execute(
            "SELECT id, at, due, channel, sealed FROM follow_ups WHERE user = ? ORDER BY due", (user,)
        ).fetchall():
            row = _opened(database, sealing, user, f"follow_ups.sealed {id}", sealed, 5)
            call = row[4]["call"] if isinstance(row[4], dict) else {"skill": DAMAGED, "slots": {}}
            told = {"at": at, "due": due, "channel": channel, "conversation": row[2]}
            planned.append({**told, "skill": call["skill"], "slots": call["slots"]})
        for key, channel, at, state, payload, answer in database.execute(
            "SELECT key, channel, at, state, payload, answer FROM deliveries WHERE user = ? AND state != 'sent' "
            "ORDER BY id",
            (user,),
        ).fetchall():
            row = _opened(database, sealing, user, f"deliveries.payload {key}", payload, 4)
            made = None if answer is None else _value(database, sealing, user, f"deliveries.answer {key}", answer)
            told = {"at": at, "channel": channel, "conversation": row[1], "state": state}
            deliveries.append({**told, "payload": row[3], "answer": made})
        found = database.execute("SELECT granted FROM consents WHERE user = ?", (user,)).fetchone()
        consent = bool(found[0]) if found else consent
        for what, at in database.execute("SELECT what, at FROM decisions WHERE user = ? ORDER BY at, rowid", (user,)):
            decided.append({"at": at, "what": what})
    return {
        "consent": consent,
        "consents": decided,
        "turns": turns,
        "facts": facts,
        "feedback": feedback,
        "media": media,
        "follow_ups": planned,
        "deliveries": deliveries,
    }


DAMAGED = "(damaged)"


def _opened(database: sqlite3.Connection, sealing: Seals, user: str, where: str, sealed: bytes, count: int) -> Any:
    value = _value(database, sealing, user, where, sealed)
    return [DAMAGED] * count if value == DAMAGED else value


def _value(database: sqlite3.Connection, sealing: Seals, user: str, where: str, sealed: bytes) -> Any:
    try:
        return sealing.open(database, user, where, sealed)
    except Damaged:
        return DAMAGED


def users(database: sqlite3.Connection) -> list[Known]:
    """Return of whom something is kept, the latest last."""
    known: dict[str, Known] = {}
    for table in (*KEPT, "consents", "decisions"):
        sql = f"SELECT user, count(*), min(at), max(at) FROM {table} WHERE user != '' GROUP BY user"
        for user, count, first, last in database.execute(sql):
            one = known.setdefault(user, Known(user, {}))
            one.rows[table] = count
            one.first, one.last = min(one.first or first, first), max(one.last or last, last)
    for user, granted in database.execute("SELECT user, granted FROM consents"):
        known[user].consent = bool(granted)
    return sorted(known.values(), key=lambda one: one.last or 0.0)
