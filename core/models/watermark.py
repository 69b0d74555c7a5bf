"""An inaudible mark in synthetic speech: who hears a copied voice can have it checked that a machine made it.

Spread spectrum in the magnitude spectrum: in cells of 32 ms by 62.5 Hz the magnitude is raised or lowered by a few per
cent, by a code of ±1 that is known. The phase is left alone. Each frame is changed no more than the threshold of
masking allows (Johnston 1988: how tonal a frame is decides how far below the speech a change is unheard). The detector
takes the neighbourhood in time and frequency away from the log spectrum and correlates the rest with the code, at every
shift; so a beginning that was cut off does not matter, nor the volume.

Knows samples, no files and no voices. The key is public: the mark is a label, not a lock; who wants to can take it out.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

KEY = b"personac: speech by a machine in a person's voice, 1"
DEPTH = 0.09  # nepers (0.8 dB) at most
LOWEST, HIGHEST, WIDTH = 300.0, 6900.0, 62.5  # Hz: what telephones, codecs and 16 kHz leave
CELL = 0.032  # seconds
CELLS = 64  # until the code begins again: 2 s
FRAME = 0.032  # seconds, half of it overlapping
ENOUGH = 5.5  # of the score; unmarked speech exceeds it about once in 100,000
WINDOW, STEP = 8.0, 4.0  # seconds: parts that are looked at one by one
_NEAR_TIME, _NEAR_BANDS, _CLIP = 8, 2, 0.7
_HOPS = 4  # of the detector in a cell
_FLOOR = 1e-9


@dataclass(frozen=True, slots=True)
class Found:
    """Hold what a detector found: the score of the whole, of the best part, and the seconds of marked parts."""

    score: float
    best: float
    parts: tuple[tuple[float, float], ...]

    @property
    def marked(self) -> bool:
        """Tell whether the speech is marked, in whole or in part."""
        return max(self.score, self.best) >= ENOUGH


def _code() -> NDArray[np.float32]:
    """Return the code [CELLS, bands] of ±1, from the key by SHAKE-256."""
    bands = int((HIGHEST - LOWEST) // WIDTH)
    data = np.frombuffer(hashlib.shake_256(KEY).digest(CELLS * bands // 8 + 1), np.uint8)
    return (np.unpackbits(data)[: CELLS * bands].astype(np.float32) * 2 - 1).reshape(CELLS, bands)


CODE = _code()


def mark(pcm: NDArray[np.int16], rate: int, start: float = 0.0) -> NDArray[np.int16]:
    """Return 16-bit mono speech [n] with the mark in it; `start` is the seconds that were said before, marked too."""
    if not len(pcm):
        return pcm
    size = max(2, round(FRAME * rate / 2)) * 2
    hop = size // 2
    window = np.sin(np.pi * (np.arange(size) + 0.5) / size).astype(np.float32)
    padded = np.concatenate([np.zeros(size), pcm, np.zeros(size + hop)]).astype(np.float32)
    count = (len(padded) - size) // hop + 1
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop][:count]
    spectrum = np.fft.rfft(frames * window, axis=1)
    middle = start + (np.arange(count) * hop + size / 2 - size) / rate
    spectrum *= np.exp(_depths(spectrum, rate, size) * _signs(middle, rate, size))
    made = np.zeros(len(padded))
    changed = np.fft.irfft(spectrum, n=size, axis=1) * window
    for half in (0, 1):  # frames of one parity do not overlap
        part = changed[half::2].reshape(-1)
        made[half * hop : half * hop + len(part)] += part
    return np.clip(np.rint(made[size : size + len(pcm)]), -32768, 32767).astype(np.int16)


def find(samples: NDArray[np.float32], rate: int = 16_000) -> Found:
    """Return whether speech [n] in [-1, 1] is marked; `rate` is at least 14,000."""
    residue = _residue(samples, rate)
    hops = CELL / _HOPS
    length, step = round(WINDOW / hops), round(STEP / hops)
    parts = [(at, residue[at : at + length]) for at in range(0, max(1, len(residue) - length // 2), step)]
    scores = [(at, part, _score(part)) for at, part in parts]
    marked = [(at * hops, (at + len(part)) * hops) for at, part, score in scores if score >= ENOUGH]
    return Found(_score(residue), max((score for *_, score in scores), default=0.0), _joined(marked))


def _signs(seconds: NDArray[np.float64], rate: int, size: int) -> NDArray[np.float32]:
    """Return the code at frames of these times: [frames, bins], 0 outside of the bands."""
    frequency = np.fft.rfftfreq(size, 1 / rate)
    band = np.floor((frequency - LOWEST) / WIDTH).astype(int)
    inside = (band >= 0) & (band < CODE.shape[1])
    signs = np.zeros((len(seconds), len(frequency)), np.float32)
    signs[:, inside] = CODE[np.floor(seconds / CELL).astype(int) % CELLS][:, band[inside]]
    return signs


def _depths(spectrum: NDArray[np.complex128], rate: int, size: int) -> NDArray[np.float32]:
    """Return how deep each bin may be marked: DEPTH, or less where a change would be heard.

    Johnston (1988): a noise is masked 14.5 + z dB below a tone in the critical band z, 5.5 dB below a noise, and in
    between by how tonal a frame is: its spectral flatness over -60 dB.
    """
    power = np.abs(spectrum) ** 2 + _FLOOR
    flatness = 10 * (np.log10(power).mean(axis=1) - np.log10(power.mean(axis=1)))
    tonal = np.clip(flatness / -60, 0, 1)[:, None]
    kilohertz = np.fft.rfftfreq(size, 1 / rate) / 1000
    bark = 13 * np.arctan(0.76 * kilohertz) + 3.5 * np.arctan((kilohertz / 7.5) ** 2)  # Zwicker and Terhardt (1980)
    below = tonal * (14.5 + bark) + (1 - tonal) * 5.5
    depths: NDArray[np.float32] = np.minimum(DEPTH, 10 ** (-below / 20)).astype(np.float32)
    return depths


def _residue(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Return the log spectrum in bands without its neighbourhood: [hops, bands], nepers."""
    size, hop = round(FRAME * rate), CELL * rate / _HOPS
    count = int((len(samples) - size) // hop) + 1
    bands = CODE.shape[1]
    if count < 2 * _HOPS:
        return np.zeros((0, bands), np.float32)
    starts = np.rint(np.arange(count) * hop).astype(int)
    band = np.floor((np.fft.rfftfreq(size, 1 / rate) - LOWEST) / WIDTH).astype(int)
    window = np.hanning(size + 1)[:size].astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples, size)
    levels = np.zeros((count, bands), np.float32)
    for at in range(0, count, 1024):
        power = np.abs(np.fft.rfft(frames[starts[at : at + 1024]] * window, axis=1)) ** 2
        logs = np.log(power + _FLOOR * size) / 2
        for one in range(bands):
            levels[at : at + 1024, one] = logs[:, band == one].mean(axis=1)
    rest = levels - _mean(levels, _NEAR_TIME, 0)
    rest -= _mean(rest, _NEAR_BANDS, 1)
    clipped: NDArray[np.float32] = (_CLIP * np.tanh(rest / _CLIP)).astype(np.float32)
    return clipped


