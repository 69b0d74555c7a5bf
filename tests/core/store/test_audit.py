"""The audit log: what was changed, taken out or cut off is found, and processes side by side write one chain."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from personac.core.cli import cli
from personac.core.cli.audit import log_in
from personac.core.errors import Unavailable
from personac.core.store import audit
from personac.core.store.audit import START, AuditLog
from personac.core.store.sqlite import SQLiteStore

KEY = b"k" * 32


def written(folder: Path, count: int = 5) -> AuditLog:
    log = AuditLog(folder, KEY, clock=lambda: 1000.0)
    for number in range(count):
        log.write("consent", "mei", {"granted": number % 2 == 0, "note": "同意"})
    return log


def lines(log: AuditLog) -> list[bytes]:
    return log.path.read_bytes().splitlines(keepends=True)


def test_a_log_as_it_was_written_is_whole(tmp_path: Path) -> None:
    log = AuditLog(tmp_path, KEY)
    assert log.verify() == (0, START, None)
    log = written(tmp_path)
    good, signed, broken = log.verify()
    assert (good, broken) == (5, None)
    assert signed == list(log.entries())[-1]["signed"]
    assert [entry["n"] for entry in log.entries()] == [1, 2, 3, 4, 5]
    assert (log.damaged(), log.recent()) == (0, None)


def test_a_look_at_the_end_of_a_long_log_finds_what_was_done_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = written(tmp_path, 12)
    monkeypatch.setattr(audit, "RECENT", 4 * len(lines(log)[0]))
    assert log.recent() is None
    whole = lines(log)
    log.path.write_bytes(b"".join([*whole[:10], whole[10].replace(b"true", b"fals"), whole[11]]))
    assert log.recent() is not None
    log.path.write_bytes(b"".join(whole[:11]))
    assert log.recent() == "its end was cut off"
    log.path.unlink()
    assert log.recent() == "the log is missing"


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"n":6,"x":' + b"[" * 900 + b"]" * 900 + b"}",
        '{"n": 6, "signed": "é"}'.encode(),
        b'{"n": 6, "signed": "\\ud800"}',
        b'{"n": Infinity, "at": 1e300, "event": ["a"]}',
        b'{"n": 6, "at": "soon", "event": "\\ud800", "persona": "mei"}',
        b'{"n": ' + b"9" * 6000 + b"}",
        bytes(range(128, 256)),
    ],
    ids=lambda line: line[:12].decode("latin-1"),
)
def test_whatever_is_put_in_is_named_and_holds_nobody_up(tmp_path: Path, line: bytes) -> None:
    log = log_in(tmp_path)
    for _ in range(5):
        log.write("consent", "mei", {"granted": True})
    with log.path.open("ab") as file:
        file.write(line + b"\n")
    assert log.recent() is not None
    log.write("export", "mei", {})
    good, _, broken = log.verify()
    assert broken is not None
    assert (good, broken.line) == (5, 6)
    assert [entry.get("event") for entry in log.entries()][-1] == "export"
    for given in ([], ["--json"]):
        shown = CliRunner().invoke(cli, ["audit", "show", *given, "--store", str(tmp_path)])
        assert shown.exit_code == 0, shown.output
        assert len(shown.stdout.splitlines()) + log.damaged() == 7
    checked = CliRunner().invoke(cli, ["audit", "verify", "--store", str(tmp_path)])
    assert (checked.exit_code, "audit.log:6:" in checked.stderr) == (1, True)


def test_a_head_that_is_no_head_is_told(tmp_path: Path) -> None:
    log = written(tmp_path)
    for head in (b"[" * 100_000, b'{"n": Infinity, "signed": "", "size": 0, "by": "\xc3\xa9"}'):
        (tmp_path / audit.HEAD).write_bytes(head)
        assert log.recent() == "audit.head is missing or damaged"


def _edit(all: list[bytes]) -> list[bytes]:
    return [*all[:2], all[2].replace(b"true", b"false"), *all[3:]]


def _resigned(all: list[bytes]) -> list[bytes]:
    entry = json.loads(all[2])
    before = json.loads(all[1])["signed"]
    del entry["signed"]
    entry["granted"] = False
    entry["signed"] = AuditLog(Path(), b"another key" * 3)._sign(before, entry)
    return [*all[:2], json.dumps(entry, ensure_ascii=False).encode() + b"\n", *all[3:]]


@pytest.mark.parametrize(
    ("change", "line", "why"),
    [
        (_edit, 3, "changed"),
        (_resigned, 3, "changed"),
        (lambda all: [*all[:2], *all[3:]], 3, "taken out"),
        (lambda all: [all[0], all[2], all[1], *all[3:]], 2, "taken out"),
        (lambda all: all[:3], 4, "cut off: 2 entries"),
        (lambda all: [*all[:4], all[4][:20]], 5, "changed or cut off"),
        (lambda all: [*all[:1], b"rubbish\n", *all[2:]], 2, "no entry"),
        (lambda all: [*all, all[4]], 6, "entry 5 stands there a second time"),
        (lambda all: [*all[:4], all[1], all[4]], 5, "entry 2 follows entry 4: it was moved, or put in again"),
        (lambda all: all[1:], 1, "entry 2 is the first: some were taken out"),
        (lambda all: [*all[:2], all[2].replace(b", ", b",  ", 1), *all[3:]], 3, "its bytes are not"),
        (lambda all: [*all[:2], all[2].replace(b"\n", b"\r\n"), *all[3:]], 3, "its bytes are not"),
        (lambda all: [*all[:2], all[2].replace(b'"n": 3', b'"n": 9, "n": 3'), *all[3:]], 3, "its bytes are not"),
        (lambda all: [], 1, "5 entries are missing"),
        (lambda all: all[:4], 5, "1 entry is missing"),
    ],
)
def test_what_was_done_to_it_is_told_with_the_line(
    tmp_path: Path, change: Callable[[list[bytes]], list[bytes]], line: int, why: str
) -> None:
    log = written(tmp_path)
    log.path.write_bytes(b"".join(change(lines(log))))
    _, _, broken = log.verify()
    assert broken is not None
    assert broken.line == line
    assert why in broken.why
    assert log.recent()  # of so short a log, a look at the end sees all


def test_an_end_that_was_cut_off_stays_visible_when_it_is_written_on(tmp_path: Path) -> None:
    log = written(tmp_path)
    log.path.write_bytes(b"".join(lines(log)[:3]))
    log.write("erasure", "mei", {})
    _, _, broken = log.verify()
    assert broken is not None
    assert (broken.line, "taken out" in broken.why) == (4, True)


def test_a_lost_head_is_told_also_after_the_next_entry(tmp_path: Path) -> None:
    log = written(tmp_path)
    (tmp_path / "audit.head").unlink()
    assert log.verify()[2] is not None
    log.write("erasure", "mei", {})
    _, _, broken = log.verify()
    assert broken is not None
    assert "entries before may be gone" in broken.why


def test_what_a_killed_process_left_breaks_nothing(tmp_path: Path) -> None:
    log = written(tmp_path)
    head = (tmp_path / "audit.head").read_bytes()
    log.write("erasure", "mei", {"id": "6"})
    (tmp_path / "audit.head").write_bytes(head)  # killed before the head was written
    assert log.verify()[::2] == (6, None)
    with log.path.open("ab") as file:
        file.write(b'{"n": 7, "at')  # killed in the middle of a line
    log.write("erasure", "mei", {"id": "7"})
    assert log.verify()[::2] == (7, None)


FULL = OSError(errno.ENOSPC, "No space left on device")


def test_a_kill_after_the_first_line_of_a_new_log_loses_no_head(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom personac.core.store.audit import AuditLog\n"
        "sync, done = os.fsync, []\n"
        "def killed(handle):\n"
        "    sync(handle)\n"
        "    if 'audit.log' in os.readlink(f'/proc/self/fd/{handle}'):\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "os.fsync = killed\n"
        "AuditLog(Path(sys.argv[1]), b'k' * 32).write('test', 'a', {})\n"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == -9
    log = AuditLog(tmp_path, KEY)
    assert (log.verify()[::2], log.recent()) == ((1, None), None)
    log.write("erasure", "mei", {})
    assert (log.verify()[::2], log.recent()) == ((2, None), None)


@pytest.mark.parametrize("begun", [0, 3])
@pytest.mark.parametrize("name", ["fsync", "write", "replace"])
def test_what_a_full_disk_refuses_is_not_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, begun: int
) -> None:
    log = written(tmp_path, begun)

    def full(*given: object) -> None:
        raise FULL

    with monkeypatch.context() as patched:
        patched.setattr(os, name, full)
        with pytest.raises(Unavailable, match="disk full"):
            log.write("consent", "mei", {"granted": True})
    assert log.verify()[::2] == (begun, None)
    log.write("consent", "mei", {"granted": True})
    assert log.verify()[::2] == (begun + 1, None)


def test_a_log_that_is_none_is_told(tmp_path: Path) -> None:
    log = AuditLog(tmp_path, KEY)
    log.path.mkdir()
    for look in (log.verify, log.recent, log.damaged, lambda: list(log.entries()), lambda: log.knows("x", "y")):
        with pytest.raises(Unavailable, match=r"audit\.log"):
            look()


def test_processes_that_write_side_by_side_make_one_chain(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom personac.core.store.audit import AuditLog\n"
        "log = AuditLog(Path(sys.argv[1]), b'k' * 32)\n"
        "for n in range(25):\n    log.write('test', sys.argv[2], {'by': n})\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name]) for name in ("a", "b")]
    assert [process.wait() for process in processes] == [0, 0]
    assert AuditLog(tmp_path, KEY).verify()[::2] == (50, None)


def test_a_store_writes_users_as_keyed_hashes_and_tells_of_decisions(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "a.sqlite")
    store.audit("alert", "a", user="telegram-4711", kind="surge")
    store.set_consent("telegram-4711", True)
    store.set_consent("telegram-4711", False)
    assert b"4711" not in (tmp_path / "audit.log").read_bytes()
    entries = list(AuditLog(tmp_path, b"").entries())
    assert [entry["event"] for entry in entries] == ["alert", "consent", "erasure", "consent"]
    assert {entry["user"] for entry in entries} == {store.mark("telegram-4711")}
    store.close()
