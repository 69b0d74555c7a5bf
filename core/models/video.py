"""Encoded video to a few RGB pictures, evenly drawn from its length; whether it has sound too.

Knows nothing of what is seen. The sound itself is read by sound.py from the same bytes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import BadInput
from .container import Frames, open_container
from .picture import LONGEST_SIDE, MOST_PIXELS

FRAMES = 8  # pictures of one video
LONGEST = 120.0  # seconds


class Video(NamedTuple):
    """Hold pictures [h, w, 3] in their order, none where there is sound only, and whether there is sound."""

    pictures: list[NDArray[np.uint8]]
    has_sound: bool


def decode_video(data: bytes, *, longest: float = LONGEST) -> Video:
    """Return at most FRAMES pictures, upright, at most 1600 a side, of MP4, WebM, MOV, …; raise BadInput.

    Codes: video_empty, not_a_video, picture_too_large, video_too_long, video_damaged.
    """
    if not data:
        raise BadInput("video_empty", "The video is empty. Please send it again.")
    import av

    damaged = BadInput("video_damaged", "The video is damaged or was cut off on its way. Please send it again.")
    refusal = BadInput("not_a_video", "This file is not a video that I can read. Please send MP4, MOV or WebM.")
    with open_container(data, refusal) as container:
        has_sound = bool(container.streams.audio)
        if not container.streams.video and not has_sound:
            raise BadInput("not_a_video", "This file has neither pictures nor sound. Please send MP4, MOV or WebM.")
        try:
            pictures = _drawn(container, longest) if container.streams.video else []
        except (av.FFmpegError, ValueError, OSError):
            raise damaged from None
    if not pictures and not has_sound:
        raise damaged
    return Video(pictures, has_sound)


def _drawn(container: Any, longest: float) -> list[NDArray[np.uint8]]:
    """Return pictures at even distances; how many there are is known only at the end.

    Of the frames so far every 1st, 2nd, 4th … is kept, so that at most 2 FRAMES wait.
    """
    stream = container.streams.video[0]
    context = stream.codec_context
    if context.width * context.height > MOST_PIXELS:
        raise BadInput("picture_too_large", "The video's pictures are too large. Please send a smaller one.")
    kept: list[Any] = []
    every = 1
    for count, frame in enumerate(Frames(container, stream)):
        if frame.time is not None and frame.time > longest:
            raise BadInput(
                "video_too_long", f"The video is longer than {longest:.0f} seconds. Please send a shorter one."
            )
        if count % every == 0:
            kept.append(frame)
        if len(kept) > 2 * FRAMES:
            kept, every = kept[::2], every * 2
    places = np.linspace(0, len(kept) - 1, min(FRAMES, len(kept))).round().astype(int)
    return [_picture(kept[place]) for place in places]


def _picture(frame: Any) -> NDArray[np.uint8]:
    scale = min(1.0, LONGEST_SIDE / max(frame.width, frame.height))
    width, height = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
    pixels = frame.reformat(width=width, height=height, format="rgb24").to_ndarray()
    turned = np.rot90(pixels, round(float(getattr(frame, "rotation", 0) or 0) / 90) % 4)
    return np.ascontiguousarray(turned, np.uint8)
