"""Signs of processes beside a store: held as long as they run, counted, and nobody else's to read."""

from __future__ import annotations

import stat
from pathlib import Path

from personac.core.store.alive import Alive, is_alive, living


def test_a_sign_is_for_its_owner_only_and_tells_who_runs(tmp_path: Path) -> None:
    store = tmp_path / "ada.sqlite"
    first, second, other = Alive(store), Alive(store), Alive(tmp_path / "bob.sqlite")
    modes = {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.glob(".*.serving")}
    assert modes == {0o600}
    assert living(store) == 2
    assert first.is_alive(second.name)
    second.close()
    assert (living(store), is_alive(store, second.name)) == (1, False)
    first.close()
    other.close()
    assert list(tmp_path.iterdir()) == []


def test_counting_takes_no_sign_away_and_asking_for_one_that_ended_does(tmp_path: Path) -> None:
    store = tmp_path / "ada.sqlite"
    left = tmp_path / ".ada.sqlite.0123456789ab.serving"  # of a process that was killed
    left.touch()
    assert (living(store), left.exists()) == (0, True)
    assert not is_alive(store, "0123456789ab")
    assert not is_alive(store, "ffffffffffff")
    assert list(tmp_path.iterdir()) == []
