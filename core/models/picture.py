"""Encoded pictures to RGB arrays, safely: sizes are refused from the header, before a pixel is decoded."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import BadInput

if TYPE_CHECKING:
    from PIL import Image

MOST_PIXELS = 40_000_000
LONGEST_SIDE = 1600
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "MPO")


def decode_picture(data: bytes) -> NDArray[np.uint8]:
    """Return RGB [h, w, 3], upright, at most 1600 a side; transparency on white, the first frame of animations.

    Raises BadInput: picture_empty, not_a_picture, picture_too_large, picture_damaged.
    """
    if not data:
        raise BadInput("picture_empty", "The picture is empty. Please send it again.")
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # sizes are checked below, broken EXIF is not our concern
            picture = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError:
        raise _too_large() from None
    except Exception:  # Pillow's plugins raise many kinds on bytes made to confuse them
        raise BadInput(
            "not_a_picture", "This file is not a picture that I can read. Please send JPEG, PNG, WebP or GIF."
        ) from None
    with picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise _too_large()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                picture.load()
                upright: Image.Image = ImageOps.exif_transpose(picture)
                upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
                if upright.has_transparency_data:
                    drawn = upright.convert("RGBA")
                    upright = Image.new("RGBA", drawn.size, "white")
                    upright.alpha_composite(drawn)
                elif upright.mode.startswith("I") or upright.mode == "F":
                    upright = _scaled(upright)
                return np.asarray(upright.convert("RGB"), np.uint8)
        except Exception:  # as above
            raise BadInput(
                "picture_damaged", "The picture is damaged or was cut off on its way. Please send it again."
            ) from None


def _scaled(picture: Image.Image) -> Image.Image:
    from PIL import Image

    values = np.nan_to_num(np.asarray(picture, np.float32))
    low, high = float(values.min()), float(values.max())
    return Image.fromarray(((values - low) * (255.0 / max(high - low, 1e-9))).astype(np.uint8))


def _too_large() -> BadInput:
    return BadInput(
        "picture_too_large",
        f"The picture has more than {MOST_PIXELS // 1_000_000} megapixels. Please send a smaller one, or a screenshot.",
    )
