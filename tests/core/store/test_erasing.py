"""Erasing leaves nothing: every byte of the folder is searched, after kills at every step and beside other users."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from personac.core.contracts import Plan
from personac.core.errors import Unavailable, Unfinished
from personac.core.message import Answer, FiredRule, Incoming, Media, Message, Reply
from personac.core.monitor.book import Book, book_path
from personac.core.monitor.monitor import Monitor
from personac.core.monitor.ways import ways_of
from personac.core.persona.schema import Alerts
from personac.core.store.audit import AuditLog
from personac.core.store.sqlite import SQLiteStore
from personac.core.turn import DialogueState

ANN = "telegram-4711"
PICTURE = Media("image", b"\x89PNG pixels of ann" * 500, "image/png", "ann.png")
WORDS = [
    b"telegram-4711",
    b"4711:",
    b'"4711"',
    b"words of ann",
    b"pixels of ann",
    b"ann.png",
    b"Pearl Street",
    b"payload of ann",
]


def fill(store: SQLiteStore, begun: int = 0) -> None:
    store.set_consent(ANN, True)
    for number in range(30):
        message = Message("", (PICTURE,) if number % 10 == 0 else (), f"chat-{ANN}", ANN, "telegram")
        state = DialogueState("form", "day", {"place": "Pearl Street"})
        store.record(message, f"words of ann {number}", "ok", "en", state, keep=True, media=True)
    store.remember(ANN, "home", "Pearl Street", keep=True)
    store.feedback(f"chat-{ANN}", ANN, "4711:1", True, keep=True)
    deliveries = store.deliveries()
    for number in range(3):
        incoming = Incoming("telegram", f"4711:{begun + number}", f"chat-{ANN}", ANN, {"text": "payload of ann"})
        row = deliveries.take(incoming, own=False).result()
        assert row is not None
        if number == 0:
            deliveries.failed(row, "gone", {"chat": "4711"}).result()
        else:
            deliveries.answered(row, Answer(Reply("payload of ann", "en")), {"chat": "4711"}).result()
            deliveries.sent(row, {"chat": "4711"}).result()
    deliveries.close()
    with store.holding(Incoming("telegram", "planned", f"chat-{ANN}", ANN, {"text": "payload of ann"})) as held:
        message = Message("later", (), f"chat-{ANN}", ANN, "telegram")
        store.plan(message, "en", [Plan("p.", "k", 1000.0, "p.s", {"text": "words of ann"})], store.ticket(ANN))
    with store._writing, store._lock, store._kept:
        store._kept.execute("BEGIN IMMEDIATE")  # others write meanwhile
        for statement in held:
            statement(store._kept)
    assert store.planned(f"chat-{ANN}", "p.")


def watch(store: SQLiteStore) -> None:
    """Let a rule escalate what ann says, an alert be given up and one wait, and statistics count her."""
    assert store._path is not None
    book = Book(book_path(store._path.parent, "a"))
    alerts = Alerts.model_validate({"webhook": {"url": "http://127.0.0.1:9/", "secret": "s"}})
    seen = Monitor(
        "a", book, lambda: alerts, lambda: (), lambda: ways_of(alerts, "en"), keeps=lambda user: True, name=store.mark
    )
    for number in range(2):
        escalated = Reply("words of ann", "en", rules=(FiredRule(f"danger{number}", "escalate"),))
        asyncio.run(seen.heard(Message("words of ann", (), f"chat-{ANN}", ANN, "telegram"), escalated))
    seen.opinion(ANN, False)
    seen.flush()
    if due := book.due():
        book.failed(due[0].id, "gone")
    book.close()


def unwatch(store: SQLiteStore) -> None:
    """Do what a server's monitor does when its user is erased."""
    assert store._path is not None
    book = Book(book_path(store._path.parent, "a"))
    alerts = Alerts()
    Monitor("a", book, lambda: alerts, lambda: (), dict, name=store.mark).forget(ANN)
    book.close()


def traces(folder: Path, key: bytes) -> list[str]:
    """Return where anything of ann, or her locked key, is in the folder."""
    return [
        f"{path.name}: {word!r}" for path in folder.iterdir() for word in (*WORDS, key) if word in path.read_bytes()
    ]


def locked_key(folder: Path, mark: str) -> bytes:
    with sqlite3.connect(folder / "a.sqlite") as database:
        return bytes(database.execute("SELECT locked FROM keys WHERE user = ?", (mark,)).fetchone()[0])


