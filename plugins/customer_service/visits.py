"""What is known of a conversation: who proved to be whom and until when, what is asked just now, what was done.

It lies in the back office under the hash of conversation and user, so that neither a slot nor another person in the
same conversation can claim it. Knows nothing of words.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from .tables import VISITS, WRONG

KEPT_SECONDS = 24 * 3600.0  # after which a visit is forgotten
LINES = 20  # of what was done, the latest


@dataclass(slots=True)
class Visit:
    """Hold one visit; `waiting` has, for each skill that asks, what for, and what it heard before.

    A message with two wishes calls two skills, so both may ask; only one of them is answered.
    """

    key: str
    customer: str | None = None
    until: float = 0.0
    waiting: dict[str, dict[str, Any]] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    handover: int | None = None
    rated: bool = False

    def proven(self, now: float) -> str | None:
        """Return the number of the customer who has proven who they are, None when nobody has or it is too long ago."""
        return self.customer if now < self.until else None

    def note(self, line: str) -> None:
        """Write down what was asked for and what came of it, for the person who may take over."""
        if not self.done or self.done[-1] != line:
            self.done = [*self.done, line][-LINES:]


def key_of(*parts: str) -> str:
    """Return what stands for a conversation, a user or a number where it is kept."""
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=24).hexdigest()


def read(connection: Connection, key: str) -> Visit:
    """Return a visit, a new one where none is kept."""
    row = connection.execute(select(VISITS).where(VISITS.c.key == key)).mappings().first()
    if row is None:
        return Visit(key)
    done, waiting = json.loads(row["done"]), json.loads(row["waiting"])
    return Visit(key, row["customer"], row["until"], waiting, done, row["handover"], row["rated"])


def write(connection: Connection, visit: Visit, now: float) -> None:
    """Keep a visit, and forget old ones."""
    values = {
        "customer": visit.customer, "until": visit.until, "waiting": json.dumps(visit.waiting),
        "done": json.dumps(visit.done, ensure_ascii=False), "handover": visit.handover, "rated": visit.rated,
        "touched": now,
    }  # fmt: skip
    connection.execute(delete(VISITS).where(VISITS.c.touched < now - KEPT_SECONDS))
    if connection.execute(update(VISITS).where(VISITS.c.key == visit.key).values(values)).rowcount == 0:
        connection.execute(insert(VISITS).values(key=visit.key, **values))


def locked(connection: Connection, keys: Sequence[str], tries: int, now: float) -> float:
    """Return for how many seconds nothing may be tried with any of some keys, 0 when it may."""
    found = select(WRONG.c.until).where(WRONG.c.key.in_(keys), WRONG.c.count >= tries, WRONG.c.until > now)
    return max((until - now for until in connection.scalars(found)), default=0.0)


def failed(connection: Connection, keys: Sequence[str], seconds: float, now: float) -> None:
    """Count a wrong answer for each of some keys; counts that have grown old begin anew."""
    connection.execute(delete(WRONG).where(WRONG.c.until <= now))
    for key in keys:
        more = update(WRONG).where(WRONG.c.key == key).values(count=WRONG.c.count + 1, until=now + seconds)
        if connection.execute(more).rowcount == 0:
            try:
                with connection.begin_nested():
                    connection.execute(insert(WRONG).values(key=key, count=1, until=now + seconds))
            except IntegrityError:  # another process was first
                connection.execute(more)


def forgiven(connection: Connection, keys: Sequence[str]) -> None:
    """Forget the wrong answers of some keys."""
    connection.execute(delete(WRONG).where(WRONG.c.key.in_(keys)))


__all__ = ["Visit", "failed", "forgiven", "key_of", "locked", "read", "write"]
