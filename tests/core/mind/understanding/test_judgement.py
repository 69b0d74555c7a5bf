import numpy as np
import pytest
from personac.core.mind.understanding.judgement import NETWORK, Evidence, Judgement, mixture, opinions, scope
from personac.core.mind.understanding.neighbours import Nearest, Neighbours, nearest, nearness, votes
from personac.core.turn import TUNED


def test_the_nearest_examples_come_first_and_vote_for_their_labels() -> None:
    examples = np.eye(3, dtype=np.float32)
    near = nearest(np.array([[0.8, 0.6, 0.0]], np.float32), examples, np.array([2, 0, 1]))
    assert near.labels[0].tolist() == [2, 0, 1]
    assert near.cosines[0].tolist() == pytest.approx([0.8, 0.6, 0.0])
    shares = votes(near, 4, 20.0)
    assert shares[0].argmax() == 2
    assert shares.sum() == pytest.approx(1.0)
    assert shares.min() > 0


def test_only_as_many_neighbours_as_there_are_examples() -> None:
    near = nearest(np.ones((2, 1), np.float32), np.ones((1, 1), np.float32), np.array([0]))
    assert near.labels.tolist() == [[0], [0]]


def test_background_sentences_do_not_make_a_message_near() -> None:
    near = Nearest(np.array([[0.9, 0.5, 0.3]], np.float32), np.array([[3, 0, 1]]))
    assert nearness(near, 3, 2).tolist() == pytest.approx([0.4])
    assert nearness(Nearest(near.cosines, np.full((1, 3), 3)), 3, 2).tolist() == [0.0]


def test_neighbours_are_read_as_they_were_written(tmp_path) -> None:
    vectors = {"one": np.eye(2, dtype=np.float32), "two": np.zeros((0, 3), np.float32)}
    Neighbours(vectors, {"one": np.array([1, 0]), "two": np.zeros(0, np.int64)}).write(tmp_path / "n.safetensors")
    read = Neighbours.read(tmp_path / "n.safetensors")
    found = read.of({"one": np.array([1.0, 0.0], np.float32), "two": np.zeros(3, np.float32)})
    assert list(found) == ["one"]
    assert found["one"].labels.tolist() == [[1, 0]]


def test_the_mixture_weighs_the_members_that_are_there() -> None:
    judgement = Judgement(weights={NETWORK: 0.9, TUNED: 0.1})
    logits = {NETWORK: np.array([[5.0, 0.0, 0.0]], np.float32), TUNED: np.array([[0.0, 5.0, 0.0]], np.float32)}
    assert mixture(opinions(Evidence(logits, {}), judgement), judgement)[0].argmax() == 0
    alone = Evidence({TUNED: logits[TUNED]}, {})
    assert mixture(opinions(alone, judgement), judgement)[0].argmax() == 1


def test_a_message_nearer_to_the_background_is_less_in_scope() -> None:
    near = np.array([[6.0, 1.0, 1.0], [6.0, 1.0, 9.0]], np.float32)
    first, second = scope(Evidence({NETWORK: near}, {}), Judgement())
    assert first == pytest.approx(0.5)
    assert second == pytest.approx(0.25)