def waiting(folder: Path) -> int:
    with sqlite3.connect(folder / "a.monitor") as database:
        return int(database.execute("SELECT count(*) FROM alerts WHERE body IS NOT NULL").fetchone()[0])


def test_after_an_erasure_no_byte_of_the_user_and_of_the_key_is_left(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    fill(store)
    watch(store)
    key = locked_key(tmp_path, store.mark(ANN))
    assert waiting(tmp_path) == 1  # an alert, which names its conversation
    assert b"4711" not in (tmp_path / "a.monitor").read_bytes()  # sealed
    assert traces(tmp_path, key)  # the key is what there is to be found
    receipt = store.erase(ANN)
    unwatch(store)
    assert waiting(tmp_path) == 0
    assert receipt.done
    assert receipt.parts == {
        "turns": 30, "dialogues": 1, "feedback": 1, "facts": 1, "media": 3, "follow_ups": 1, "consents": 1,
        "decisions": 1, "deliveries": 1,
    }  # fmt: skip
    assert traces(tmp_path, key) == []
    assert all(not rows for name, rows in store.export(ANN).items() if name not in ("user", "consent"))
    assert store.users() == []
    (entry,) = [entry for entry in AuditLog(tmp_path, b"").entries() if entry["event"] == "erasure"]
    assert (entry["id"], entry["rows"], entry["user"]) == (receipt.id, receipt.rows, store.mark(ANN))
    store.close()
    assert traces(tmp_path, key) == []


def test_a_message_delivered_again_after_an_erasure_is_still_known(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    fill(store)
    store.erase(ANN)
    deliveries = store.deliveries()
    again = Incoming("telegram", "4711:1", f"chat-{ANN}", ANN, {"text": "payload of ann"})
    assert deliveries.take(again, own=False).result() is None
    deliveries.close()
    store.close()


def test_what_is_on_its_way_is_answered_and_goes_then(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    fill(store)
    deliveries = store.deliveries()
    row = deliveries.take(Incoming("telegram", "4711:9", "c", ANN, {"text": "payload of ann"}), own=False).result()
    assert row is not None
    key = locked_key(tmp_path, store.mark(ANN))
    assert not store.erase(ANN).done
    found = deliveries.find("telegram", "4711:9").result()
    assert found is not None
    assert found.incoming.payload == {"text": "payload of ann"}
    with store.holding() as held:
        store.record(Message(conversation="c", user=ANN), "words of ann", "ok", "en", DialogueState(), keep=True)
    assert deliveries.answered(row, Answer(Reply("ok", "en")), {"chat": "4711"}, held).result()
    again = locked_key(tmp_path, store.mark(ANN))
    deliveries.sent(row, {"chat": "4711"}).result()
    assert store.users() == []
    deliveries.close()
    assert traces(tmp_path, key) == traces(tmp_path, again) == []
    store.close()


@pytest.mark.parametrize("own", [True, False])
def test_what_was_answered_goes_at_once_also_while_it_is_sent(tmp_path: Path, own: bool) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    deliveries = store.deliveries()
    row = deliveries.take(Incoming("web", "4711:9", f"chat-{ANN}", ANN, {"text": "payload of ann"}), own).result()
    assert row is not None
    deliveries.answered(row, Answer(Reply("payload of ann", "en")), {"chat": "4711:9"}).result()
    key = locked_key(tmp_path, store.mark(ANN))
    receipt = store.erase(ANN)
    assert (receipt.done, receipt.waiting, receipt.parts["deliveries"]) == (True, 0, 1)
    assert store.export(ANN)["deliveries"] == []
    assert store.users() == []
    assert traces(tmp_path, key) == []
    deliveries.keep(row, {"chat": "4711:9"}).result()  # the sending goes on in memory, and writes nothing
    deliveries.later(row).result()
    deliveries.failed(row, "gone", {"chat": "4711:9"}).result()
    deliveries.sent(row, {"chat": "4711:9"}).result()
    found = deliveries.find("web", "4711:9").result()
    assert found is not None
    assert (found.state, found.memo, found.answer) == ("sent", {}, None)
    assert store.users() == []
    deliveries.close()
    store.close()


def test_a_web_message_that_is_being_answered_goes_at_once(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    deliveries = store.deliveries()
    row = deliveries.take(Incoming("web", "4711:9", "c", ANN, {"text": "payload of ann"}), own=True).result()
    assert row is not None
    key = locked_key(tmp_path, store.mark(ANN))
    assert store.erase(ANN).done
    assert traces(tmp_path, key) == []
    assert deliveries.answered(row, Answer(Reply("payload of ann", "en")), {}).result()
    assert store.users() == []
    assert deliveries.own("web").result() == []
    deliveries.close()
    store.close()


def test_what_nobody_is_answering_any_more_goes_with_the_erasure(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    deliveries = store.deliveries()
    deliveries.take(Incoming("telegram", "4711:9", "c", ANN, {"text": "payload of ann"}), own=False).result()
    deliveries.close()  # the server was stopped
    key = locked_key(tmp_path, store.mark(ANN))
    assert store.erase(ANN).done
    assert store.users() == []
    assert traces(tmp_path, key) == []
    store.close()


def test_what_an_erasure_left_to_a_server_that_was_killed_goes_at_the_next_start(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    deliveries = store.deliveries()
    incoming = Incoming("telegram", "4711:9", "c", ANN, {"text": "payload of ann"})
    deliveries.take(incoming, own=False).result()
    receipt = store.erase(ANN)
    assert (receipt.done, receipt.waiting) == (False, 1)
    assert store.finish() == 0  # it is being answered
    key = locked_key(tmp_path, store.mark(ANN))
    deliveries.close()
    store.close()
    store = SQLiteStore(tmp_path / "a.sqlite")
    assert store.users() == []
    assert traces(tmp_path, key) == []
    deliveries = store.deliveries()
    assert deliveries.adopt(["telegram"]).result() == []
    assert deliveries.take(incoming, own=False).result() is None
    deliveries.close()
    assert store.finish() == 0
    store.close()


def test_others_talk_on_while_one_is_erased(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    deliveries = store.deliveries()
    over, errors = threading.Event(), list[BaseException]()

    def talk(user: str) -> None:
        number = 0
        try:
            while not over.is_set():
                number += 1
                row = deliveries.take(Incoming("web", f"{user}/{number}", user, user, {"t": "hi"}), own=True).result()
                assert row is not None
                with store.holding() as held:
                    message = Message(conversation=user, user=user)
                    store.record(message, f"{user} {number}", "ok", "en", DialogueState(), keep=True)
                deliveries.answered(row, Answer(Reply("ok", "en")), {}, held).result()
                assert store.history(user, 1)[0][1] == f"{user} {number}"
                deliveries.sent(row, {}).result()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=talk, args=(f"other-{n}",)) for n in range(3)]
    for thread in threads:
        thread.start()
    try:
        for attempt in range(5):
            fill(store, begun=10 * attempt)
            key = locked_key(tmp_path, store.mark(ANN))
            assert store.erase(ANN).done
            assert traces(tmp_path, key) == []
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert errors == []
    deliveries.close()
    store.close()


KILLED = """
import os, signal, sys
from pathlib import Path
from personac.core.store import erasing
from personac.core.store.sqlite import SQLiteStore
def reached(step):
    if step == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
erasing.reached = reached
SQLiteStore(Path(sys.argv[1]) / "a.sqlite").erase(sys.argv[3])
"""


@pytest.mark.parametrize("step", ["journal", "rows", "overwritten", "let go", "told", "closed"])
def test_an_erasure_that_is_killed_is_finished_at_the_next_start(tmp_path: Path, step: str) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    fill(store)
    mark = store.mark(ANN)
    store.record(Message(conversation="b", user="bob"), "of bob", "ok", "en", DialogueState(), keep=True)
    deliveries = store.deliveries()
    for number in (7, 8):
        incoming = Incoming("web", f"4711:{number}", "c", ANN, {"text": "payload of ann"})
        row = deliveries.take(incoming, own=True).result()
        assert row is not None
    deliveries.answered(row, Answer(Reply("payload of ann", "en")), {}).result()
    deliveries.close()
    store.close()
    key = locked_key(tmp_path, mark)
    command = [sys.executable, "-c", KILLED, str(tmp_path), step, ANN]
    assert subprocess.run(command, env=dict(os.environ), check=False).returncode == -9
    store = SQLiteStore(tmp_path / "a.sqlite")
    assert traces(tmp_path, key) == []
    assert [known.rows.get("turns") for known in store.users()] == [1]
    assert store.export(ANN)["deliveries"] == []
    assert store.history("b")[0][1] == "of bob"
    entries = [entry for entry in AuditLog(tmp_path, b"").entries() if entry["event"] == "erasure"]
    assert [(entry["user"], entry["rows"] > 30) for entry in entries] == [(mark, True)]
    assert store.finish() == 0
    store.close()


def test_an_erasure_is_done_and_told_though_the_log_is_full_and_its_entry_follows(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    fill(store)
    key = locked_key(tmp_path, store.mark(ANN))
    (tmp_path / "audit.log").rename(tmp_path / "aside")
    (tmp_path / "audit.log").mkdir()
    receipt = store.erase(ANN)
    assert (receipt.done, receipt.recorded, receipt.rows > 30) == (True, False, True)
    (tmp_path / "audit.log").rmdir()
    (tmp_path / "aside").rename(tmp_path / "audit.log")
    assert traces(tmp_path, key) == []
    store.close()
    store = SQLiteStore(tmp_path / "a.sqlite")
    entries = [entry for entry in AuditLog(tmp_path, b"").entries() if entry["event"] == "erasure"]
    assert [(entry["id"], entry["rows"]) for entry in entries] == [(receipt.id, receipt.rows)]
    assert store.finish() == 0
    store.close()


def test_an_erasure_that_the_disk_stops_is_told_as_begun_and_goes_on_later(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    fill(store)
    store._kept.execute("CREATE TRIGGER full BEFORE DELETE ON turns BEGIN SELECT raise(ABORT, 'full'); END")
    with pytest.raises(Unfinished) as told:
        store.erase(ANN)
    assert str(tmp_path) not in str(told.value)
    store._kept.execute("DROP TRIGGER full")
    assert store.finish() == 1
    assert store.users() == []
    store.close()


def test_what_lies_beside_the_store_goes_too_and_is_asked_again_until_it_has(tmp_path: Path) -> None:
    asked: list[str] = []

    def let_go(mark: str) -> None:
        asked.append(mark)
        if len(asked) == 1:
            raise Unavailable("the monitor's disk is full")

    store = SQLiteStore(tmp_path / "a.sqlite", let_go=let_go)
    fill(store)
    assert store.erase(ANN).done
    assert store.finish() == 1
    assert store.finish() == 0
    assert asked == [store.mark(ANN)] * 2
    entries = [entry for entry in AuditLog(tmp_path, b"").entries() if entry["event"] == "erasure"]
    assert len(entries) == 1
    store.close()


def test_an_erasure_that_another_process_has_finished_has_the_same_receipt(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    fill(store)
    mark = store.mark(ANN)
    id = store.begin(mark)
    SQLiteStore(tmp_path / "a.sqlite").close()
    receipt = store.go_on(id, mark)
    assert (receipt.id, receipt.done, receipt.rows > 30) == (id, True, True)
    store.close()


def test_a_reader_that_holds_the_log_delays_the_cleaning_and_not_the_erasure(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    fill(store)
    key = locked_key(tmp_path, store.mark(ANN))
    reader = sqlite3.connect(tmp_path / "a.sqlite")
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM turns").fetchone()
    assert not store.erase(ANN).done
    assert store.export(ANN)["turns"] == []
    reader.close()
    assert store.finish() == 1
    assert traces(tmp_path, key) == []
    store.close()


def test_retention_covers_all_that_is_kept_and_destroys_keys(tmp_path: Path) -> None:
    now = [1000.0]
    store = SQLiteStore(tmp_path / "a.sqlite", clock=lambda: now[0])
    fill(store)
    deliveries = store.deliveries()
    deliveries._clock = lambda: now[0]
    row = deliveries.take(Incoming("telegram", "4711:77", "c", ANN, {"text": "payload of ann"}), own=False).result()
    assert row is not None
    deliveries.failed(row, "gone", {}).result()
    deliveries.close()
    with sqlite3.connect(tmp_path / "a.sqlite") as database:
        database.execute("UPDATE deliveries SET at = 1000")
    key = locked_key(tmp_path, store.mark(ANN))
    now[0] = 10 * 86400.0
    assert store.expire(5 * 86400.0) == 30
    told = store.export(ANN)
    assert [told[name] for name in ("turns", "facts", "feedback", "media", "deliveries")] == [[]] * 5
    assert told["consent"] is True
    assert traces(tmp_path, key) == []
    store.close()
