"""What users upload, held in memory until the message that names it, and no longer than some minutes.

Knows sizes and time, not what is in a file: its first bytes decide whether it is taken for sound or a picture.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass

from ...core.errors import BadInput
from ...core.message import Media, MediaKind

MEDIA_BYTES = 20 * 1024 * 1024
ALL_BYTES = 200 * 1024 * 1024
PIECES_OF_ONE = 10
BYTES_OF_ONE = 4 * MEDIA_BYTES
SECONDS = 300.0

_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")
_WEBM = b"\x1aE\xdf\xa3"
_SOUNDS = (b"OggS", b"ID3", b"fLaC", _WEBM, b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xf1", b"\xff\xf9")


def kind_of(data: bytes, claimed: str) -> MediaKind:
    """Tell sound from picture by the first bytes; where they say nothing, by the claimed type.

    Files of sound and of video begin alike: of these the claimed type tells which. Raise BadInput for what is neither.
    """
    if data.startswith(_PICTURES) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP") or data[4:12] == b"ftypavif":
        return "image"
    if claimed.startswith("video/") and (data.startswith(_WEBM) or data[4:8] == b"ftyp"):
        return "video"
    if data.startswith(_SOUNDS) or (data[:4] == b"RIFF" and data[8:12] == b"WAVE") or data[4:8] == b"ftyp":
        return "audio"
    if claimed.startswith("audio/"):
        return "audio"
    if claimed.startswith("image/"):
        return "image"
    raise BadInput(
        "not_media", "That file is neither a picture nor a recording. Send PNG, JPEG, WebP, WAV, MP3 or OGG."
    )


@dataclass(slots=True)
class _Held:
    media: Media
    owner: str
    until: float


class MediaShelf:
    """Hold uploads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._held: dict[str, _Held] = {}
        self._arriving = 0  # bytes of uploads that are not yet whole

    async def receive(
        self, owner: str, chunks: AsyncIterator[bytes], claimed: str, length: int | None
    ) -> tuple[str, Media]:
        """Take one upload and return its id; raise BadInput as soon as it is too large."""
        too_large = BadInput(
            "too_large", f"That file is too large; please send one of at most {MEDIA_BYTES // 1024**2} MB."
        )
        if length is not None and length > MEDIA_BYTES:
            raise too_large
        data = bytearray()
        try:
            async for chunk in chunks:
                data += chunk
                self._arriving += len(chunk)
                if len(data) > MEDIA_BYTES:
                    raise too_large
                if self._arriving > ALL_BYTES:
                    raise self._busy()
        finally:
            self._arriving -= len(data)
        if not data:
            raise BadInput("empty", "That file is empty; please choose or record it again.")
        whole = bytes(data)
        media = Media(kind_of(whole, claimed), whole, claimed)
        self._make_room(owner, len(whole))
        name = secrets.token_urlsafe(12)
        self._held[name] = _Held(media, owner, self._clock() + SECONDS)
        return name, media

    def _make_room(self, owner: str, size: int) -> None:
        """Drop what is old, and the oldest of an owner who holds too much; raise BadInput when all is full."""
        self._forget_old()
        own = [name for name, held in self._held.items() if held.owner == owner]
        while own and (len(own) >= PIECES_OF_ONE or self._bytes(own) + size > BYTES_OF_ONE):
            del self._held[own.pop(0)]
        if self._bytes(self._held) + size > ALL_BYTES:
            raise self._busy()

    def _bytes(self, names: Iterable[str]) -> int:
        return sum(len(self._held[name].media.data) for name in names)

    @staticmethod
    def _busy() -> BadInput:
        return BadInput("busy", "Too many files are waiting right now; please send yours again in a minute.")

    def take(self, name: str, owner: str) -> Media:
        """Hand over an upload, once, to who sent it; raise BadInput when it is gone."""
        self._forget_old()
        held = self._held.get(name)
        if held is None or held.owner != owner:
            raise BadInput("media_gone", "That file is no longer here; please send it again.")
        del self._held[name]
        return held.media

    def forget(self, owner: str) -> None:
        """Drop all that an owner has sent."""
        for name in [name for name, held in self._held.items() if held.owner == owner]:
            del self._held[name]

    def _forget_old(self) -> None:
        now = self._clock()
        for name in [name for name, held in self._held.items() if held.until < now]:
            del self._held[name]
