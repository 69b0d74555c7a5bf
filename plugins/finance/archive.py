"""The news that was read, in SQLite: each item once, with its opinion and its topics.

Knows no language and no files of news. One connection, which threads take in turn.
"""

from __future__ import annotations

import hashlib
import logging
import re
import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

from rapidfuzz import fuzz, process

from ...core.chinese import in_place
from .news import Item
from .sentiment import opinion
from .settings import Topic
from .surges import Day

log = logging.getLogger("personac")
ALIKE = 92  # of 100, from which two titles with the same figures say the same
AROUND = timedelta(days=2)  # days between which the same title is the same news
_FIGURES = re.compile(r"\d+")
_TABLES = """
create table if not exists items (
  id integer primary key, origin text not null, day text not null, title text not null, text text not null,
  source text not null, place text not null, language text not null, label text not null, score real not null);
create index if not exists items_by_day on items (day);
create table if not exists about (topic text not null, item integer not null, primary key (topic, item)) without rowid;
create table if not exists versions (origin text primary key, etag text not null, modified text not null);
create table if not exists judged (by text not null);
"""


@dataclass(frozen=True, slots=True)
class Mood:
    """Hold how many items there were, how many of them good, how many bad."""

    items: int
    good: int
    bad: int

    @property
    def neither(self) -> int:
        """Return how many were neither."""
        return self.items - self.good - self.bad

    @property
    def lean(self) -> float:
        """Return the share of good items less that of bad ones."""
        return (self.good - self.bad) / self.items if self.items else 0.0

    @property
    def bad_share(self) -> float:
        """Return the share of bad items."""
        return self.bad / self.items if self.items else 0.0


@dataclass(frozen=True, slots=True)
class Judged:
    """Hold an item with its number, label and score."""

    id: int
    item: Item
    label: str
    score: float


