"""Tell whether a message is about the user's own data: what is kept, a copy, erasure, an end of keeping, a yes to it.

Scores are sums over known sentences of their squared cosines with the message, weighted by what the compiler learnt
(kernel ridge regression). Knows vectors; neither makes them nor does anything about what is asked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from ..turn import Vector
from .rights_words import Wish

RIGHTS: tuple[Wish, ...] = get_args(Wish)
FILE = "rights.safetensors"
Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Asked:
    """Name the right that a message asks for; `nearness` is its cosine with the nearest sentence that does."""

    right: Wish
    score: float
    nearness: float


@dataclass(frozen=True, slots=True)
class Reader:
    """Hold what was learnt for one set of encoders.

    `sentences` are [n, d] by encoder, the first `rights` of which ask for a right; `weights` [n, k + 1] give each
    right's score, and in the last column that of any, from `means` [k + 1] on. From `threshold` a right is asked for.
    """

    sentences: Mapping[str, Array]
    rights: int
    weights: Array
    means: Array
    threshold: float

    def read(self, vectors: Mapping[str, Vector]) -> Asked | None:
        """Return the right that a message asks for."""
        cosines = {name: rows @ vectors[name] for name, rows in self.sentences.items()}
        scores = kernel(list(cosines.values())) @ self.weights + self.means
        if scores[-1] < self.threshold:
            return None
        near = float(np.mean([own[: self.rights].max() for own in cosines.values()]))
        return Asked(RIGHTS[int(scores[:-1].argmax())], float(scores[-1]), near)


def kernel(cosines: list[Array]) -> Array:
    """Return how alike sentences are, from their cosines by encoder: the mean square, of what points the same way."""
    return np.asarray(np.mean([np.clip(own, 0.0, None) ** 2 for own in cosines], axis=0), np.float32)


class RightsReader:
    """Read messages in all languages of a persona, each with the encoders that cover it."""

    def __init__(self, readers: Mapping[tuple[str, ...], Reader]) -> None:
        self._readers = sorted(readers.items(), key=lambda item: -len(item[0]))

    def asked(self, vectors: Mapping[str, Vector]) -> Asked | None:
        """Return the right that a message asks for, None for any other message and one that cannot be read."""
        for names, reader in self._readers:
            if all(name in vectors for name in names):
                return reader.read(vectors)
        return None

    @classmethod
    def of(cls, folder: Path) -> RightsReader:
        """Read what `write` wrote."""
        from safetensors import safe_open

        with safe_open(str(folder / FILE), "np") as file:
            facts = json.loads(file.metadata()["readers"])
            parts = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        made: dict[tuple[str, ...], Reader] = {}
        for number, (names, rights, threshold) in enumerate(facts):
            sentences = {name: parts[f"{number}|{name}"].astype(np.float32) for name in names}
            made[tuple(names)] = Reader(sentences, rights, parts[f"{number}||w"], parts[f"{number}||m"], threshold)
        return cls(made)


def write(readers: Mapping[tuple[str, ...], Reader], folder: Path) -> None:
    """Write what was learnt, the vectors as float16."""
    from safetensors.numpy import save_file

    tensors: dict[str, NDArray[np.generic]] = {}
    for number, reader in enumerate(readers.values()):
        tensors |= {f"{number}|{name}": rows.astype(np.float16) for name, rows in reader.sentences.items()}
        tensors |= {f"{number}||w": reader.weights, f"{number}||m": reader.means}
    facts = [[list(names), reader.rights, round(reader.threshold, 4)] for names, reader in readers.items()]
    save_file(tensors, str(folder / FILE), {"readers": json.dumps(facts)})
