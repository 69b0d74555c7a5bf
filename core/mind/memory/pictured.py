"""The pictures of the persona's records, and which of them a message's picture or video is like.

Knows vectors and the ids of records; not how pictures are encoded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...turn import Vector
from ..understanding.fusion import PICTURE, VIDEO

FILE = "pictures.safetensors"
NEAREST = 5  # records that are named
LIKE = 0.75  # the similarity of a picture in which words were read, from which it is of the record rather than of words


class Pictured:
    """Hold a vector of length one for each record that has a picture."""

    def __init__(self, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """`vectors` are [records, d]."""
        self.ids, self.vectors = tuple(ids), vectors

    @classmethod
    def read(cls, folder: Path) -> Pictured | None:
        """Return what `write` wrote into an artifact, None where no record has a picture."""
        from safetensors import safe_open

        if not (folder / FILE).is_file():
            return None
        with safe_open(str(folder / FILE), framework="numpy") as file:
            return cls(json.loads(file.metadata()["ids"]), file.get_tensor("vectors"))

    def write(self, folder: Path) -> None:
        """Write the vectors and the ids."""
        from safetensors.numpy import save_file

        ids = json.dumps(self.ids, ensure_ascii=False)
        save_file({"vectors": np.ascontiguousarray(self.vectors)}, str(folder / FILE), {"ids": ids})

    def seen(self, vectors: Mapping[str, Vector]) -> tuple[tuple[str, float], ...]:
        """Return the records that a message's pictures are most like, with the cosine of the best frame, best first.

        `vectors` are a percept's: PICTURE [d], or VIDEO [frames, d].
        """
        frames = vectors.get(VIDEO, vectors.get(PICTURE))
        if frames is None or not len(self.ids):
            return ()
        frames = np.atleast_2d(frames)
        if frames.shape[1] != self.vectors.shape[1]:
            return ()
        lengths = np.maximum(np.linalg.norm(frames, axis=1, keepdims=True), 1e-6)
        best = (self.vectors @ (frames / lengths).T).max(1)
        order = np.argsort(-best, kind="stable")[:NEAREST]
        return tuple((self.ids[i], round(float(best[i]), 4)) for i in order)


__all__ = ["FILE", "LIKE", "Pictured"]
