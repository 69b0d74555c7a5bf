"""What is on its way: written once, taken over from a process that ended, emptied of words when it is sent."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from personac.core.errors import Unavailable
from personac.core.message import Answer, FiredRule, Incoming, Message, Reply, Source
from personac.core.store.deliveries import RESTARTS, SENT_SECONDS
from personac.core.store.sqlite import SQLiteStore
from personac.core.turn import DialogueState

ANSWER = Answer(
    Reply("It opens at 9.", "en", sources=(Source("1", "faq.csv:2", "at 9", 0.5),), rules=(FiredRule("a", "warn"),),
          choices=("yes", "no"), milliseconds={"act": 1.5}),
    speak=True,
)  # fmt: skip


def incoming(key: str, conversation: str = "c1", text: str = "a private question") -> Incoming:
    return Incoming("relay", key, conversation, "ann", {"text": text})


def test_a_message_is_taken_once(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    deliveries = store.deliveries()
    assert deliveries.take(incoming("1"), own=False).result() is not None
    assert deliveries.take(incoming("1"), own=False).result() is None
    assert deliveries.take(Incoming("other", "1", "c1", "ann"), own=False).result() is not None
    deliveries.close()


def test_an_answer_comes_back_as_it_was_written(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    deliveries = store.deliveries()
    row = deliveries.take(incoming("1"), own=False).result()
    assert row is not None
    assert deliveries.answered(row, ANSWER, {"ts": "1.2"}).result() is True
    found = deliveries.find("relay", "1").result()
    assert found is not None
    assert found.answer == ANSWER
    assert (found.state, found.memo, found.begun) == ("answered", {"ts": "1.2"}, 1)
    deliveries.close()


def test_nothing_of_a_message_is_in_the_file_once_it_is_sent(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    deliveries = store.deliveries()
    row = deliveries.take(incoming("1", "the-conversation"), own=False).result()
    assert row is not None
    deliveries.answered(row, ANSWER, {}).result()
    deliveries.sent(row, {"ts": "1.2"}).result()
    found = deliveries.find("relay", "1").result()
    assert found is not None
    assert (found.incoming.user, found.memo) == ("", {"ts": "1.2"})
    deliveries.close()
    store.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for word in (b"private", b"opens at 9", b"user-ann", b"the-conversation"):
        assert word not in kept


def test_rows_of_an_ended_process_are_taken_over_in_order_and_those_of_a_living_one_are_not(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    first = store.deliveries()
    for n in range(3):
        first.take(incoming(str(n)), own=False).result()
    second = store.deliveries()
    assert second.adopt(["relay"]).result() == []
    first.close()
    assert [row.incoming.key for row in second.adopt(["relay"]).result()] == ["0", "1", "2"]
    assert second.adopt(["relay"]).result() == []
    second.close()


def test_rows_of_a_killed_process_are_taken_over(tmp_path: Path) -> None:
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom personac.core.store.sqlite import SQLiteStore\n"
        "from personac.core.message import Incoming\n"
        "d = SQLiteStore(Path(sys.argv[1])).deliveries()\n"
        "d.take(Incoming('relay', 'k', 'c', 'u', {'text': 'hi'}), own=False).result()\n"
        "print('taken', flush=True)\ntime.sleep(60)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "a.sqlite")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "taken\n"
        deliveries = SQLiteStore(tmp_path / "a.sqlite").deliveries()
        assert deliveries.adopt(["relay"]).result() == []
        process.kill()
        process.wait()
    assert [row.incoming.payload for row in deliveries.adopt(["relay"]).result()] == [{"text": "hi"}]
    deliveries.close()
    assert not list(tmp_path.glob(".*serving"))


def test_a_message_at_which_the_process_ends_again_and_again_is_given_up(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    deliveries = store.deliveries()
    for key in ("poison", "harmless"):
        deliveries.take(incoming(key), own=False).result()
    deliveries.close()
    for _ in range(RESTARTS + 1):
        deliveries = store.deliveries()
        left = [row.incoming.key for row in deliveries.adopt(["relay"]).result()]
        deliveries.close()
    assert left == ["harmless"]


def test_a_kept_turn_is_written_with_its_answer_or_not_at_all(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    deliveries = store.deliveries()
    row = deliveries.take(incoming("1"), own=False).result()
    assert row is not None
    with store.holding() as held:
        store.record(Message("hi", (), "c1", "ann"), "hi", "hello", "en", DialogueState("a", "b"), keep=True)
    assert store.history("c1") == []
    deliveries.answered(row, ANSWER, {}, held).result()
    assert len(store.history("c1")) == 2
    assert store.dialogue("c1").asking == "b"
    row.id = 99
    assert deliveries.answered(row, ANSWER, {}, held).result() is False
    assert len(store.history("c1")) == 2
    deliveries.close()


def test_what_was_given_up_can_be_tried_again(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    deliveries = store.deliveries()
    rows = [deliveries.take(incoming(str(n)), own=False).result() for n in range(3)]
    for row in rows:
        assert row is not None
        deliveries.failed(row, "the chat is gone", {}).result()
    assert [row.error for row in deliveries.listed().result()] == ["the chat is gone"] * 3
    assert rows[1] is not None
    assert deliveries.retry([rows[1].id]).result() == 1
    assert [row.incoming.key for row in deliveries.adopt(["relay"]).result()] == ["1"]
    assert deliveries.retry(None).result() == 2
    deliveries.close()


def test_erasing_a_user_erases_what_was_given_up_and_not_what_is_on_its_way(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    deliveries = store.deliveries()
    given_up, _ = (deliveries.take(incoming(str(n)), own=False).result() for n in range(2))
    assert given_up is not None
    deliveries.failed(given_up, "gone", {}).result()
    assert {one["state"] for one in store.export("ann")["deliveries"]} == {"failed", "received"}
    store.feedback("c1", "ann", "7", True, keep=True)
    store.feedback("c1", "ann", "7", False, keep=True)
    assert [row["good"] for row in store.export("ann")["feedback"]] == [0]
    receipt = store.erase("ann")
    assert (receipt.rows, receipt.done) == (2, False)
    assert [row.incoming.key for row in deliveries.listed().result()] == ["1"]
    deliveries.close()


def test_closed_rows_are_forgotten_after_a_week(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    deliveries = store.deliveries()
    row = deliveries.take(incoming("1"), own=False).result()
    assert row is not None
    deliveries.sent(row, {}).result()
    deliveries.prune().result()
    assert deliveries.take(incoming("1"), own=False).result() is None
    deliveries._clock = lambda: time.time() + SENT_SECONDS + 1
    deliveries.prune().result()
    assert deliveries.take(incoming("1"), own=False).result() is not None
    deliveries.close()


def test_changes_that_arrive_together_are_one_transaction_and_a_wrong_one_fails_alone(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    deliveries = store.deliveries()
    writer = deliveries._writer
    gate = threading.Event()
    first = writer.do(lambda database: gate.wait(10))
    commits: list[int] = []

    def insert(database: sqlite3.Connection) -> None:
        commits.append(database.total_changes)
        database.execute("INSERT INTO consents VALUES (?, 1, 0)", (f"user-{len(commits)}",))

    good = [writer.do(insert) for _ in range(20)]
    bad = writer.do(lambda database: database.execute("INSERT INTO nowhere VALUES (1)"))
    gate.set()
    first.result(10)
    with pytest.raises(Unavailable, match="nowhere"):
        bad.result(10)
    for future in good:
        future.result(10)
    deliveries.close()
    with pytest.raises(Unavailable, match="closed"):
        writer.do(insert).result(10)
