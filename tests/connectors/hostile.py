"""Files that are not what they say, hold nothing, or are made to hurt their reader; for tests of chat connectors."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import av
import numpy as np
from PIL import Image

RATE = 16_000


@dataclass(frozen=True)
class HostileFile:
    """One file, as what it is sent, and what of the sentences in English and Chinese answers it."""

    kind: str  # image, audio or video
    mime: str
    data: bytes
    english: str
    chinese: str


def picture(width: int, height: int, kind: str) -> bytes:
    """Return a picture of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 30)).save(buffer, kind)
    return buffer.getvalue()


def bomb() -> bytes:
    """Return a PNG of a few bytes that says it has 3.6 thousand million pixels."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")]
    chunks = (struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def wav(samples: np.ndarray, told: int | None = None) -> bytes:
    """Return a WAV of float32; `told` is the length that its header tells."""
    data = samples.astype("<f4").tobytes()
    said = len(data) if told is None else told
    head = struct.pack(
        "<4sI4s4sIHHIIHH", b"RIFF", (36 + said) % 2**32, b"WAVE", b"fmt ", 16, 3, 1, RATE, RATE * 4, 4, 32
    )
    return head + struct.pack("<4sI", b"data", said) + data


def opus(seconds: float) -> bytes:
    """Return silence as a voice note."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="ogg") as container:
        stream: Any = container.add_stream("libopus", rate=48_000)
        stream.layout = "mono"
        for start in range(0, int(seconds * 48_000), 960):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 960), np.int16), format="s16", layout="mono")
            frame.sample_rate, frame.pts = 48_000, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def film(size: int) -> bytes:
    """Return a video of half a second."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream: Any = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = size
        stream.pix_fmt = "yuv420p"
        for shade in range(0, 250, 50):
            frame = av.VideoFrame.from_ndarray(np.full((size, size, 3), shade, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def archive() -> bytes:
    """Return a zip file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("movie.mp4", bytes(10_000_000))
    return buffer.getvalue()


NOT_SEEN, SEEN = ("not a picture that I can read", "不是我能看的图片"), ("picture", "图片")
NOT_HEARD, EMPTY = ("not a sound that I can read", "不是我能听的声音"), ("recording", "录音")
NO_WORDS = ("could not make out any words", "没听出话来")
NO_SOUND = ("has no sound in it", "没有声音")
_MAKE: dict[str, tuple[str, str, Callable[[], bytes], tuple[str, str]]] = {
    "a program called a picture": ("image", "image/png", lambda: b"MZ\x90\0" + bytes(500), NOT_SEEN),
    "a drawing with a script": ("image", "image/svg+xml", lambda: b"<svg onload='alert(1)'><script/></svg>", NOT_SEEN),
    "a sound called a picture": ("image", "image/jpeg", lambda: wav(np.zeros(RATE)), NOT_SEEN),
    "a picture that was cut off": ("image", "image/jpeg", lambda: picture(900, 900, "JPEG")[:900], SEEN),
    "a picture that is only its name": ("image", "image/png", lambda: b"\x89PNG\r\n\x1a\n", NOT_SEEN),
    "a bomb": ("image", "image/png", bomb, ("megapixels", "像素太多")),
    "one pixel, PNG": ("image", "image/png", lambda: picture(1, 1, "PNG"), SEEN),
    "one pixel, GIF": ("image", "image/gif", lambda: picture(1, 1, "GIF"), SEEN),
    "one row of pixels": ("image", "image/webp", lambda: picture(9000, 1, "WEBP"), SEEN),
    "words called a voice note": ("audio", "audio/ogg", lambda: "你好，hello\n".encode() * 50, NOT_HEARD),
    "a picture called a voice note": ("audio", "audio/ogg", lambda: picture(9, 9, "JPEG"), NO_SOUND),
    "a voice note that is only its name": ("audio", "audio/ogg", lambda: b"OggS", NOT_HEARD),
    "silence": ("audio", "audio/ogg", lambda: opus(2.0), NO_WORDS),
    "no sound at all": ("audio", "audio/wav", lambda: wav(np.zeros(0)), EMPTY),
    "sound that is no number": ("audio", "audio/wav", lambda: wav(np.full(RATE, np.nan)), NO_WORDS),
    "sound beyond all measure": ("audio", "audio/wav", lambda: wav(np.full(RATE, np.inf)), NO_WORDS),
    "a length that is not there": ("audio", "audio/wav", lambda: wav(np.zeros(RATE), 2**32 - 50), NO_WORDS),
    "two minutes and a bit": ("audio", "audio/ogg", lambda: opus(121.5), ("longer than 120 seconds", "太长了")),
    "an archive called a video": ("video", "video/mp4", archive, ("not a video", "不是我能看的视频")),
    "a video that was cut off": ("video", "video/mp4", lambda: film(64)[:200], ("video", "视频")),
    "a video of two pixels": ("video", "video/mp4", lambda: film(2), SEEN),
}  # fmt: skip


@cache
def files() -> dict[str, HostileFile]:
    """Return the files by what they are."""
    return {name: HostileFile(kind, mime, make(), *said) for name, (kind, mime, make, said) in _MAKE.items()}
