"""What skills asked to be called for later: kept, sealed with the user's key, until it is due.

Knows one table and what stands in its rows: the skill with its slots, and the message whose answer asked for it, so
that what is said then goes where that answer went. Users and conversations are keyed hashes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from ..contracts import Plan
from ..message import CALL, Incoming, Message
from .seals import Damaged, Seals
from .tables import conversation_mark, user_mark

MOST = 30  # of one user at a time


@dataclass(frozen=True, slots=True)
class Due:
    """Hold a plan whose time has come, as a message for the desk of its channel."""

    id: str
    due: float
    incoming: Incoming


def write(
    database: sqlite3.Connection,
    sealing: Seals,
    incoming: Incoming,
    message: Message,
    language: str,
    plans: Sequence[Plan],
    at: float,
) -> None:
    """Keep the plans of one answer; a key that is there already gets the new time, or goes."""
    mark, about = user_mark(sealing, message.user), conversation_mark(sealing, message.conversation)
    payload = {name: value for name, value in incoming.payload.items() if name != CALL}
    for plan in plans:
        id = sealing.keyring.name("follow_up", message.conversation, plan.plugin, plan.key)
        database.execute("DELETE FROM follow_ups WHERE id = ?", (id,))
        if plan.due is None:
            continue
        call = {
            "skill": plan.skill, "slots": dict(plan.slots), "language": language,
            "conversation": message.conversation, "shared": message.shared,
        }  # fmt: skip
        whole = [plan.plugin, plan.key, incoming.conversation, message.user, {**payload, CALL: call}]
        sealed = sealing.seal(database, mark, f"follow_ups.sealed {id}", whole)
        given = (id, mark, about, at, plan.due, incoming.channel, sealed)
        database.execute("INSERT INTO follow_ups VALUES (?, ?, ?, ?, ?, ?, ?)", given)


def count(databases: Sequence[sqlite3.Connection], mark: str) -> int:
    """Return how many plans there are of a user."""
    sql = "SELECT count(*) FROM follow_ups WHERE user = ?"
    return sum(database.execute(sql, (mark,)).fetchone()[0] for database in databases)


def planned(databases: Sequence[sqlite3.Connection], sealing: Seals, conversation: str, plugin: str) -> Iterator[Plan]:
    """Yield the plans of a plugin for a conversation, the next one first."""
    about = conversation_mark(sealing, conversation)
    sql = "SELECT id, user, due, sealed FROM follow_ups WHERE conversation = ? ORDER BY due"
    for database in databases:
        for id, user, due, sealed in database.execute(sql, (about,)).fetchall():
            own, key, _, _, payload = sealing.open(database, user, f"follow_ups.sealed {id}", sealed)
            if own == plugin:
                yield Plan(own, key, due, payload[CALL]["skill"], payload[CALL]["slots"])


def due(
    database: sqlite3.Connection, sealing: Seals, now: float, channels: Collection[str]
) -> tuple[list[Due], list[str]]:
    """Return what is due on some channels, the oldest first, and the ids of rows that are damaged."""
    found, damaged = [], []
    where = f"due <= ? AND channel IN ({', '.join('?' * len(channels))})"
    sql = f"SELECT id, user, due, channel, sealed FROM follow_ups WHERE {where} ORDER BY due LIMIT 500"
    for id, user, at, channel, sealed in database.execute(sql, (now, *channels)).fetchall():
        try:
            _, _, conversation, name, payload = sealing.open(database, user, f"follow_ups.sealed {id}", sealed)
        except Damaged:
            damaged.append(id)
            continue
        found.append(Due(id, at, Incoming(channel, f"{CALL}:{id}:{at:.3f}", conversation, name, payload)))
    return found, damaged
