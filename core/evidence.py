"""What findings say about causes: from answers of yes and no to a probability of each label, and what to ask next.

Knows neither words nor models: findings and labels are names, such as symptoms and diseases, or signs and faults.
Numpy only; `compile/evidence.py` fits it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
YES, NO = 0, 1  # the places of the two answers; a finding that nobody knows is no evidence


@dataclass(frozen=True, slots=True)
class Evidence:
    """Hold a softmax regression over answers [f, 2], and how often each answer is known of each label.

    `weights` [f, 2, c] and `bias` [c] make the logits; `rates` [f, 2, c] is the chance that a finding is known to be
    present, or absent, of a case with the label.
    """

    labels: tuple[str, ...]
    findings: tuple[str, ...]
    weights: Array
    bias: Array
    rates: Array
    _place: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_place", {name: place for place, name in enumerate(self.findings)})

    def probabilities(self, answers: Mapping[str, bool]) -> Array:
        """Return the probability of each label [c] after these answers; findings never seen say nothing."""
        return softmax(self._logits(answers))

    def ranking(self, answers: Mapping[str, bool]) -> list[tuple[str, float]]:
        """Return the labels with their probabilities, the likeliest first."""
        found = self.probabilities(answers)
        return [(self.labels[place], float(found[place])) for place in np.argsort(-found, kind="stable")]

    def next_question(self, answers: Mapping[str, bool], asked: Collection[str] = ()) -> tuple[str, float] | None:
        """Return the finding whose answer is expected to tell most, and how much in nats; None when none is left.

        The expected divergence of the labels' probabilities after the answer from those before (the information gain
        of Lindley 1956); a finding that is seldom known promises little.
        """
        left = [place for place, name in enumerate(self.findings) if name not in answers and name not in asked]
        if not left:
            return None
        logits = self._logits(answers)
        now = softmax(logits)
        after = softmax(logits + self.weights[left])  # [l, 2, c]
        chance = self.rates[left] @ now  # [l, 2]
        gain = (chance * divergence(after, now)).sum(1)
        best = int(np.argmax(gain))
        return self.findings[left[best]], float(gain[best])

    def _logits(self, answers: Mapping[str, bool]) -> Array:
        known = [(self._place[name], YES if said else NO) for name, said in answers.items() if name in self._place]
        return self.bias + sum((self.weights[place, answer] for place, answer in known), np.zeros_like(self.bias))

    def as_dict(self) -> dict[str, Any]:
        """Return what it holds as JSON-ready values."""
        arrays = {"weights": self.weights, "bias": self.bias, "rates": self.rates}
        rounded = {name: np.round(values, 6).tolist() for name, values in arrays.items()}
        return {"labels": list(self.labels), "findings": list(self.findings), **rounded}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Evidence:
        """Return what `as_dict` said."""
        arrays = {name: np.asarray(data[name], np.float64) for name in ("weights", "bias", "rates")}
        return cls(tuple(data["labels"]), tuple(data["findings"]), **arrays)


def softmax(logits: Array) -> Array:
    """Return probabilities along the last axis."""
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return np.asarray(powers / powers.sum(-1, keepdims=True))


def divergence(after: Array, before: Array) -> Array:
    """Return the Kullback-Leibler divergence along the last axis, in nats."""
    tiny = 1e-12
    return np.asarray((after * (np.log(np.maximum(after, tiny)) - np.log(np.maximum(before, tiny)))).sum(-1))
