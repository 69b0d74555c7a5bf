"""The master key, the keyring and what a wrong or damaged one does: nothing is overwritten."""

from __future__ import annotations

import base64
import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from personac.core.errors import Unavailable
from personac.core.message import Incoming, Media, Message
from personac.core.monitor.book import Book
from personac.core.store import keyring, keys, rotation
from personac.core.store.seals import Damaged, Seals
from personac.core.store.sqlite import SQLiteStore
from personac.core.store.tables import SCHEMA
from personac.core.turn import DialogueState

SECRET = "the secret words 秘密"


def key(letter: str) -> str:
    return base64.b64encode(letter.encode() * 32).decode()


def filled(folder: Path, user: str = "ann") -> None:
    store = SQLiteStore(folder / "a.sqlite")
    store.set_consent(user, True)
    store.record(Message(conversation="c", user=user), SECRET, "ok", "en", DialogueState("form"), keep=True)
    store.close()


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder; SQLite's shared memory and the lock hold nothing."""
    left = (".keys.lock", "a.sqlite-shm", "a.sqlite-wal")
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name not in left}


def said(folder: Path) -> str:
    store = SQLiteStore(folder / "a.sqlite")
    try:
        return store.history("c")[0][1]
    finally:
        store.close()


def test_a_key_file_only_for_its_owner_is_made_beside_the_store(tmp_path: Path) -> None:
    filled(tmp_path)
    for name in ("master.key", "keys.json"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert said(tmp_path) == SECRET


def test_a_key_from_the_environment_is_written_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONAC_KEY", key("a"))
    filled(tmp_path / "one")
    assert not (tmp_path / "one" / "master.key").exists()
    monkeypatch.delenv("PERSONAC_KEY")
    (tmp_path / "mine").write_text(key("a") + "\n")
    monkeypatch.setenv("PERSONAC_KEY_FILE", str(tmp_path / "mine"))
    assert said(tmp_path / "one") == SECRET


def test_a_wrong_key_is_told_and_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path)
    before = contents(tmp_path)
    monkeypatch.setenv("PERSONAC_KEY", key("b"))
    with pytest.raises(Unavailable, match="not the one of the stores"):
        SQLiteStore(tmp_path / "a.sqlite")
    assert contents(tmp_path) == before


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe", b"not base64", b"c2hvcnQ="])
def test_a_damaged_key_file_is_told_and_not_replaced(tmp_path: Path, damage: bytes) -> None:
    filled(tmp_path)
    (tmp_path / "master.key").write_bytes(damage)
    before = contents(tmp_path)
    with pytest.raises(Unavailable, match=r"master\.key.* holds no key of 32 bytes in base64"):
        SQLiteStore(tmp_path / "a.sqlite")
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("name", "told"), [("master.key", "the key of the stores in .* is missing"), ("keys.json", "is missing")]
)
def test_a_missing_key_is_told_and_none_is_made(tmp_path: Path, name: str, told: str) -> None:
    filled(tmp_path)
    (tmp_path / name).rename(tmp_path.parent / f"{tmp_path.name}-{name}")
    before = contents(tmp_path)
    with pytest.raises(Unavailable, match=told):
        SQLiteStore(tmp_path / "a.sqlite")
    assert contents(tmp_path) == before
    (tmp_path.parent / f"{tmp_path.name}-{name}").rename(tmp_path / name)
    assert said(tmp_path) == SECRET


@pytest.mark.parametrize("damage", [b"", b"{}", b'{"wraps": [7]}', b'{"wraps": ["AAAA"]}'])
def test_a_damaged_keyring_is_told(tmp_path: Path, damage: bytes) -> None:
    filled(tmp_path)
    (tmp_path / "keys.json").write_bytes(damage)
    with pytest.raises(Unavailable, match=r"keys\.json"):
        SQLiteStore(tmp_path / "a.sqlite")
    assert (tmp_path / "keys.json").read_bytes() == damage


