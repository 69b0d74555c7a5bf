"""Tell whether the process that took some messages still runs: it holds a locked file beside the store.

Knows files and locks; the system lets go of a lock however its process ends.
"""

from __future__ import annotations

import fcntl
import uuid
from pathlib import Path
from typing import IO


class Alive:
    """Hold the sign of this process beside a store's file; without a file there is nobody else to tell."""

    def __init__(self, store: Path | None) -> None:
        self.name = uuid.uuid4().hex[:12]
        self._store = store
        self._file: IO[str] | None = None
        if store is not None:
            store.parent.mkdir(parents=True, exist_ok=True)
            self._file = _path(store, self.name).open("w")
            fcntl.flock(self._file, fcntl.LOCK_EX)

    def is_alive(self, name: str) -> bool:
        """Tell whether another process still runs; the sign of one that ended is taken away."""
        return is_alive(self._store, name)

    def close(self) -> None:
        """Take the sign away."""
        if self._file is not None and self._store is not None:
            _path(self._store, self.name).unlink(missing_ok=True)
            self._file.close()
            self._file = None


def is_alive(store: Path | None, name: str) -> bool:
    """Tell whether the process of a name still runs at a store; the sign of one that ended is taken away."""
    if not name or store is None:
        return False
    path = _path(store, name)
    if not path.exists():
        return False
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        path.unlink(missing_ok=True)
        return False


def _path(store: Path, name: str) -> Path:
    return store.with_name(f".{store.name}.{name}.serving")
