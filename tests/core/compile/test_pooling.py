"""Judges that know more weigh more, rare classes are lifted where that helps, and words are read in every script."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from personac.core.compile.ngrams import Ngrams, runs
from personac.core.compile.pooling import fit_pool

CLASSES = 3


def opinion(truth: NDArray[np.int64], right: float, seed: int) -> NDArray[np.float32]:
    """Return log-probabilities of a judge that is right with a chance."""
    random = np.random.default_rng(seed)
    said = np.where(random.random(len(truth)) < right, truth, random.integers(0, CLASSES, len(truth)))
    chances = np.full((len(truth), CLASSES), 0.15, np.float32)
    chances[np.arange(len(truth)), said] = 0.7
    return np.log(chances)


def test_two_judges_are_better_than_one_and_the_better_one_weighs_more() -> None:
    truth = np.random.default_rng(0).integers(0, CLASSES, 600)
    opinions = {"good": opinion(truth, 0.7, 1), "fair": opinion(truth, 0.5, 2), "blind": opinion(truth, 0.0, 3)}
    pool = fit_pool(opinions, truth, np.full(CLASSES, 1 / CLASSES))
    assert pool.powers["good"] > pool.powers["fair"] > pool.powers["blind"]
    np.testing.assert_allclose(pool.lift, 0.0, atol=1e-6)
    right = (pool.logits(opinions).argmax(1) == truth).mean()
    assert right >= max((found.argmax(1) == truth).mean() for found in opinions.values())


def test_a_class_that_is_rare_and_never_chosen_is_lifted() -> None:
    truth = np.array([0] * 160 + [1] * 40)
    shares = np.array([0.8, 0.2])
    hint = np.where(truth == 1, 0.5, -0.5) + np.random.default_rng(0).normal(size=200) * 0.4
    likely = np.stack([np.log(0.8) - hint, np.log(0.2) + hint], 1)
    opinions = {"shy": (likely - np.log(np.exp(likely).sum(1, keepdims=True))).astype(np.float32)}
    pool = fit_pool(opinions, truth, shares)
    assert pool.lift[1] > pool.lift[0]


def test_runs_are_pieces_of_any_script_with_their_beginning_and_end() -> None:
    assert {"^ oh no", "no !!", "!! $", "oh"} <= set(runs("Oh NO!!"))
    assert {"不 开", "开 心 。", "不"} <= set(runs("不开心。"))
    assert {"don't", "don't go"} <= set(runs("Don’t go"))
    assert runs("") == ["^", "$", "^ $"]


def test_words_tell_classes_apart() -> None:
    texts = ["what?!", "what?! no way", "what is it?!", "太好了", "太好了！谢谢", "真是太好了"] * 4
    words = Ngrams(texts, np.array([0, 0, 0, 2, 2, 2] * 4), CLASSES)
    found = words.judge(["WHAT?! really", "好了好了，太好了", ""])
    assert found[:2].argmax(1).tolist() == [0, 2]
    assert found[:, 1].max() < np.log(0.01)  # nobody has shown that class
    np.testing.assert_allclose(np.exp(found).sum(1), 1.0, atol=1e-4)


@pytest.mark.parametrize("texts", [["a", "b"], ["same", "same"], ["", ""]])
@pytest.mark.parametrize("labels", [[0, 0], [0, 1]])
def test_next_to_nothing_to_learn_from_is_lived_with(texts: list[str], labels: list[int]) -> None:
    words = Ngrams(texts, np.array(labels), CLASSES)
    found = words.judge([*texts, "new", ""])
    assert found.shape == (4, CLASSES)
    assert np.isfinite(found).all()
    assert words.judge([]).shape == (0, CLASSES)
