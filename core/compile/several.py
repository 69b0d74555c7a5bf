"""Learn to find all the intents of a message, from examples that belong to several.

Knows vectors and labels: a ridge regression for each encoder, judged by leaving out each row in closed form, and the
few weights that make probabilities of it and of what network and neighbours say of rows that were held out.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ..mind.understanding.judgement import Evidence
from ..mind.understanding.several import Scores, Several, features, probabilities
from .training import Examples

PENALTIES = (0.05, 0.1, 0.3, 1.0)  # of the ridge regression, by the error of rows that were left out
SHRUNK, NEWTON = 1e-4, 60  # penalty and steps of the logistic regression
CUTS = 120  # thresholds that are tried
Array = NDArray[np.float32]
Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


def packed(several: NDArray[np.bool_], intent: Labels) -> Labels:
    """Return the labels of rows as [n, most] with -1 in what is left over; rows without any have that of `intent`."""
    most = max(1, int(several.sum(1).max(initial=1)))
    found = np.full((len(several), most), -1, np.int64)
    rows, labels = np.nonzero(several)
    first = np.searchsorted(rows, np.arange(len(several)))
    found[rows, np.arange(len(rows)) - first[rows]] = labels
    none = ~several.any(1)
    found[none, 0] = intent[none]
    return found


def asked(examples: Examples) -> NDArray[np.bool_]:
    """Return which rows [n] teach to find several intents: all but the everyday sentences that ship with personac.

    Those would outnumber the examples, and a linear score would learn little else than to say no.
    """
    outside = (examples.intent == examples.several.shape[1]) & (examples.emotion < 0)
    taught: NDArray[np.bool_] = examples.several.any(1) | outside
    return taught


def learn(examples: Examples, readers: Mapping[str, int], rows: Labels) -> tuple[Scores, dict[str, Array]]:
    """Return linear scores and names by encoder, and the features [q, classes] of rows, each left out."""
    classes = examples.several.shape[1]
    taught = asked(examples)
    always = examples.always if len(examples.always) else np.zeros(len(taught), np.bool_)
    linear, names = {}, {}
    sums = {"linear": np.zeros((len(rows), classes)), "name": np.zeros((len(rows), classes))}
    count = np.zeros((len(rows), 1))
    for encoder, token in readers.items():
        vectors = np.asarray(examples.tokens[token], np.float64)
        mine = np.flatnonzero(taught & examples.present[token])
        if not len(mine):
            continue
        target = examples.several[mine].astype(np.float64)
        weights, left_out = _ridge(vectors[mine], target, np.flatnonzero(np.isin(mine, rows)))
        named = _names(vectors, examples.several, mine, always)
        at = np.flatnonzero(np.isin(rows, mine))  # `rows` are in order, as `mine` are
        sums["linear"][at] += left_out
        sums["name"][at] += vectors[rows[at]] @ named.T
        count[at] += 1
        linear[encoder], names[encoder] = weights.astype(np.float32), named.astype(np.float32)
    found = {name: (value / np.maximum(count, 1)).astype(np.float32) for name, value in sums.items()}
    return Scores(linear, names), found


def _names(vectors: Floats, several: NDArray[np.bool_], mine: Labels, always: NDArray[np.bool_]) -> Floats:
    """Return a direction [classes, d] for each intent: its name's, else the mean of its examples."""
    named = np.zeros((several.shape[1], vectors.shape[1]))
    for some in (mine[~always[mine]], mine[always[mine]]):
        sums = several[some].T.astype(np.float64) @ vectors[some]
        length = np.linalg.norm(sums, axis=1, keepdims=True)
        named = np.where(length > 1e-9, sums / np.maximum(length, 1e-9), named)
    return named


def _ridge(vectors: Floats, target: Floats, rows: Labels) -> tuple[Floats, Floats]:
    """Return weights [classes, d + 1], and the scores [q, classes] of rows, each by the regression without it.

    The penalty has the least error of the rows left out (Golub, Heath and Wahba, Technometrics 1979).
    """
    mean = target.mean(0)
    values, axes = np.linalg.eigh(vectors.T @ vectors)  # [d], [d, d]
    turned = vectors @ axes  # [n, d]
    answer = turned.T @ (target - mean)  # [d, classes]
    best: tuple[float, Floats, Floats] | None = None
    for penalty in PENALTIES:
        inverse = 1.0 / (np.maximum(values, 0.0) + penalty)
        leverage = (turned[rows] ** 2) @ inverse
        score = turned[rows] @ (answer * inverse[:, None]) + mean
        left_out = target[rows] - (target[rows] - score) / np.maximum(1.0 - leverage, 1e-6)[:, None]
        error = float(((target[rows] - left_out) ** 2).mean()) if len(rows) else penalty
        if best is None or error < best[0]:
            best = error, (axes @ (answer * inverse[:, None])).T, left_out
    assert best is not None
    return np.concatenate([best[1], mean[:, None]], 1), best[2]


def calibrate(left_out: Mapping[str, Array], evidence: Evidence, truth: NDArray[np.bool_], sharpness: float) -> Several:
    """Return weights and the threshold with the best F1, of rows that were held out, with labels [q, classes]."""
    found = features(left_out, evidence, sharpness)
    names = list(found)
    stacked = np.stack([found[name].ravel() for name in names], 1).astype(np.float64)
    mean, spread = stacked.mean(0), np.maximum(stacked.std(0), 1e-6)
    right = truth.ravel().astype(np.float64)
    fitted = _logistic((stacked - mean) / spread, right)
    weights = fitted[:-1] / spread
    several = Several(
        {name: round(float(weight), 5) for name, weight in zip(names, weights)},
        round(float(fitted[-1] - (weights * mean).sum()), 5),
        0.5,
    )
    sure = probabilities(found, several)
    cuts = np.quantile(sure, np.linspace(max(0.0, 1 - 4 * float(right.mean())), 1.0, CUTS, endpoint=False))
    f1 = [2 * (truth & (sure > cut)).sum() / (right.sum() + (sure > cut).sum()) for cut in cuts]
    return Several(several.weights, several.bias, round(float(cuts[int(np.argmax(f1))]), 4))


def _logistic(values: Floats, right: Floats) -> Floats:
    """Return the weights [features + 1] of a logistic regression, by damped Newton steps."""
    rows = np.concatenate([values, np.ones((len(values), 1))], 1)
    weights = np.zeros(rows.shape[1])
    for _ in range(NEWTON):
        sure = 1.0 / (1.0 + np.exp(-np.clip(rows @ weights, -30.0, 30.0)))
        slope = rows.T @ (sure - right) / len(rows) + SHRUNK * weights
        bend = (rows * (sure * (1.0 - sure))[:, None]).T @ rows / len(rows) + SHRUNK * np.eye(len(weights))
        weights -= 0.5 * np.linalg.solve(bend, slope)
    return weights
