"""The memory at run time: FAISS and full-text search over the passages, fused by rank.

Every passage has one or more keys (its question, its title with its text); a passage is as near as its nearest key.
"""

from __future__ import annotations

import json
import re
import sqlite3
import threading
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from ..turn import Passage, Vector

RANK_CONSTANT = 60.0  # of reciprocal rank fusion: Cormack, Clarke and Büttcher, SIGIR 2009
SAME_LANGUAGE = 1.25  # what a passage in the user's language gains over one in another
COMMON = 0.1  # of the texts
FEW = 50
_KEPT = tuple(field.name for field in fields(Passage) if field.name not in ("score", "matched"))
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")


def terms(text: str) -> list[str]:
    """Split text into search terms: lower-case words, and overlapping pairs of Chinese characters."""
    if text.isascii():
        return _WORD.findall(text.lower())
    found: list[str] = []
    for word in _WORD.findall(unicodedata.normalize("NFKC", text).lower()):
        position = 0
        for han in _HAN.finditer(word):
            found += [word[position : han.start()]] if han.start() > position else []
            run = han.group()
            found += [run[i : i + 2] for i in range(len(run) - 1)] or [run]
            position = han.end()
        found += [word[position:]] if position < len(word) else []
    return found


def write_lexical(path: Path, texts: Sequence[str]) -> None:
    """Write a full-text index (SQLite FTS5, BM25) of texts whose row is their position.

    The table `common` holds the terms of so many texts that they tell nothing apart; they are not searched for.
    """
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("CREATE VIRTUAL TABLE passages USING fts5(terms, content='', tokenize='unicode61')")
        found = [terms(text) for text in texts]
        database.executemany(
            "INSERT INTO passages(rowid, terms) VALUES (?, ?)",
            ((position, " ".join(words)) for position, words in enumerate(found)),
        )
        database.execute("INSERT INTO passages(passages) VALUES ('optimize')")
        counts = Counter(term for words in found for term in set(words))
        many = sorted(term for term, count in counts.items() if len(texts) >= FEW and count > COMMON * len(texts))
        database.execute("CREATE TABLE common (term TEXT)")
        database.executemany("INSERT INTO common VALUES (?)", ((term,) for term in many))
    database.close()


def write_index(folder: Path, name: str, vectors: NDArray[np.float32], passages: Sequence[int]) -> None:
    """Write a FAISS inner-product index and, beside it, the passage of each of its rows."""
    index = faiss.IndexFlatIP(int(vectors.shape[1]))
    index.add(np.ascontiguousarray(vectors, np.float32))
    faiss.write_index(index, str(folder / f"{name}.faiss"))
    np.save(folder / f"{name}.npy", np.asarray(passages, np.int64), allow_pickle=False)


