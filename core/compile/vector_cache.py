"""Vectors for a persona's sentences: every sentence is encoded once and remembered by the encoder's content."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..chinese import as_learnt
from ..contracts import Encoder

CHUNK = 512


class VectorCache:
    """Remember vectors between compiles, in one SQLite file for each encoder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[str, dict[bytes, NDArray[np.float32]]] = {}  # by version: vectors of this compile

    def encode(
        self, encoder: Encoder, version: str, texts: Sequence[str], progress: Callable[[int, int], None]
    ) -> NDArray[np.float32]:
        """Return [n, d] for texts; only those not seen before are encoded, each once.

        A damaged or unwritable cache costs time, never the result: a text has the same vector to the last bit,
        remembered or not, whatever it was encoded with.
        """
        if not texts:
            return np.zeros((0, encoder.dimension), np.float32)
        texts = list(map(as_learnt, texts))
        unique = list(dict.fromkeys(texts))
        keys = [hashlib.sha256(text.encode()).digest() for text in unique]
        known = self._seen.setdefault(version, {})
        known |= self._read(version, [key for key in keys if key not in known])
        missing = [i for i, key in enumerate(keys) if key not in known]
        missing.sort(key=lambda i: len(unique[i]))
        done = len(unique) - len(missing)
        progress(done, len(unique))
        exactly = getattr(encoder, "encode_exactly", encoder.encode)
        for start in range(0, len(missing), CHUNK):
            part = missing[start : start + CHUNK]
            vectors = exactly([unique[i] for i in part])
            fresh = {keys[i]: np.ascontiguousarray(vector, np.float32) for i, vector in zip(part, vectors)}
            self._write(version, fresh)  # at once, so that a compile that is stopped goes on from here
            known.update(fresh)
            done += len(part)
            progress(done, len(unique))
        by_text = {text: known[key] for text, key in zip(unique, keys)}
        return np.stack([by_text[text] for text in texts]).astype(np.float32, copy=False)

    def _open(self, version: str) -> sqlite3.Connection:
        self._folder.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._folder / f"exact-{version[:32]}.sqlite", timeout=20)
        connection.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")
        return connection

    def _read(self, version: str, keys: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        found: dict[bytes, NDArray[np.float32]] = {}
        try:
            connection = self._open(version)
            connection.execute("PRAGMA mmap_size = 1073741824")
            ordered = sorted(keys)  # as they lie on the disk
            for start in range(0, len(ordered), 500):
                part = ordered[start : start + 500]
                marks = ",".join("?" * len(part))
                rows = connection.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", part)
                found.update({key: np.frombuffer(vector, np.float32) for key, vector in rows})
            connection.close()
        except (sqlite3.Error, OSError):
            return {}
        return found

    def _write(self, version: str, vectors: dict[bytes, NDArray[np.float32]]) -> None:
        if not vectors:
            return
        try:
            connection = self._open(version)
            with connection:
                connection.executemany(
                    "INSERT OR IGNORE INTO vectors VALUES (?, ?)",
                    ((k, v.tobytes()) for k, v in sorted(vectors.items())),
                )
            connection.close()
        except (sqlite3.Error, OSError):
            return
