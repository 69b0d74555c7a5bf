"""The nearest examples of a message: votes for their intents, and how near they are.

Knows vectors and labels only; the same arithmetic serves the compiler, on held-out examples, and the runtime.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...turn import Vector

COUNT = 20  # neighbours that vote
SPREAD = 0.02  # of the votes, shared by all classes, so that none is impossible
Array = NDArray[np.float32]
Labels = NDArray[np.int64]


class Nearest(NamedTuple):
    """Hold the nearest examples of q messages: cosines [q, k], highest first, and their labels [q, k].

    Where examples have several labels these are [q, k, most], the places that are left over -1.
    """

    cosines: Array
    labels: Labels


def nearest(vectors: Array, examples: Array, labels: Labels, count: int = COUNT) -> Nearest:
    """Return the nearest of the examples [n, d] for each of the vectors [q, d]; all of length 1.

    Labels are [n], or [n, most] with -1 in the places that are left over.
    """
    cosines = vectors @ examples.T  # [q, n]
    count = min(count, len(examples))
    rows = np.arange(len(vectors))[:, None]
    if count < len(examples):
        found = cosines.argpartition(-count, axis=1)[:, -count:]
        cosines = cosines[rows, found]
        order = (-cosines).argsort(1, kind="stable")
        found = found[rows, order]
    else:
        order = (-cosines).argsort(1, kind="stable")
        found = order
    return Nearest(cosines[rows, order], labels[found])


def votes(near: Nearest, classes: int, sharpness: float) -> Array:
    """Return probabilities [q, classes]: each neighbour votes for its label with exp(sharpness * cosine).

    One with several labels shares its vote among them.
    """
    if near.labels.ndim == 3:
        found = shares(near, classes, sharpness)
        found = found / np.maximum(found.sum(1, keepdims=True), 1e-9)
        return np.asarray((1 - SPREAD) * found + SPREAD / classes, np.float32)
    weight = np.exp(sharpness * (near.cosines - near.cosines[:, :1]))
    places = near.labels + classes * np.arange(len(near.labels))[:, None]
    summed = np.bincount(places.ravel(), weight.ravel(), classes * len(near.labels)).reshape(-1, classes)
    return np.asarray((1 - SPREAD) * summed / weight.sum(1, keepdims=True) + SPREAD / classes, np.float32)


def shares(near: Nearest, classes: int, sharpness: float) -> Array:
    """Return for each label by itself the share [q, classes] of the neighbours' votes that have it."""
    labels = near.labels if near.labels.ndim == 3 else near.labels[:, :, None]  # [q, k, most]
    weight = np.exp(sharpness * (near.cosines - near.cosines[:, :1]))
    found = np.zeros((len(labels), classes + 1), np.float32)
    rows = np.repeat(np.arange(len(labels)), labels.shape[2])
    for place in range(labels.shape[1]):
        np.add.at(found, (rows, labels[:, place].ravel()), np.repeat(weight[:, place], labels.shape[2]))
    return np.asarray(found[:, :classes] / weight.sum(1, keepdims=True), np.float32)  # -1 fell into the last


def nearness(near: Nearest, background: int, count: int) -> Array:
    """Return the mean cosine [q] of the `count` nearest examples that are not of the class `background`."""
    labels = near.labels if near.labels.ndim == 2 else near.labels[:, :, 0]
    own = np.where(labels == background, -np.inf, near.cosines)
    own = -np.sort(-own, axis=1)[:, :count]
    known = np.isfinite(own)
    total = np.where(known, own, 0.0).sum(1)
    return np.asarray(total / np.maximum(known.sum(1), 1), np.float32)


class Neighbours:
    """Hold the examples' vectors [n, d] by encoder, and their labels [n], or [n, most] where some have several."""

    def __init__(self, vectors: Mapping[str, Array], labels: Mapping[str, Labels]) -> None:
        self._vectors, self._labels = dict(vectors), dict(labels)

    @classmethod
    def read(cls, path: Path) -> Neighbours:
        """Read what `write` wrote."""
        from safetensors.numpy import load_file

        parts = {tuple(name.split("|", 1)): tensor for name, tensor in load_file(str(path)).items()}
        names = [name for kind, name in parts if kind == "vectors"]
        return cls(
            {name: parts["vectors", name].astype(np.float32) for name in names},
            {name: parts["labels", name].astype(np.int64) for name in names},
        )

    def write(self, path: Path, beside: Mapping[str, Array] | None = None) -> None:
        """Write vectors, as float16, and labels as safetensors; also the tensors that stand beside them."""
        from safetensors.numpy import save_file

        tensors: dict[str, NDArray[np.generic]] = dict(beside or {})
        for name, vectors in self._vectors.items():
            tensors[f"vectors|{name}"] = np.ascontiguousarray(vectors.astype(np.float16))
            tensors[f"labels|{name}"] = np.ascontiguousarray(self._labels[name].astype(np.int32))
        save_file(tensors, str(path))

    def of(self, vectors: Mapping[str, Vector]) -> dict[str, Nearest]:
        """Return the nearest examples of one message by encoder, for the vectors [d] that are there."""
        return {
            name: nearest(vectors[name][None], examples, self._labels[name])
            for name, examples in self._vectors.items()
            if name in vectors and len(examples)
        }

    def nearest(self, vectors: Mapping[str, Vector], background: int) -> float:
        """Return the cosine with the nearest example that is not of a class, the mean over encoders; -1 for none."""
        found = []
        for name, examples in self._vectors.items():
            labels = self._labels[name]
            own = examples[(labels if labels.ndim == 1 else labels[:, 0]) != background]
            if name in vectors and len(own):
                found.append(float((own @ vectors[name]).max()))
        return sum(found) / len(found) if found else -1.0
