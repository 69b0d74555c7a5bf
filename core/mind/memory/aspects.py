"""What each passage itself says, apart from what stands around it: vectors of one encoder, mapped from disk.

What a question asks about its subject is compared with them. Knows no text.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import ArtifactInvalid

FOLDER = "aspects"
Matrix = NDArray[np.float32]


def write_aspects(folder: Path, encoder: str, vectors: Matrix, owners: Sequence[int], passages: int) -> None:
    """Write the first vector of each passage; zeros where it has none. `owners` is the passage of each row."""
    found = np.zeros((passages, vectors.shape[1]), np.float16)
    found[owners[::-1]] = vectors[::-1]
    (folder / FOLDER).mkdir(exist_ok=True)
    np.save(_path(folder, encoder), found, allow_pickle=False)


class Aspects:
    """Compare what is asked with what passages say."""

    def __init__(self, folder: Path, encoder: str, passages: int, dimension: int) -> None:
        """Map the vectors of an encoder; raise ArtifactInvalid when they are damaged."""
        path = _path(folder, encoder)
        try:
            self._written: NDArray[np.float16] = np.asarray(np.load(path, "r", allow_pickle=False))
        except (OSError, ValueError, EOFError) as error:
            raise ArtifactInvalid(f"{path} is missing or damaged; compile the persona again") from error
        if self._written.shape != (passages, dimension):
            raise ArtifactInvalid(f"{path} is not of these passages; compile the persona again")
        self._added: dict[int, Matrix] = {}

    def add(self, owners: Sequence[int], vectors: Matrix) -> None:
        """Add passages; `owners` is the passage of each row, and its first row counts."""
        for owner, vector in zip(owners, vectors, strict=True):
            self._added.setdefault(owner, vector)

    def cosines(self, vector: Matrix, passages: NDArray[np.int64]) -> Matrix:
        """Return the cosine of each passage with a unit vector [d], 0 where it has none."""
        written = passages < len(self._written)
        found = np.zeros(len(passages), np.float32)
        found[written] = self._written[passages[written]].astype(np.float32) @ vector
        for row in np.flatnonzero(~written).tolist():
            found[row] = self._added[passages[row]] @ vector if passages[row] in self._added else 0.0
        return found


def _path(folder: Path, encoder: str) -> Path:
    return folder / FOLDER / f"{encoder.replace('/', '--')}.npy"
