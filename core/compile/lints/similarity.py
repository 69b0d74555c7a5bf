"""How near sentences are in meaning: cosines over the encoders that both sides' languages share.

Knows vectors and languages, nothing of intents or knowledge.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from ...contracts import Encoder
from ..vectors import covers

Floats = NDArray[np.float32]
BLOCK = 1024
NEIGHBOURS = 10


@dataclass(frozen=True, slots=True)
class Encode:
    """Encode texts with a persona's encoders; `of(encoder, texts)` returns [n, d], rows of length 1."""

    encoders: Sequence[Encoder]
    of: Callable[[Encoder, Sequence[str]], Floats]


@dataclass(frozen=True, slots=True)
class Sentences:
    """Hold the vectors of texts by encoder, each [n, d] with rows of length 1, or 0 where it lacks the language."""

    vectors: dict[str, Floats]
    covered: dict[str, NDArray[np.bool_]]

    @classmethod
    def of(cls, texts: Sequence[str], languages: Sequence[str], encode: Encode) -> Self:
        """Encode texts, each in its language, by the encoders that have it."""
        covered: dict[str, NDArray[np.bool_]] = {}
        vectors: dict[str, Floats] = {}
        for encoder in encode.encoders:
            covered[encoder.name] = np.array([covers(encoder, code) for code in languages], np.bool_)
            rows = np.flatnonzero(covered[encoder.name])
            found = encode.of(encoder, [texts[row] for row in rows.tolist()])
            vectors[encoder.name] = np.zeros((len(texts), found.shape[1]), np.float32)
            vectors[encoder.name][rows] = found
        return cls(vectors, covered)

    def __len__(self) -> int:
        return len(next(iter(self.covered.values()), ()))

    def some(self, rows: NDArray[np.intp] | slice) -> Self:
        """Return some of the texts."""
        return type(self)(
            {name: matrix[rows] for name, matrix in self.vectors.items()},
            {name: covered[rows] for name, covered in self.covered.items()},
        )

    def cosines(self, other: Self) -> Floats:
        """Return [n, m]: the mean cosine over the encoders that cover both; -1 where none does."""
        total = np.zeros((len(self), len(other)), np.float32)
        counts = np.zeros_like(total)
        for name, matrix in self.vectors.items():
            total += matrix @ other.vectors[name].T
            counts += np.outer(self.covered[name], other.covered[name])
        return np.where(counts > 0, total / np.maximum(counts, 1), np.float32(-1))

    def paired(self, first: NDArray[np.intp], second: NDArray[np.intp]) -> Floats:
        """Return the cosines [k] of pairs of rows."""
        total, counts = np.zeros(len(first), np.float32), np.zeros(len(first), np.float32)
        for name, matrix in self.vectors.items():
            total += np.einsum("ij,ij->i", matrix[first], matrix[second])
            counts += self.covered[name][first] & self.covered[name][second]
        return np.where(counts > 0, total / np.maximum(counts, 1), np.float32(-1))

    def features(self) -> Floats:
        """Return [n, sum of d]: the vectors of all encoders side by side, rows of length 1."""
        side_by_side = np.concatenate(list(self.vectors.values()), 1)
        count = np.sum(np.stack(list(self.covered.values())), 0)
        return np.asarray(side_by_side / np.sqrt(np.maximum(count, 1))[:, None], np.float32)


@dataclass(frozen=True, slots=True)
class Near:
    """Hold the nearest neighbours of vectors, by the content of the vectors, so that it can be brought up to date.

    `keys` [n, 16] are digests of the vectors; `pairs` [k, 2] are rows of `keys`.
    """

    keys: NDArray[np.uint8]
    pairs: NDArray[np.int32]
    least: float

    def save(self, path: Path) -> None:
        """Write it to a .npz file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, keys=self.keys, pairs=self.pairs, least=np.float32(self.least))

    @classmethod
    def load(cls, path: Path) -> Self | None:
        """Read what `save` wrote; None when there is nothing of use."""
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as data:
                return cls(data["keys"], data["pairs"], float(data["least"]))
        except (OSError, EOFError, ValueError, KeyError, BadZipFile):
            return None


def near(vectors: Floats, least: float, before: Near | None = None) -> Near:
    """Return the pairs of rows [n, d] with a cosine of at least `least`; of each row, its 10 nearest.

    With what was found `before`, only rows that are new are compared, with all rows.
    """
    keys = _digests(vectors)
    names = _numbered(keys)
    found: list[NDArray[np.int32]] = []
    fresh = np.arange(len(keys))
    if before is not None and abs(before.least - least) < 1e-6:
        place = {name: row for row, name in enumerate(names)}
        moved = np.array([place.get(name, -1) for name in _numbered(before.keys)], np.int32)
        if len(before.pairs):
            pairs = moved[before.pairs]
            found.append(pairs[(pairs >= 0).all(1)])
        known = set(_numbered(before.keys))
        fresh = np.array([row for row, name in enumerate(names) if name not in known], np.intp)
    for start in range(0, len(fresh), BLOCK):
        rows = fresh[start : start + BLOCK]
        first = int(rows[0]) + 1 if len(fresh) == len(keys) else 0  # the other half is the same
        found.append(_nearest(vectors, rows, first, least))
    pairs = np.concatenate([np.zeros((0, 2), np.int32), *found])
    pairs = np.unique(np.sort(pairs, 1), axis=0)
    return Near(keys, pairs[pairs[:, 0] != pairs[:, 1]], least)


def _nearest(vectors: Floats, rows: NDArray[np.intp], first: int, least: float) -> NDArray[np.int32]:
    cosines = vectors[rows] @ vectors[first:].T  # [b, n - first]
    itself = rows - first
    inside = itself >= 0
    cosines[np.flatnonzero(inside), itself[inside]] = -1
    left, right = np.nonzero(cosines >= least)
    if len(left) > NEIGHBOURS * len(rows):
        kept = min(NEIGHBOURS, cosines.shape[1])
        right = np.argpartition(-cosines, kept - 1, axis=1)[:, :kept].ravel()
        left = np.repeat(np.arange(len(rows)), kept)
        enough = cosines[left, right] >= least
        left, right = left[enough], right[enough]
    return np.stack([rows[left], right + first], 1).astype(np.int32)


def _digests(vectors: Floats) -> NDArray[np.uint8]:
    made = [hashlib.blake2b(row.tobytes(), digest_size=16).digest() for row in np.ascontiguousarray(vectors)]
    return np.frombuffer(b"".join(made), np.uint8).reshape(len(made), 16)


def _numbered(keys: NDArray[np.uint8]) -> list[tuple[bytes, int]]:
    """Return each key with how often it came before: equal texts stay apart."""
    seen: dict[bytes, int] = {}
    names = []
    for key in keys:
        name = key.tobytes()
        seen[name] = seen.get(name, -1) + 1
        names.append((name, seen[name]))
    return names
