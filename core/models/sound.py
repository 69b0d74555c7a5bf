"""Encoded sound of any kind to mono float32 at 16 kHz.

Knows nothing of speech. Says what a person can do when a sound can't be used; never believes a MIME type.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import BadInput
from .container import Frames, open_container

SAMPLE_RATE = 16_000
LONGEST = 120.0  # seconds
SHORTEST = 0.05  # seconds
QUIET = 0.003  # a clip whose loudest 50 ms have a smaller effective value holds no speech


def decode_sound(data: bytes, *, longest: float = LONGEST) -> NDArray[np.float32]:
    """Return the samples [n] in [-1, 1] of a WAV, Ogg, WebM, MP4, MP3, …; raise BadInput.

    Codes: sound_empty, not_a_sound, no_sound_track, sound_damaged, sound_too_long.
    """
    if not data:
        raise BadInput("sound_empty", "The recording is empty. Please record it again.")
    import av

    refusal = BadInput(
        "not_a_sound", "This file is not a sound that I can read. Please send WAV, MP3, M4A, Ogg or WebM."
    )
    with open_container(data, refusal) as container:
        if not container.streams.audio:
            raise BadInput("no_sound_track", "This file has no sound in it. Please send a recording with sound.")
        try:
            pcm = _read(container, longest)
        except (av.FFmpegError, ValueError, OSError):
            raise BadInput(
                "sound_damaged", "The recording is damaged and can't be played. Please record it again."
            ) from None
    if len(pcm) < SHORTEST * SAMPLE_RATE:
        raise BadInput("sound_empty", "The recording holds no sound. Please record it again.")
    return np.clip(np.nan_to_num(pcm, nan=0.0, posinf=0.0, neginf=0.0), -1.0, 1.0).astype(np.float32)


def is_quiet(pcm: NDArray[np.float32]) -> bool:
    """Return whether a clip is too quiet to hold speech."""
    frame = SAMPLE_RATE // 20
    frames = pcm[: len(pcm) // frame * frame].reshape(-1, frame)
    return not len(frames) or float(np.sqrt(np.square(frames).mean(axis=1)).max()) < QUIET


def _read(container: Any, longest: float) -> NDArray[np.float32]:
    import av

    resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
    pieces: list[NDArray[np.float32]] = []
    length = 0
    frames = Frames(container, container.streams.audio[0])
    for frame in frames:
        for part in resampler.resample(frame):
            pieces.append(np.asarray(part.to_ndarray(), np.float32).reshape(-1))
            length += len(pieces[-1])
        if length > longest * SAMPLE_RATE:
            raise BadInput(
                "sound_too_long",
                f"The recording is longer than {longest:.0f} seconds. Please send a shorter one, or several.",
            )
    for part in resampler.resample(None):
        pieces.append(np.asarray(part.to_ndarray(), np.float32).reshape(-1))
    if frames.damage and not pieces:
        raise BadInput("sound_damaged", "The recording is damaged and can't be played. Please record it again.")
    return np.concatenate(pieces).astype(np.float32) if pieces else np.zeros(0, np.float32)
