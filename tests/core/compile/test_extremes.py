"""Training at its limits, and what is read afterwards."""

import numpy as np
import pytest
from personac.core.compile.training import Examples
from personac.core.compile.understanding import train, write
from personac.core.mind.understanding.fusion import Fusion

from .test_understanding import EMOTIONS, examples, learnt

MANY = 10_000
D = 64


def test_ten_thousand_intents_are_told_apart(tmp_path) -> None:
    random = np.random.default_rng(0)
    rows = random.normal(size=(MANY, D)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    nothing, names = np.full(MANY, -1, np.int64), [f"intent {i}" for i in range(MANY)]
    known = Examples(
        [rows], [np.ones(MANY, np.bool_)], np.arange(MANY), nothing, nothing, np.zeros((0, D), np.float32), names
    )
    write(train(known, [("words", D)], names, EMOTIONS, "words", lambda done, total: None), tmp_path)
    fusion = Fusion(tmp_path)
    asked = random.permutation(MANY)[:100]
    found = [fusion.think({"words": rows[row]}).ranking[0][0] for row in asked]
    assert np.mean([name == names[row] for name, row in zip(found, asked)]) > 0.95


@pytest.mark.parametrize("vector", [np.zeros(16, np.float32), np.full(16, 1e-30, np.float32)], ids=["zero", "tiny"])
def test_a_vector_without_a_direction_gives_probabilities_all_the_same(vector, tmp_path) -> None:
    thought = learnt(examples([0] * 5 + [1] * 5, 2), 2, tmp_path).think({"words": vector})
    assert all(np.isfinite(probability) for _, probability in thought.ranking)
    assert np.isfinite(thought.query).all()


def test_a_message_that_no_encoder_reads_belongs_to_no_intent(tmp_path) -> None:
    thought = learnt(examples([0] * 5 + [1] * 5, 2), 2, tmp_path).think({})
    assert thought.out_of_scope
    assert all(np.isfinite(probability) for _, probability in thought.ranking)
