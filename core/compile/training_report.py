"""What an author should know of a training: how well the intents are told apart, and what confuses them.

All figures are of held-out parts: no example is judged by a network that has seen it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SHOWN = 20  # pairs and doubtful examples that are listed
SURE, UNSURE = 0.8, 0.1  # an example is doubtful when another intent is so sure of it and its own so unsure
BINS = 10  # of confidence
DRAWN = 1000  # intents; of more there is no confusion matrix
KNOWLEDGE_NAME = "(knowledge)"


@dataclass(frozen=True, slots=True)
class Report:
    """Hold the figures of a cross-validation.

    `confusion` [intents][intents] counts the examples of the row's intent that were taken for the column's; `scores`
    are precision, recall and support of each intent; `calibration` has, for each tenth of confidence, the number of
    examples, their mean confidence and the share that was right; `calibration_error` is the expected calibration
    error (Guo et al., ICML 2017).
    """

    cross_validated_accuracy: float | None
    folds: int
    examples: int
    epochs: int
    confused: list[dict[str, Any]]
    doubtful: list[dict[str, Any]]
    labels: list[str]
    confusion: list[list[int]]
    scores: dict[str, dict[str, float]]
    calibration: list[dict[str, float]]
    calibration_error: float | None

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


def report(
    probabilities: NDArray[np.float32],
    truth: NDArray[np.int64],
    texts: Sequence[str],
    intents: Sequence[str],
    folds: int,
    epochs: int,
) -> Report:
    """Return the figures from held-out probabilities [n, intents + 1], the last of the background, and labels [n]."""
    labels = [name or KNOWLEDGE_NAME for name in intents]
    count = len(labels)
    if not len(truth):
        return Report(None, folds, 0, epochs, [], [], labels, [], {}, [], None)
    guessed = probabilities[:, :-1].argmax(1)
    sure = probabilities[np.arange(len(truth)), guessed]
    counted = [np.bincount(part, minlength=count) for part in (truth[guessed == truth], guessed, truth)]
    confusion = np.zeros((count, count) if count <= DRAWN else (0, 0), np.int64)
    if confusion.size:
        np.add.at(confusion, (truth, guessed), 1)
    pairs: dict[tuple[int, int], list[str]] = {}
    doubtful = []
    for row in np.flatnonzero(guessed != truth).tolist():
        right, guess = int(truth[row]), int(guessed[row])
        pairs.setdefault((right, guess), []).append(texts[row])
        if probabilities[row, guess] > SURE and probabilities[row, right] < UNSURE:
            doubtful.append({"text": texts[row], "intent": labels[right], "looks_like": labels[guess]})
    confused = [
        {"intent": labels[right], "taken_for": labels[guess], "examples": said}
        for (right, guess), said in sorted(pairs.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    bins, error = _calibration(sure, guessed == truth)
    return Report(
        cross_validated_accuracy=round(float(np.mean(guessed == truth)), 4),
        folds=folds,
        examples=len(truth),
        epochs=epochs,
        confused=confused[:SHOWN],
        doubtful=doubtful[:SHOWN],
        labels=labels,
        confusion=confusion.tolist(),
        scores={name: _scores(*(int(part[i]) for part in counted)) for i, name in enumerate(labels)},
        calibration=bins,
        calibration_error=error,
    )


def _scores(hit: int, taken: int, support: int) -> dict[str, float]:
    return {
        "precision": round(hit / taken, 4) if taken else 0.0,
        "recall": round(hit / support, 4) if support else 0.0,
        "support": support,
    }


def _calibration(sure: NDArray[np.float32], right: NDArray[np.bool_]) -> tuple[list[dict[str, float]], float]:
    place = np.minimum((sure * BINS).astype(np.int64), BINS - 1)
    bins, error = [], 0.0
    for i in range(BINS):
        mine = place == i
        if not mine.any():
            continue
        confidence, accuracy = float(sure[mine].mean()), float(right[mine].mean())
        error += float(mine.mean()) * abs(confidence - accuracy)
        bins.append({
            "from": i / BINS, "examples": int(mine.sum()),
            "confidence": round(confidence, 4), "accuracy": round(accuracy, 4),
        })  # fmt: skip
    return bins, round(error, 4)
