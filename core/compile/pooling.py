"""Several judges' opinions in one: a product of their probabilities, each to a power fitted on rows that none has seen.

Knows probabilities and labels only. Rare classes may be lifted, as far as that serves the weighted F1 of those rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LIFTS = np.linspace(0.0, 0.8, 9)
STEPS = 40
Array = NDArray[np.float32]
Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pool:
    """Hold the power of each judge, and what is added to each class [classes].

    Logarithmic pooling: Genest and Zidek, Statistical Science 1 (1986).
    """

    powers: dict[str, float]
    lift: Array

    def logits(self, opinions: Mapping[str, Array]) -> Array:
        """Return [n, classes] for the judges' log-probabilities [n, classes]."""
        return np.asarray(sum(power * opinions[name] for name, power in self.powers.items()) + self.lift, np.float32)


def fit_pool(opinions: Mapping[str, Array], truth: Labels, shares: NDArray[np.float64]) -> Pool:
    """Return the pool with the least loss on held-out rows, and then the lift with the highest weighted F1.

    `opinions` are log-probabilities [n, classes] by judge, `truth` the labels [n], `shares` [classes] how common each
    class is in training. The lift is a power of the shares' inverse.
    """
    import torch

    names = list(opinions)
    stacked = torch.from_numpy(np.stack([opinions[name] for name in names]))  # [judges, n, classes]
    right = torch.from_numpy(truth)
    free = torch.full((len(names),), float(np.log(np.expm1(1.0 / len(names)))), requires_grad=True)
    optimizer = torch.optim.LBFGS([free], max_iter=STEPS, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        powers = torch.nn.functional.softplus(free)
        value = torch.nn.functional.cross_entropy((powers[:, None, None] * stacked).sum(0), right)
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        powers = dict(zip(names, torch.nn.functional.softplus(free).tolist(), strict=True))
    pool = Pool(powers, np.zeros(len(shares), np.float32))
    pooled = pool.logits(opinions)
    rare = -np.log(np.maximum(shares, 1e-4))
    rare -= rare.mean()
    scores = np.array([_weighted_f1(truth, (pooled + lift * rare).argmax(1), len(shares)) for lift in LIFTS])
    smooth = np.convolve(np.pad(scores, 1, mode="edge"), np.full(3, 1 / 3), "valid")  # one row more is no evidence
    return Pool(powers, (LIFTS[int(smooth.argmax())] * rare).astype(np.float32))


def _weighted_f1(truth: Labels, found: Labels, classes: int) -> float:
    confusion = np.zeros((classes, classes))
    np.add.at(confusion, (truth, found), 1.0)
    support, right = confusion.sum(1), np.diag(confusion)
    f1 = 2 * right / np.maximum(support + confusion.sum(0), 1.0)
    return float((f1 * support).sum() / max(support.sum(), 1.0))
