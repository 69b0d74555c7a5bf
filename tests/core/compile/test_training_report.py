"""What the report says of held-out guesses is what they are."""

from __future__ import annotations

import numpy as np
from personac.core.compile.training_report import report


def guesses(*rows: tuple[float, float, float]) -> np.ndarray:
    """Return probabilities for two intents and the background."""
    return np.array(rows, np.float32)


def test_accuracy_confusion_and_scores_are_counted() -> None:
    probabilities = guesses((0.9, 0.05, 0.05), (0.95, 0.02, 0.03), (0.1, 0.8, 0.1), (0.6, 0.3, 0.1))
    told = report(probabilities, np.array([0, 1, 1, 1]), ["a", "b", "c", "d"], ["buy", ""], 5, 12)
    assert told.cross_validated_accuracy == 0.5
    assert told.labels == ["buy", "(knowledge)"]
    assert told.confusion == [[1, 0], [2, 1]]
    assert told.scores["buy"] == {"precision": 0.3333, "recall": 1.0, "support": 1}
    assert told.scores["(knowledge)"] == {"precision": 1.0, "recall": 0.3333, "support": 3}
    assert told.confused == [{"intent": "(knowledge)", "taken_for": "buy", "examples": ["b", "d"]}]
    assert told.doubtful == [{"text": "b", "intent": "(knowledge)", "looks_like": "buy"}]


def test_calibration_compares_confidence_with_what_was_right() -> None:
    probabilities = guesses((0.95, 0.0, 0.05), (0.95, 0.0, 0.05), (0.45, 0.35, 0.2), (0.45, 0.35, 0.2))
    told = report(probabilities, np.array([0, 0, 0, 1]), list("abcd"), ["buy", "sell"], 5, 3)
    assert told.calibration == [
        {"from": 0.4, "examples": 2, "confidence": 0.45, "accuracy": 0.5},
        {"from": 0.9, "examples": 2, "confidence": 0.95, "accuracy": 1.0},
    ]
    assert told.calibration_error == 0.05


def test_without_examples_there_are_no_figures() -> None:
    told = report(np.zeros((0, 1), np.float32), np.zeros(0, np.int64), [], [], 0, 20)
    assert told.cross_validated_accuracy is None
    assert told.confusion == []
