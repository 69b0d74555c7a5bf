"""Full-text search: BM25 over mapped lists of each term's passages, with what was added and without what was removed.

Knows terms by their hash and passages by their position; does not know what either says.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import ArtifactInvalid
from .terms import query_terms, readings, search_terms

K1, B = 0.9, 0.5  # Robertson and Zaragoza 2009, section 3; lower than for long documents: a passage says a thing once
TERMS = 256  # of a message, those that tell most
POSTINGS = 200_000  # that a search reads, those that tell most first
RARE = 30  # a term in one of so many passages, or fewer, names what a passage is about
MOST_RARE = 2_000  # passages, however many there are
MANY = 16  # times what was read that are sooner looked through than sorted
FORMAT = 2
Floats = NDArray[np.float32]


class Lexical:
    """Score passages by the terms that they share with a message."""

    def __init__(self, folder: Path) -> None:
        """Map an index; raise ArtifactInvalid when it is damaged."""
        try:
            facts = json.loads((folder / "facts.json").read_text("utf-8"))
            if facts["format"] != FORMAT:
                raise ArtifactInvalid(f"{folder} is of another version of personac; compile the persona again")
            self._written, self._length = int(facts["passages"]), float(facts["length"])
            parts = [np.asarray(np.load(folder / f"{part}.npy", "r", allow_pickle=False)) for part in _PARTS]
        except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
            raise ArtifactInvalid(f"{folder} is damaged; compile the persona again") from error
        self._terms, self._starts, self._rows, self._weights, self._around = parts
        if (len(self._starts), len(self._rows)) != (len(self._terms) + 1, int(facts["postings"])):
            raise ArtifactInvalid(f"{folder} is damaged: its parts do not fit together; compile the persona again")
        if len(self._weights) != len(self._rows) or self._around.shape != (2, self._written):
            raise ArtifactInvalid(f"{folder} is damaged: its parts do not fit together; compile the persona again")
        self._added: dict[int, tuple[list[int], list[float]]] = {}  # by term: positions and weights
        self._count = self._written
        self._removed: set[int] = set()
        self._linked = bool(self._around.any())

    def __len__(self) -> int:
        return self._count

    def search(self, text: str, count: int, allowed: NDArray[np.bool_] | None = None) -> dict[int, float]:
        """Return the best passages with their BM25 score, best first; `allowed` tells by passage which may be found."""
        lists = []
        counted = Counter(query_terms(text)).most_common(8 * TERMS)
        hashes = [_hash(term) for term, _ in counted]
        for term, at, (_, times) in zip(hashes, self._places(hashes), counted, strict=True):
            rows, weights = self._postings(term, at)
            if len(rows):
                lists.append((len(rows), times * _rarity(len(rows), self._count), rows, weights))
        lists.sort(key=lambda entry: -entry[1])  # what tells most first
        scores = np.zeros(self._count, np.float32)
        touched: list[NDArray[np.int64]] = []
        read = 0
        for frequency, worth, rows, weights in lists[:TERMS]:
            read += frequency
            if read > POSTINGS and touched:
                break
            if self._linked and frequency <= self._few:
                rows, weights = self._spread(rows, weights)
            scores[rows] += weights * np.float32(worth)
            touched.append(rows)
        if not touched:
            return {}
        if len(touched) == 1:
            found = touched[0]
        elif MANY * sum(map(len, touched)) >= self._count:
            found = np.flatnonzero(scores)
        else:
            found = np.unique(np.concatenate(touched))
        if allowed is not None:
            found = found[allowed[found]]
        if self._removed:
            found = found[~np.isin(found, list(self._removed))]
        if len(found) > count:
            found = found[np.argpartition(-scores[found], count - 1)[:count]]
        best = found[np.lexsort((found, -scores[found]))]
        return dict(zip(best.tolist(), scores[best].tolist(), strict=True))

    def without_rare(self, text: str) -> str:
        """Return what a question asks, without the words that name what it asks about: those that few passages say."""
        return " ".join(part for part in _PART.findall(text) if not self._names(part))

    def _names(self, part: str) -> bool:
        terms = [_hash(term) for term in search_terms(part)]
        found = [len(self._postings(term, at)[0]) for term, at in zip(terms, self._places(terms), strict=True)]
        return bool(found) and max(found) <= self._few

    @property
    def _few(self) -> int:
        return max(2, min(MOST_RARE, self._count // RARE))

    def _spread(self, rows: NDArray[np.int64], weights: Floats) -> tuple[NDArray[np.int64], Floats]:
        """Return rows and those linked to them, each with the highest weight that reaches it."""
        written = rows < self._written
        reached, heaviest = [rows], [weights]
        for side, step in ((0, -1), (1, 1)):
            around = np.where(written, self._around[side][np.minimum(rows, self._written - 1)], 0)
            for distance in range(1, int(around.max(initial=0)) + 1):
                near = around >= distance
                reached.append(rows[near] + step * distance)
                heaviest.append(weights[near])
        every, of = np.concatenate(reached), np.concatenate(heaviest)
        order = np.lexsort((-of, every))
        every, of = every[order], of[order]
        first = np.append(True, every[1:] != every[:-1])
        return every[first], of[first]

    def add(self, texts: Sequence[str]) -> None:
        """Add texts behind the ones that are there; they are found at once."""
        for text in texts:
            for term, weight in _weighed(_counted(text), self._length).items():
                rows, weights = self._added.setdefault(term, ([], []))
                rows.append(self._count)
                weights.append(weight)
            self._count += 1

    def remove(self, positions: Sequence[int]) -> None:
        """Find these passages no more."""
        self._removed = self._removed | set(positions)

    def _places(self, terms: Sequence[int]) -> list[int]:
        """Return where terms would stand among the written ones."""
        places: list[int] = self._terms.searchsorted(np.array(terms, np.uint64)).tolist()
        return places

    def _postings(self, term: int, at: int) -> tuple[NDArray[np.int64], Floats]:
        rows, weights = np.empty(0, np.int64), np.empty(0, np.float32)
        if at < len(self._terms) and int(self._terms[at]) == term:
            start, end = int(self._starts[at]), int(self._starts[at + 1])
            rows, weights = self._rows[start:end].astype(np.int64), np.asarray(self._weights[start:end])
        if term in self._added:
            more, of = self._added[term]
            rows = np.concatenate([rows, np.array(more, np.int64)])
            weights = np.concatenate([weights, np.array(of, np.float32)])
        return rows, weights


_PARTS = ("terms", "starts", "rows", "weights", "around")
_PART = re.compile(r"[^\W_]+|[^\w\s]")


def write_lexical(folder: Path, texts: Sequence[str], around: NDArray[np.uint8] | None = None) -> None:
    """Write the index of texts whose passage is their position.

    `around` [2, n] is how many passages before each, and behind it, are about the same: what names it may stand there.

    `terms` [t] are sorted hashes; the postings of term i are rows and weights from starts[i] to starts[i + 1]. A weight
    is BM25's part of the term's frequency and the passage's length; the rarity is multiplied when it is searched for.
    """
    counted = [_counted(text) for text in texts]
    length = sum(size for _, size in counted) / max(1, len(counted))
    terms = np.fromiter((term for found, _ in counted for term in found), np.uint64)
    rows = np.repeat(np.arange(len(counted), dtype=np.int32), [len(found) for found, _ in counted])
    weighed = (weight for one in counted for weight in _weighed(one, length).values())
    weights = np.fromiter(weighed, np.float32, len(terms))
    order = np.lexsort((rows, terms))
    unique, starts = np.unique(terms[order], return_index=True)
    folder.mkdir(parents=True, exist_ok=True)
    parts: tuple[NDArray[Any], ...] = (
        unique,
        np.append(starts, len(terms)).astype(np.int64),
        rows[order],
        weights[order],
        np.zeros((2, len(counted)), np.uint8) if around is None else around,
    )
    for name, part in zip(_PARTS, parts, strict=True):
        np.save(folder / f"{name}.npy", part, allow_pickle=False)
    facts = {"format": FORMAT, "passages": len(counted), "postings": len(terms), "length": length}
    (folder / "facts.json").write_text(json.dumps(facts, sort_keys=True) + "\n", "utf-8")


def _counted(text: str) -> tuple[Counter[int], int]:
    """Return how often each term occurs, readings too, and how many there are without the readings."""
    found = search_terms(text)
    return Counter(_hash(term) for term in (*found, *readings(text))), len(found)


def _weighed(counted: tuple[Counter[int], int], length: float) -> dict[int, float]:
    found, size = counted
    norm = K1 * (1 - B + B * size / max(length, 1.0))
    return {term: (K1 + 1) * times / (times + norm) for term, times in found.items()}


def _rarity(frequency: int, passages: int) -> float:
    """Return the inverse document frequency, never below 0 (as Lucene's BM25Similarity has it)."""
    return float(np.log1p((passages - frequency + 0.5) / (frequency + 0.5)))


@lru_cache(maxsize=65_536)
def _hash(term: str) -> int:
    return int.from_bytes(hashlib.blake2b(term.encode("utf-8", "replace"), digest_size=8).digest(), "little")
