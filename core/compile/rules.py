"""Topics of ethics rules, made ready: how a message is scored, and from which score it is on topic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..mind.disclosure import PATH as DISCLOSURE
from ..mind.rules.conditions import conditions
from ..mind.rules.topics import Topic
from ..persona.rule_sets import disclosure
from ..persona.schema import Condition, Rule

RIDGE = 0.3
FOLDS = 5
HARMLESS_KEPT = 0.995  # the share of the persona's own and everyday sentences that no topic may touch
LEAST = 0.3  # of a score that is 1 for the topic and 0 for everything else
OTHERS_WEIGHT = 4.0  # of all harmless sentences together; the examples of a topic weigh 1
UNLIKE_WEIGHT = 2.0  # of all that an author said is not on topic
Matrix = NDArray[np.float64]
Vectors = dict[str, NDArray[np.float32]]
Encode = Callable[[Sequence[str]], Vectors]


def topics(
    rules: Sequence[Rule], harmless: Sequence[str], everyday: Sequence[str], encode: Encode
) -> tuple[dict[str, Topic], dict[str, dict[str, Any]]]:
    """Return the topics of rules by the path of their condition, and for each what the author should know of it.

    Among them is the one of questions whether the persona is a machine, of which nothing is reported.
    """
    places = [place for rule in rules for place in conditions(rule.when, rule.id)]
    found, report = topics_of([*places, (DISCLOSURE, disclosure())], harmless, everyday, encode)
    report.pop(DISCLOSURE)
    return found, report


def topics_of(
    places: Sequence[tuple[str, Condition]], harmless: Sequence[str], everyday: Sequence[str], encode: Encode
) -> tuple[dict[str, Topic], dict[str, dict[str, Any]]]:
    """Return the topics among some conditions, each with its path.

    `harmless` are the persona's own questions and examples, `everyday` sentences that ship with personac. A topic is a
    linear score for each encoder, by ridge regression of its examples against harmless sentences. The
    threshold lets nearly all of those pass when they are held out, unless the author gave one. Of a topic without
    examples the report does not say how many are caught.
    """
    found: dict[str, Topic] = {}
    report: dict[str, dict[str, Any]] = {}
    if not any(condition.topic for _, condition in places):
        return found, report
    permitted = encode(harmless)
    others = encode([*harmless, *everyday])
    ridges = {name: _Ridge(matrix) for name, matrix in others.items()}
    count = len(harmless) + len(everyday)
    for path, condition in places:
        if condition.topic is None:
            continue
        own = encode([condition.topic, *(condition.examples or ())])
        unlike = encode(condition.unlike) if condition.unlike else {}
        fitted = [ridges[name].fit(own[name], unlike.get(name)) for name in own]
        inside, outside = (np.mean(part, axis=0) for part in zip(*((fit.inside, fit.outside) for fit in fitted)))
        if condition.threshold is not None:
            threshold = float(condition.threshold)
        else:
            threshold = max(LEAST, float(np.quantile(outside, HARMLESS_KEPT))) if count else LEAST
        found[path] = Topic({name: fit.weights for name, fit in zip(own, fitted)}, threshold, own, permitted, unlike)
        report[path] = {
            "threshold": round(threshold, 3),
            "examples_caught": round(float(np.mean(inside >= threshold)), 3) if condition.examples else None,
            "others_caught": round(float(np.mean(outside >= threshold)), 4) if count else 0.0,
        }
    return found, report


@dataclass(frozen=True, slots=True)
class _Fit:
    """Hold the weights [d + 1] of a topic, and the scores of its examples and of the others, held out."""

    weights: NDArray[np.float32]
    inside: Matrix
    outside: Matrix


class _Ridge:
    """Fit topics against the same harmless sentences: what is common to all topics is inverted once.

    With A = Σ w r rᵀ + λ over the harmless rows r, whose target is 0, and U, W, y the rows, weights and targets of a
    topic, its weights are A⁻¹U (W⁻¹ + UᵀA⁻¹U)⁻¹ y (Woodbury's identity).
    """

    def __init__(self, others: NDArray[np.float32]) -> None:
        self._rows = _with_constant(others)
        self._folds = np.arange(len(others)) % FOLDS
        self._inverses = [self._inverse(self._rows[self._folds != fold]) for fold in range(FOLDS)]
        self._inverses.append(self._inverse(self._rows))

    def fit(self, own: NDArray[np.float32], unlike: NDArray[np.float32] | None) -> _Fit:
        """Return the topic of some examples: it scores them 1, what is unlike them 0, and the rest 0."""
        rows = _with_constant(own)
        apart = _with_constant(unlike) if unlike is not None else rows[:0]
        inside, outside = np.zeros(len(rows)), np.zeros(len(self._rows))
        for fold in range(FOLDS):
            mine, theirs = np.arange(len(rows)) % FOLDS == fold, self._folds == fold
            if mine.all():
                mine = np.zeros(len(rows), np.bool_)
            weights = _solve(self._inverses[fold], rows[~mine], apart)
            inside[mine] = rows[mine] @ weights
            outside[theirs] = self._rows[theirs] @ weights
        return _Fit(np.asarray(_solve(self._inverses[-1], rows, apart), np.float32), inside, outside)

    def _inverse(self, rows: Matrix) -> Matrix:
        penalty = np.full(rows.shape[1], RIDGE)
        penalty[-1] = 1e-3
        gram = rows.T @ rows * (OTHERS_WEIGHT / max(len(rows), 1)) + np.diag(penalty)
        return np.asarray(np.linalg.inv(gram), np.float64)


def _with_constant(rows: NDArray[np.float32]) -> Matrix:
    return np.concatenate([rows, np.ones((len(rows), 1), np.float32)], 1).astype(np.float64)


def _solve(inverse: Matrix, own: Matrix, apart: Matrix) -> Matrix:
    rows = np.concatenate([own, apart])
    wanted = np.concatenate([np.ones(len(own)), np.zeros(len(apart))])
    spread = np.concatenate([np.full(len(own), float(len(own))), np.full(len(apart), len(apart) / UNLIKE_WEIGHT)])
    reached = inverse @ rows.T
    return np.asarray(reached @ np.linalg.solve(np.diag(spread) + rows @ reached, wanted), np.float64)
