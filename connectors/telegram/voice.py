"""Speech as a voice note: Opus in Ogg, the form that Telegram plays in the chat itself.

Format: RFC 7845. The encoder is libopus, in PyAV's wheel.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...core.message import Sound

RATE = 48_000  # the one rate at which Opus is decoded
BITS_PER_SECOND = 32_000  # more than enough for one voice
BLOCK = 960  # samples: 20 ms


def to_voice_note(sounds: Sequence[Sound]) -> tuple[bytes, float]:
    """Return an Ogg/Opus file of some pieces of speech, and its seconds; the pieces may differ in rate.

    Blocks for about a hundredth of the length.
    """
    import av

    buffer = io.BytesIO()
    with av.open(buffer, "w", format="ogg") as container:
        stream: Any = container.add_stream("libopus", rate=RATE)
        stream.bit_rate = BITS_PER_SECOND
        stream.layout = "mono"
        if note := next((sound.note for sound in sounds if sound.note), ""):
            stream.metadata["comment"] = note
        fifo = av.AudioFifo()
        for sound in sounds:
            resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
            samples = np.frombuffer(sound.pcm, "<i2").reshape(1, -1)
            if not samples.size:
                continue
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="s16", layout="mono")
            frame.sample_rate = sound.sample_rate
            for part in (*resampler.resample(frame), *resampler.resample(None)):
                part.pts = None
                fifo.write(part)
        at = 0
        while (block := fifo.read(BLOCK, partial=True)) is not None:
            block.pts = at
            at += block.samples
            container.mux(stream.encode(block))
        container.mux(stream.encode(None))
    return buffer.getvalue(), at / RATE