def _mean(values: NDArray[np.float32], near: int, axis: int) -> NDArray[np.float32]:
    """Return the mean of each value and its neighbours on both sides."""
    pad = [(0, 0), (0, 0)]
    pad[axis] = (near, near)
    wide = np.lib.stride_tricks.sliding_window_view(np.pad(values, pad, mode="edge"), 2 * near + 1, axis=axis)
    mean: NDArray[np.float32] = wide.mean(axis=-1, dtype=np.float32)
    return mean


def _score(residue: NDArray[np.float32], code: NDArray[np.float32] = CODE) -> float:
    """Return the best correlation with the code over all shifts, in standard deviations of unmarked speech.

    Over random codes the correlation with anything has the variance of the sum of its squares.
    """
    if len(residue) < CELLS // 4 * _HOPS:
        return 0.0
    sums = np.lib.stride_tricks.sliding_window_view(residue, _HOPS, axis=0).sum(axis=-1)
    turned = np.conj(np.fft.fft(code, axis=0))
    best = 0.0
    for shift in range(_HOPS):
        cells = sums[shift::_HOPS]
        cells = np.pad(cells, ((0, -len(cells) % CELLS), (0, 0))).reshape(-1, CELLS, CODE.shape[1]).sum(axis=0)
        product = np.fft.ifft(np.fft.fft(cells, axis=0) * turned, axis=0).real.sum(axis=1)
        best = max(best, float(product.max() / np.sqrt((cells**2).sum() + _FLOOR)))
    return best


def _joined(parts: list[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Return parts of time, those that overlap as one."""
    joined: list[tuple[float, float]] = []
    for start, end in parts:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple((round(start, 2), round(end, 2)) for start, end in joined)
