"""personac data and personac audit, as an operator runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from personac.core.cli import cli
from personac.core.errors import Unavailable
from personac.core.message import Incoming, Message
from personac.core.monitor.book import Book, Escalation
from personac.core.monitor.tallies import Tallies, Visit
from personac.core.store.sqlite import SQLiteStore
from personac.core.turn import DialogueState


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for persona in ("mei", "bank"):
        store = SQLiteStore(tmp_path / f"{persona}.sqlite")
        for user in ("telegram-1", "telegram-2"):
            store.set_consent(user, True)
            message = Message(conversation=f"c-{user}", user=user)
            store.record(message, f"words of {user}", "ok", "en", DialogueState(), keep=True)
        store.close()
    return tmp_path


def run(folder: Path, *words: str) -> Result:
    result = CliRunner().invoke(cli, [*words, "--store", str(folder)])
    if isinstance(result.exception, Unavailable):
        raise result.exception
    return result


def test_users_are_listed_without_their_ids_and_can_be_exported_by_what_is_listed(folder: Path) -> None:
    result = run(folder, "data", "list", "--json")
    assert "telegram" not in result.output
    listed = json.loads(result.output)
    assert [(len(users), users[0]["rows"]["turns"], users[0]["consent"]) for users in listed.values()] == [
        (2, 1, True)
    ] * 2
    assert "2 users" in run(folder, "data", "list").output
    by_id = json.loads(run(folder, "data", "export", "--user", "telegram-1").output)
    mark = next(
        user["user"] for user in listed["mei"] if user["user"] == SQLiteStore(folder / "mei.sqlite").mark("telegram-1")
    )
    by_mark = json.loads(run(folder, "data", "export", "--user", mark).output)
    assert by_id["mei"]["turns"] == by_mark["mei"]["turns"]
    assert by_id["mei"]["turns"][0]["said"] == "words of telegram-1"


def test_erasing_gives_receipts_and_is_in_the_audit_log(folder: Path) -> None:
    receipts = json.loads(run(folder, "data", "erase", "--user", "telegram-1", "--json").output)
    assert {name: (receipt["done"], receipt["parts"]["turns"]) for name, receipt in receipts.items()} == {
        "bank": (True, 1),
        "mei": (True, 1),
    }
    assert json.loads(run(folder, "data", "export", "--user", "telegram-1").output)["mei"]["turns"] == []
    assert len(json.loads(run(folder, "data", "export", "--user", "telegram-2").output)["mei"]["turns"]) == 1
    shown = [json.loads(line) for line in run(folder, "audit", "show", "--json").output.splitlines()]
    assert {entry["id"] for entry in shown if entry["event"] == "erasure"} == {r["id"] for r in receipts.values()}
    assert "erasure" in run(folder, "audit", "show", "--event", "erasure").output


def test_erasing_tells_what_a_server_is_still_answering(folder: Path) -> None:
    store = SQLiteStore(folder / "mei.sqlite")
    deliveries = store.deliveries()
    deliveries.take(Incoming("telegram", "1:1", "c", "telegram-1", {"text": "words"}), own=False).result()
    told = run(folder, "data", "erase", "--user", "telegram-1").stderr
    assert "; 1 being answered" in told.splitlines()[1]
    assert "answered" not in told.splitlines()[0]
    deliveries.close()  # the server ends without an answer
    assert "telegram" not in run(folder, "data", "list").output
    assert json.loads(run(folder, "data", "export", "--user", "telegram-1").output)["mei"]["deliveries"] == []
    store.close()


@pytest.mark.parametrize("by_hash", [False, True])
def test_erasing_lets_go_of_escalations_that_wait(folder: Path, by_hash: bool) -> None:
    store = SQLiteStore(folder / "mei.sqlite")
    mark, other = store.mark("telegram-1"), store.mark("telegram-2")
    store.close()
    book = Book(folder / "mei.monitor")
    for name in (mark, other):
        book.promise(name, 60, {"webhook": {"conversation": f"chat of {name}"}}, name)
    Tallies(book).add([Visit(mark, time.time(), "turn", {})])
    run(folder, "data", "erase", "--user", mark if by_hash else "telegram-1")
    assert [due.body for due in book.due()] == [{"conversation": f"chat of {other}"}]
    with book.change() as database:
        assert database.execute("SELECT DISTINCT day FROM visits").fetchall() == [("",)], "when they counted is gone"
    book.close()


def test_the_id_of_an_escalation_leads_to_what_is_kept_of_its_user(folder: Path) -> None:
    store = SQLiteStore(folder / "mei.sqlite")
    book = Book(folder / "mei.monitor")
    about = Escalation("0123456789abcdef", time.time(), "danger", "telegram", store.place("c"))
    book.promise("once", 60, {}, store.mark("telegram-1"), about)
    mark = store.mark("telegram-1")
    store.close()
    book.close()
    told = json.loads(run(folder, "data", "export", "--user", about.id).output)["mei"]
    assert (told["user"], [turn["said"] for turn in told["turns"]]) == (mark, ["words of telegram-1"])
    assert json.loads(run(folder, "data", "export", "--user", "f" * 16).output)["mei"]["turns"] == []


KILLED = """
import os, signal, sys
from personac.core.cli import cli
from personac.core.store import erasing
def reached(step):
    if step == sys.argv[1]:
        os.kill(os.getpid(), signal.SIGKILL)
