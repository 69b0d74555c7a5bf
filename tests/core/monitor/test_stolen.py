"""The file of a monitor without the master key: it does not tell who was there, also what an earlier version left."""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
from contextlib import closing
from pathlib import Path

from personac.core.message import FORGOTTEN, FiredRule, Message, Reply
from personac.core.monitor.book import Book, Escalation
from personac.core.monitor.monitor import Monitor
from personac.core.monitor.tallies import MONTH_MOST, Tallies, Visit
from personac.core.monitor.ways import ways_of
from personac.core.persona.schema import Alerts
from personac.core.store import rotation
from personac.core.store.sqlite import SQLiteStore

from .conftest import Clock

ANN, CHAT = "telegram-4711", "telegram-chat-4711"
ONCE = f"danger\ntelegram\n{CHAT}"
EARLIER = """
CREATE TABLE told (mark TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE alerts (
  id INTEGER PRIMARY KEY AUTOINCREMENT, way TEXT NOT NULL, at REAL NOT NULL, body TEXT, user TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT 'open', tries INTEGER NOT NULL DEFAULT 0, next_at REAL NOT NULL DEFAULT 0,
  claimed REAL NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '');
CREATE TABLE escalations (id TEXT PRIMARY KEY, at REAL NOT NULL, rule TEXT NOT NULL,
  channel TEXT NOT NULL, place TEXT NOT NULL, user TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE keys (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE visits (month TEXT NOT NULL, mark TEXT NOT NULL, what TEXT NOT NULL, day TEXT NOT NULL,
  n INTEGER NOT NULL, PRIMARY KEY (month, mark, what, day)) WITHOUT ROWID;
CREATE TABLE tallies (month TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (month, kind, key)) WITHOUT ROWID;
"""