class Archive:
    """Keep items, and count them by topic and day."""

    def __init__(self, path: Path | None, topics: Mapping[str, Topic]) -> None:
        """Open the file, made where there is none; without a path in memory, as when it cannot be opened."""
        self._lock = threading.RLock()
        self._words = {name: _words(topic) for name, topic in topics.items()}
        self._tables = self._open(path)
        self.revision = 0
        self._judge_anew(topics)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._tables.close()

    def about(self, text: str) -> list[str]:
        """Return the topics whose words are in a text, in the order in which they are named."""
        plain = in_place(text)
        found = {name: match.start() for name, words in self._words.items() if (match := words.search(plain))}
        return sorted(found, key=lambda name: found[name])

    def add(self, items: Iterable[Item], origin: str = "") -> int:
        """Keep what is new and return how much that was: the same words again within days are the same news."""
        new = 0
        with self._lock, self._tables:
            for item in items:
                if not self._known(item):
                    self._put(item, origin)
                    new += 1
        self.revision += new > 0
        return new

    def replace(self, origin: str, items: Iterable[Item]) -> None:
        """Keep items in place of all that came from an origin before."""
        with self._lock, self._tables:
            self._tables.execute("delete from items where origin = ?", (origin,))
            self._sweep()
        self.add(items, origin)
        self.revision += 1

    def keep_only(self, origins: Sequence[str]) -> None:
        """Delete what came from others."""
        marks = ",".join("?" * len(origins))
        with self._lock, self._tables:
            for table in ("items", "versions"):
                self._tables.execute(f"delete from {table} where origin not in ({marks})", tuple(origins))
            self._sweep()

    def mood(self, topic: str, first: date, last: date) -> Mood:
        """Return the counts of a topic in the days from `first` to `last`."""
        with self._lock:
            rows = self._tables.execute(
                "select label, count(*) from items join about on item = id where topic = ? and day between ? and ? "
                "group by label", (topic, first.isoformat(), last.isoformat()),
            ).fetchall()  # fmt: skip
        counts = dict(rows)
        return Mood(sum(counts.values()), counts.get("positive", 0), counts.get("negative", 0))

    def days(self, topic: str, first: date, last: date) -> list[Day]:
        """Return each day from `first` to `last`, also those without news."""
        return [Day(day, mood.items, mood.bad) for day, mood in self.moods(topic, first, last)]

    def moods(self, topic: str, first: date, last: date) -> list[tuple[date, Mood]]:
        """Return the counts of each day from `first` to `last`."""
        with self._lock:
            rows = self._tables.execute(
                "select day, count(*), sum(label = 'positive'), sum(label = 'negative') from items "
                "join about on item = id where topic = ? and day between ? and ? group by day",
                (topic, first.isoformat(), last.isoformat()),
            ).fetchall()
        counts = {day: Mood(*numbers) for day, *numbers in rows}
        every = [first + timedelta(days) for days in range((last - first).days + 1)]
        return [(day, counts.get(day.isoformat(), Mood(0, 0, 0))) for day in every]

    def told(self, topic: str, first: date, last: date) -> list[Judged]:
        """Return the items of a topic, those that say most first, newer ones before older."""
        with self._lock:
            rows = self._tables.execute(
                "select id, day, title, text, source, place, label, score from items join about on item = id "
                "where topic = ? and day between ? and ? order by abs(score) desc, day desc, id limit 500",
                (topic, first.isoformat(), last.isoformat()),
            ).fetchall()
        return [
            Judged(id, Item(date.fromisoformat(day), *words), label, score) for id, day, *words, label, score in rows
        ]

    def forget(self, before: date) -> None:
        """Delete what is older than a day."""
        with self._lock, self._tables:
            self._tables.execute("delete from items where day < ?", (before.isoformat(),))
            self._sweep()

    def span(self) -> tuple[date, date] | None:
        """Return the first and the last day that there is news of, None without any."""
        with self._lock:
            first, last = self._tables.execute("select min(day), max(day) from items").fetchone()
        return (date.fromisoformat(first), date.fromisoformat(last)) if first else None

    def version(self, origin: str) -> tuple[str, str]:
        """Return what was said of the last version of a feed or file: ETag (or hash) and Last-Modified."""
        with self._lock:
            row = self._tables.execute("select etag, modified from versions where origin = ?", (origin,)).fetchone()
        return (str(row[0]), str(row[1])) if row else ("", "")

    def keep_version(self, origin: str, etag: str, modified: str) -> None:
        """Keep what is said of the version that was read."""
        with self._lock, self._tables:
            self._tables.execute("insert or replace into versions values (?, ?, ?)", (origin, etag, modified))

    def _sweep(self) -> None:
        self._tables.execute("delete from about where item not in (select id from items)")

    def _open(self, path: Path | None) -> sqlite3.Connection:
        if path is not None:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                return _tables_in(str(path))
            except (OSError, sqlite3.Error) as error:
                log.warning("the news cannot be kept in %s (%s); it is held in memory", path, error)
        return _tables_in(":memory:")

    def _known(self, item: Item) -> bool:
        """Tell whether the same news is there: the same title, or nearly, with the same figures, within days."""
        first, last = item.day - AROUND, item.day + AROUND
        rows = self._tables.execute(
            "select title from items where day between ? and ?", (first.isoformat(), last.isoformat())
        ).fetchall()
        figures = _FIGURES.findall(item.title)
        near = [title.casefold() for (title,) in rows if _FIGURES.findall(title) == figures]
        return process.extractOne(item.title.casefold(), near, scorer=fuzz.ratio, score_cutoff=ALIKE) is not None

    def _put(self, item: Item, origin: str) -> None:
        found = opinion(f"{item.title}. {item.text}")
        row = self._tables.execute(
            "insert into items (origin, day, title, text, source, place, language, label, score) "
            "values (?,?,?,?,?,?,?,?,?)",
            (origin, item.day.isoformat(), item.title, item.text, item.source, item.place, item.language, found.label,
             found.score),
        )  # fmt: skip
        self._relate(row.lastrowid or 0, item)

    def _relate(self, id: int, item: Item) -> None:
        topics = self.about(f"{item.title}\n{item.text}")
        self._tables.executemany("insert or ignore into about values (?, ?)", [(topic, id) for topic in topics])

    def _judge_anew(self, topics: Mapping[str, Topic]) -> None:
        """Judge what is kept once more where the rules or the topics have changed since."""
        by = _fingerprint(topics)
        with self._lock, self._tables:
            row = self._tables.execute("select by from judged").fetchone()
            if row is not None and row[0] == by:
                return
            self._tables.execute("delete from about")
            for id, day, *words in self._tables.execute(
                "select id, day, title, text, source, place from items"
            ).fetchall():
                kept = Item(date.fromisoformat(day), *words)
                found = opinion(f"{kept.title}. {kept.text}")
                self._tables.execute(
                    "update items set label = ?, score = ? where id = ?", (found.label, found.score, id)
                )
                self._relate(id, kept)
            self._tables.execute("delete from judged")
            self._tables.execute("insert into judged values (?)", (by,))


def _tables_in(path: str) -> sqlite3.Connection:
    tables = sqlite3.connect(path, check_same_thread=False)
    tables.executescript(_TABLES)
    return tables


def _words(topic: Topic) -> re.Pattern[str]:
    """Return what a text about a topic holds: whole words in Latin letters, anything as it stands in others."""
    words = sorted({in_place(word.strip()) for word in (*topic.name.values(), *topic.words) if word.strip()}, key=len)
    return re.compile("|".join(_whole(word) for word in reversed(words)), re.IGNORECASE)


def _whole(word: str) -> str:
    before = r"(?<![a-z0-9])" if re.match(r"[a-z0-9]", word, re.IGNORECASE) else ""
    after = r"(?:'s)?(?![a-z0-9])" if re.search(r"[a-z0-9]$", word, re.IGNORECASE) else ""
    return before + re.escape(word) + after


def _fingerprint(topics: Mapping[str, Topic]) -> str:
    """Return what names the rules of opinions and the topics."""
    said = hashlib.blake2b(digest_size=16)
    for name in ("sentiment.py", "words.yaml"):
        said.update((files(__package__) / name).read_bytes())
    said.update(repr(sorted((name, topic.model_dump_json()) for name, topic in topics.items())).encode())
    return said.hexdigest()
