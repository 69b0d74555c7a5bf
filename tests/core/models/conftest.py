"""What the tests of the models share: real engines, loaded once, and sounds and pictures made on the spot."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from personac.core.message import Sound
from personac.core.models.speech import WhisperRecognizer
from personac.core.models.voice import Voices, load_voice

SHARED = Path(__file__).parents[3].parent / "shared" / "data"
FONT = "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf"


@pytest.fixture(scope="session")
def voices() -> Voices:
    voice = load_voice(languages=["en", "zh"])
    if voice.missing("en") or voice.missing("zh"):
        pytest.skip("piper-tts or espeakng-loader is not installed: pip install 'personac[piper,espeak]'")
    voice.warm_up()
    return voice


@pytest.fixture(scope="session")
def spoken(voices: Voices) -> bytes:
    """A WAV that says "The museum opens at nine in the morning."."""
    engine = voices.engine("en")
    assert engine is not None
    pcm, rate = engine.say("The museum opens at nine in the morning.", "en")
    return Sound(pcm.astype("<i2").tobytes(), rate).wav()


@pytest.fixture(scope="session")
def whisper_base() -> WhisperRecognizer:
    recognizer = WhisperRecognizer(languages=["en", "zh"])
    recognizer.warm_up()
    return recognizer


@pytest.fixture
def tone() -> np.ndarray:
    """One second of a quiet 440 Hz tone at 16 kHz."""
    return (0.2 * np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)).astype(np.float32)


def encode_sound(pcm: np.ndarray, container: str, codec: str, rate: int = 48000) -> bytes:
    """Encode mono float32 at 16 kHz with PyAV."""
    import av

    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as out:
        stream = out.add_stream(codec, rate=rate)
        frame = av.AudioFrame.from_ndarray((pcm * 32767).astype(np.int16)[None], format="s16", layout="mono")
        frame.sample_rate = 16000
        stream.layout = "mono"
        resampler = av.AudioResampler(format=stream.format, layout="mono", rate=rate, frame_size=960)
        if codec in {"libmp3lame", "aac"}:
            resampler = av.AudioResampler(format=stream.format, layout="mono", rate=rate, frame_size=stream.frame_size)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            for packet in stream.encode(part):
                out.mux(packet)
        for packet in stream.encode(None):
            out.mux(packet)
    return buffer.getvalue()
