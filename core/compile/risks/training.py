"""Training of the judge of risks: a small head on each encoder's vectors, and one on words and characters.

Knows vectors and n-grams, not where they come from. Each head is trained alone, so that a persona has the judge with
whichever encoders it reads with; what they say together is given its thresholds by `calibrated`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ...mind.risk.judge import LETTERS, Head
from ...mind.risk.ngrams import BUCKETS, ngrams

Array = NDArray[np.float32]
Classes = NDArray[np.int64]
Chosen = NDArray[np.bool_]
HIDDEN = 512  # of each of the networks that are one head together
EPOCHS, BATCH = 16, 128
LETTER_STEPS, LETTER_RATE = 150, 0.1
RATE, DECAY = 1.5e-3, 0.05
DROPOUT = 0.3
SMOOTHING = 0.05


def head(vectors: Array, targets: Classes, weights: Array, views: Sequence[Chosen]) -> Head:
    """Return a head for vectors [n, d] that tells their classes [n]; weights [n].

    It is the mean of networks, each of which learns from the rows of a view [n].
    """
    parts = [_network(vectors[own], targets[own], weights[own], seed) for seed, own in enumerate(views)]
    out = np.concatenate([*(part.out[:-1] for part in parts), np.sum([part.out[-1:] for part in parts], axis=0)])
    hidden = np.concatenate([part.hidden for part in parts if part.hidden is not None], axis=1)
    return Head(hidden, np.asarray(out / len(parts), np.float32))


def linear(vectors: Array, targets: Classes, weights: Array) -> Head:
    """Return a head of one layer for vectors [n, d] that tells their classes [n]; weights [n]."""
    torch.manual_seed(0)
    scale = float(np.sqrt(vectors.shape[1]))
    layer = nn.Linear(vectors.shape[1], int(targets.max()) + 1)
    _fit(nn.Sequential(nn.Dropout(DROPOUT / 2), layer), torch.from_numpy(vectors) * scale, targets, weights, 0)
    out = _layer(layer)
    out[:-1] *= scale
    return Head(None, out)


def beside(one: Head, other: Head) -> Head:
    """Return a head that gives the logits of two for the same vectors, those of the first before."""
    if one.hidden is None or other.hidden is None:
        return Head(None, np.concatenate([one.out, other.out], axis=1))
    first = np.pad(one.out[:-1], ((0, 0), (0, other.out.shape[1])))
    second = np.pad(other.out[:-1], ((0, 0), (one.out.shape[1], 0)))
    out = np.concatenate([first, second, np.concatenate([one.out[-1:], other.out[-1:]], axis=1)])
    return Head(np.concatenate([one.hidden, other.hidden], axis=1), out)


def _network(vectors: Array, targets: Classes, weights: Array, seed: int) -> Head:
    torch.manual_seed(seed)
    first, last = nn.Linear(vectors.shape[1], HIDDEN), nn.Linear(HIDDEN, int(targets.max()) + 1)
    model = nn.Sequential(nn.Dropout(DROPOUT / 2), first, nn.ReLU(), nn.Dropout(DROPOUT), last)
    scale = float(np.sqrt(vectors.shape[1]))
    _fit(model, torch.from_numpy(vectors) * scale, targets, weights, seed)
    hidden = _layer(first)
    hidden[:-1] *= scale
    return Head(hidden, _layer(last))


def table(texts: Sequence[str], targets: Classes, weights: Array, seed: int) -> Array:
    """Return weights [buckets + 1, kinds] of words and characters, the last row for a constant 1."""
    torch.manual_seed(seed)
    bag = _Bag(int(targets.max()) + 1)
    _fit_letters(bag, _values(texts), targets, weights)
    with torch.no_grad():
        return np.asarray(torch.cat([bag.weight, bag.bias[None]]).numpy(), np.float32)


class _Bag(nn.Module):
    """Give logits [n, kinds] for the values [n, buckets] of n-grams, a sparse matrix."""

    def __init__(self, kinds: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(BUCKETS, kinds))
        self.bias = nn.Parameter(torch.zeros(kinds))

    def forward(self, values: Tensor) -> Tensor:
        """Return logits [n, kinds]."""
        product: Tensor = torch.sparse.mm(values, self.weight)
        return product + self.bias


def _values(texts: Sequence[str]) -> Tensor:
    """Return the values [n, buckets] of the texts' n-grams as a sparse matrix."""
    rows = [ngrams(text) for text in texts]
    ends = torch.from_numpy(np.cumsum([0, *(len(buckets) for buckets, _ in rows)]))
    buckets = torch.from_numpy(np.concatenate([b for b, _ in rows]))
    values = torch.from_numpy(np.concatenate([v for _, v in rows]))
    places = torch.stack([torch.repeat_interleave(torch.arange(len(rows)), ends.diff()), buckets])
    return torch.sparse_coo_tensor(places, values, (len(rows), BUCKETS), check_invariants=True).coalesce()


def _fit(model: nn.Module, inputs: Tensor, targets: Classes, weights: Array, seed: int) -> None:
    order, wanted = np.random.default_rng(seed), torch.from_numpy(targets)
    weight = torch.from_numpy(weights / weights.mean())
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    steps = EPOCHS * -(-len(targets) // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: max(0.01, 1 - step / steps))
    model.train()
    for _ in range(EPOCHS):
        shuffled = torch.from_numpy(order.permutation(len(targets)))
        for start in range(0, len(targets), BATCH):
            rows = shuffled[start : start + BATCH]
            optimizer.zero_grad()
            loss = (losses(model(inputs[rows]), wanted[rows]) * weight[rows]).mean()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    model.eval()


def _fit_letters(model: nn.Module, inputs: Tensor, targets: Classes, weights: Array) -> None:
    wanted, weight = torch.from_numpy(targets), torch.from_numpy(weights / weights.mean())
    optimizer = torch.optim.Adam(model.parameters(), lr=LETTER_RATE)
    for _ in range(LETTER_STEPS):
        optimizer.zero_grad()
        loss = (losses(model(inputs), wanted) * weight).mean()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()


def losses(logits: Tensor, wanted: Tensor) -> Tensor:
    """Return the loss [n] of logits [n, classes] for the classes [n] that are wanted."""
    return nn.functional.cross_entropy(logits, wanted, reduction="none", label_smoothing=SMOOTHING)


def _layer(layer: nn.Linear) -> Array:
    """Return the weights of a layer as [inputs + 1, outputs], the last row for a constant 1."""
    with torch.no_grad():
        return np.asarray(torch.cat([layer.weight.T, layer.bias[None]]).numpy(), np.float32)


def members(heads: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the sets of members that a persona may have: words and characters, and any of the heads."""
    return [(LETTERS, *some) for size in range(len(heads) + 1) for some in combinations(sorted(heads), size)]
