"""How speech sounds, frame by frame: mel-frequency cepstra, their changes, loudness and pitch, by numpy.

Knows no words and no model. Sound is mono float32 at 16 kHz; n is its number of samples, L its number of frames.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .sound import SAMPLE_RATE

WINDOW, HOP = 400, 160  # samples: 25 and 10 ms
BANDS, CEPSTRA = 40, 13
LOWEST, HIGHEST = 20.0, 7600.0  # Hz, of the bands
FLOOR = 1e-8  # of a band's power, so that silence has a logarithm
PITCH_WINDOW = 640  # samples: 40 ms, two periods of the lowest pitch
PITCH = (60.0, 450.0)  # Hz
VOICED = 0.5  # a frame whose periodicity is higher has a pitch
SLOPE = 2  # frames to each side from which a change is taken
STEP = 8  # frames of 10 ms that make one frame of the network
LONGEST = 100  # frames of the network: 8 s; of a longer recording its loudest part
FRAME = 3 * CEPSTRA + 3  # numbers of one frame
MEASURES = 5 * (CEPSTRA + 3) + 2 * CEPSTRA + 6  # numbers of a whole recording
Array = NDArray[np.float32]


def mfcc(pcm: Array) -> Array:
    """Return cepstra [L, CEPSTRA] of a sound [n]: the DCT of the logarithms of mel bands.

    Davis and Mermelstein, IEEE ASSP 28 (1980); mel = 2595 log10(1 + f / 700) (O'Shaughnessy, 1987).
    """
    power = np.abs(np.fft.rfft(_frames(pcm, WINDOW) * _hann(WINDOW), axis=1)) ** 2  # [L, WINDOW / 2 + 1]
    return np.asarray(np.log(power @ _bands().T + FLOOR) @ _dct().T, np.float32)


def change(track: Array) -> Array:
    """Return the slope of each column of a track [L, d] by regression over SLOPE frames to each side.

    Furui, IEEE ASSP 34 (1986).
    """
    padded = np.pad(track, ((SLOPE, SLOPE), (0, 0)), mode="edge")
    steps = range(-SLOPE, SLOPE + 1)
    slope = sum(step * padded[SLOPE + step : SLOPE + step + len(track)] for step in steps)
    return np.asarray(slope / sum(step * step for step in steps), np.float32)


def pitch(pcm: Array) -> tuple[Array, Array]:
    """Return log2 of the pitch in Hz [L], 0 where there is none, and the periodicity in [0, 1] [L].

    The pitch is where the autocorrelation, divided by the window's own, is highest: Boersma, IFA Proceedings 17 (1993).
    """
    frames = _frames(pcm, WINDOW, PITCH_WINDOW)
    frames = (frames - frames.mean(1, keepdims=True)) * _hann(PITCH_WINDOW)
    size = 2 * PITCH_WINDOW
    correlation = np.fft.irfft(np.abs(np.fft.rfft(frames, size)) ** 2, axis=1)[:, :PITCH_WINDOW]
    own = np.fft.irfft(np.abs(np.fft.rfft(_hann(PITCH_WINDOW), size)) ** 2)[:PITCH_WINDOW]
    shortest, longest = int(SAMPLE_RATE / PITCH[1]), int(SAMPLE_RATE / PITCH[0])
    power = np.maximum(correlation[:, :1], 1e-9)
    periodicity = (correlation / power)[:, shortest : longest + 1] / (own / own[0])[shortest : longest + 1]
    periodicity -= 0.02 * np.log2(np.arange(shortest, longest + 1) / shortest)  # of two periods the shorter one
    best = periodicity.argmax(1)
    strength = np.clip(periodicity[np.arange(len(best)), best], 0.0, 1.0)
    strength = np.where(correlation[:, 0] > 1e-6, strength, 0.0)
    found = np.log2(SAMPLE_RATE / (best + shortest))
    return np.where(strength > VOICED, found, 0.0).astype(np.float32), strength.astype(np.float32)


def voice_frames(pcm: Array) -> Array:
    """Return what the network reads of a sound [n]: frames [at most LONGEST, FRAME] of 80 ms.

    Each holds cepstra, their slope, the slope of that, log2 of the pitch relative to the recording's median, the
    periodicity, and the loudness relative to the recording's loudest.
    """
    cepstra = mfcc(pcm)
    slope = change(cepstra)
    height, strength = pitch(pcm)
    voiced = height > 0
    middle = np.median(height[voiced]) if voiced.any() else 0.0
    loud = _loudness(pcm)
    rows = np.concatenate(
        [cepstra, slope, change(slope), _columns(np.where(voiced, height - middle, 0.0), strength, loud - loud.max())],
        1,
    )
    whole = len(rows) // STEP * STEP
    if whole:
        rows = rows[:whole].reshape(-1, STEP, FRAME).mean(1)
    if len(rows) > LONGEST:
        level = np.convolve(rows[:, -1], np.ones(LONGEST), "valid")
        start = int(level.argmax())
        rows = rows[start : start + LONGEST]
    return np.ascontiguousarray(rows, np.float32)


def voice_measures(pcm: Array) -> Array:
    """Return one vector [MEASURES] for a sound: how its tracks are distributed where it is loud enough to be speech.

    Mean, deviation and the 10th, 50th and 90th percentile of cepstra, loudness, pitch and periodicity; mean size and
    deviation of the cepstra's slopes; share of voiced frames, their runs a second, slopes of pitch and loudness. After
    Eyben et al., The Geneva Minimalistic Acoustic Parameter Set, IEEE TAC 7 (2016), from our own tracks.
    """
    cepstra, loud = mfcc(pcm), _loudness(pcm)
    height, strength = pitch(pcm)
    speaking = loud > loud.max() - 4.0  # log2 of the effective value: 24 dB
    voiced = speaking & (height > 0)
    known = height[voiced] if voiced.any() else np.zeros(1, np.float32)
    tracks = [*cepstra[speaking].T, loud[speaking], known, strength[speaking]]
    spread = [[t.mean(), t.std(), *np.percentile(t, (10, 50, 90))] for t in tracks]
    slope = change(cepstra)[speaking]
    runs = int(np.count_nonzero(np.diff(voiced.astype(np.int8), prepend=0) == 1))
    seconds = max(len(pcm), WINDOW) / SAMPLE_RATE
    rising = change(_columns(known))[:, 0]
    louder = change(_columns(loud))[speaking, 0]
    shape = [
        voiced.sum() / max(speaking.sum(), 1), runs / seconds, np.abs(rising).mean(), rising.std(),
        np.abs(louder).mean(), louder.std(),
    ]  # fmt: skip
    parts = [np.ravel(spread), np.abs(slope).mean(0), slope.std(0), shape]
    return np.concatenate([np.asarray(part, np.float32) for part in parts])


def _columns(*tracks: NDArray[Any]) -> Array:
    return np.stack([np.asarray(track, np.float32) for track in tracks], 1)


def _loudness(pcm: Array) -> Array:
    """Return log2 of the effective value of each frame [L]."""
    return np.asarray(0.5 * np.log2(np.square(_frames(pcm, WINDOW)).mean(1) + 1e-10), np.float32)


def _frames(pcm: Array, window: int, width: int | None = None) -> Array:
    """Return the frames [L, width or window] of a sound; wider ones have the same middles."""
    width = width or window
    beside = (width - window) // 2
    short = max(0, window - len(pcm))
    padded = np.pad(np.asarray(pcm, np.float32), (beside, beside + short))
    return np.lib.stride_tricks.sliding_window_view(padded, width)[::HOP]


@lru_cache(maxsize=4)
def _hann(width: int) -> Array:
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(width) / width), np.float32)


@lru_cache(maxsize=1)
def _bands() -> Array:
    """Return triangular mel bands [BANDS, WINDOW / 2 + 1], each with the highest weight 1."""

    def mel(hertz: float) -> float:
        return 2595.0 * float(np.log10(1.0 + hertz / 700.0))

    edges = 700.0 * (10.0 ** (np.linspace(mel(LOWEST), mel(HIGHEST), BANDS + 2) / 2595.0) - 1.0)  # Hz
    hertz = np.fft.rfftfreq(WINDOW, 1 / SAMPLE_RATE)
    up = (hertz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    down = (edges[2:, None] - hertz) / (edges[2:] - edges[1:-1])[:, None]
    return np.asarray(np.maximum(0.0, np.minimum(up, down)), np.float32)


@lru_cache(maxsize=1)
def _dct() -> Array:
    """Return the first rows [CEPSTRA, BANDS] of the orthonormal DCT-II."""
    angle = np.pi / BANDS * (np.arange(BANDS) + 0.5) * np.arange(CEPSTRA)[:, None]
    rows = np.sqrt(2.0 / BANDS) * np.cos(angle)
    rows[0] /= np.sqrt(2.0)
    return np.asarray(rows, np.float32)
