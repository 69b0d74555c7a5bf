"""Topics of ethics rules, made ready: how a message is scored, and from which score it is on topic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..mind.ethics import Topic, conditions
from ..persona.schema import Persona

RIDGE = 0.3
FOLDS = 5
HARMLESS_KEPT = 0.995  # the share of the persona's own and everyday sentences that no topic may touch
LEAST = 0.3  # of a score that is 1 for the topic and 0 for everything else
Vectors = dict[str, NDArray[np.float32]]
Encode = Callable[[Sequence[str]], Vectors]


def topics(
    persona: Persona, harmless: Sequence[str], everyday: Sequence[str], encode: Encode
) -> tuple[dict[str, Topic], dict[str, dict[str, Any]]]:
    """Return the topics by the path of their condition, and for each what the author should know of it.

    `harmless` are the persona's own questions and examples, `everyday` sentences that ship with personac. A topic is a
    linear score for each encoder, by ridge regression of its examples against harmless sentences. The
    threshold lets nearly all of those pass when they are held out, unless the author gave one.
    """
    found: dict[str, Topic] = {}
    report: dict[str, dict[str, Any]] = {}
    places = [place for rule in persona.ethics.rules for place in conditions(rule.when, rule.id)]
    if not any(condition.topic for _, condition in places):
        return found, report
    permitted = encode(harmless)
    others = encode([*harmless, *everyday])
    for path, condition in places:
        if condition.topic is None:
            continue
        own = encode([condition.topic, *(condition.examples or ())])
        inside, outside = _held_out(own, others)
        if condition.threshold is not None:
            threshold = float(condition.threshold)
        else:
            threshold = max(LEAST, float(np.quantile(outside, HARMLESS_KEPT))) if len(outside) else LEAST
        weights = {name: _fit(own[name], others[name]) for name in own}
        found[path] = Topic(weights, threshold, own, permitted)
        report[path] = {
            "threshold": round(threshold, 3),
            "examples_caught": round(float(np.mean(inside >= threshold)), 3),
            "others_caught": round(float(np.mean(outside >= threshold)), 4) if len(outside) else 0.0,
        }
    return found, report


def _fit(own: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return weights [d + 1], the last for a constant 1, that score the topic 1 and the rest 0."""
    rows = np.concatenate([own, others])
    rows = np.concatenate([rows, np.ones((len(rows), 1), np.float32)], 1).astype(np.float64)
    wanted = np.concatenate([np.ones(len(own)), np.zeros(len(others))])
    weight = np.concatenate([np.full(len(own), 1 / len(own)), np.full(len(others), 4 / max(len(others), 1))])
    penalty = np.full(rows.shape[1], RIDGE)
    penalty[-1] = 1e-3
    gram = rows.T @ (rows * weight[:, None]) + np.diag(penalty)
    return np.asarray(np.linalg.solve(gram, rows.T @ (weight * wanted)), np.float32)


def _held_out(own: Vectors, others: Vectors) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the scores of the topic's examples and of the others, each from weights that did not see it."""
    count, rest = len(next(iter(own.values()))), len(next(iter(others.values())))
    inside, outside = np.zeros(count, np.float32), np.zeros(rest, np.float32)
    for fold in range(FOLDS):
        mine, theirs = np.arange(count) % FOLDS == fold, np.arange(rest) % FOLDS == fold
        if mine.all():
            mine = np.zeros(count, np.bool_)
        for name in own:
            weights = _fit(own[name][~mine], others[name][~theirs])
            inside[mine] += own[name][mine] @ weights[:-1] + weights[-1]
            outside[theirs] += others[name][theirs] @ weights[:-1] + weights[-1]
    inside /= len(own)
    outside /= len(own)
    return inside, outside
