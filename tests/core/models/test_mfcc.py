"""Cepstra agree with a known library; pitch and measures hear what a sound is made of."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from personac.core.models import mfcc
from personac.core.models.mfcc import FRAME, MEASURES, pitch, voice_frames, voice_measures

RATE = 16_000


def tone(hertz: float, seconds: float = 1.0) -> NDArray[np.float32]:
    """Return a voice-like tone with eight harmonics and a little noise."""
    time = np.arange(int(RATE * seconds)) / RATE
    noise = np.random.default_rng(1).normal(size=len(time)) * 0.003
    return (sum(np.sin(2 * np.pi * hertz * k * time) / k for k in range(1, 9)) * 0.1 + noise).astype(np.float32)


def test_cepstra_are_those_of_transformers_and_scipy() -> None:
    bank = pytest.importorskip("transformers.audio_utils").mel_filter_bank
    fft = pytest.importorskip("scipy.fft")
    pcm = np.concatenate([tone(120), tone(300)])
    bins = mfcc.WINDOW // 2 + 1
    bands = bank(bins, mfcc.BANDS, mfcc.LOWEST, mfcc.HIGHEST, RATE, norm=None, mel_scale="htk").T
    frames = np.lib.stride_tricks.sliding_window_view(pcm, mfcc.WINDOW)[:: mfcc.HOP]
    power = np.abs(fft.rfft(frames * np.hanning(mfcc.WINDOW + 1)[:-1], axis=1)) ** 2
    theirs = fft.dct(np.log(power @ bands.T + mfcc.FLOOR), type=2, norm="ortho", axis=1)[:, : mfcc.CEPSTRA]
    np.testing.assert_allclose(mfcc.mfcc(pcm), theirs, rtol=1e-3, atol=5e-3)


@pytest.mark.parametrize("hertz", [80.0, 120.0, 210.0, 400.0])
def test_the_pitch_of_a_tone_is_found(hertz: float) -> None:
    found, strength = pitch(tone(hertz))
    inside = slice(3, -3)
    np.testing.assert_allclose(2 ** found[inside], hertz, rtol=0.02)
    assert strength[inside].min() > 0.8


def test_noise_has_no_pitch() -> None:
    noise = np.random.default_rng(0).normal(size=RATE).astype(np.float32) * 0.1
    found, _ = pitch(noise)
    assert (found > 0).mean() < 0.1


def test_a_change_is_the_slope_of_a_line() -> None:
    line = np.arange(20, dtype=np.float32)[:, None] * 3
    np.testing.assert_allclose(mfcc.change(line)[2:-2], 3.0)


@pytest.mark.parametrize("samples", [0, 1, 160, 401, RATE])
@pytest.mark.parametrize("level", [0.0, 0.1])
def test_any_sound_however_short_has_frames_and_finite_measures(samples: int, level: float) -> None:
    pcm = np.full(samples, level, np.float32)
    frames, measures = voice_frames(pcm), voice_measures(pcm)
    assert frames.shape[1] == FRAME
    assert len(frames) >= 1
    assert np.isfinite(frames).all()
    assert measures.shape == (MEASURES,)
    assert np.isfinite(measures).all()


def test_of_a_long_recording_the_loudest_part_is_read() -> None:
    quiet = tone(150, 9.0) * 0.01
    frames = voice_frames(np.concatenate([quiet, tone(300, 8.5)]))
    assert len(frames) == mfcc.LONGEST
    assert np.median(frames[:, -1]) > -2.0
