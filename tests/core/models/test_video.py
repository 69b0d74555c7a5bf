"""Videos become a few pictures in their order; what is no video says so."""

from __future__ import annotations

import io
from fractions import Fraction

import av
import numpy as np
import pytest
from personac.core.errors import BadInput
from personac.core.models.sound import decode_sound
from personac.core.models.video import FRAMES, decode_video


def film(pictures: int = 40, size: tuple[int, int] = (64, 48), sound: float = 0.0, format: str = "mp4") -> bytes:
    """Return a video that goes from black to white, with seconds of a tone."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=format) as container:
        if pictures:
            stream = container.add_stream("mpeg4", rate=10)
            stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        if sound:
            voice = container.add_stream("aac", rate=16_000)
            voice.layout = "mono"
        for number in range(pictures):
            grey = round(255 * number / max(1, pictures - 1))
            frame = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), grey, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        if pictures:
            container.mux(stream.encode(None))
        if sound:
            time = np.arange(int(16_000 * sound)) / 16_000
            wave = (np.sin(2 * np.pi * 220 * time) * 0.3).astype(np.float32)
            for number, part in enumerate(np.array_split(wave, max(1, len(wave) // 1024))):
                heard = av.AudioFrame.from_ndarray(part[None], format="fltp", layout="mono")
                heard.sample_rate, heard.time_base = 16_000, Fraction(1, 16_000)
                heard.pts = None if number else 0
                container.mux(voice.encode(heard))
            container.mux(voice.encode(None))
    return buffer.getvalue()


@pytest.mark.parametrize("count", [1, 5, 8, 17, 100])
def test_pictures_are_drawn_evenly_and_in_their_order(count: int) -> None:
    video = decode_video(film(count))
    assert len(video.pictures) == min(FRAMES, count)
    assert not video.has_sound
    assert all(picture.shape == (48, 64, 3) and picture.dtype == np.uint8 for picture in video.pictures)
    light = [float(picture.mean()) for picture in video.pictures]
    assert light == sorted(light)
    if count >= FRAMES:
        assert light[0] < 20 < 215 < light[-1]
        assert np.diff(light).min() > 10


def test_the_sound_of_a_video_can_be_heard() -> None:
    data = film(10, sound=1.0)
    assert decode_video(data).has_sound
    assert 0.8 < len(decode_sound(data)) / 16_000 < 1.3


def test_a_file_with_sound_alone_has_no_pictures() -> None:
    video = decode_video(film(0, sound=0.5))
    assert video.has_sound
    assert video.pictures == []


def test_a_video_of_one_pixel_or_so_can_be_seen() -> None:
    assert decode_video(film(3, (2, 2))).pictures[0].shape == (2, 2, 3)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "video_empty"),
        (b"this is a text and no video " * 50, "not_a_video"),
        (film()[:200], "not_a_video"),
    ],
)
def test_what_is_no_video_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(BadInput) as raised:
        decode_video(data)
    assert raised.value.code == code


def test_a_video_whose_pictures_are_broken_is_refused() -> None:
    data = bytearray(film(20, format="matroska"))
    start = data.find(b"\x1f\x43\xb6\x75")  # the first cluster
    data[start + 12 :] = bytes(len(data) - start - 12)
    with pytest.raises(BadInput) as raised:
        decode_video(bytes(data))
    assert raised.value.code in ("video_damaged", "not_a_video")


def test_a_video_that_is_too_long_is_refused() -> None:
    with pytest.raises(BadInput) as raised:
        decode_video(film(40), longest=2.0)
    assert raised.value.code == "video_too_long"
