"""All the intents that a message asks for, where examples belong to several at once.

For each intent by itself: a linear score of the sentence encoders, likeness to the intent's name, what the network
says and what the nearest examples say, weighed into a probability; above one threshold it is asked for. Knows numbers
only; the same arithmetic serves the compiler, which fits them, and the runtime.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...turn import Vector
from .judgement import NETWORK, Evidence
from .neighbours import shares

LINEAR, NAME, NEAREST = "linear", "name", "near"  # features; NETWORK and TUNED are the others
Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Several:
    """Hold what calibration found: the logit of an intent is `bias` and the weighed features; `threshold` is of it."""

    weights: Mapping[str, float]
    bias: float
    threshold: float

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {"weights": dict(self.weights), "bias": self.bias, "threshold": self.threshold}


class Scores:
    """Hold by encoder the linear scores of intents [classes, d + 1], the last a constant, and names [classes, d]."""

    def __init__(self, linear: Mapping[str, Array], names: Mapping[str, Array]) -> None:
        self.linear, self.names = dict(linear), dict(names)

    @classmethod
    def read(cls, path: Path) -> Scores:
        """Read what stands beside the neighbours."""
        from safetensors.numpy import load_file

        parts = {tuple(name.split("|", 1)): tensor for name, tensor in load_file(str(path)).items()}
        return cls(
            {name: tensor for (kind, name), tensor in parts.items() if kind == LINEAR},
            {name: tensor for (kind, name), tensor in parts.items() if kind == NAME},
        )

    def tensors(self) -> dict[str, Array]:
        """Return what `read` reads, by the names of the file's tensors."""
        found = {f"{LINEAR}|{name}": np.ascontiguousarray(matrix) for name, matrix in self.linear.items()}
        return found | {f"{NAME}|{name}": np.ascontiguousarray(matrix) for name, matrix in self.names.items()}

    def of(self, vectors: Mapping[str, Vector]) -> dict[str, Array]:
        """Return the features [1, classes] of one message, means over the encoders that are there."""
        there = [name for name in self.linear if name in vectors]
        if not there:
            return {}
        linear = [self.linear[name][:, :-1] @ vectors[name] + self.linear[name][:, -1] for name in there]
        likeness = [self.names[name] @ vectors[name] for name in there]
        return {LINEAR: np.mean(linear, axis=0)[None], NAME: np.mean(likeness, axis=0)[None]}


def features(scores: Mapping[str, Array], evidence: Evidence, sharpness: float) -> dict[str, Array]:
    """Return all features [q, classes]: the scores, the members' logits, and the mean of the neighbours' shares."""
    classes = next(iter(evidence.logits.values())).shape[1] - 1
    found = dict(scores) | {name: logits[:, :classes] for name, logits in evidence.logits.items()}
    if evidence.near:
        near = [shares(nearest, classes + 1, sharpness)[:, :classes] for nearest in evidence.near.values()]
        found[NEAREST] = np.mean(near, axis=0)
    return found


def probabilities(found: Mapping[str, Array], several: Several) -> Array:
    """Return the probability [q, classes] of each intent by itself, of the features that are there."""
    logit = several.bias + sum(weight * found[name] for name, weight in several.weights.items() if name in found)
    like = found[NETWORK]
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logit, -30.0, 30.0))) + np.zeros_like(like), np.float32)