def hashed(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def guessed(path: Path, month: str) -> list[str]:
    """Return what whoever has the file finds in it, who tries these names with each key that lies there."""
    with closing(sqlite3.connect(path)) as database:
        keys = [value for (value,) in database.execute("SELECT value FROM keys")]
    held = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    tried = [ANN, CHAT, ONCE, f"{month}\n{ANN}"]
    tried += [hashed(key, text) for key in keys for text in tried]
    return [text for text in tried if text.encode() in held]


def watched(book: Book, store: SQLiteStore) -> Monitor:
    alerts = Alerts.model_validate({"webhook": {"url": "http://127.0.0.1:9/", "secret": "s"}})
    ways = ways_of(alerts, "en")
    return Monitor("ada", book, lambda: alerts, lambda: (), lambda: ways, keeps=lambda user: True, name=store.mark)


async def escalate(monitor: Monitor) -> None:
    reply = Reply("A person is told.", "en", rules=(FiredRule("danger", "escalate"),))
    await monitor.heard(Message("words", (), CHAT, ANN, "telegram"), reply)
    monitor.flush()


def rows(book: Book, sql: str) -> list[tuple[object, ...]]:
    with book.change() as database:
        return database.execute(sql).fetchall()


def month_of(tallies: Tallies) -> str:
    (month,) = tallies.months()
    return month


async def test_who_has_the_file_cannot_try_who_was_there(tmp_path: Path, book: Book, path: Path) -> None:
    store = SQLiteStore(tmp_path / "ada.sqlite")
    await escalate(watched(book, store))
    assert rows(book, "SELECT count(*) FROM visits") == [(1,)]
    assert [due.body["escalation"] for due in book.due()] == [one.id for one in book.escalations()]
    assert guessed(path, month_of(Tallies(book))) == []
    store.close()


async def test_an_erasure_takes_what_was_told_and_when_a_user_counted(tmp_path: Path, book: Book) -> None:
    store = SQLiteStore(tmp_path / "ada.sqlite")
    monitor = watched(book, store)
    await escalate(monitor)
    book.promise("another", 60, {}, "bob")
    monitor.forget(ANN)
    assert rows(book, "SELECT user FROM quiet") == [(book.mark("bob"),)]
    assert sorted(rows(book, "SELECT what, day, n FROM visits")) == [
        ("opinion", "", MONTH_MOST),
        ("turn", "", MONTH_MOST),
    ]
    await escalate(monitor)
    assert rows(book, "SELECT n FROM tallies WHERE kind = 'days'") == [(1,)], "they count no more this month"
    store.close()


async def test_the_answer_that_tells_of_an_erasure_does_not_count(tmp_path: Path, book: Book) -> None:
    store = SQLiteStore(tmp_path / "ada.sqlite")
    monitor = watched(book, store)
    await monitor.heard(Message("/forget", (), CHAT, ANN, "telegram"), Reply("Done.", "en", skill=FORGOTTEN))
    monitor.flush()
    assert rows(book, "SELECT count(*) FROM visits") == [(0,)]
    store.close()


def test_the_book_goes_on_after_the_keys_were_changed(path: Path, clock: Clock) -> None:
    book = Book(path, clock)
    assert book.promise(ONCE, 60, {"email": {"conversation": CHAT}}, ANN)
    Tallies(book).add([Visit(ANN, clock.now, "turn", {})] * MONTH_MOST)
    book.close()
    rotation.rotate(path.parent)
    again = Book(path, clock)
    assert not again.promise(ONCE, 60, {}, ANN)
    Tallies(again).add([Visit(ANN, clock.now, "turn", {})])
    assert rows(again, "SELECT n FROM visits") == [(2,)]
    assert [due.body for due in again.due()] == [{"conversation": CHAT}]
    again.close()


def test_an_alert_that_other_keys_sealed_is_given_up(path: Path, clock: Clock) -> None:
    book = Book(path, clock)
    book.promise(ONCE, 60, {"email": {"conversation": CHAT}}, ANN)
    book.close()
    (path.parent / "keys.json").unlink()
    again = Book(path, clock)
    assert again.due() == []
    assert again.waiting() == {"failed": 1}
    again.close()


def test_what_an_earlier_version_left_is_locked(path: Path, clock: Clock) -> None:
    month, key, salt = "2024-10", "m" * 64, "s" * 64
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(EARLIER)
        mark = hashed(salt, "mark of ann")
        database.execute("INSERT INTO keys VALUES ('told', ?), (?, ?)", (salt, f"month:{month}", key))
        database.execute("INSERT INTO told VALUES (?, ?)", (hashed(salt, ONCE), clock.now))
        body = json.dumps({"conversation": CHAT})
        database.execute("INSERT INTO alerts(way, at, body, user) VALUES ('email', ?, ?, ?)", (clock.now, body, mark))
        database.execute(
            "INSERT INTO escalations VALUES ('e1', ?, 'danger', 'telegram', 'place', ?)", (clock.now, mark)
        )
        database.execute("INSERT INTO visits VALUES (?, ?, 'turn', '2024-10-04', 2)", (month, hashed(key, ANN)))
        database.execute(
            "INSERT INTO tallies VALUES (?, 'intents', 'tickets', 2), ('2024-09', 'intents', 'tickets', 5)", (month,)
        )
    assert guessed(path, month) != []
    for _ in range(2):  # the second time nothing is left to be locked
        book = Book(path, clock)
        tallies = Tallies(book)
        assert tallies.months() == ["2024-09"], "the month that runs is counted anew"
        assert book.escalations() == [
            Escalation("e1", clock.now, "danger", "telegram", "place", book.mark("mark of ann"))
        ]
        assert guessed(path, month) == []
        assert key.encode() not in path.read_bytes()
        book.close()
    book = Book(path, clock)
    assert [due.body for due in book.due()] == [{"conversation": CHAT}]
    book.forget("mark of ann")
    assert (book.escalations(), book.waiting()) == ([], {})
    book.close()