erasing.reached = reached
cli(["data", "erase", "--user", "telegram-1", "--store", sys.argv[2]])
"""


@pytest.mark.parametrize("step", ["rows", "overwritten", "let go", "told", "closed"])
def test_an_erasure_that_is_killed_is_finished_in_all_stores_and_books(folder: Path, step: str) -> None:
    store = SQLiteStore(folder / "mei.sqlite")
    mark = store.mark("telegram-1")
    store.close()
    for persona in ("mei", "bank"):
        with closing(Book(folder / f"{persona}.monitor")) as book:
            escalated = Escalation("1", time.time(), "danger", "web", "place")
            book.promise("c", 60, {"webhook": {"conversation": "c"}}, mark, escalated)
    done = subprocess.run([sys.executable, "-c", KILLED, step, str(folder)], env=dict(os.environ), check=False)
    assert done.returncode == -9
    assert {name: len(users) for name, users in json.loads(run(folder, "data", "list", "--json").output).items()} == {
        "bank": 1,
        "mei": 1,
    }
    for persona in ("mei", "bank"):
        with closing(Book(folder / f"{persona}.monitor")) as book:
            assert (book.escalations(), book.waiting()) == ([], {})
    shown = run(folder, "audit", "show", "--event", "erasure", "--json").output.splitlines()
    assert sorted(json.loads(line)["persona"] for line in shown) == ["bank", "mei"]


def test_of_whom_nothing_is_kept_there_is_no_receipt(folder: Path) -> None:
    result = run(folder, "data", "erase", "--user", "nobody")
    assert (result.exit_code, result.output) == (0, "nothing is kept of nobody\n")
    assert json.loads(run(folder, "data", "erase", "--user", "nobody", "--json").output) == {}
    assert run(folder, "audit", "show", "--event", "erasure").output == ""
    (folder / "bank.sqlite").unlink()
    SQLiteStore(folder / "bank.sqlite").close()
    assert list(json.loads(run(folder, "data", "erase", "--user", "telegram-1", "--json").output)) == ["mei"]


@pytest.mark.parametrize(
    "words",
    [
        "data list", "data export --user x", "data erase --user x", "data expire --older-than 1d", "data rotate-key",
        "data statistics --epsilon 1", "audit verify", "audit show",
    ],
)  # fmt: skip
def test_a_folder_that_is_not_there_is_told_and_not_made(tmp_path: Path, words: str) -> None:
    result = run(tmp_path / "typo", *words.split())
    assert result.exit_code == 2
    assert "--store" in result.stderr
    assert not (tmp_path / "typo").exists()


def test_what_cannot_be_written_into_the_log_is_told(folder: Path) -> None:
    (folder / "audit.log").unlink()
    (folder / "audit.log").mkdir()
    told = run(folder, "data", "erase", "--user", "telegram-1")
    assert told.exit_code == 0
    assert told.stderr.count("could not be written into the audit log yet") == 2
    with pytest.raises(Unavailable, match=r"audit\.log"):
        run(folder, "audit", "verify")


def test_verify_tells_a_whole_log_from_a_changed_and_a_replaced_one(folder: Path) -> None:
    whole = run(folder, "audit", "verify", "--json")
    assert whole.exit_code == 0
    signed = json.loads(whole.output)["signed"]
    old = {name: (folder / name).read_bytes() for name in ("audit.log", "audit.head")}
    run(folder, "data", "erase", "--user", "telegram-1")
    later = json.loads(run(folder, "audit", "verify", "--json", "--since", signed).output)
    for name, data in old.items():
        (folder / name).write_bytes(data)
    assert run(folder, "audit", "verify").exit_code == 0  # an older pair is whole in itself
    assert run(folder, "audit", "verify", "--since", later["signed"]).exit_code == 1
    (folder / "audit.log").write_bytes(old["audit.log"].replace(b"true", b"false", 1))
    broken = run(folder, "audit", "verify")
    assert broken.exit_code == 1
    assert "audit.log:1" in broken.output


def test_entries_that_cannot_be_read_are_told(folder: Path) -> None:
    assert run(folder, "audit", "show").stderr == ""
    log = folder / "audit.log"
    log.write_bytes(log.read_bytes().replace(b"{", b"#", 1))
    shown = run(folder, "audit", "show", "--json")
    assert shown.stderr == "1 entry could not be read: run `personac audit verify`\n"
    assert len(shown.stdout.splitlines()) == 3


def test_what_is_older_than_an_age_is_deleted(folder: Path) -> None:
    assert "0 turns" in run(folder, "data", "expire", "--older-than", "1d").output
    assert "2 turns" in run(folder, "data", "expire", "--older-than", "0").output
    assert run(folder, "data", "expire", "--older-than", "soon").exit_code == 2


def test_keys_are_rotated_and_the_users_of_all_stores_stay(folder: Path) -> None:
    assert "4 users' keys in 2 stores" in run(folder, "data", "rotate-key").output
    assert len(json.loads(run(folder, "data", "export", "--user", "telegram-1").output)["mei"]["turns"]) == 1
    store = SQLiteStore(folder / "mei.sqlite")
    with pytest.raises(Unavailable, match="end it first"):
        run(folder, "data", "rotate-key")
    store.close()
