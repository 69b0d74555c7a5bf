"""Speech as a file: WAV, MP3, Ogg/Opus, FLAC, or raw PCM at 24 kHz, as OpenAI's API names them.

Knows PyAV; does not know who speaks.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Literal

from ....core.errors import BadInput
from ....core.message import Sound

Format = Literal["mp3", "opus", "wav", "pcm", "flac"]
TYPES = {"mp3": "audio/mpeg", "opus": "audio/ogg", "wav": "audio/wav", "pcm": "audio/pcm", "flac": "audio/flac"}
PCM_RATE = 24_000
_FILES = {  # container, codec, sample rate, bits a second
    "mp3": ("mp3", "libmp3lame", 24_000, 64_000),
    "opus": ("ogg", "libopus", 48_000, 32_000),
    "wav": ("wav", "pcm_s16le", 24_000, None),
    "flac": ("flac", "flac", 24_000, None),
}


def encode(sounds: Sequence[Sound], format: Format) -> bytes:
    """Return pieces of speech, one after the other, as one file; raise BadInput (no_voice) when there is none."""
    pieces = [sound for sound in sounds if sound.pcm]
    if not pieces:
        raise BadInput("no_voice", "This persona has no voice for these words.")
    return _pcm(pieces) if format == "pcm" else _file(pieces, format)


def _pcm(pieces: Sequence[Sound]) -> bytes:
    return b"".join(bytes(frame.planes[0])[: frame.samples * 2] for frame in _frames(pieces, PCM_RATE))


def _file(pieces: Sequence[Sound], format: str) -> bytes:
    import av

    container, codec, rate, bits = _FILES[format]
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as file:
        stream: Any = file.add_stream(codec, rate=rate)
        stream.layout = "mono"
        if bits is not None:
            stream.bit_rate = bits
        if note := next((piece.note for piece in pieces if piece.note), ""):
            (stream if container == "ogg" else file).metadata["comment"] = note
        for frame in [*_frames(pieces, rate), None]:
            for packet in stream.encode(frame):
                file.mux(packet)
    return buffer.getvalue()


def _frames(pieces: Sequence[Sound], rate: int) -> Iterator[Any]:
    """Yield 16-bit mono frames of one sample rate; voices of several languages differ in theirs."""
    import av
    import numpy as np

    for own, group in groupby(pieces, key=lambda piece: piece.sample_rate):
        resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
        for piece in group:
            samples = np.frombuffer(piece.pcm[: len(piece.pcm) // 2 * 2], np.int16).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
            frame.sample_rate = own
            yield from _timeless(resampler.resample(frame))
        yield from _timeless(resampler.resample(None))


def _timeless(frames: Sequence[Any]) -> Iterator[Any]:
    for frame in frames:
        frame.pts = None
        yield frame


def seconds_of(data: bytes) -> float:
    """Return how long a recording is, 0 where it does not say."""
    import av

    try:
        file: Any
        with av.open(io.BytesIO(data), metadata_errors="ignore") as file:
            return float(file.duration or 0) / 1_000_000
    except (av.FFmpegError, ValueError, OSError):
        return 0.0
