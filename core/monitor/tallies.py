"""Counts for statistics that may be exported: by month, with a bound on how often each user counts.

Knows the monitor's book, not the noise. A user counts for at most DAY_MOST turns a day and MONTH_MOST a month, and for
as many opinions. Whether one counts is told by the book's hash of the user and the month, which is deleted when the
month is over, so that tallies of past months name nobody. Only users who agreed to be kept are counted.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .book import Book

DAY_MOST, MONTH_MOST = 2, 8
EMOTIONS = ("neutral", "joy", "sadness", "anger", "fear", "surprise", "disgust")
NONE = "(none)"
KINDS = ("days", "intents", "languages", "emotions", "feedback")
SCHEMA = """
CREATE TABLE IF NOT EXISTS visits (month TEXT NOT NULL, mark TEXT NOT NULL, what TEXT NOT NULL, day TEXT NOT NULL,
  n INTEGER NOT NULL, PRIMARY KEY (month, mark, what, day)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tallies (month TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (month, kind, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS domain (kind TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS releases (
  id INTEGER PRIMARY KEY, month TEXT NOT NULL, at REAL NOT NULL, epsilon REAL NOT NULL, told TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Visit:
    """Hold what one turn (`what` is turn) or opinion (opinion) of a user counts for: keys by kind."""

    user: str
    at: float
    what: str
    keys: Mapping[str, str]


class Tallies:
    """Count visits in a monitor's book."""

    def __init__(self, book: Book) -> None:
        self.book = book
        with book.change() as database:
            for statement in SCHEMA.split(";"):
                database.execute(statement)
            old = database.execute("DELETE FROM keys WHERE name LIKE 'month:%'").rowcount
            if old:  # of an earlier version, whose hashes can be guessed: the month that runs is counted anew
                database.execute("DELETE FROM visits")
                database.execute("DELETE FROM tallies WHERE month >= ?", (_day(book.clock())[:7],))
        if old:
            book.overwrite()

    def promise(self, intents: Iterable[str], languages: Iterable[str]) -> None:
        """Write which keys there can be: what the persona declares, whatever its users say."""
        rows = [("intents", name) for name in (*intents, NONE)]
        rows += [("languages", language) for language in languages]
        rows += [("emotions", emotion) for emotion in EMOTIONS] + [("feedback", "good"), ("feedback", "bad")]
        with self.book.change() as database:
            database.executemany("INSERT OR IGNORE INTO domain VALUES (?, ?)", rows)

    def add(self, visits: Sequence[Visit]) -> None:
        """Count visits, each if its user does not count enough already."""
        with self.book.change() as database:
            for visit in visits:
                day = _day(visit.at)
                month = day[:7]
                mark = self._mark(month, visit.user)
                where = "FROM visits WHERE month = ? AND mark = ? AND what = ?"
                given = (month, mark, visit.what)
                (so_far,) = database.execute(f"SELECT coalesce(sum(n), 0) {where}", given).fetchone()
                (today,) = database.execute(f"SELECT coalesce(sum(n), 0) {where} AND day = ?", (*given, day)).fetchone()
                if so_far >= MONTH_MOST or today >= DAY_MOST:
                    continue
                database.execute(
                    "INSERT INTO visits VALUES (?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET n = n + 1", (*given, day)
                )
                keys = {**visit.keys, **({"days": day} if visit.what == "turn" else {})}
                database.executemany(
                    "INSERT INTO tallies VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET n = n + 1",
                    [(month, kind, key) for kind, key in keys.items()],
                )

    def forget(self, user: str) -> None:
        """Let go of when and how often a user counted; only that they count no more stays until the month is over."""
        with self.book.change() as database:
            for (month,) in database.execute("SELECT DISTINCT month FROM visits").fetchall():
                given = (month, self._mark(month, user))
                if database.execute("DELETE FROM visits WHERE month = ? AND mark = ?", given).rowcount:
                    spent = [(*given, what, MONTH_MOST) for what in ("turn", "opinion")]
                    database.executemany("INSERT INTO visits VALUES (?, ?, ?, '', ?)", spent)
        self.book.overwrite()

    def prune(self) -> None:
        """Delete the hashes of months that are over."""
        month = _day(self.book.clock())[:7]
        with self.book.change() as database:
            database.execute("DELETE FROM visits WHERE month < ?", (month,))

    def months(self) -> list[str]:
        """Return the months that something was counted in, oldest first."""
        with self.book.change() as database:
            return [month for (month,) in database.execute("SELECT DISTINCT month FROM tallies ORDER BY month")]

    def counts(self, month: str) -> dict[str, dict[str, int]]:
        """Return the true counts of a month by kind, 0 for what can be and was not; not to be shown."""
        with self.book.change() as database:
            found: dict[str, dict[str, int]] = {kind: {} for kind in KINDS}
            for kind, key in database.execute("SELECT kind, key FROM domain"):
                found[kind][key] = 0
            found["days"] = dict.fromkeys(days_of(month, self.book.clock(), self.book.since), 0)
            for kind, key, n in database.execute("SELECT kind, key, n FROM tallies WHERE month = ?", (month,)):
                if key in found[kind]:  # what was not declared would tell by its name alone that somebody said it
                    found[kind][key] = n
        return found

    def _mark(self, month: str, user: str) -> str:
        return self.book.mark(f"{month}\n{user}")


def days_of(month: str, now: float, since: float | None = None) -> list[str]:
    """Return the days (UTC) of a month, from the one of `since` up to today."""
    first, today = "" if since is None else _day(since), _day(now)
    days = (f"{month}-{day:02d}" for day in range(1, _length(month) + 1))
    return [day for day in days if first <= day <= today]


def _length(month: str) -> int:
    import calendar

    return calendar.monthrange(int(month[:4]), int(month[5:7]))[1]


def _day(at: float) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(at))
