from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
from personac.core.models.visemes import SHAPES, visemes
from personac.core.models.voice import Voices

RATE = 22050


def shapes(pcm: np.ndarray) -> set[str]:
    return {shape for _, shape in visemes((pcm * 20000).astype(np.int16), RATE)}


def second() -> np.ndarray:
    return np.arange(RATE) / RATE


def test_silence_keeps_the_mouth_closed() -> None:
    assert visemes(np.zeros(RATE, np.int16), RATE) == ((0.0, "closed"),)
    assert visemes(np.zeros(0, np.int16), RATE) == ((0.0, "closed"),)


def test_a_hiss_shows_the_teeth() -> None:
    noise = np.random.default_rng(0).normal(0, 0.3, RATE)
    assert "teeth" in shapes(np.diff(noise, prepend=0.0))


def test_a_low_hum_rounds_the_lips() -> None:
    assert "round" in shapes(0.5 * np.sin(2 * np.pi * 300 * second()))


def test_a_bright_vowel_spreads_the_lips() -> None:
    bright = sum(a * np.sin(2 * np.pi * f * second()) for f, a in ((300, 0.4), (2300, 0.3), (2900, 0.2)))
    assert "wide" in shapes(np.asarray(bright))


def test_speech_moves_the_mouth_and_ends_closed(voices: Voices) -> None:
    engine = voices.engine("en")
    assert engine is not None
    pcm, rate = engine.say("She sees the blue moon, and opens her mouth.", "en")
    track = visemes(pcm, rate)
    times = [at for at, _ in track]
    assert times == sorted(times)
    assert times[0] == 0.0
    assert times[-1] <= len(pcm) / rate + 0.001
    assert track[-1][1] == "closed"
    assert len({shape for _, shape in track}) >= 4
    assert {shape for _, shape in track} <= set(SHAPES)
    assert all(a != b for (_, a), (_, b) in pairwise(track))


def test_a_minute_takes_a_moment() -> None:
    pcm = np.random.default_rng(0).integers(-9000, 9000, RATE * 60).astype(np.int16)
    start = time.perf_counter()
    visemes(pcm, RATE)
    assert time.perf_counter() - start < 1.0
