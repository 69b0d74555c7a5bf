"""How the members of the understanding are mixed into one calibrated opinion, and what is out of scope.

Members are the fused network, the nearest examples by each encoder, and a tuned encoder's head. Knows their numbers
only; the same arithmetic serves the compiler, which fits the few parameters, and the runtime.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .neighbours import Nearest, nearness, votes

NETWORK, NEAR = "network", "near "  # members beside TUNED; "near " is followed by the encoder's name
SCALE = 12.0  # logits are cosines times this, in the network and in a tuned head
Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Judgement:
    """Hold what calibration found.

    `weights` by member are shares of the mixture; `temperatures` divide the logits of network and tuned head;
    `sharpness` is that of the neighbours' votes; the mixture is raised to the power `confidence` and normalised.
    A message whose nearness is below `threshold` is out of scope; `neighbours` is how many examples it looks at.
    """

    weights: Mapping[str, float] = field(default_factory=lambda: {NETWORK: 1.0})
    temperatures: Mapping[str, float] = field(default_factory=dict)
    sharpness: float = 20.0
    confidence: float = 1.0
    threshold: float = 0.0
    neighbours: int = 5

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "weights": dict(self.weights), "temperatures": dict(self.temperatures), "sharpness": self.sharpness,
            "confidence": self.confidence, "threshold": self.threshold, "neighbours": self.neighbours,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """Hold what the members say of q messages: logits [q, classes], the last the background, and neighbours."""

    logits: Mapping[str, Array]
    near: Mapping[str, Nearest]

    def some(self, rows: NDArray[np.int64]) -> Evidence:
        """Return what is said of some of the messages."""
        near = {name: Nearest(found.cosines[rows], found.labels[rows]) for name, found in self.near.items()}
        return Evidence({name: logits[rows] for name, logits in self.logits.items()}, near)


def softmax(logits: Array) -> Array:
    """Return the softmax over the last axis."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True), np.float32)


def opinions(evidence: Evidence, judgement: Judgement) -> dict[str, Array]:
    """Return each member's probabilities [q, classes]."""
    found = {name: softmax(logits / judgement.temperatures.get(name, 1.0)) for name, logits in evidence.logits.items()}
    classes = next(iter(evidence.logits.values())).shape[1]
    return found | {NEAR + name: votes(near, classes, judgement.sharpness) for name, near in evidence.near.items()}


def mixture(opinions: Mapping[str, Array], judgement: Judgement) -> Array:
    """Return the calibrated probabilities [q, classes] of the members that are there."""
    weights = {name: judgement.weights.get(name, 0.0) for name in opinions}
    if sum(weights.values()) <= 0.0:
        weights = dict.fromkeys(opinions, 1.0)
    total = sum(weights[name] * opinions[name] for name in opinions) / sum(weights.values())
    return softmax(judgement.confidence * np.log(np.maximum(total, 1e-9)).astype(np.float32))


def scope(evidence: Evidence, judgement: Judgement) -> Array:
    """Return the nearness [q] of messages to the intents: the mean cosine of the best intent and of the neighbours.

    Where the background is likelier than any intent to network or tuned head, its lead is taken off.
    """
    parts = []
    for logits in evidence.logits.values():
        best = logits[:, :-1].max(1)
        parts.append((best - np.maximum(logits[:, -1] - best, 0.0)) / SCALE)
    if evidence.near:
        background = next(iter(evidence.logits.values())).shape[1] - 1
        near = [nearness(found, background, judgement.neighbours) for found in evidence.near.values()]
        parts.append(np.mean(near, axis=0))
    return np.asarray(np.mean(parts, axis=0), np.float32)
