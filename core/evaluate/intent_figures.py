"""The figures of labels that were found in messages, of one label each or of several.

Knows labels and what was thought of each message; nothing of models or files.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..mind.understanding.fusion import Thought
from .metrics import Counts, accuracy, auroc, expected_calibration_error, f1_scores, label_counts, multilabel_f1

Figures = dict[str, float | None]


def figures(labels: Sequence[tuple[str, ...]], thoughts: Sequence[Thought | None]) -> Figures:
    """Return the figures of rows with one label each, or none, given what was thought of each."""
    best = [thought.ranking[0][0] if thought and thought.ranking else "" for thought in thoughts]
    outside = [thought is None or thought.out_of_scope for thought in thoughts]
    near = np.array([thought.nearness if thought else 0.0 for thought in thoughts])
    sure = [thought.ranking[0][1] if thought and thought.ranking else 0.0 for thought in thoughts]
    own = [i for i, label in enumerate(labels) if label]
    strange = [i for i, label in enumerate(labels) if not label]
    truth, found = [labels[i][0] for i in own], [best[i] for i in own]
    scores = f1_scores(truth, found)
    right = [a == b for a, b in zip(truth, found)]
    return {
        "accuracy": accuracy(truth, found) if own else None,
        "macro_f1": scores["macro_f1"] if own else None,
        "weighted_f1": scores["weighted_f1"] if own else None,
        "oos_recall": float(np.mean([outside[i] for i in strange])) if strange else None,
        "oos_auroc": auroc([not label for label in labels], -near) if strange and own else None,
        "in_scope_accuracy": float(np.mean([r and not outside[i] for r, i in zip(right, own)])) if own else None,
        "ece": expected_calibration_error([sure[i] for i in own], right) if own else None,
    }


def figures_of_several(labels: Sequence[tuple[str, ...]], thoughts: Sequence[Thought | None]) -> Figures:
    """Return the figures of rows with any number of labels: those found are compared with those that are right.

    `precision` and `recall` are micro; `accuracy` is the share of rows whose labels are all found and no others.
    """
    found = [asked_for(thought) for thought in thoughts]
    counts = sum(label_counts(labels, found).values(), Counts())
    strange = [i for i, own in enumerate(labels) if not own]
    own = [i for i, own in enumerate(labels) if own]
    exact = [set(a) == set(b) for a, b in zip(labels, found)]
    sure = np.array([max((p for _, p in thought.intents or thought.ranking), default=0.0) if thought else 0.0
                     for thought in thoughts])  # fmt: skip
    return {
        **multilabel_f1(labels, found),
        "precision": counts.precision,
        "recall": counts.recall,
        "accuracy": float(np.mean(exact)),
        "oos_recall": float(np.mean([not found[i] for i in strange])) if strange else None,
        "oos_auroc": auroc([not label for label in labels], -sure) if strange and own else None,
        "in_scope_accuracy": float(np.mean([exact[i] for i in own])) if own else None,
    }


def asked_for(thought: Thought | None) -> tuple[str, ...]:
    """Return all labels that were found: of what knows of no several ones, the best, unless it is out of scope."""
    if thought is None:
        return ()
    if thought.intents is not None:
        return tuple(name for name, _ in thought.intents)
    return tuple(name for name, _ in thought.ranking[:1] if not thought.out_of_scope)
