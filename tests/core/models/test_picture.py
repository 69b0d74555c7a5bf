from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from personac.core.errors import BadInput
from personac.core.models.picture import LONGEST_SIDE, decode_picture
from PIL import Image


def encoded(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def refused(data: bytes) -> str:
    with pytest.raises(BadInput) as caught:
        decode_picture(data)
    assert "Please" in str(caught.value)
    return caught.value.code


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_usual_pictures_become_rgb(kind: str) -> None:
    array = decode_picture(encoded(Image.new("RGB", (40, 30), (250, 0, 0)), kind))
    assert array.shape == (30, 40, 3)
    assert array.dtype == np.uint8
    assert array[15, 20, 0] > 240
    assert array[15, 20, 1] < 20


@pytest.mark.parametrize("mode", ["L", "1", "P", "LA", "RGBA", "CMYK", "I;16", "I"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    picture = Image.new("RGB", (8, 8), "white").convert("L" if mode.startswith("I") else mode)
    if mode.startswith("I"):
        picture = Image.fromarray(np.arange(64).reshape(8, 8).astype(np.uint16 if ";" in mode else np.int32))
    assert decode_picture(encoded(picture, "TIFF")).shape == (8, 8, 3)


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header claims a size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(20_000, 20_000), (20_000, 2_001), (2**31 - 1, 2**31 - 1), (100_000, 100_000)])
def test_a_bomb_is_refused_by_its_header(size: tuple[int, int]) -> None:
    assert refused(bomb(*size)) in {"picture_too_large", "not_a_picture"}


def test_a_large_picture_says_its_limit() -> None:
    with pytest.raises(BadInput, match="40 megapixels") as caught:
        decode_picture(bomb(20_000, 3_000))
    assert caught.value.code == "picture_too_large"


def test_a_photograph_is_made_smaller() -> None:
    array = decode_picture(encoded(Image.new("RGB", (4000, 3000), "blue"), "JPEG"))
    assert max(array.shape) == LONGEST_SIDE
    assert array.shape[0] == 1200


@pytest.mark.parametrize("data", [b"hello", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8\xff", b"<svg/>", b"%PDF-1.7"])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    assert refused(data) in {"not_a_picture", "picture_damaged"}


def test_an_empty_file_is_refused() -> None:
    assert refused(b"") == "picture_empty"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
@pytest.mark.parametrize("kept", [0.3, 0.7])
def test_a_cut_off_picture_is_refused(kind: str, kept: float) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (200, 200, 3)).astype(np.uint8)
    data = encoded(Image.fromarray(noise), kind)
    assert refused(data[: int(len(data) * kept)]) in {"picture_damaged", "not_a_picture"}


def test_a_photograph_stands_upright() -> None:
    picture = Image.new("RGB", (40, 20), "white")
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera lay on its side
    assert decode_picture(encoded(picture, "JPEG", exif=exif)).shape == (40, 20, 3)


def test_transparency_becomes_white() -> None:
    array = decode_picture(encoded(Image.new("RGBA", (4, 4), (0, 0, 0, 0))))
    assert (array == 255).all()


def test_of_an_animation_the_first_frame_is_seen() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    array = decode_picture(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert array[4, 4, 0] > 200


def test_noise_never_raises_anything_else() -> None:
    random = np.random.default_rng(1)
    good = bytearray(encoded(Image.new("RGB", (64, 64), "green"), "JPEG"))
    for _ in range(60):
        broken = bytearray(good)
        for at in random.integers(0, len(broken), 6):
            broken[at] = int(random.integers(0, 256))
        try:
            assert decode_picture(bytes(broken)).shape[2] == 3
        except BadInput:
            pass
