"""A store of plain text, as earlier versions wrote it, is sealed once: nothing is lost, nothing stays readable."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from personac.core.errors import Unavailable
from personac.core.message import Message
from personac.core.store.sqlite import SQLiteStore
from personac.core.turn import DialogueState

PLAIN = """
PRAGMA journal_mode = WAL;
CREATE TABLE turns (
  id INTEGER PRIMARY KEY, conversation TEXT NOT NULL, user TEXT NOT NULL, channel TEXT NOT NULL, at REAL NOT NULL,
  said TEXT NOT NULL, answered TEXT NOT NULL, language TEXT NOT NULL);
CREATE INDEX turns_conversation ON turns(conversation, id);
CREATE INDEX turns_user ON turns(user);
CREATE TABLE dialogues (conversation TEXT PRIMARY KEY, user TEXT NOT NULL, state TEXT NOT NULL);
CREATE TABLE consents (user TEXT PRIMARY KEY, granted INTEGER NOT NULL, at REAL NOT NULL);
CREATE TABLE feedback (
  user TEXT NOT NULL, key TEXT NOT NULL, conversation TEXT NOT NULL, good INTEGER NOT NULL, at REAL NOT NULL,
  PRIMARY KEY (user, key));
CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT, channel TEXT NOT NULL, key TEXT NOT NULL, conversation TEXT NOT NULL,
  user TEXT NOT NULL, at REAL NOT NULL, own INTEGER NOT NULL, owner TEXT NOT NULL, state TEXT NOT NULL,
  payload TEXT, answer TEXT, memo TEXT NOT NULL DEFAULT '{}', begun INTEGER NOT NULL DEFAULT 0,
  tries INTEGER NOT NULL DEFAULT 0, next_at REAL NOT NULL DEFAULT 0, restarts INTEGER NOT NULL DEFAULT 0,
  error TEXT NOT NULL DEFAULT '', UNIQUE(channel, key));
CREATE INDEX deliveries_open ON deliveries(owner) WHERE state IN ('received', 'answered');
CREATE INDEX deliveries_failed ON deliveries(user) WHERE state = 'failed';
INSERT INTO dialogues VALUES
  ('chat-ann', 'ann-4711', '{"intent": "form", "asking": "day", "slots": {"a": "plain slot"}}');
INSERT INTO consents VALUES ('ann-4711', 1, 5.0);
INSERT INTO feedback VALUES ('ann-4711', 'key-4711', 'chat-ann', 1, 6.0);
INSERT INTO deliveries(channel, key, conversation, user, at, own, owner, state, payload, memo) VALUES
  ('telegram', '4711:1', 'chat-ann', 'ann-4711', 7.0, 0, 'gone', 'received',
   '{"text": "plain payload"}', '{"c": "4711"}'),
  ('telegram', '4711:2', '', '', 7.0, 0, 'gone', 'sent', NULL, '{"c": "4711"}');
"""
WORDS = (b"plain words", b"plain slot", b"plain payload", b"ann-4711", b"4711:", b'"4711"', b"chat-ann")


def plain(path: Path, turns: int = 300) -> None:
    with sqlite3.connect(path) as database:
        database.executescript(PLAIN)
        rows = [(f"plain words {n}", "ok") for n in range(turns)]
        database.executemany(
            "INSERT INTO turns(conversation, user, channel, at, said, answered, language) "
            "VALUES ('chat-ann', 'ann-4711', 'telegram', 8.0, ?, ?, 'en')",
            rows,
        )
    database.close()


def readable(folder: Path) -> list[str]:
    return [f"{path.name}: {word!r}" for path in folder.iterdir() for word in WORDS if word in path.read_bytes()]


def check(folder: Path) -> None:
    store = SQLiteStore(folder / "a.sqlite")
    assert readable(folder) == []
    assert [turn["said"] for turn in store.export("ann-4711")["turns"]] == [f"plain words {n}" for n in range(300)]
    assert store.history("chat-ann", 1)[0] == ("user", "plain words 299", "en")
    assert store.dialogue("chat-ann") == DialogueState("form", "day", {"a": "plain slot"})
    assert store.consent("ann-4711") is True
    assert store.export("ann-4711")["feedback"][0]["key"] == "key-4711"
    deliveries = store.deliveries()
    (row,) = deliveries.adopt(["telegram"]).result()
    assert (row.incoming.key, row.incoming.payload, row.memo) == ("4711:1", {"text": "plain payload"}, {"c": "4711"})
    sent = deliveries.find("telegram", "4711:2").result()
    assert sent is not None
    assert (sent.state, sent.memo) == ("sent", {"c": "4711"})
    deliveries.close()
    store.record(Message(conversation="chat-ann", user="ann-4711"), "the last", "ok", "en", DialogueState(), keep=True)
    assert store.history("chat-ann", 1)[0][1] == "the last"
    store.close()


def test_a_plain_store_is_taken_over_and_overwritten(tmp_path: Path) -> None:
    plain(tmp_path / "a.sqlite")
    assert readable(tmp_path)
    check(tmp_path)
    SQLiteStore(tmp_path / "a.sqlite").close()
    assert readable(tmp_path) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from personac.core.store import tables
from personac.core.store.sqlite import SQLiteStore
here = sys.argv[2]
def kill(*args):
    os.kill(os.getpid(), signal.SIGKILL)
if here == "within":
    tables._TAKEN["feedback"] = kill
else:
    tables.empty_log = kill
SQLiteStore(Path(sys.argv[1]) / "a.sqlite")
"""


@pytest.mark.parametrize("where", ["within", "before it is overwritten"])
def test_a_takeover_that_is_killed_is_done_at_the_next_start(tmp_path: Path, where: str) -> None:
    plain(tmp_path / "a.sqlite")
    assert subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), where], check=False).returncode == -9
    check(tmp_path)


def test_a_plain_store_that_cannot_be_read_is_left_as_it_is(tmp_path: Path) -> None:
    plain(tmp_path / "a.sqlite", 3)
    with sqlite3.connect(tmp_path / "a.sqlite") as database:
        database.execute("UPDATE dialogues SET state = 'no JSON'")
    database.close()
    with pytest.raises(Unavailable, match="dialogues"):
        SQLiteStore(tmp_path / "a.sqlite")
    with sqlite3.connect(tmp_path / "a.sqlite") as database:
        assert database.execute("SELECT count(*) FROM turns WHERE said LIKE 'plain words%'").fetchone() == (3,)
    database.close()
