"""Sequences of different lengths, one for each training row, as one matrix.

Knows no torch and not what a frame is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Frames:
    """Hold the sequences of all rows behind each other: frames [sum of lengths, d]; row i is starts[i]:starts[i + 1].

    A row without a sequence has length 0; starts is [rows + 1].
    """

    values: Array
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, sequences: Sequence[Array | None], dimension: int) -> Frames:
        """Return the sequences [L, d] of rows, None where a row has none."""
        lengths = [0 if sequence is None else len(sequence) for sequence in sequences]
        known = [np.asarray(sequence, np.float32) for sequence in sequences if sequence is not None]
        values = np.concatenate(known) if known else np.zeros((0, dimension), np.float32)
        return cls(np.ascontiguousarray(values), np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))

    @property
    def dimension(self) -> int:
        """Return d."""
        return int(self.values.shape[1])

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.starts) - 1

    def row(self, row: int) -> Array:
        """Return the sequence [L, d] of a row."""
        return self.values[self.starts[row] : self.starts[row + 1]]

    def rows(self, rows: NDArray[np.int64]) -> Frames:
        """Return the sequences of some rows."""
        return Frames.of([self.row(row) for row in rows.tolist()], self.dimension)

    def padded(self, rows: NDArray[np.int64]) -> tuple[Array, NDArray[np.int64]]:
        """Return the sequences of some rows [B, L, d], zero after each one's end, and their lengths [B].

        An absent sequence is a single frame of zeros, of length 1.
        """
        lengths = np.maximum(self.starts[rows + 1] - self.starts[rows], 1)
        frames = np.zeros((len(rows), int(lengths.max(initial=1)), self.dimension), np.float32)
        for place, row in enumerate(rows.tolist()):
            own = self.row(row)
            frames[place, : len(own)] = own
        return frames, lengths


def parts_of(token: Array | Frames) -> list[NDArray[Any]]:
    """Return the arrays that a token of rows consists of."""
    return [token.values, token.starts] if isinstance(token, Frames) else [token]
