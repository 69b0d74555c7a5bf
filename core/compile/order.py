"""Whether the order of passages in a file means something, and what a passage takes from those around it.

A piece of a document leaves out what it is about when the pieces around it say so. Knows vectors and files, no index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..turn import Passage

NEIGHBOURS = 2  # on each side that a passage is in one context with, where order means something
CONTEXT = 0.6  # of a neighbour with cosine 1
WIDE, SLIGHT = 4, 0.2  # the same where a file is too short to tell
TOLD = 20  # passages by which the order of a file can be told
DRAWN = 2_000  # pairs of a file that are compared
APART = 0.5  # deviations of their cosines by which neighbours are nearer than any two passages of the file
SEED = 2026
Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Order:
    """Hold of each key [n] its passage and its file: -1 where a title says what it is about, or order means nothing.

    `told` says of each whether its file's order was found to mean something.
    """

    owners: NDArray[np.int64]
    files: NDArray[np.int64]
    told: NDArray[np.bool_]

    @classmethod
    def of(cls, matrix: Matrix, owners: Sequence[int], passages: Sequence[Passage]) -> Order:
        """Look at the vectors [n, d] of keys in the order of their passages."""
        numbers: dict[str, int] = {}
        files = np.full(len(owners), -1, np.int64)
        for row, owner in enumerate(owners):
            if not passages[owner].title:
                files[row] = numbers.setdefault(passages[owner].source.rpartition(":")[0], len(numbers))
        told = np.zeros(len(owners), np.bool_)
        random = np.random.default_rng(SEED)
        for number in range(len(numbers)):
            rows = np.flatnonzero(files == number)
            if len(rows) >= TOLD:
                if _means_something(matrix, rows, random):
                    told[rows] = True
                else:
                    files[rows] = -1
        return cls(np.asarray(owners, np.int64), files, told)

    def in_context(self, matrix: Matrix) -> Matrix:
        """Return the vectors [n, d] of keys, drawn to those of their neighbours; each counts by its cosine."""
        if not (self.files >= 0).any():
            return matrix
        around = np.zeros_like(matrix)
        for distance in range(1, min(WIDE, len(matrix) - 1) + 1):
            cosine = np.einsum("nd,nd->n", matrix[distance:], matrix[:-distance])
            share = np.where(self.told[distance:], CONTEXT if distance <= NEIGHBOURS else 0.0, SLIGHT)
            weight = np.where(self._together(distance), share * np.maximum(cosine, 0.0), 0.0)[:, None]
            weight = weight.astype(np.float32)
            around[distance:] += weight * matrix[:-distance]
            around[:-distance] += weight * matrix[distance:]
        drawn = matrix + around
        norm = np.maximum(np.linalg.norm(drawn, axis=1, keepdims=True), 1e-6)
        return np.ascontiguousarray(np.where((self.files >= 0)[:, None], drawn / norm, matrix), np.float32)

    def around(self, passages: int) -> NDArray[np.uint8]:
        """Return [2, passages]: how many passages before each, and behind it, are in one context with it."""
        found = np.zeros((2, passages), np.uint8)
        for distance in range(1, min(NEIGHBOURS, len(self.owners) - 1) + 1):
            both = self._together(distance) & self.told[distance:]
            both &= self.owners[distance:] - self.owners[:-distance] == distance
            found[0, self.owners[distance:][both]] = distance
            found[1, self.owners[:-distance][both]] = distance
        return found

    def _together(self, distance: int) -> NDArray[np.bool_]:
        same: NDArray[np.bool_] = (self.files[distance:] == self.files[:-distance]) & (self.files[distance:] >= 0)
        return same


def _means_something(matrix: Matrix, rows: NDArray[np.int64], random: np.random.Generator) -> bool:
    """Tell whether passages that follow each other in a file are nearer than any two of it."""
    one, other = (random.choice(rows, min(DRAWN, 20 * len(rows))) for _ in range(2))
    apart = one != other
    some = np.einsum("nd,nd->n", matrix[one[apart]], matrix[other[apart]])
    first = random.permutation(len(rows) - 1)[:DRAWN]
    follow = np.einsum("nd,nd->n", matrix[rows[first]], matrix[rows[first + 1]])
    return bool(follow.mean() - some.mean() > APART * max(float(some.std()), 1e-6))
