"""Open an encoded sound or video with PyAV, and decode one of its streams past what is damaged.

Knows nothing of what is heard or seen; never believes a MIME type.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from ..errors import BadInput

MOST_DAMAGE = 100  # packets that can't be decoded


def open_container(data: bytes, refusal: BadInput) -> Any:
    """Return PyAV's container of a file's bytes, to be closed by its reader; raise `refusal` where it is none."""
    import av

    try:
        return av.open(io.BytesIO(data), metadata_errors="ignore")
    except (av.FFmpegError, ValueError, OSError):
        raise refusal from None


class Frames:
    """Iterate over the decoded frames of a stream; `damage` counts the packets that were passed over."""

    def __init__(self, container: Any, stream: Any) -> None:
        self.damage = 0
        self._container, self._stream = container, stream

    def __iter__(self) -> Iterator[Any]:
        import av

        for packet in self._container.demux(self._stream):
            try:
                frames = packet.decode()
            except av.InvalidDataError:
                self.damage += 1
                if self.damage > MOST_DAMAGE:
                    return
                continue
            yield from frames
