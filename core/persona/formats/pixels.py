"""The chunks of a PNG file: cut it into them and join them again. Knows nothing of cards.

Layout: PNG (Third Edition), W3C, section 5. What is not sound is refused, not repaired.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from typing import NamedTuple

from ...errors import BadInput

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_CHUNKS = 20_000
MAX_TEXT = 32_000_000
MAX_SIDE = 16_384
MAX_PIXELS = 100_000_000


class Chunk(NamedTuple):
    """Hold one chunk: its type and its data."""

    kind: bytes
    data: bytes


def split_chunks(data: bytes) -> tuple[list[Chunk], int]:
    """Return the chunks of a PNG to its end, and how many bytes follow after; raise BadInput when it is damaged."""
    if not data.startswith(SIGNATURE):
        raise BadInput("bad_picture", "This is not a PNG picture.")
    chunks: list[Chunk] = []
    position = len(SIGNATURE)
    while not chunks or chunks[-1].kind != b"IEND":
        if position + 12 > len(data):
            raise BadInput("bad_picture", "The PNG picture ends too early: it is not whole.")
        length, kind = struct.unpack_from(">I4s", data, position)
        if not kind.isalpha() or length > 0x7FFFFFFF:
            raise BadInput("bad_picture", "The PNG picture is damaged: a chunk has no proper name.")
        end = position + 8 + length
        if end + 4 > len(data):
            raise BadInput("bad_picture", f"The PNG picture ends too early: a chunk should have {length:,} bytes.")
        body = data[position + 8 : end]
        if zlib.crc32(data[position + 4 : end]) != struct.unpack_from(">I", data, end)[0]:
            raise BadInput("bad_picture", "The PNG picture is damaged: a checksum is wrong.")
        chunks.append(Chunk(kind, body))
        if len(chunks) > MAX_CHUNKS:
            raise BadInput("bad_picture", f"The PNG picture has more than {MAX_CHUNKS:,} chunks.")
        position = end + 4
    _check_size(chunks[0])
    return chunks, len(data) - position


def _check_size(header: Chunk) -> None:
    if header.kind != b"IHDR" or len(header.data) != 13:
        raise BadInput("bad_picture", "The PNG picture is damaged: it does not begin with its size.")
    width, height = struct.unpack_from(">II", header.data)
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and width * height <= MAX_PIXELS):
        raise BadInput("bad_picture", f"The PNG picture of {width:,} × {height:,} points is too large.")


def join_chunks(chunks: Sequence[Chunk]) -> bytes:
    """Return the PNG of chunks."""
    parts = [SIGNATURE]
    for kind, data in chunks:
        parts += [struct.pack(">I4s", len(data), kind), data, struct.pack(">I", zlib.crc32(kind + data))]
    return b"".join(parts)


def text_chunk(keyword: str, text: bytes) -> Chunk:
    """Return a tEXt chunk."""
    return Chunk(b"tEXt", keyword.encode("latin-1", "replace") + b"\0" + text)


def text_of_chunk(chunk: Chunk) -> tuple[str, bytes]:
    """Return the keyword and the text of a text chunk, unpacked within a limit; empty for any other chunk."""
    if chunk.kind not in (b"tEXt", b"zTXt", b"iTXt"):
        return "", b""
    keyword, _, rest = chunk.data.partition(b"\0")
    name = keyword.decode("latin-1")
    if chunk.kind == b"tEXt":
        return name, rest
    if chunk.kind == b"zTXt":
        return name, _unpacked(rest[1:])
    packed = rest[:1] == b"\1"
    text = rest[2:].split(b"\0", 2)[-1]
    return name, _unpacked(text) if packed else text


def _unpacked(data: bytes) -> bytes:
    inflate = zlib.decompressobj()
    try:
        text = inflate.decompress(data, MAX_TEXT)
    except zlib.error:
        raise BadInput("bad_picture", "The PNG picture is damaged: a text in it cannot be unpacked.") from None
    if inflate.unconsumed_tail:
        raise BadInput("too_large", f"A text in the PNG picture is larger than {MAX_TEXT // 1_000_000} MB unpacked.")
    return text


def blank_picture(width: int = 400, height: int = 600) -> bytes:
    """Return a plain grey picture."""
    rows = (b"\0" + b"\xd8" * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [Chunk(b"IHDR", header), Chunk(b"IDAT", zlib.compress(rows, 9)), Chunk(b"IEND", b"")]
    return join_chunks(chunks)
