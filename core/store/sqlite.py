"""Keep conversations in SQLite: one file for those who agreed, memory for the others.

Rows of users who did not consent live in a second database in memory and go with the process. The file also holds
the messages on their way (deliveries.py), which a writer's thread of their own writes. What can be read is sealed with
a key of its user (seals.py); users and conversations are keyed hashes (tables.py).
"""

from __future__ import annotations

import logging
import os
import random
import secrets
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..contracts import Plan, Ticket
from ..errors import NowhereToWrite, TooManyPlans, Unavailable
from ..message import Erasure, Incoming, Message
from ..turn import DialogueState
from . import erasing, follow_ups, retention, telling
from .alive import Alive
from .audit import AuditLog
from .deliveries import Deliveries, Statement
from .erasures import Erasures
from .follow_ups import Due
from .keyring import Keyring, in_use, open_keyring
from .retention import LATEST
from .seals import Seals
from .tables import (
    SCHEMA,
    connect,
    conversation_mark,
    is_sealed,
    prepare,
    put_dialogue,
    put_media,
    put_named,
    put_turn,
    user_mark,
)
from .writer import Writer

log = logging.getLogger("personac")
DAY = 86400.0  # that what could not be sent is kept at least, whatever the retention


@dataclass(frozen=True, slots=True)
class _Held:
    """Hold what a turn records until its answer is written, and the message that it answers."""

    statements: list[Statement]
    incoming: Incoming | None


_held: ContextVar[_Held | None] = ContextVar("held", default=None)