def test_nothing_of_a_user_can_be_read_in_the_folder(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    picture = Media("image", b"\x89PNG the pixels", "image/png", "holiday.png")
    message = Message("x", (picture,), "telegram:4711", "telegram-4711", "telegram")
    state = DialogueState("form", "city", {"city": "Chengdu-slot"})
    store.record(message, SECRET, "the answer", "en", state, keep=True, media=True)
    store.remember("telegram-4711", "home-key", "Pearl Street", keep=True)
    store.feedback("telegram:4711", "telegram-4711", "4711:9", True, keep=True)
    deliveries = store.deliveries()
    incoming = Incoming("telegram", "4711:10", "telegram:4711", "telegram-4711", {"text": "the payload"})
    row = deliveries.take(incoming, own=False).result()
    assert row is not None
    deliveries.keep(row, {"chat": "4711"}).result()
    told = store.export("telegram-4711")
    assert base64.b64decode(told["media"][0]["base64"]) == picture.data
    assert told["media"][0]["name"] == "holiday.png"
    whole = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    words = (SECRET, "the answer", "Chengdu-slot", "home-key", "Pearl Street", "the payload", "holiday", "pixels")
    for word in (*words, "4711", "image/png"):
        assert word.encode() not in whole, word
    deliveries.close()
    store.close()


def _sealing() -> tuple[Seals, sqlite3.Connection]:
    database = sqlite3.connect(":memory:")
    database.executescript(SCHEMA)
    return Seals(keyring.Keyring.new(), "memory"), database


def test_values_cannot_change_places_or_be_cut_off() -> None:
    seals, database = _sealing()
    sealed = seals.seal(database, "ann", "turns.sealed 1", [SECRET])
    assert seals.open(database, "ann", "turns.sealed 1", sealed) == [SECRET]
    seals.seal(database, "bob", "turns.sealed 1", ["other"])
    for user, where in (("ann", "turns.sealed 2"), ("ann", "facts.sealed 1"), ("bob", "turns.sealed 1")):
        with pytest.raises(Damaged, match="erase the user"):
            seals.open(database, user, where, sealed)
    for cut in (b"", sealed[:1], sealed[:20], sealed[:-1], sealed[:-1] + bytes([sealed[-1] ^ 1])):
        with pytest.raises(Damaged):
            seals.open(database, "ann", "turns.sealed 1", cut)


def test_no_nonce_comes_twice_and_a_destroyed_key_opens_nothing() -> None:
    seals, database = _sealing()
    sealed = [seals.seal(database, "ann", "x", "same") for _ in range(5000)]
    assert len({value[1:13] for value in sealed}) == 5000
    assert seals.destroy(database, "ann") == 1
    with pytest.raises(Damaged, match="its key is missing"):
        seals.open(database, "ann", "x", sealed[0])
    seals.seal(database, "ann", "x", "anew")
    with pytest.raises(Damaged):
        seals.open(database, "ann", "x", sealed[0])


def test_a_damaged_row_is_told_and_disturbs_no_other(tmp_path: Path) -> None:
    filled(tmp_path)
    store = SQLiteStore(tmp_path / "a.sqlite")
    store.record(Message(conversation="d", user="bob"), "of bob", "ok", "en", DialogueState(), keep=True)
    with sqlite3.connect(tmp_path / "a.sqlite") as database:
        database.execute("UPDATE turns SET sealed = substr(sealed, 1, 20) WHERE id = (SELECT min(id) FROM turns)")
    with pytest.raises(Unavailable, match=r"turns\.sealed"):
        store.history("c")
    assert store.export("ann")["turns"][0]["said"] == "(damaged)"
    assert store.history("d")[0][1] == "of bob"
    assert store.erase("ann").done
    assert store.history("c") == []
    store.close()


def test_a_damaged_delivery_is_given_up_and_the_others_go_on(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    deliveries = store.deliveries()
    for name in ("1", "2"):
        deliveries.take(Incoming("relay", name, f"c{name}", "ann", {"text": name}), own=False).result()
    deliveries.close()
    with sqlite3.connect(tmp_path / "a.sqlite") as database:
        database.execute("UPDATE deliveries SET payload = x'01' WHERE id = 1")
    deliveries = store.deliveries()
    assert [row.incoming.key for row in deliveries.adopt(["relay"]).result()] == ["2"]
    assert store.erase("ann").parts["deliveries"] == 1
    deliveries.close()
    store.close()


def test_rotation_changes_all_keys_and_loses_nothing(tmp_path: Path) -> None:
    for user in ("ann", "bob"):
        filled(tmp_path, user)
    before = contents(tmp_path)
    assert rotation.rotate(tmp_path) == rotation.Rotated(1, 2)
    after = contents(tmp_path)
    for name in ("master.key", "keys.json", "a.sqlite"):
        assert before[name] != after[name]
    assert said(tmp_path) == SECRET
    (tmp_path / "master.key").write_bytes(before["master.key"])
    with pytest.raises(Unavailable, match="not the one"):
        SQLiteStore(tmp_path / "a.sqlite")


def test_rotation_waits_for_nobody_and_needs_the_new_key_of_an_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONAC_KEY", key("a"))
    store = SQLiteStore(tmp_path / "a.sqlite")
    with pytest.raises(Unavailable, match="end it first"):
        rotation.rotate(tmp_path)
    store.close()
    filled(tmp_path)
    with pytest.raises(Unavailable, match="--new-key-file"):
        rotation.rotate(tmp_path)
    rotation.rotate(tmp_path, b"b" * 32)
    monkeypatch.setenv("PERSONAC_KEY", key("b"))
    assert said(tmp_path) == SECRET


KILLED = """
import os, signal, sys
from pathlib import Path
from personac.core.store import erasing, rotation
def reached(step):
    if step == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
erasing.reached = reached
rotation.rotate(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("step", ["both", "master", "users"])
def test_a_rotation_that_is_killed_leaves_all_readable_and_goes_on(tmp_path: Path, step: str) -> None:
    filled(tmp_path)
    old = keys.read(tmp_path / "master.key")
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), step], env=dict(os.environ), check=False)
    assert done.returncode == -9
    assert said(tmp_path) == SECRET
    rotation.rotate(tmp_path)
    assert said(tmp_path) == SECRET
    assert keys.read(tmp_path / "master.key") != old
    with pytest.raises(Unavailable):
        keyring.read(tmp_path, keys.MasterKey(old, "the old key"))
    assert not (tmp_path / "master.key.new").exists()


LEFT = """
import os, signal, sys
from pathlib import Path
from personac.core.store import keys
def killed(*given):
    os.kill(os.getpid(), signal.SIGKILL)
os.replace = os.link = killed
keys.write(Path(sys.argv[1]), sys.argv[2], keys.text(b"k" * 32), fresh=sys.argv[3] == "fresh")
"""


@pytest.mark.parametrize("name", ["master.key", "keys.json", "master.key.new"])
@pytest.mark.parametrize("way", ["fresh", "other"])
def test_a_copy_of_a_key_that_a_killed_process_left_goes_at_the_next_start_and_rotation(
    tmp_path: Path, name: str, way: str
) -> None:
    filled(tmp_path)
    for begin in (lambda: said(tmp_path), lambda: rotation.rotate(tmp_path)):
        done = subprocess.run([sys.executable, "-c", LEFT, str(tmp_path), name, way], check=False)
        assert done.returncode == -9
        assert list(tmp_path.glob(f".{name}.*"))
        begin()
        assert not list(tmp_path.glob(f".{name}.*"))
    assert said(tmp_path) == SECRET


def test_the_key_that_is_in_use_is_no_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONAC_KEY", key("a"))
    filled(tmp_path)
    before = contents(tmp_path)
    with pytest.raises(Unavailable, match="is the one that is in use already"):
        rotation.rotate(tmp_path, b"a" * 32)
    assert contents(tmp_path) == before


def test_a_rotation_that_goes_on_tells_of_all_keys(tmp_path: Path) -> None:
    filled(tmp_path)
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), "users"], env=dict(os.environ), check=False)
    assert rotation.rotate(tmp_path) == rotation.Rotated(1, 1)


def test_only_the_user_who_runs_it_can_read_its_files(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    store.set_consent("ann", True)
    store.record(Message("hi", (), "c", "ann", "web"), "hi", "ok", "en", DialogueState(), keep=True)
    book = Book(tmp_path / "a.monitor")
    book.close()
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    store.close()
    assert {"a.sqlite", "a.monitor", "master.key"} <= set(modes)
    assert set(modes.values()) == {0o600}
