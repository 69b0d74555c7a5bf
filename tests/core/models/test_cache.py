from __future__ import annotations

import errno
import multiprocessing
import os
from pathlib import Path

import pytest
from personac.core.errors import Unavailable
from personac.core.models import cache


def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PERSONAC_CACHE", str(tmp_path))
    assert cache.root() == tmp_path


@pytest.mark.parametrize(("value", "is_offline"), [("1", True), ("true", True), ("0", False), ("", False)])
def test_offline_follows_the_environment(monkeypatch: pytest.MonkeyPatch, value: str, is_offline: bool) -> None:
    for key in cache.OFFLINE:
        monkeypatch.delenv(key, raising=False)
    monkeypatch.setenv("PERSONAC_OFFLINE", value)
    assert cache.offline() is is_offline


def test_a_full_disk_says_so_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable, match=r"the disk is full.*PERSONAC_CACHE"):
        cache.write(tmp_path / "a" / "file", b"data")
    assert list((tmp_path / "a").iterdir()) == []


def test_a_folder_that_fails_halfway_is_not_kept(tmp_path: Path) -> None:
    def make(aside: Path) -> None:
        (aside / "half").write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(Unavailable, match="the disk is full"):
        cache.folder(tmp_path / "made", make)
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_the_maker_passes_and_leaves_nothing(tmp_path: Path) -> None:
    def make(aside: Path) -> None:
        (aside / "half").write_bytes(b"half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cache.folder(tmp_path / "made", make)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_made_once(tmp_path: Path) -> None:
    made: list[Path] = []
    for _ in range(2):
        cache.folder(tmp_path / "made", made.append)
    assert len(made) == 1
    assert (tmp_path / "made").is_dir()


def _race(path: Path, number: int) -> None:
    def make(aside: Path) -> None:
        for i in range(20):
            (aside / str(i)).write_text(str(number))

    cache.folder(path / "made", make)
    cache.write(path / "file", bytes([number]) * 100_000)


def test_two_processes_at_once_leave_one_whole_folder(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_race, args=(tmp_path, i)) for i in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "made"]
    assert len({file.read_text() for file in (tmp_path / "made").iterdir()}) == 1
    assert len(set((tmp_path / "file").read_bytes())) == 1
