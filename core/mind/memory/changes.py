"""What a running persona was taught and made to forget since its artifact was compiled: a journal in one SQLite file.

It lies beside the artifacts, outlives a restart, and the next compile takes it in. Knows no index and no encoder: a
passage is kept with its vectors as they were given.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import Unavailable
from ...turn import Passage
from .passages import as_line, from_line

CHANGES = "changes.sqlite"
Keys = Mapping[str, NDArray[np.float32]]  # by the content of the encoder: [keys of the passage, d]


class Changes:
    """Keep added and deleted passages; every change is on the disk when its method returns."""

    def __init__(self, folder: Path) -> None:
        """Open the journal of a persona's output folder; nothing is made before the first change."""
        self.path = folder / CHANGES
        self._lock = threading.Lock()

    def add(self, passages: Iterable[tuple[Passage, Keys]]) -> None:
        """Add passages, or replace those with the same id; raise Unavailable when that cannot be written."""
        rows = [(passage.id, as_line(passage), keys) for passage, keys in passages]
        with self._lock, closing(self._open()) as database, database:
            for id, line, keys in rows:
                database.execute("DELETE FROM vectors WHERE id = ?", (id,))
                database.execute("DELETE FROM deleted WHERE id = ?", (id,))
                database.execute("INSERT OR REPLACE INTO added VALUES (?, ?)", (id, line))
                database.executemany(
                    "INSERT INTO vectors VALUES (?, ?, ?, ?)",
                    [
                        (id, model, len(part), np.ascontiguousarray(part, np.float32).tobytes())
                        for model, part in keys.items()
                    ],
                )

    def delete(self, passages: Sequence[Passage]) -> None:
        """Delete passages; a compiled one comes back only when its source says something else."""
        with self._lock, closing(self._open()) as database, database:
            for passage in passages:
                database.execute("DELETE FROM vectors WHERE id = ?", (passage.id,))
                database.execute("DELETE FROM added WHERE id = ?", (passage.id,))
                row = (passage.id, content(passage))
                database.execute("INSERT OR REPLACE INTO deleted VALUES (?, ?)", row)

    def added(self) -> list[tuple[Passage, Keys]]:
        """Return the added passages with their vectors, by id."""
        if not self.path.is_file():
            return []
        with self._lock, closing(self._open()) as database:
            found = [from_line(line) for (line,) in database.execute("SELECT line FROM added ORDER BY id")]
            keys: dict[str, dict[str, NDArray[np.float32]]] = {}
            for id, model, count, data in database.execute("SELECT id, model, count, vectors FROM vectors"):
                keys.setdefault(id, {})[model] = np.frombuffer(data, np.float32).reshape(count, -1)
        return [(passage, keys.get(passage.id, {})) for passage in found]

    def deleted(self) -> dict[str, str]:
        """Return the content of the deleted passages by their ids."""
        if not self.path.is_file():
            return {}
        with self._lock, closing(self._open()) as database:
            return {str(id): str(text) for id, text in database.execute("SELECT id, content FROM deleted ORDER BY id")}

    def digest(self) -> str:
        """Return a hash of all changes, empty when there are none."""
        said = [as_line(passage) for passage, _ in self.added()]
        gone = sorted(self.deleted().items())
        return hashlib.sha256(json.dumps([said, gone]).encode()).hexdigest() if said or gone else ""

    def applied(self, passages: Sequence[Passage]) -> list[Passage]:
        """Return passages with what was added and without what was deleted."""
        gone = self.deleted()
        added = {passage.id: passage for passage, _ in self.added()}
        kept = [p for p in passages if p.id not in added and gone.get(p.id) != (content(p) if p.id in gone else "")]
        return [*kept, *added.values()]

    def _open(self) -> sqlite3.Connection:
        try:
            database = sqlite3.connect(self.path, timeout=20)
            database.execute("CREATE TABLE IF NOT EXISTS added (id TEXT PRIMARY KEY, line TEXT)")
            database.execute("CREATE TABLE IF NOT EXISTS vectors (id TEXT, model TEXT, count INTEGER, vectors BLOB)")
            database.execute("CREATE TABLE IF NOT EXISTS deleted (id TEXT PRIMARY KEY, content TEXT)")
        except sqlite3.Error as error:
            text = f"{self.path} cannot be opened ({error}); make its folder writable, or delete it to lose the changes"
            raise Unavailable(text) from error
        return database


def changes_of(artifact: Path) -> Changes:
    """Return the journal beside an artifact; one for all artifacts of a persona, previews too."""
    folder = artifact.resolve().parent
    return Changes(folder.parent if folder.name == ".preview" else folder)


def content(passage: Passage) -> str:
    """Return a hash of what a passage says, wherever it stands."""
    return hashlib.sha256(f"{passage.title}\0{passage.text}\0{passage.language}".encode()).hexdigest()[:32]
