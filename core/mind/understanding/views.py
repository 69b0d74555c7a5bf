"""What pictures are to the fused network: the tokens of one picture, or of a video's pictures in their order.

Does not know how a picture is decoded; the picture encoder is given.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...contracts import Encoder
from ...turn import Vector
from .fusion import PICTURE, VIDEO

Picture = NDArray[np.uint8]


def pictures_of(encoder: Encoder, pictures: Sequence[Picture]) -> tuple[Vector, dict[str, Vector]]:
    """Return one vector [1, d] of length 1 for all pictures [h, w, 3], and their tokens.

    PICTURE [d] is that vector; several pictures have VIDEO [pictures, d] too. Raise ValueError without any picture.
    """
    if not len(pictures):
        raise ValueError("there is no picture to look at")
    frames = np.asarray(encoder.encode(list(pictures)), np.float32)
    mean = frames.mean(0, keepdims=True)
    mean = np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-6), np.float32)
    tokens = {PICTURE: mean[0]}
    return mean, tokens if len(frames) == 1 else {**tokens, VIDEO: frames}
