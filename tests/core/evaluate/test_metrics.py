"""Measures against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from personac.core.evaluate import metrics

TRUTH = ["a", "a", "a", "b", "b", "c"]
FOUND = ["a", "a", "b", "b", "c", "a"]


def test_f1_scores_weigh_labels_as_they_are_named() -> None:
    scores = metrics.f1_scores(TRUTH, FOUND)  # a: 2/3, b: 1/2, c: 0
    assert scores["macro_f1"] == pytest.approx((2 / 3 + 1 / 2) / 3)
    assert scores["weighted_f1"] == pytest.approx((3 * 2 / 3 + 2 / 2) / 6)
    assert scores["micro_f1"] == metrics.accuracy(TRUTH, FOUND) == 0.5


def test_multilabel_f1_counts_each_label_of_each_row() -> None:
    scores = metrics.multilabel_f1([{"a", "b"}, {"a"}, set()], [{"a"}, {"a", "c"}, {"b"}])
    assert scores["micro_f1"] == pytest.approx(2 * 2 / (2 * 2 + 2 + 1))
    assert scores["macro_f1"] == pytest.approx(1 / 3)


def test_auroc_is_the_chance_that_a_positive_scores_higher() -> None:
    random = np.random.default_rng(0)
    positive, score = random.random(80) < 0.4, random.integers(0, 9, 80)
    pairs = [(p > n) + (p == n) / 2 for p in score[positive] for n in score[~positive]]
    assert metrics.auroc(positive, score) == pytest.approx(np.mean(pairs))
    assert math.isnan(metrics.auroc([True, True], [1, 2]))


def test_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    assert metrics.expected_calibration_error([0.8] * 10, [True] * 8 + [False] * 2) == pytest.approx(0)
    assert metrics.expected_calibration_error([1.0] * 4 + [0.5] * 4, [True] * 4 + [False] * 4) == pytest.approx(0.25)


def test_ranks_are_judged_by_what_is_relevant() -> None:
    ranked = ["x", "a", "y", "b"]
    assert metrics.recall_at(ranked, {"a", "b"}, 2) == 0.5
    assert metrics.reciprocal_rank(ranked, {"a", "b"}) == 0.5
    assert metrics.reciprocal_rank(ranked, {"z"}) == 0
    gain = (1 / math.log2(3) + 1 / math.log2(5)) / (1 + 1 / math.log2(3))
    assert metrics.ndcg_at(ranked, ["a", "b"], 10) == pytest.approx(gain)
    assert metrics.ndcg_at(["a", "b"], ["b", "a"], 10) == 1


def test_spans_need_their_borders_and_their_type_unless_touching_is_enough() -> None:
    truth = [[(0, 5, "email"), (10, 15, "phone")], [(0, 3, "phone")]]
    found = [[(0, 5, "email"), (11, 15, "phone")], [(0, 3, "email")]]
    exact = metrics.span_scores(truth, found)
    assert exact["email"] == metrics.Counts(1, 1, 0)
    assert exact["phone"] == metrics.Counts(0, 1, 2)
    assert metrics.span_scores(truth, found, touching=True)["phone"] == metrics.Counts(1, 0, 1)


def test_two_pieces_do_not_find_one_span_twice() -> None:
    counts = metrics.span_scores([[(0, 9, "phone")]], [[(0, 4, "phone"), (5, 9, "phone")]], touching=True)
    assert counts["phone"] == metrics.Counts(1, 1, 0)


def test_error_rate_divides_by_what_was_said() -> None:
    pairs = [(["the", "cat", "sat"], ["the", "cat", "sat", "down"]), (["yes"], [])]
    assert metrics.error_rate(pairs) == 0.5
    assert math.isnan(metrics.error_rate([]))


def test_runs_are_averaged_without_what_is_not_a_number() -> None:
    runs = [{"accuracy": 0.5, "auroc": math.nan}, {"accuracy": 0.7, "auroc": 0.9}]
    assert metrics.mean_of_runs(runs) == {"accuracy": pytest.approx(0.6), "auroc": 0.9}
    assert metrics.deviation_of_runs(runs)["accuracy"] == pytest.approx(0.1414, abs=1e-4)
