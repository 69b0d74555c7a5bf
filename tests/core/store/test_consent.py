"""Decisions about keeping that cross each other, and turns that are in flight meanwhile."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from personac.core.contracts import Ticket
from personac.core.errors import Unavailable
from personac.core.message import Answer, Incoming, Message, Reply
from personac.core.store.sqlite import SQLiteStore
from personac.core.turn import DialogueState

ANN = Message(conversation="c", user="ann")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SQLiteStore]:
    made = SQLiteStore(tmp_path / "a.sqlite")
    yield made
    made.close()


def record(store: SQLiteStore, said: str, ticket: Ticket) -> None:
    store.record(ANN, said, "ok", "en", DialogueState("form", "slot"), ticket=ticket)


def side_by_side(*works: Callable[[], None]) -> None:
    """Run works at the same time; raise what one of them raised."""
    start, errors = threading.Barrier(len(works)), list[BaseException]()

    def run(work: Callable[[], None]) -> None:
        start.wait()
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def on_disk(path: Path) -> int:
    """Return how many turns are in the file, which are sealed there."""
    with sqlite3.connect(path) as database:
        return int(database.execute("SELECT count(*) FROM turns").fetchone()[0])


def test_a_yes_is_written_once_until_it_is_taken_back(store: SQLiteStore, tmp_path: Path) -> None:
    for granted in (True, True, False, True, True):
        store.set_consent("ann", granted)
    decided = ["granted", "denied", "granted"]
    assert [row["what"] for row in store.export("ann")["consents"]] == decided
    assert (tmp_path / "audit.log").read_text("utf-8").count('"event": "consent"') == len(decided)


def blocked(folder: Path) -> Callable[[], None]:
    """Let nobody write into the audit log; return how to go on."""
    log = folder / "audit.log"
    if log.exists():
        log.rename(folder / "aside")
    log.mkdir()

    def free() -> None:
        log.rmdir()
        if (folder / "aside").exists():
            (folder / "aside").rename(log)

    return free


def events(folder: Path) -> list[tuple[str, bool | None]]:
    found = [json.loads(line) for line in (folder / "audit.log").read_text("utf-8").splitlines()]
    return [(entry["event"], entry.get("granted")) for entry in found]


def test_a_yes_that_cannot_be_written_into_the_log_is_none_and_no_path_is_told(
    store: SQLiteStore, tmp_path: Path
) -> None:
    free = blocked(tmp_path)
    with pytest.raises(Unavailable, match="nothing was changed") as told:
        store.set_consent("ann", True)
    assert str(tmp_path) not in str(told.value)
    assert (store.consent("ann"), store.export("ann")["consents"]) == (None, [])
    free()
    store.set_consent("ann", True)
    assert events(tmp_path) == [("consent", True)]


@pytest.mark.parametrize("granted", [True, False])
def test_a_decision_that_the_disk_refuses_changes_nothing(
    store: SQLiteStore, monkeypatch: pytest.MonkeyPatch, granted: bool
) -> None:
    store.set_consent("ann", not granted)
    for keep in (True, False):
        store.record(ANN, "before", "ok", "en", DialogueState(), keep=keep)
    before = store.export("ann")
    store._kept.execute("CREATE TRIGGER full BEFORE INSERT ON decisions BEGIN SELECT raise(ABORT, 'full'); END")
    with pytest.raises(Unavailable, match="nothing was changed"):
        store.set_consent("ann", granted)
    assert store.export("ann") == before


def test_a_no_that_cannot_be_written_into_the_log_holds_and_is_written_later(
    store: SQLiteStore, tmp_path: Path
) -> None:
    store.set_consent("ann", True)
    record(store, "before", store.ticket("ann"))
    free = blocked(tmp_path)
    receipt = store.set_consent("ann", False)
    assert receipt is not None
    assert (receipt.done, receipt.recorded, store.consent("ann")) == (True, False, False)
    assert on_disk(tmp_path / "a.sqlite") == 0
    store.close()
    again = SQLiteStore(tmp_path / "a.sqlite")  # starts, though it can't write it yet
    free()
    again.set_consent("ann", True)
    assert again.finish() == 1
    again.close()
    assert events(tmp_path) == [("consent", True), ("consent", True), ("erasure", None), ("consent", False)]


def test_it_is_asked_once_until_all_is_erased(store: SQLiteStore) -> None:
    assert [store.ask("ann"), store.ask("ann"), store.ask("bob")] == [True, False, True]
    assert [row["what"] for row in store.export("ann")["consents"]] == ["asked"]
    store.erase("ann")
    assert store.export("ann")["consents"] == []
    assert store.ask("ann")


def test_who_has_decided_is_not_asked_and_sees_all_decisions(store: SQLiteStore) -> None:
    store.set_consent("ann", True)
    store.set_consent("ann", False)
    assert not store.ask("ann")
    assert [row["what"] for row in store.export("ann")["consents"]] == ["granted", "denied"]


@pytest.mark.parametrize("keep", [True, False])
def test_a_turn_that_began_before_an_erasure_writes_nothing_after_it(store: SQLiteStore, keep: bool) -> None:
    if keep:
        store.set_consent("ann", True)
    ticket = store.ticket("ann")
    record(store, "before", ticket)
    store.erase("ann")
    record(store, "after", ticket)
    assert store.history("c") == []
    assert store.dialogue("c") == DialogueState()
    assert ticket.keep is keep
    record(store, "anew", store.ticket("ann"))
    assert store.history("c")[0] == ("user", "anew", "en")


def test_a_turn_from_before_a_no_is_not_kept_by_the_yes_after_it(store: SQLiteStore) -> None:
    store.set_consent("ann", True)
    ticket = store.ticket("ann")
    store.set_consent("ann", False)
    store.set_consent("ann", True)
    record(store, "said before the no", ticket)
    assert store.export("ann")["turns"] == []


def test_a_turn_held_for_its_answer_is_not_written_after_a_no(store: SQLiteStore) -> None:
    store.set_consent("ann", True)
    deliveries = store.deliveries()
    incoming = Incoming("web", "k", "c", "ann", {"text": "x"})
    row = deliveries.take(incoming, own=True).result()
    assert row is not None
    with store.holding() as held:
        record(store, "held", store.ticket("ann"))
    store.set_consent("ann", False)
    assert deliveries.answered(row, Answer(Reply("y", "en")), {}, held).result()
    assert store.export("ann")["turns"] == []
    deliveries.close()


@pytest.mark.parametrize("attempt", range(12))
def test_turns_of_many_threads_leave_nothing_on_disk_once_a_no_is_told(
    store: SQLiteStore, tmp_path: Path, attempt: int
) -> None:
    store.set_consent("ann", True)
    early, told = store.ticket("ann"), threading.Event()

    def talk() -> None:
        while not told.is_set():
            record(store, "in flight", store.ticket("ann"))
        record(store, "late", early)

    def decline() -> None:
        for _ in range(attempt * 3):
            store.consent("ann")
        store.set_consent("ann", False)
        told.set()

    side_by_side(talk, talk, decline)
    assert store.consent("ann") is False
    assert on_disk(tmp_path / "a.sqlite") == 0


def test_of_a_yes_and_a_no_at_the_same_time_the_later_one_holds(store: SQLiteStore, tmp_path: Path) -> None:
    """What holds afterwards is the last of the decisions as they were written, and a no that holds left nothing."""
    seen = set()
    for _ in range(40):
        store.erase("ann")
        store.set_consent("ann", True)
        record(store, "kept", store.ticket("ann"))
        side_by_side(lambda: store.set_consent("ann", True), lambda: store.set_consent("ann", False))
        last = store.export("ann")["consents"][-1]["what"]
        assert store.consent("ann") is (last == "granted")
        assert on_disk(tmp_path / "a.sqlite") == 0  # the no came in any case after what was kept
        seen.add(last)
    assert seen <= {"granted", "denied"}


def test_a_yes_while_all_is_erased_holds_or_was_before_it(store: SQLiteStore, tmp_path: Path) -> None:
    for _ in range(40):
        store.set_consent("ann", True)
        ticket = store.ticket("ann")
        record(store, "kept", ticket)
        side_by_side(lambda: store.erase("ann"), lambda: store.set_consent("ann", True))
        record(store, "of the time before", ticket)
        assert store.consent("ann") in (True, None)
        assert on_disk(tmp_path / "a.sqlite") == 0
        assert len(store.export("ann")["consents"]) == int(store.consent("ann") is True)


def test_decisions_of_one_user_touch_no_other(store: SQLiteStore) -> None:
    bob = Message(conversation="c", user="bob")  # in the same group
    for user in ("ann", "bob"):
        store.set_consent(user, True)
    record(store, "of ann", store.ticket("ann"))
    store.record(bob, "of bob", "ok", "en", DialogueState(), ticket=store.ticket("bob"))
    side_by_side(lambda: store.set_consent("ann", False), lambda: store.set_consent("bob", True))
    assert [turn["said"] for turn in store.export("bob")["turns"]] == ["of bob"]
    assert store.export("ann")["turns"] == []


def test_what_somebody_said_who_did_not_agree_stays_in_memory_when_others_in_the_group_did(
    store: SQLiteStore, tmp_path: Path
) -> None:
    store.set_consent("ann", True)
    bob, secret = Message(conversation="c", user="bob"), DialogueState("form", "slot", {"home": "Bob Street 5"})
    store.record(bob, "I live in Bob Street 5", "ok", "en", secret, ticket=store.ticket("bob"))
    assert store.dialogue("c") == secret  # the group goes on with it
    store.record(ANN, "me too", "ok", "en", secret, ticket=store.ticket("ann"))
    assert store.dialogue("c") == secret
    assert [line[1] for line in store.history("c")] == ["I live in Bob Street 5", "ok", "me too", "ok"]
    assert on_disk(tmp_path / "a.sqlite") == 1
    for file in tmp_path.iterdir():
        assert b"Bob Street" not in file.read_bytes()


def test_a_form_begun_before_agreeing_goes_on_after_it(store: SQLiteStore) -> None:
    before, after = DialogueState("form", "day"), DialogueState(slots={"day": "Monday"})
    store.record(ANN, "a table", "Which day?", "en", before, ticket=store.ticket("ann"))
    store.set_consent("ann", True)
    assert store.dialogue("c") == before
    store.record(ANN, "Monday", "ok", "en", after, ticket=store.ticket("ann"))
    assert store.dialogue("c") == after