class SQLiteStore:
    """Keep what a persona remembers of its users."""

    def __init__(
        self,
        path: Path | None,
        clock: Callable[[], float] = time.time,
        let_go: Callable[[str], object] = lambda mark: None,
    ) -> None:
        """Open the file, made when it is not there; without a path nothing outlives the process.

        A store of plain text is sealed first, and erasures that a killed process left are finished. Each of them calls
        `let_go` with the user's keyed hash, to delete what lies beside the store. Raise Unavailable when the file is
        none, or its key is missing, wrong or damaged: then nothing is changed.
        """
        self._clock = clock
        self._path = path
        self._persona = path.stem if path else ""
        self._lock = threading.Lock()
        self._writing = threading.Lock()  # held by whoever writes to the file; SQLite would poll for it
        self._release: Callable[[], object] = lambda: None
        self._audit: AuditLog | None = None
        if path is None:
            keyring = Keyring.new()
        else:
            sealed = is_sealed(path)
            self._release = weakref.finalize(self, os.close, in_use(path.parent))
            keyring = open_keyring(path.parent, sealed)
            self._audit = AuditLog(path.parent, keyring.log, clock)
        self._seals = Seals(keyring, str(path or "memory"))
        self._passing = self._open(":memory:")
        self._kept = self._open(str(path)) if path else self._passing
        (newest,) = self._kept.execute("SELECT max(id) FROM turns").fetchone()
        self._newest = int(newest or 0)
        self._passed = retention.Passing(self._passing, alone=self._kept is not self._passing)
        self._erasures = Erasures(self._kept, self._passing, self._seals, path, clock, self._audit, let_go)
        self.finish()

    def _open(self, path: str) -> sqlite3.Connection:
        try:
            database = connect(path)
            moved = prepare(database, self._seals)
        except (sqlite3.Error, OSError) as error:
            raise Unavailable(f"the conversations cannot be kept in {path}: {error}; give another --store") from error
        if moved:
            log.warning("%s was a store of plain text; its %d rows are sealed now", path, moved)
        return database

    def _databases(self) -> list[sqlite3.Connection]:
        return [self._passing] if self._kept is self._passing else [self._passing, self._kept]

    def _next_id(self) -> int:
        """Return an id above all others of this process, which another process will not choose (under the lock)."""
        self._newest = max(self._newest + 1, time.time_ns() // 1000 << 10 | random.getrandbits(10))
        return self._newest

    @contextmanager
    def _change(self, database: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
        """Write in one transaction, alone; raise Unavailable."""
        try:
            with self._writing, self._lock, database:
                yield database
        except sqlite3.Error as error:
            raise Unavailable(f"what is kept of users could not be changed: {error}; is the disk full?") from error

    def dialogue(self, conversation: str) -> DialogueState:
        """Return what the conversation remembers, empty for a new one."""
        about = conversation_mark(self._seals, conversation)
        sql = "SELECT user, sealed FROM dialogues WHERE conversation = ?"
        with self._lock:
            for database in self._databases():
                row = database.execute(sql, (about,)).fetchone()
                if row:
                    return DialogueState(**self._seals.open(database, row[0], f"dialogues.sealed {about}", row[1]))
        return DialogueState()

    def ticket(self, user: str, *, implied: bool = False, never: bool = False) -> Ticket:
        """Return what a turn that begins now records with: good until the user erases all or says no.

        It keeps what a user who agreed says; `implied` counts who has not decided as one, `never` nobody.
        """
        mark = self.mark(user)
        find, decided = "SELECT ticket FROM tickets WHERE user = ?", "SELECT granted FROM consents WHERE user = ?"
        with self._change(self._kept):
            row = None if never else self._kept.execute(decided, (mark,)).fetchone()
            keep = not never and bool(row[0] if row else implied)
            database = self._kept if keep else self._passing
            known = database.execute(find, (mark,)).fetchone()
            if known is None:
                known = (secrets.token_hex(8),)
                database.execute("INSERT INTO tickets VALUES (?, ?)", (mark, *known))
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
        media: bool = False,
    ) -> None:
        """Write one turn, personal data already masked; without `keep` only for as long as the process lives.

        With a ticket, which tells itself whether to keep, nothing is written once that is not good any more. With
        `media`, the message's sounds and pictures are kept, too, where the turn outlives the process.
        """
        keep = ticket.keep if ticket is not None else keep
        database = self._kept if keep else self._passing
        at, user, conversation = self._clock(), message.user, message.conversation
        rest, packed = [message.channel, said, answered, language], asdict(state)
        with self._lock:
            id = self._next_id()
            pictures = [(self._next_id(), one) for one in message.media] if media and keep else []
        apart = keep and database is not self._passing and self._stays_in_memory(user, conversation, packed)

        def change(database: sqlite3.Connection) -> None:
            if not self._good(database, user, ticket):
                return
            put_turn(database, self._seals, id, user, conversation, at, rest)
            if not apart:
                put_dialogue(database, self._seals, user, conversation, at, packed)
            for number, one in pictures:
                put_media(database, self._seals, number, user, conversation, at, one)

        held = _held.get()
        if held is not None and database is not self._passing:
            held.statements.append(change)
            return
        with self._change(database):
            change(database)
            if not keep:
                self._passed.let_go(conversation_mark(self._seals, conversation))

    def _good(self, database: sqlite3.Connection, user: str, ticket: Ticket | None) -> bool:
        """Tell whether what a ticket was given for may still be written."""
        given = None if ticket is None else (self.mark(user), ticket.number)
        sql = "SELECT 1 FROM tickets WHERE user = ? AND ticket = ?"
        return given is None or database.execute(sql, given).fetchone() is not None

    def _stays_in_memory(self, user: str, conversation: str, state: dict[str, Any]) -> bool:
        """Tell whether a conversation's state is somebody's who did not agree, as it may be in a group.

        Then the state goes on in memory. What the user said before agreeing moves on with them.
        """
        passing, about = self._passing, conversation_mark(self._seals, conversation)
        with self._change(passing):
            of = passing.execute("SELECT user FROM dialogues WHERE conversation = ?", (about,)).fetchone()
            if of is None or of[0] == self.mark(user):
                passing.execute("DELETE FROM dialogues WHERE conversation = ?", (about,))
                return False
            sealed = self._seals.seal(passing, of[0], f"dialogues.sealed {about}", state)
            passing.execute("UPDATE dialogues SET sealed = ? WHERE conversation = ?", (sealed, about))
        return True

    @contextmanager
    def holding(self, incoming: Incoming | None = None) -> Iterator[list[Statement]]:
        """Collect the turns that this task records for the file, for whoever writes them together with their answer.

        `incoming` is the message that is answered: follow-ups go where its answer goes.
        """
        held: list[Statement] = []
        token = _held.set(_Held(held, incoming))
        try:
            yield held
        finally:
            _held.reset(token)

    def plan(self, message: Message, language: str, plans: Sequence[Plan], ticket: Ticket) -> None:
        """Keep what is to be called later, for a user who did not agree as long as the process lives.

        Raise NowhereToWrite when the channel of the message cannot be written to later, TooManyPlans.
        """
        held = _held.get()
        if held is None or held.incoming is None:
            raise NowhereToWrite(f"what is due later cannot be told on the channel {message.channel}")
        incoming, now, wanted = held.incoming, self._clock(), [plan for plan in plans if plan.due is not None]
        with self._lock:
            if wanted and follow_ups.count(self._databases(), self.mark(message.user)) + len(wanted) > follow_ups.MOST:
                raise TooManyPlans(f"a user may have {follow_ups.MOST} follow-ups")

        def change(database: sqlite3.Connection) -> None:
            if self._good(database, message.user, ticket):
                follow_ups.write(database, self._seals, incoming, message, language, plans, now)

        if ticket.keep and self._kept is not self._passing:
            held.statements.append(change)
            return
        with self._change(self._passing):
            change(self._passing)

    def planned(self, conversation: str, plugin: str) -> list[Plan]:
        """Return what a plugin asked to be called for in a conversation, the next first."""
        with self._lock:
            return list(follow_ups.planned(self._databases(), self._seals, conversation, plugin))

    def due(self, channels: Collection[str]) -> list[Due]:
        """Return what is due on some channels and was not handed over, oldest first; raise Unavailable.

        Rows that are damaged are deleted and logged.
        """
        found: list[Due] = []
        for database in self._databases():
            with self._change(database):
                rows, damaged = follow_ups.due(database, self._seals, self._clock(), channels)
                found += rows
                for id in damaged:
                    log.error("a follow-up cannot be read, and is let go")
                    database.execute("DELETE FROM follow_ups WHERE id = ?", (id,))
        return found

    def handed(self, due: Due) -> None:
        """Forget a follow-up whose message is on the desk now, unless it was planned anew."""
        for database in self._databases():
            with self._change(database):
                database.execute("DELETE FROM follow_ups WHERE id = ? AND due = ?", (due.id, due.due))

    def deliveries(self) -> Deliveries:
        """Open the messages on their way; the caller closes them before the store."""
        return Deliveries(Writer(self._path, SCHEMA, self._writing), Alive(self._path), self._seals)

    def history(self, conversation: str, limit: int = LATEST) -> list[tuple[str, str, str]]:
        """Return (role, text, language) of the latest turns, oldest first."""
        lines: list[tuple[str, str, str]] = []
        for _, said, answered, language in self.turns(self.place(conversation), limit):
            if said or not answered:  # what was due had no words of the user's before it
                lines.append(("user", said, language))
            lines.append(("persona", answered, language))
        return lines

    def place(self, conversation: str) -> str:
        """Return the keyed hash that stands for a conversation in the store."""
        return conversation_mark(self._seals, conversation)

    def turns(
        self, place: str, limit: int = LATEST, whose: Callable[[str], bool] | None = None
    ) -> list[tuple[float, str, str, str]]:
        """Return (time, said, answered, language) of the latest turns where `place` stands for, oldest first.

        `whose` tells by the keyed hash of a user whether that one's turns are wanted; all are without it.
        """
        sql = "SELECT at, id, user, sealed FROM turns WHERE conversation = ? ORDER BY id DESC LIMIT ?"
        rows: list[tuple[float, list[str]]] = []
        with self._lock:
            for database in self._databases():
                found = database.execute(sql, (place, limit if whose is None else -1)).fetchall()
                for at, id, user, sealed in [row for row in found if whose is None or whose(row[2])][:limit]:
                    rows.append((at, self._seals.open(database, user, f"turns.sealed {id} {place}", sealed)))
        rows.sort(key=lambda row: -row[0])
        return [(at, said, answered, language) for at, (_, _, said, answered, language) in reversed(rows[:limit])]

    def consent(self, user: str) -> bool | None:
        """Return what the user decided, None when not asked yet."""
        given = (self.mark(user),)
        with self._lock:
            row = self._kept.execute("SELECT granted FROM consents WHERE user = ?", given).fetchone()
        return None if row is None else bool(row[0])

    def ask(self, user: str) -> bool:
        """Write that the user is asked whether anything may be kept; false for one who was asked, or has decided."""
        mark = self.mark(user)
        with self._change(self._kept):
            if self._kept.execute("SELECT 1 FROM decisions WHERE user = ?", (mark,)).fetchone():
                return False
            self._kept.execute("INSERT INTO decisions VALUES (?, 'asked', ?)", (mark, self._clock()))
        return True

    def set_consent(self, user: str, granted: bool) -> Erasure | None:
        """Write what the user decided; a no erases what was kept, in one step with the decision.

        Return the receipt of that erasure, None for a yes. A yes that repeats the last decision is not written again.
        Of two decisions at the same time the later one holds, and turns that began before a no write nothing. Raise
        Unavailable, without a path, when nothing was changed, and Unfinished when the erasure goes on later.
        """
        mark, now = self.mark(user), self._clock()
        with self._writing, self._lock:
            known = self._kept.execute("SELECT granted FROM consents WHERE user = ?", (mark,)).fetchone()
            if granted and known is not None and known[0]:
                return None
            id = ""
            try:
                with erasing.durable(self._kept):
                    if not granted:
                        id = self._erasures.begin_with_a_no(mark, now)
                    self._kept.execute("INSERT OR REPLACE INTO consents VALUES (?, ?, ?)", (mark, int(granted), now))
                    what = "granted" if granted else "denied"
                    self._kept.execute("INSERT INTO decisions VALUES (?, ?, ?)", (mark, what, now))
                    if granted:  # what cannot be written into the log does not happen
                        self.audit("consent", self._persona, mark=mark, granted=True)
            except (sqlite3.Error, Unavailable) as error:
                log.error("a decision could not be kept: %s; is the disk full?", error)
                raise Unavailable("that could not be written down just now, and nothing was changed") from error
            return None if granted else self._erasures.go_on(id, mark, decided=True)

    def feedback(
        self, conversation: str, user: str, key: str, good: bool, *, keep: bool = False, ticket: Ticket | None = None
    ) -> None:
        """Keep what a user thought of the answer to a message; a second opinion replaces the first."""
        self._put("feedback", user, key, [conversation, int(good)], keep, ticket)

    def remember(self, user: str, key: str, value: Any, *, keep: bool = False, ticket: Ticket | None = None) -> None:
        """Keep a fact about a user as a JSON value; without `keep` only for as long as the process lives.

        With a ticket, which tells itself whether to keep, nothing is written once that is not good any more.
        """
        self._put("facts", user, key, [value], keep, ticket)

    def _put(self, table: str, user: str, key: str, value: list[Any], keep: bool, ticket: Ticket | None) -> None:
        database = self._kept if (ticket.keep if ticket is not None else keep) else self._passing
        with self._change(database):
            if self._good(database, user, ticket):
                put_named(database, self._seals, table, user, key, self._clock(), value)

    def facts(self, user: str) -> dict[str, Any]:
        """Return what is remembered about a user, by key."""
        mark = user_mark(self._seals, user)
        found = {}
        with self._lock:
            for database in self._databases():
                for id, sealed in database.execute("SELECT id, sealed FROM facts WHERE user = ?", (mark,)).fetchall():
                    key, value = self._seals.open(database, mark, f"facts.sealed {id}", sealed)
                    found[str(key)] = value
        return dict(sorted(found.items()))

    def forget_fact(self, user: str, key: str) -> bool:
        """Delete one fact; false when there was none."""
        given = (self._seals.keyring.name("facts", user, key),)
        deleted = 0
        for database in self._databases():
            with self._change(database):
                deleted += database.execute("DELETE FROM facts WHERE id = ?", given).rowcount
        return bool(deleted)

    def audit(self, event: str, persona: str, **what: Any) -> None:
        """Write an event into the audit log; `what` holds no words of users, and `user` becomes a keyed hash.

        A user whose hash is known already is given as `mark`.
        """
        if "user" in what:
            what["user"] = self.mark(what["user"])
        elif "mark" in what:
            what["user"] = what.pop("mark")
        if self._audit is not None:
            self._audit.write(event, persona, what)

    def mark(self, user: str) -> str:
        """Return the keyed hash that stands for a user in the store and in the audit log."""
        return user_mark(self._seals, user)

    def users(self) -> list[telling.Known]:
        """Return of whom something is kept, by keyed hash."""
        with self._lock:
            return telling.users(self._kept)

    def export(self, user: str) -> dict[str, Any]:
        """Return all that is kept of a user."""
        return {"user": user, **self.export_marked(self.mark(user))}

    def export_marked(self, mark: str) -> dict[str, Any]:
        """Return all that is kept of the user whom a keyed hash stands for."""
        with self._lock:
            return telling.export(self._databases(), self._seals, mark)

    def erase(self, user: str) -> Erasure:
        """Delete all that is kept of a user, and the user's key.

        What a server is answering just now goes when that is sent; the receipt tells so.
        """
        return self.erase_marked(self.mark(user))

    def erase_marked(self, mark: str) -> Erasure:
        """Delete all that is kept of the user whom a keyed hash stands for.

        Raise Unavailable when nothing was changed, and Unfinished when the erasure goes on later.
        """
        with self._writing, self._lock:
            return self._erasures.go_on(self._erasures.begin(mark), mark)

    def begin(self, mark: str) -> str:
        """Write down that a user is to be erased, so that it happens; return the id of the receipt.

        Raise Unavailable when nothing was changed.
        """
        with self._writing, self._lock:
            return self._erasures.begin(mark)

    def go_on(self, id: str, mark: str) -> Erasure:
        """Do the steps of an erasure that was begun, and return its receipt; raise Unfinished."""
        with self._writing, self._lock:
            return self._erasures.go_on(id, mark)

    def let_go(self, mark: str) -> bool:
        """Let what lies beside the store go of a user; false when it could not."""
        return self._erasures.let_go(mark)

    def finish(self) -> int:
        """Finish the erasures that were begun, in this process or a killed one; return their number."""
        with self._writing, self._lock:
            return self._erasures.finish()

    def expire(self, before: float) -> int:
        """Delete what is older than a time in seconds since 1970 and return the number of turns.

        What could not be sent stays for a day at least; consents stay until they are withdrawn. Raise Unavailable.
        """
        given_up = min(before, self._clock() - DAY)
        deleted = 0
        with self._writing, self._lock:
            for database in self._databases():
                try:
                    with database:
                        deleted += retention.expire(database, before, given_up)
                except sqlite3.Error as error:
                    raise Unavailable(f"what is too old could not be deleted: {error}; is the disk full?") from error
                erasing.overwrite(database)
        self.finish()
        return deleted

    def close(self) -> None:
        """Close the databases."""
        with self._lock:
            for database in self._databases():
                database.close()
        self._release()
