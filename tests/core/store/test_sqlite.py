"""What is kept, for whom, and what is left after erasing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from personac.core.cli.building import open_persona
from personac.core.contracts import Store
from personac.core.errors import Unavailable
from personac.core.message import Message
from personac.core.store import retention
from personac.core.store.sqlite import SQLiteStore
from personac.core.turn import DialogueState


def test_a_store_fits_the_contract_and_remembers(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    assert isinstance(store, Store)
    state = DialogueState("opening", "sight", {"sight": {"id": "x"}})
    store.record(Message(conversation="c", user="u"), "hello", "hi", "en", state, keep=True)
    store.close()
    again = SQLiteStore(tmp_path / "a.sqlite")
    assert again.dialogue("c") == state
    assert again.history("c") == [("user", "hello", "en"), ("persona", "hi", "en")]
    again.close()


def test_erasing_leaves_no_byte_of_a_user_and_all_of_the_others(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    for user in ("ann", "bob"):
        store.set_consent(user, True)
        message = Message(conversation=f"c-{user}", user=user)
        for i in range(200):
            store.record(message, f"secret of {user} {i}", "ok", "en", DialogueState(), keep=True)
    assert len(store.export("ann")["turns"]) == 200
    receipt = store.erase("ann")
    assert receipt.done
    assert receipt.rows == sum(receipt.parts.values()) > 200
    assert store.consent("ann") is None
    assert len(store.history("c-bob", 500)) == 400
    store.close()
    for file in tmp_path.iterdir():
        assert b"secret of ann" not in file.read_bytes()


def test_taking_consent_back_erases(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    store.set_consent("ann", True)
    store.record(Message(conversation="c", user="ann"), "x", "y", "en", DialogueState(), keep=True)
    store.set_consent("ann", False)
    assert store.consent("ann") is False
    assert store.export("ann")["turns"] == []
    store.close()


def test_old_turns_expire(tmp_path: Path) -> None:
    now = [1000.0]
    store = SQLiteStore(tmp_path / "a.sqlite", clock=lambda: now[0])
    for said, at in (("old", 1000.0), ("new", 5000.0)):
        now[0] = at
        store.record(Message(conversation="c", user="u"), said, "ok", "en", DialogueState(), keep=True)
    assert store.expire(4000.0) == 1
    assert store.history("c")[0][1] == "new"
    store.close()


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "not.sqlite").write_bytes(b"this is no database" * 100)
    with pytest.raises(Unavailable, match="--store"):
        SQLiteStore(tmp_path / "not.sqlite")


def test_retention_is_held_when_a_persona_opens(bank_artifact: Path, tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "bank_service.sqlite", clock=lambda: 1000.0)  # in 1970
    store.record(Message(conversation="c", user="u"), "ancient words", "ok", "en", DialogueState(), keep=True)
    store.close()
    runtime = open_persona(bank_artifact, tmp_path)
    assert runtime.history("c") == []
    runtime.close()


def test_what_is_held_without_consent_does_not_grow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "PASSING", 100)
    monkeypatch.setattr(retention, "SWEPT", 10)
    store = SQLiteStore(tmp_path / "a.sqlite")
    state = DialogueState("opening")
    for number in range(200):
        ann, other = Message(conversation="c-ann", user="ann"), Message(conversation=f"c-{number}", user="other")
        store.record(ann, f"said {number}", "ok", "en", state, keep=False)
        store.record(other, "x", "ok", "en", state, keep=False)
    assert [turn["said"] for turn in store.export("ann")["turns"]] == [f"said {n}" for n in range(150, 200)]
    assert len(store.export("other")["turns"]) < 100
    assert (store.dialogue("c-0"), store.dialogue("c-199")) == (DialogueState(), state)
    store.close()


def test_facts_of_users_are_kept_exported_and_erased(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    store.remember("ann", "city", {"name": "北京"}, keep=True)
    store.remember("ann", "mood", "fine", keep=False)
    store.remember("bob", "city", "Shanghai", keep=True)
    store.close()
    store = SQLiteStore(tmp_path / "a.sqlite")
    assert store.facts("ann") == {"city": {"name": "北京"}}
    (told,) = store.export("ann")["facts"]
    assert {told["key"]: told["value"]} == store.facts("ann")
    assert store.forget_fact("bob", "city")
    assert not store.forget_fact("bob", "city")
    assert store.erase("ann").parts["facts"] == 1
    assert store.facts("ann") == store.facts("bob") == {}
    store.close()


@pytest.mark.parametrize(
    ("table", "write"),
    [
        ("tickets", lambda store: store.ticket("ann", implied=True)),
        ("decisions", lambda store: store.ask("ann")),
        ("facts", lambda store: store.remember("ann", "home", "Prague", keep=True)),
        ("feedback", lambda store: store.feedback("c1", "ann", "m1", True, keep=True)),
        ("turns", lambda store: store.record(Message("hi", "c1"), "hi", "ho", "en", DialogueState(), keep=True)),
    ],
)  # fmt: skip
def test_what_a_full_disk_refuses_is_told_so(
    tmp_path: Path, table: str, write: Callable[[SQLiteStore], object]
) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    store._kept.execute(f"CREATE TRIGGER full BEFORE INSERT ON {table} BEGIN SELECT raise(ABORT, 'full'); END")
    with pytest.raises(Unavailable, match="is the disk full"):
        write(store)
    store._kept.execute("DROP TRIGGER full")
    write(store)
    store.close()
