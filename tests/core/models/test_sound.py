from __future__ import annotations

import io
import wave

import numpy as np
import pytest
from personac.core.errors import BadInput
from personac.core.models.sound import SAMPLE_RATE, decode_sound

from .conftest import encode_sound


def wav(pcm: np.ndarray, rate: int = SAMPLE_RATE, channels: int = 1) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((pcm * 32767).astype("<i2").tobytes())
    return buffer.getvalue()


def refused(data: bytes) -> str:
    with pytest.raises(BadInput) as caught:
        decode_sound(data)
    text = str(caught.value)
    assert "Please" in text
    assert text.endswith(".")
    return caught.value.code


@pytest.mark.parametrize(
    ("container", "codec", "rate"),
    [
        ("wav", "pcm_s16le", 16000),
        ("ogg", "libopus", 48000),
        ("webm", "libopus", 48000),
        ("mp4", "aac", 44100),
        ("mp3", "libmp3lame", 44100),
    ],
)
def test_every_usual_container_becomes_mono_at_16_khz(tone: np.ndarray, container: str, codec: str, rate: int) -> None:
    pcm = decode_sound(encode_sound(tone, container, codec, rate))
    assert pcm.dtype == np.float32
    assert pcm.ndim == 1
    assert abs(len(pcm) / SAMPLE_RATE - 1.0) < 0.2
    spectrum = np.abs(np.fft.rfft(pcm[2000:14000]))
    assert abs(spectrum.argmax() * SAMPLE_RATE / 12000 - 440) < 5


def test_stereo_becomes_mono(tone: np.ndarray) -> None:
    assert abs(len(decode_sound(wav(np.repeat(tone, 2), channels=2))) - SAMPLE_RATE) < 64


def test_telephone_sound_is_resampled(tone: np.ndarray) -> None:
    assert abs(len(decode_sound(wav(tone[::2], rate=8000))) - SAMPLE_RATE) < 64


def test_an_empty_file_is_refused() -> None:
    assert refused(b"") == "sound_empty"


def test_a_sound_without_samples_is_refused() -> None:
    assert refused(wav(np.zeros(0))) in {"sound_empty", "sound_damaged", "not_a_sound"}
    assert refused(wav(np.zeros(100))) == "sound_empty"


@pytest.mark.parametrize("data", [b"hello", b"\x00" * 5000, b"<html></html>" * 50, b"%PDF-1.7 nothing", b"RIFF"])
def test_what_is_no_sound_is_refused(data: bytes) -> None:
    assert refused(data) in {"not_a_sound", "no_sound_track", "sound_damaged", "sound_empty"}


def test_random_bytes_are_refused_or_read_but_never_raise_anything_else() -> None:
    random = np.random.default_rng(0)
    for size in (1, 10, 1000, 20_000):
        try:
            assert np.isfinite(decode_sound(random.bytes(size))).all()
        except BadInput:
            pass


def test_a_picture_has_no_sound() -> None:
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(buffer, "PNG")
    assert refused(buffer.getvalue()) in {"no_sound_track", "not_a_sound"}


def test_a_silent_video_has_no_sound() -> None:
    import av

    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as out:
        stream = out.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for _ in range(5):
            for packet in stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")):
                out.mux(packet)
        for packet in stream.encode(None):
            out.mux(packet)
    assert refused(buffer.getvalue()) == "no_sound_track"


@pytest.mark.parametrize(("container", "codec"), [("ogg", "libopus"), ("mp4", "aac"), ("webm", "libopus")])
@pytest.mark.parametrize("kept", [0.02, 0.5, 0.9])
def test_a_cut_off_file_gives_its_start_or_is_refused(
    tone: np.ndarray, container: str, codec: str, kept: float
) -> None:
    data = encode_sound(tone, container, codec)
    cut = data[: int(len(data) * kept)]
    try:
        pcm = decode_sound(cut)
    except BadInput:
        assert refused(cut) in {"not_a_sound", "sound_damaged", "sound_empty", "no_sound_track"}
    else:
        assert np.isfinite(pcm).all()


def test_a_sound_that_is_too_long_is_refused_with_the_limit() -> None:
    with pytest.raises(BadInput, match="120 seconds") as caught:
        decode_sound(wav(np.zeros(8000 * 121), rate=8000))
    assert caught.value.code == "sound_too_long"


def test_floats_that_are_no_numbers_become_silence(tone: np.ndarray) -> None:
    header = b"RIFF" + (36 + 4 * len(tone)).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    header += (3).to_bytes(2, "little") + (1).to_bytes(2, "little") + SAMPLE_RATE.to_bytes(4, "little")
    header += (SAMPLE_RATE * 4).to_bytes(4, "little") + (4).to_bytes(2, "little") + (32).to_bytes(2, "little")
    broken = tone.copy()
    broken[100:200], broken[300] = np.nan, np.inf
    pcm = decode_sound(header + b"data" + (4 * len(tone)).to_bytes(4, "little") + broken.astype("<f4").tobytes())
    assert np.isfinite(pcm).all()
    assert np.abs(pcm).max() <= 1.0
