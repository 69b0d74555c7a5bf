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

from ..evidence import NO, YES, Array, Evidence, softmax

PENALTIES = (2.0, 5.0, 10.0, 20.0)  # of the squared weights, over two, per case's log loss of one
FOLDS = 5
STEPS = 400
SETTLED = 2e-5  # no weight's slope, per case, is larger at the end
PRIOR = 1.0  # cases added to each label when rates are counted
PARTS = 2  # times that a case is also learnt from with some of its answers, as it looks half-way through an enquiry
PART = 0.5  # what such a row weighs beside the whole case


@dataclass(frozen=True, slots=True)
class Case:
    """Hold what is known of one case: findings that are present or absent, and the label it turned out to have.

    `told` are the findings that were known before any question was asked; all of them, when it is None.
    """

    answers: Mapping[str, bool]
    label: str
    told: frozenset[str] | None = None


def fit(cases: Sequence[Case], seed: int = 20_26) -> Evidence:
    """Return the evidence of cases; the penalty is the one with the least log loss in 5-fold cross-validation.

    A case whose answers had to be asked for is also learnt from as it looked before and half-way. Raise ValueError
    without cases.
    """
    if not cases:
        raise ValueError("there are no cases to learn from")
    labels = tuple(sorted({case.label for case in cases}))
    findings = tuple(sorted({name for case in cases for name in case.answers}))
    place = {name: number for number, name in enumerate(findings)}
    random = np.random.default_rng(seed)
    views = [view for number, case in enumerate(cases) for view in _views(number, case, random)]
    row = [at for at, view in enumerate(views) for _ in view.answers]
    column = [2 * place[name] + (YES if said else NO) for view in views for name, said in view.answers.items()]
    known = _Known(np.array(row, np.int64), np.array(column, np.int64), 2 * len(findings))
    case = np.array([view.case for view in views])
    target = np.array([labels.index(one.label) for one in cases])
    rows = _Rows(known, target[case], np.array([view.weight for view in views]), case)
    penalty = _penalty(rows, target, len(labels), seed)
    found = _descend(rows, len(labels), penalty, SETTLED, None)
    weights = found[:-1].reshape(len(findings), 2, len(labels))
    return Evidence(labels, findings, weights, found[-1], _rates(cases, place, target, weights.shape))


class _View(NamedTuple):
    """Hold a case with all or some of its answers."""

    case: int
    answers: Mapping[str, bool]
    weight: float


def _views(number: int, case: Case, random: np.random.Generator) -> list[_View]:
    """Return the whole case first, then what was told, then that with some of the answers to questions."""
    whole = _View(number, case.answers, 1.0)
    asked = [] if case.told is None else sorted(case.answers.keys() - case.told)
    if not asked:
        return [whole]
    told = {name: said for name, said in case.answers.items() if name not in asked}
    views = [whole, _View(number, told, PART)]
    for _ in range(PARTS):
        share = random.random()
        some = {name: case.answers[name] for name in asked if random.random() < share}
        views.append(_View(number, {**told, **some}, PART))
    return views


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


class _Rows(NamedTuple):
    """Hold what is learnt from: what is known of each row, its label, its weight and the case that it is a view of."""

    known: _Known
    target: NDArray[np.int64]
    weight: Array
    case: NDArray[np.int64]

    def of(self, rows: NDArray[np.bool_]) -> _Rows:
        """Return some of the rows."""
        return _Rows(self.known.of(rows), self.target[rows], self.weight[rows], self.case[rows])


def _gathered(values: Array, place: NDArray[np.int64], count: int) -> Array:
    """Return the sums [count, c] of values [m, c] by their places."""
    return np.stack([np.bincount(place, values[:, c], count) for c in range(values.shape[1])], 1)


def _rates(cases: Sequence[Case], place: Mapping[str, int], target: NDArray[np.int64], shape: tuple[int, ...]) -> Array:
    """Return how often a question for a finding gets yes, and no, in the cases of each label [f, 2, c].

    Only answers to questions count, where cases say which those are.
    """
    counts = np.zeros(shape)
    for case, label in zip(cases, target):
        for name, said in case.answers.items():
            if case.told is None or name not in case.told:
                counts[place[name], YES if said else NO, label] += 1
    sizes = np.bincount(target, minlength=shape[-1])
    return np.asarray((counts + PRIOR / 4) / (sizes + PRIOR))


def _penalty(rows: _Rows, target: NDArray[np.int64], classes: int, seed: int) -> float:
    counts = Counter(target.tolist())
    folds = min(FOLDS, max(counts.values()))
    if folds < 2 or classes < 2:
        return PENALTIES[-1]
    order = np.random.default_rng(seed).permutation(len(target))
    fold = np.empty(len(target), np.int64)
    for label in counts:  # each fold has its share of each label
        own = order[target[order] == label]
        fold[own] = np.arange(len(own)) % folds
    losses = np.zeros(len(PENALTIES))
    for held in range(folds):
        learnt, asked = rows.of(fold[rows.case] != held), rows.of(fold[rows.case] == held)
        count, start = len(asked.target), None
        for place in reversed(range(len(PENALTIES))):  # from the smoothest on, each beginning where the last ended
            start = _descend(learnt, classes, PENALTIES[place], 1e-4, start)
            found = softmax(asked.known.times(start[:-1], count) + start[-1])
            surely = np.log(np.maximum(found[np.arange(count), asked.target], 1e-12))
            losses[place] -= float((asked.weight * surely).sum())
    return PENALTIES[int(np.argmin(losses))]


def _descend(rows: _Rows, classes: int, penalty: float, settled: float, start: Array | None) -> Array:
    """Return weights, the bias as their last row [f + 1, c], of least log loss plus penalty/2 times their squares.

    Accelerated gradient descent (Nesterov 1983) with restarts, its step from the largest curvature.
    """
    count, truth = len(rows.target), np.eye(classes)[rows.target]
    wide, weight = rows.known.with_bias(count), rows.weight[:, None]
    ridge = np.full((wide.width, 1), penalty)
    ridge[-1] = 1e-3  # the bias goes nearly free
    vector = np.ones((wide.width, 1))
    for _ in range(30):
        vector = wide.transposed_times(weight * wide.times(vector, count))
        vector /= max(float(np.linalg.norm(vector)), 1e-12)
    step = 1.0 / (0.55 * float((weight * wide.times(vector, count) ** 2).sum()) + penalty)
    now = ahead = np.zeros((wide.width, classes)) if start is None else start
    pace = 1.0
    for _ in range(STEPS):
        errors = weight * (softmax(wide.times(ahead, count)) - truth)
        slope = wide.transposed_times(errors) + ridge * ahead
        following = ahead - step * slope
        if float((slope * (following - now)).sum()) > 0:  # it went too far: begin anew from here
            pace = 1.0
        faster = (1 + (1 + 4 * pace * pace) ** 0.5) / 2
        ahead, now, pace = following + (pace - 1) / faster * (following - now), following, faster
        if float(np.abs(slope).max()) < settled * float(rows.weight.sum()):
            break
    return now