def write_passages(path: Path, passages: Iterable[Passage]) -> None:
    """Write passages as JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        for passage in passages:
            data = {name: value for name in _KEPT if (value := getattr(passage, name)) is not None}
            file.write(json.dumps(data, ensure_ascii=False) + "\n")


class Memory:
    """Search the passages of one artifact."""

    def __init__(self, folder: Path) -> None:
        lines = (folder / "passages.jsonl").read_text("utf-8").splitlines()
        self.passages = [Passage(**json.loads(line)) for line in lines]
        self._indexes: dict[str, faiss.Index] = {}
        self._keys: dict[str, NDArray[np.int64]] = {}  # by encoder: position of the passage of each key
        for path in sorted((folder / "index").glob("*.faiss")):
            self._indexes[path.stem] = faiss.read_index(str(path))
            self._keys[path.stem] = np.load(folder / "index" / f"{path.stem}.npy", allow_pickle=False)
        self._lexical = folder / "lexical.sqlite"
        self._local = threading.local()
        with closing(self._connect()) as connection:
            self._common = {str(row[0]) for row in connection.execute("SELECT term FROM common")}
        self._twins: dict[tuple[str, str, str], int] = {
            (p.record, p.field, p.language): i for i, p in enumerate(self.passages) if p.record and p.field
        }

    def search(
        self, vectors: Mapping[str, Vector], fused: tuple[str, Vector] | None, text: str, language: str, count: int
    ) -> list[Passage]:
        """Find passages for a message, best first.

        `vectors` are by encoder name; `fused` is the fused query with the encoder in whose space it lies, one more
        ranking. `score` is the best cosine of the frozen encoders, `matched` the fused rank score.
        """
        if not self.passages:
            return []
        ranks: dict[int, float] = {}
        cosine: dict[int, float] = {}
        depth = max(20, 4 * count)
        for name, vector in vectors.items():
            queries = [vector] if fused is None or fused[0] != name else [vector, fused[1]]
            for number, found in enumerate(self._dense_search(name, queries, depth)):
                for rank, (position, score) in enumerate(found.items(), 1):
                    ranks[position] = ranks.get(position, 0.0) + 1.0 / (RANK_CONSTANT + rank)
                    if number == 0:
                        cosine[position] = max(cosine.get(position, -1.0), score)
        for rank, position in enumerate(self._lexical_search(text, depth), 1):
            ranks[position] = ranks.get(position, 0.0) + 1.0 / (RANK_CONSTANT + rank)
        for position in ranks:
            if self.passages[position].language == language:
                ranks[position] *= SAME_LANGUAGE
        best = sorted(ranks, key=lambda p: (-ranks[p], p))[: 2 * count]
        return self._collect(best, ranks, cosine, language, count)

    def _dense_search(self, name: str, queries: Sequence[Vector], count: int) -> list[dict[int, float]]:
        """Return for each query its passages with the cosine of their nearest key, nearest first."""
        index = self._indexes.get(name)
        if index is None or not index.ntotal:
            return []
        scores, keys = index.search(np.stack(queries), min(count, index.ntotal))  # [queries, count] each
        owners = self._keys[name][keys]
        found: list[dict[int, float]] = []
        for row, near in zip(owners.tolist(), scores.tolist(), strict=True):
            nearest: dict[int, float] = {}
            for position, score in zip(row, near, strict=True):
                nearest.setdefault(position, score)
            found.append(nearest)
        return found

    def _collect(
        self, best: Sequence[int], ranks: Mapping[int, float], cosine: Mapping[int, float], language: str, count: int
    ) -> list[Passage]:
        found: list[Passage] = []
        taken: set[int] = set()
        for position in best:
            passage = self.passages[position]
            twin = self._twins.get((passage.record or "", passage.field or "", language), position)
            if twin in taken:
                continue
            taken.add(twin)
            found.append(replace(self.passages[twin], score=cosine.get(position, 0.0), matched=ranks[position]))
            if len(found) == count:
                break
        return found

    def _connect(self) -> sqlite3.Connection:
        uri = f"{self._lexical.resolve().as_uri()}?mode=ro&immutable=1"
        return sqlite3.connect(uri, uri=True, check_same_thread=False)

    def of_record(self, record: str, field: str, language: str) -> Passage | None:
        """Return the passage of one field of a record, in the language if there is one."""
        position = self._twins.get((record, field, language))
        if position is None:
            position = next((i for (r, f, _), i in self._twins.items() if (r, f) == (record, field)), None)
        return None if position is None else replace(self.passages[position], score=1.0, matched=1.0)

    def _lexical_search(self, text: str, count: int) -> list[int]:
        words = [term for term in dict.fromkeys(terms(text)) if term not in self._common][:64]
        if not words:
            return []
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
        query = " OR ".join(f'"{word}"' for word in words)
        rows = connection.execute(
            "SELECT rowid FROM passages WHERE passages MATCH ? ORDER BY bm25(passages) LIMIT ?", (query, count)
        )
        return [int(row[0]) for row in rows]
