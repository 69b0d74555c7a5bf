"""The network learns emotions from vectors, measures and sequences, and lives with one that is missing."""

from __future__ import annotations

import numpy as np
import pytest
from personac.core.compile.feeling import Feelings, fit, judge
from personac.core.compile.frames import Frames
from personac.core.mind.understanding.fusion import SPEECH, VOICE

ROWS = 60


@pytest.fixture(scope="module")
def feelings() -> Feelings:
    """Return rows whose emotion stands in the voice alone: its mean level, and its direction over time."""
    random = np.random.default_rng(0)
    labels = np.arange(ROWS) % 3
    words = random.normal(size=(ROWS, 8)).astype(np.float32)
    level = random.normal(size=(ROWS, 6)).astype(np.float32) + 40 + 3 * (labels == 0)[:, None].astype(np.float32)
    rising = [
        np.linspace(0, 4 * (1 if label == 1 else -1), 12)[:, None] + random.normal(size=(12, 5)) for label in labels
    ]
    voice = Frames.of([track.astype(np.float32) if row % 7 else None for row, track in enumerate(rising)], 5)
    everywhere = np.ones(ROWS, np.bool_)
    present = {"words": everywhere, SPEECH: everywhere, VOICE: np.diff(voice.starts) > 0}
    return Feelings({"words": words, SPEECH: level, VOICE: voice}, present, labels, ("a", "b", "c"))


def test_it_hears_level_and_direction_and_falls_gracefully_without_one(feelings: Feelings) -> None:
    learnt, held = np.arange(32), np.arange(32, ROWS)
    network = fit(feelings, learnt, 1)

    def right(without: tuple[str, ...] = ()) -> float:
        return float((judge(network, feelings, held, without)[0].argmax(1) == feelings.labels[held]).mean())

    assert right() > 0.8
    assert min(right((SPEECH,)), right((VOICE,))) > 0.5
    everything = judge(network, feelings, held, ("words", SPEECH, VOICE))[0]
    np.testing.assert_allclose(everything, 1 / 3)
    attention = judge(network, feelings, held, (SPEECH,))[1]
    np.testing.assert_allclose(attention.sum(1), 1.0, rtol=1e-5)
    assert (attention[:, 1] == 0).all()


def test_the_same_seed_gives_the_same_network(feelings: Feelings) -> None:
    some = np.arange(30)
    first, again = (fit(feelings.only(["words", SPEECH]), some, 3).state_dict() for _ in range(2))
    assert all((first[name] == again[name]).all() for name in first)


def test_a_sequence_alone_can_be_learnt_from(feelings: Feelings) -> None:
    alone = feelings.only([VOICE])
    assert not alone.present["words"].any()
    rows = np.flatnonzero(alone.present[VOICE])[:10]
    assert judge(fit(alone, rows, 1), alone, rows)[0].shape == (10, 3)


def test_frames_keep_the_rows_that_have_none() -> None:
    frames = Frames.of([np.ones((2, 3), np.float32), None, np.full((4, 3), 2.0, np.float32)], 3)
    padded, lengths = frames.padded(np.array([2, 1]))
    assert padded.shape == (2, 4, 3)
    assert lengths.tolist() == [4, 1]
    assert (padded[1] == 0).all()
    assert frames.rows(np.array([1, 0])).starts.tolist() == [0, 0, 2]
