"""Tell whether the process that took some messages still runs: it holds a locked file beside the store.

Knows files and locks; the system lets go of a lock however its process ends.
"""

from __future__ import annotations

import fcntl
import os
import uuid
from pathlib import Path


class Alive:
    """Hold the sign of this process beside a store's file; without a file there is nobody else to tell."""

    def __init__(self, store: Path | None) -> None:
        self.name = uuid.uuid4().hex[:12]
        self._store = store
        self._file: int | None = None
        if store is not None:
            store.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(_path(store, self.name), os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX)

    def is_alive(self, name: str) -> bool:
        """Tell whether another process still runs; the sign of one that ended is taken away."""
        return is_alive(self._store, name)

    def close(self) -> None:
        """Take the sign away."""
        if self._file is not None and self._store is not None:
            _path(self._store, self.name).unlink(missing_ok=True)
            os.close(self._file)
            self._file = None


def is_alive(store: Path | None, name: str) -> bool:
    """Tell whether the process of a name still runs at a store; the sign of one that ended is taken away."""
    return bool(name) and store is not None and _is_held(_path(store, name), take_away=True)


def living(store: Path) -> int:
    """Return how many processes hold a sign beside a store now, this one among them.

    Signs of those that ended stay: one that begins just now has made its own and not locked it yet.
    """
    before, _, after = _path(store, "*").name.partition("*")
    signs = [path for path in store.parent.iterdir() if path.name.startswith(before) and path.name.endswith(after)]
    return sum(_is_held(path) for path in signs)


def _is_held(path: Path, take_away: bool = False) -> bool:
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if take_away:
            path.unlink(missing_ok=True)
        return False
    except OSError:
        return True
    finally:
        os.close(handle)


def _path(store: Path, name: str) -> Path:
    return store.with_name(f".{store.name}.{name}.serving")
