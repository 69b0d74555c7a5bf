"""The tables of a store, and how a store of plain text becomes a sealed one.

Knows SQLite and columns. Users, conversations and keys of platforms stand in columns as keyed hashes; all that can be
read is in sealed ones. `user_version` tells how far a file is: 0 plain or new, 2 sealed and not cleaned, 3 sealed.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from ..errors import Unavailable
from ..message import Media
from . import seals
from .seals import Seals

SEALED, CLEAN = 2, 3
TABLES = """
CREATE TABLE IF NOT EXISTS turns (
  id INTEGER PRIMARY KEY, conversation TEXT NOT NULL, user TEXT NOT NULL, at REAL NOT NULL, sealed BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS turns_conversation ON turns(conversation, id);
CREATE INDEX IF NOT EXISTS turns_user ON turns(user);
CREATE TABLE IF NOT EXISTS dialogues (
  conversation TEXT PRIMARY KEY, user TEXT NOT NULL, at REAL NOT NULL, sealed BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS dialogues_user ON dialogues(user);
CREATE TABLE IF NOT EXISTS consents (user TEXT PRIMARY KEY, granted INTEGER NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS tickets (user TEXT PRIMARY KEY, ticket TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS decisions (user TEXT NOT NULL, what TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS decisions_user ON decisions(user);
CREATE TABLE IF NOT EXISTS feedback (id TEXT PRIMARY KEY, user TEXT NOT NULL, at REAL NOT NULL, sealed BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS feedback_user ON feedback(user);
CREATE TABLE IF NOT EXISTS facts (id TEXT PRIMARY KEY, user TEXT NOT NULL, at REAL NOT NULL, sealed BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS facts_user ON facts(user);
CREATE TABLE IF NOT EXISTS media (
  id INTEGER PRIMARY KEY, user TEXT NOT NULL, at REAL NOT NULL, about BLOB NOT NULL, sealed BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS media_user ON media(user);
CREATE TABLE IF NOT EXISTS follow_ups (
  id TEXT PRIMARY KEY, user TEXT NOT NULL, conversation TEXT NOT NULL, at REAL NOT NULL, due REAL NOT NULL,
  channel TEXT NOT NULL, sealed BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS follow_ups_user ON follow_ups(user);
CREATE INDEX IF NOT EXISTS follow_ups_conversation ON follow_ups(conversation);
CREATE INDEX IF NOT EXISTS follow_ups_due ON follow_ups(due);
CREATE TABLE IF NOT EXISTS erasures (
  id TEXT PRIMARY KEY, user TEXT NOT NULL, at REAL NOT NULL, parts TEXT, persona TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT, channel TEXT NOT NULL, key TEXT NOT NULL, conversation TEXT NOT NULL,
  user TEXT NOT NULL, at REAL NOT NULL, own INTEGER NOT NULL, owner TEXT NOT NULL, state TEXT NOT NULL,
  payload BLOB, answer BLOB, memo BLOB, begun INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0,
  next_at REAL NOT NULL DEFAULT 0, restarts INTEGER NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '',
  erased INTEGER NOT NULL DEFAULT 0, UNIQUE(channel, key));
CREATE INDEX IF NOT EXISTS deliveries_open ON deliveries(owner) WHERE state IN ('received', 'answered');
CREATE INDEX IF NOT EXISTS deliveries_user ON deliveries(user);
CREATE INDEX IF NOT EXISTS deliveries_at ON deliveries(at);
CREATE INDEX IF NOT EXISTS deliveries_conversation ON deliveries(channel, conversation, id);
"""
SCHEMA = seals.SCHEMA + TABLES
KEPT = (
    "turns",
    "dialogues",
    "feedback",
    "facts",
    "media",
    "follow_ups",
    "deliveries",
)  # rows that hold something sealed
_PLAIN = ("turns", "dialogues", "consents", "tickets", "decisions", "feedback", "facts", "deliveries", "audit")


def own(path: Path) -> None:
    """Make an empty file, with its folder, that only this user of the machine may read, unless it is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def connect(path: str, synchronous: str = "NORMAL", timeout: float = 10.0) -> sqlite3.Connection:
    """Open a database in which what is deleted is overwritten; statements outside of a transaction stand alone."""
    if path != ":memory:":
        own(Path(path))
    database = sqlite3.connect(path, check_same_thread=False, timeout=timeout)
    for setting in ("journal_mode = WAL", f"synchronous = {synchronous}", "secure_delete = ON", "temp_store = MEMORY"):
        database.execute(f"PRAGMA {setting}")
    return database


def is_sealed(path: Path) -> bool:
    """Tell whether a store holds sealed rows; raise Unavailable when it is no store."""
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(path, timeout=10)) as database:
            return bool(_version(database) >= SEALED)
    except sqlite3.Error as error:
        raise Unavailable(f"the conversations cannot be kept in {path}: {error}; give another --store") from error


def prepare(database: sqlite3.Connection, sealing: Seals) -> int:
    """Make the tables; what a store holds in plain is sealed, once, and overwritten. Return the number of its rows.

    A process that is killed leaves the plain store or the sealed one; what is not overwritten yet is at the next start.
    """
    moved = 0
    if _version(database) < SEALED:
        isolation, database.isolation_level = database.isolation_level, None
        try:
            database.execute("BEGIN IMMEDIATE")
            try:
                if _version(database) < SEALED:  # another process may have been first
                    moved = _seal(database, sealing)
                database.execute("COMMIT")
            except BaseException:
                database.execute("ROLLBACK")
                raise
        finally:
            database.isolation_level = isolation
    else:
        database.executescript(SCHEMA)
    if _version(database) < CLEAN:
        database.execute("VACUUM")
        empty_log(database)
        database.execute(f"PRAGMA user_version = {CLEAN}")
    return moved


def empty_log(database: sqlite3.Connection) -> bool:
    """Bring all into the file and cut the write-ahead log to nothing; false while another process reads it."""
    (busy, *_) = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def _seal(database: sqlite3.Connection, sealing: Seals) -> int:
    there = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    plain = [name for name in _PLAIN if name in there]
    for name in plain:
        for (index,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL", (name,)
        ).fetchall():
            database.execute(f"DROP INDEX {index}")
        database.execute(f"ALTER TABLE {name} RENAME TO plain_{name}")
    for statement in SCHEMA.split(";"):
        database.execute(statement)
    moved = 0
    for name in plain:
        take = _TAKEN.get(name)
        if take is not None:
            for row in _rows(database, name):
                try:
                    take(database, sealing, row)
                except (ValueError, TypeError, KeyError) as error:
                    raise Unavailable(
                        f"the store of plain text cannot be sealed: a row of {name} is damaged ({error}); it is left "
                        "as it was. Mend or delete that row, or move the store away"
                    ) from error
                moved += 1
        database.execute(f"DROP TABLE plain_{name}")
    database.execute(f"PRAGMA user_version = {SEALED if plain else CLEAN}")
    return moved


def _rows(database: sqlite3.Connection, name: str) -> Iterator[dict[str, Any]]:
    cursor = database.execute(f"SELECT * FROM plain_{name}")
    names = [column[0] for column in cursor.description]
    for row in cursor:
        yield dict(zip(names, row, strict=True))


def user_mark(sealing: Seals, user: str) -> str:
    """Return what stands for a user in columns."""
    return sealing.keyring.name("user", user)


def conversation_mark(sealing: Seals, conversation: str) -> str:
    """Return what stands for a conversation in columns."""
    return sealing.keyring.name("conversation", conversation)


def drop_unused(database: sqlite3.Connection, sealing: Seals, user: str) -> None:
    """Destroy the key of a user of whom nothing is kept any more."""
    if not any(database.execute(f"SELECT 1 FROM {table} WHERE user = ? LIMIT 1", (user,)).fetchone() for table in KEPT):
        sealing.destroy(database, user)


def put_turn(
    database: sqlite3.Connection, sealing: Seals, id: int, user: str, conversation: str, at: float, rest: list[str]
) -> None:
    """Write a turn; `rest` is channel, what was said, what was answered, language."""
    mark, about = user_mark(sealing, user), conversation_mark(sealing, conversation)
    sealed = sealing.seal(database, mark, f"turns.sealed {id} {about}", [conversation, *rest])
    database.execute("INSERT INTO turns VALUES (?, ?, ?, ?, ?)", (id, about, mark, at, sealed))


def put_dialogue(
    database: sqlite3.Connection, sealing: Seals, user: str, conversation: str, at: float, state: Any
) -> None:
    """Write what a conversation remembers."""
    mark, about = user_mark(sealing, user), conversation_mark(sealing, conversation)
    sealed = sealing.seal(database, mark, f"dialogues.sealed {about}", state)
    database.execute("INSERT OR REPLACE INTO dialogues VALUES (?, ?, ?, ?)", (about, mark, at, sealed))


def put_named(
    database: sqlite3.Connection, sealing: Seals, table: str, user: str, key: str, at: float, value: list[Any]
) -> None:
    """Write a row of feedback or facts, which has one place for each user and key."""
    mark, id = user_mark(sealing, user), sealing.keyring.name(table, user, key)
    sealed = sealing.seal(database, mark, f"{table}.sealed {id}", [key, *value])
    database.execute(f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?, ?)", (id, mark, at, sealed))


def put_media(
    database: sqlite3.Connection, sealing: Seals, id: int, user: str, conversation: str, at: float, media: Media
) -> None:
    """Write a sound, picture or video."""
    mark, about = user_mark(sealing, user), [conversation, media.kind, media.mime, media.name]
    told = sealing.seal(database, mark, f"media.about {id}", about)
    sealed = sealing.seal(database, mark, f"media.sealed {id}", media.data)
    database.execute("INSERT INTO media VALUES (?, ?, ?, ?, ?)", (id, mark, at, told, sealed))


def _take_turn(database: sqlite3.Connection, sealing: Seals, row: dict[str, Any]) -> None:
    rest = [row["channel"], row["said"], row["answered"], row["language"]]
    put_turn(database, sealing, row["id"], row["user"], row["conversation"], row["at"], rest)


def _take_dialogue(database: sqlite3.Connection, sealing: Seals, row: dict[str, Any]) -> None:
    put_dialogue(database, sealing, row["user"], row["conversation"], 0.0, json.loads(row["state"]))


def _take_consent(database: sqlite3.Connection, sealing: Seals, row: dict[str, Any]) -> None:
    given = (user_mark(sealing, row["user"]), row["granted"], row["at"])
    database.execute("INSERT OR REPLACE INTO consents VALUES (?, ?, ?)", given)


def _take_decision(database: sqlite3.Connection, sealing: Seals, row: dict[str, Any]) -> None:
    given = (user_mark(sealing, row["user"]), row["what"], row["at"])
    database.execute("INSERT INTO decisions VALUES (?, ?, ?)", given)


def _take_feedback(database: sqlite3.Connection, sealing: Seals, row: dict[str, Any]) -> None:
    value = [row["conversation"], row["good"]]
    put_named(database, sealing, "feedback", row["user"], row["key"], row["at"], value)


def _take_fact(database: sqlite3.Connection, sealing: Seals, row: dict[str, Any]) -> None:
    put_named(database, sealing, "facts", row["user"], row["key"], row["at"], [json.loads(row["value"])])


def _take_delivery(database: sqlite3.Connection, sealing: Seals, row: dict[str, Any]) -> None:
    mark = user_mark(sealing, row["user"])
    key = sealing.keyring.name("delivery", row["channel"], row["key"])
    about = conversation_mark(sealing, row["conversation"]) if row["conversation"] else ""
    payload = answer = None
    if row["payload"] is not None:
        whole = [row["key"], row["conversation"], row["user"], json.loads(row["payload"])]
        payload = sealing.seal(database, mark, f"deliveries.payload {key}", whole)
    if row["answer"] is not None:
        answer = sealing.seal(database, mark, f"deliveries.answer {key}", json.loads(row["answer"]))
    memo = json.loads(row["memo"])
    sealed = sealing.seal(database, mark, f"deliveries.memo {key}", memo) if memo else None
    row = {**row, "key": key, "conversation": about, "user": mark, "payload": payload, "answer": answer, "memo": sealed}
    names = ", ".join(row)
    marks = ", ".join("?" * len(row))
    database.execute(f"INSERT INTO deliveries({names}) VALUES ({marks})", tuple(row.values()))


_TAKEN: dict[str, Callable[[sqlite3.Connection, Seals, dict[str, Any]], None]] = {
    "turns": _take_turn,
    "dialogues": _take_dialogue,
    "consents": _take_consent,
    "decisions": _take_decision,
    "feedback": _take_feedback,
    "facts": _take_fact,
    "deliveries": _take_delivery,
}
