"""Mouth shapes from the sound itself, for any voice: loudness opens the mouth, the spectrum shapes it.

Shapes: closed, small, open, wide (spread lips, as in "ee"), round (as in "oo"), teeth (as in "s", "f").
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FRAME = 0.04  # seconds
SHAPES = ("closed", "small", "open", "wide", "round", "teeth")

CLOSED, SMALL, OPEN, WIDE, ROUND, TEETH = range(6)


def visemes(pcm: NDArray[np.int16], sample_rate: int) -> tuple[tuple[float, str], ...]:
    """Return (seconds from the start, shape) of 16-bit mono, one for each change; the last is closed."""
    size = round(FRAME * sample_rate)
    count = -(-len(pcm) // size)
    if not count:
        return ((0.0, "closed"),)
    padded = np.zeros(count * size, np.float32)
    padded[: len(pcm)] = pcm.astype(np.float32) / 32768.0
    shapes = _smooth(_shapes(padded.reshape(count, size), sample_rate))
    changes = np.flatnonzero(np.diff(shapes, prepend=-1))
    track = [(round(float(at) * FRAME, 3), SHAPES[shapes[at]]) for at in changes]
    if track[-1][1] != "closed":
        track.append((round(len(pcm) / sample_rate, 3), "closed"))
    return tuple(track)


def _shapes(frames: NDArray[np.float32], sample_rate: int) -> NDArray[np.intp]:
    """Return the shape of each frame [n, samples] by its loudness, relative to the clip's, and its bands."""
    loud = np.sqrt(np.square(frames).mean(axis=1))
    reference = max(float(np.percentile(loud, 95)), 1e-3)
    level = loud / reference
    power = np.square(np.abs(np.fft.rfft(frames * np.hanning(frames.shape[1]), axis=1)))  # [n, bins]
    hertz = np.fft.rfftfreq(frames.shape[1], 1 / sample_rate)

    def share(low: float, high: float) -> NDArray[np.float64]:
        band = power[:, (hertz >= low) & (hertz < high)].sum(axis=1)
        return np.asarray(band / np.maximum(power[:, hertz >= 80].sum(axis=1), 1e-12), np.float64)

    hiss, front, back = share(3500, 12000), share(1700, 3500), share(80, 550)
    shapes = np.full(len(frames), SMALL, np.intp)
    shapes[level > 0.35] = OPEN
    shapes[(level > 0.2) & (front > 0.08)] = WIDE
    shapes[(level > 0.2) & (back > 0.85) & (front < 0.03)] = ROUND
    shapes[(level > 0.05) & (hiss > 0.4)] = TEETH
    shapes[level < 0.06] = CLOSED
    return shapes


def _smooth(shapes: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the shapes without those that last a single frame between two that are alike."""
    smooth = shapes.copy()
    alone = (shapes[1:-1] != shapes[:-2]) & (shapes[:-2] == shapes[2:])
    smooth[1:-1][alone] = shapes[:-2][alone]
    return smooth
