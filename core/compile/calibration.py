"""Fit the few numbers that turn the members' evidence into calibrated probabilities and an out-of-scope decision.

Judges by held-out evidence only: no row was seen by the member that speaks of it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..mind.understanding.judgement import Evidence, Judgement, mixture, opinions, scope, softmax
from ..mind.understanding.neighbours import votes

STEPS = 60  # of the mixture's weights
LEAST_WEIGHT = 0.02  # a member with less is left out
LOST = (0.005, 0.03)  # the share of held-out in-scope messages that the threshold may lose, of many
LEAST_LOST = 3  # messages, up to LEAST_SHARE: the lowest of few is no more than chance
LEAST_SHARE = 0.01
ASKED = 4.0  # messages in scope for each one that is not, as one would expect of users
LOST_OF_FEW = 0.15  # of so few messages that a share says little, two may be lost up to this share
ALONE_LOST = 0.015  # where nothing out of scope is known
Array = NDArray[np.float32]
Labels = NDArray[np.int64]


def _loss(probabilities: Array, truth: Labels) -> float:
    return float(-np.log(np.maximum(probabilities[np.arange(len(truth)), truth], 1e-9)).mean())


def _temperature(logits: Array, truth: Labels) -> float:
    """Return the temperature with the least negative log-likelihood (Guo et al., ICML 2017)."""
    values: list[float] = np.geomspace(0.2, 4.0, 30).tolist()
    return min(values, key=lambda value: _loss(softmax(logits / value), truth))


def calibrate(evidence: Evidence, truth: Labels, neighbours: int) -> Judgement:
    """Return temperatures, sharpness, weights and confidence with the least loss on held-out rows with labels [q].

    The weights of the members are those of a mixture, by expectation maximisation (Dempster et al., 1977).
    """
    judgement = Judgement(neighbours=neighbours)
    if not len(truth):
        return judgement
    temperatures = {name: round(_temperature(logits, truth), 4) for name, logits in evidence.logits.items()}
    classes = next(iter(evidence.logits.values())).shape[1]
    if evidence.near:
        first = next(iter(evidence.near.values()))
        sharpness = min((10.0, 20.0, 30.0, 40.0), key=lambda value: _loss(votes(first, classes, value), truth))
        judgement = replace(judgement, sharpness=sharpness)
    judgement = replace(judgement, temperatures=temperatures)
    found = opinions(evidence, judgement)
    names = list(found)
    likely = np.stack([found[name][np.arange(len(truth)), truth] for name in names], 1).astype(np.float64)  # [q, m]
    weights = np.full(len(names), 1 / len(names))
    for _ in range(STEPS):
        shares = weights * np.maximum(likely, 1e-9)
        weights = (shares / shares.sum(1, keepdims=True)).mean(0)
    weights = np.where(weights < LEAST_WEIGHT, 0.0, weights)
    weights /= weights.sum()
    judgement = replace(judgement, weights={name: round(float(w), 4) for name, w in zip(names, weights) if w})
    powers = np.geomspace(0.5, 3.0, 25).tolist()
    best = min(powers, key=lambda value: _loss(mixture(found, replace(judgement, confidence=value)), truth))
    return replace(judgement, confidence=round(best, 4))


def with_threshold(judgement: Judgement, evidence: Evidence, truth: Labels, background: int) -> Judgement:
    """Return the judgement with the threshold that best tells held-out messages in scope from those that are not.

    Rows with the label `background` are not. The threshold loses no more and no fewer of the others than LOST says.
    """
    if not len(truth):
        return judgement
    score = scope(evidence, judgement)
    probabilities = mixture(opinions(evidence, judgement), judgement)
    right = (probabilities[:, :-1].argmax(1) == truth) & (truth != background)
    outside = score[truth == background]
    own = score[right] if right.sum() >= 5 else score[truth != background]
    if not len(own):
        value = float(np.quantile(outside, 0.95))
    elif len(outside) < 10:
        value = float(np.quantile(own, ALONE_LOST))
    else:
        least = max(LOST[0], min(LEAST_SHARE, LEAST_LOST / len(own)))
        lost = np.linspace(least, max(LOST[1], min(LOST_OF_FEW, 2 / len(own))), 26)
        steps = np.quantile(own, lost)
        caught = np.array([(outside < step).mean() for step in steps])
        value = float(steps[int(np.argmax(caught - ASKED * lost))])
    return replace(judgement, threshold=round(value, 4))
