"""Fit what findings say about labels, from cases: a softmax regression with a penalty chosen by cross-validation.

Knows cases as names and answers only. Numpy, in double precision: the same cases give the same numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..mind.understanding.evidence import NO, YES, Array, Evidence, softmax

PENALTIES = (2.0, 5.0, 10.0, 20.0)  # of the squared weights, over two, per case's log loss of one
FOLDS = 5
STEPS = 400
SETTLED = 2e-5  # no weight's slope, per case, is larger at the end
PRIOR = 1.0  # cases added to each label when rates are counted


@dataclass(frozen=True, slots=True)
class Case:
    """Hold what is known of one case: findings that are present or absent, and the label it turned out to have."""

    answers: Mapping[str, bool]
    label: str


def fit(cases: Sequence[Case], seed: int = 20_26) -> Evidence:
    """Return the evidence of cases; the penalty is the one with the least log loss in 5-fold cross-validation.

    Raise ValueError without cases.
    """
    if not cases:
        raise ValueError("there are no cases to learn from")
    labels = tuple(sorted({case.label for case in cases}))
    findings = tuple(sorted({name for case in cases for name in case.answers}))
    place = {name: number for number, name in enumerate(findings)}
    row = [number for number, case in enumerate(cases) for _ in case.answers]
    column = [2 * place[name] + (YES if said else NO) for case in cases for name, said in case.answers.items()]
    known = _Known(np.array(row, np.int64), np.array(column, np.int64), 2 * len(findings))
    target = np.array([labels.index(case.label) for case in cases])
    penalty = _penalty(known, target, len(labels), seed)
    found = _descend(known, target, len(labels), penalty, SETTLED, None)
    weights = found[:-1].reshape(len(findings), 2, len(labels))
    return Evidence(labels, findings, weights, found[-1], _rates(known, target, weights.shape))


class _Known(NamedTuple):
    """Hold a matrix of zeros and ones by where its ones are: rows [m], columns [m], and how many columns there are."""

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    width: int

    def of(self, rows: NDArray[np.bool_]) -> _Known:
        """Return some of the rows, numbered anew."""
        kept = rows[self.row]
        return _Known((np.cumsum(rows) - 1)[self.row[kept]], self.column[kept], self.width)

    def with_bias(self, rows: int) -> _Known:
        """Return one more column, of ones."""
        every = np.arange(rows)
        column = np.concatenate([self.column, np.full(rows, self.width)])
        return _Known(np.concatenate([self.row, every]), column, self.width + 1)

    def times(self, weights: Array, rows: int) -> Array:
        """Return the product with weights [width, c]: [rows, c]."""
        return _gathered(weights[self.column], self.row, rows)

    def transposed_times(self, errors: Array) -> Array:
        """Return the product of the transposed with errors [rows, c]: [width, c]."""
        return _gathered(errors[self.row], self.column, self.width)


def _gathered(values: Array, place: NDArray[np.int64], count: int) -> Array:
    """Return the sums [count, c] of values [m, c] by their places."""
    return np.stack([np.bincount(place, values[:, c], count) for c in range(values.shape[1])], 1)


def _rates(known: _Known, target: NDArray[np.int64], shape: tuple[int, ...]) -> Array:
    """Return how often each answer is known in the cases of each label [f, 2, c]."""
    truth = np.eye(shape[-1])[target]
    counts = known.transposed_times(truth).reshape(shape)
    return np.asarray((counts + PRIOR / 4) / (truth.sum(0) + PRIOR))


def _penalty(known: _Known, target: NDArray[np.int64], classes: int, seed: int) -> float:
    counts = Counter(target.tolist())
    folds = min(FOLDS, max(counts.values()))
    if folds < 2 or classes < 2:
        return PENALTIES[-1]
    order = np.random.default_rng(seed).permutation(len(target))
    fold = np.empty(len(target), np.int64)
    for label in counts:  # each fold has its share of each label
        rows = order[target[order] == label]
        fold[rows] = np.arange(len(rows)) % folds
    losses = np.zeros(len(PENALTIES))
    for held in range(folds):
        rest = fold != held
        start = None
        for place in reversed(range(len(PENALTIES))):  # from the smoothest on, each beginning where the last ended
            start = _descend(known.of(rest), target[rest], classes, PENALTIES[place], 1e-4, start)
            found = softmax(known.of(~rest).times(start[:-1], int((~rest).sum())) + start[-1])
            losses[place] -= np.log(np.maximum(found[np.arange(len(found)), target[~rest]], 1e-12)).sum()
    return PENALTIES[int(np.argmin(losses))]


def _descend(
    known: _Known, target: NDArray[np.int64], classes: int, penalty: float, settled: float, start: Array | None
) -> Array:
    """Return weights, the bias as their last row [f + 1, c], of least log loss plus penalty/2 times their squares.

    Accelerated gradient descent (Nesterov 1983) with restarts, its step from the largest curvature.
    """
    wide, rows, truth = known.with_bias(len(target)), len(target), np.eye(classes)[target]
    ridge = np.full((wide.width, 1), penalty)
    ridge[-1] = 1e-3  # the bias goes nearly free
    vector = np.ones((wide.width, 1))
    for _ in range(30):
        vector = wide.transposed_times(wide.times(vector, rows))
        vector /= max(float(np.linalg.norm(vector)), 1e-12)
    step = 1.0 / (0.55 * float(np.linalg.norm(wide.times(vector, rows))) ** 2 + penalty)
    now = ahead = np.zeros((wide.width, classes)) if start is None else start
    pace = 1.0
    for _ in range(STEPS):
        slope = wide.transposed_times(softmax(wide.times(ahead, rows)) - truth) + ridge * ahead
        following = ahead - step * slope
        if float((slope * (following - now)).sum()) > 0:  # it went too far: begin anew from here
            pace = 1.0
        faster = (1 + (1 + 4 * pace * pace) ** 0.5) / 2
        ahead, now, pace = following + (pace - 1) / faster * (following - now), following, faster
        if float(np.abs(slope).max()) < settled * rows:
            break
    return now
