"""What is taken for sound and for a picture, and how long and for whom it is held."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from personac.connectors.web import media
from personac.connectors.web.media import BYTES_OF_ONE, MEDIA_BYTES, PIECES_OF_ONE, SECONDS, MediaShelf, kind_of
from personac.core.errors import BadInput

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


class Clock:
    """A clock that stands still until it is set."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


async def chunks(*pieces: bytes) -> AsyncIterator[bytes]:
    """Yield the pieces of an upload."""
    for piece in pieces:
        yield piece


async def put(shelf: MediaShelf, data: bytes = PNG, owner: str = "ann") -> str:
    """Upload in one piece and return the id."""
    name, _ = await shelf.receive(owner, chunks(data), "image/png", len(data))
    return name


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n", "image"),
        (b"\xff\xd8\xff\xe0", "image"),
        (b"GIF89a", "image"),
        (b"BM\x00\x00", "image"),
        (b"II*\x00", "image"),
        (b"MM\x00*", "image"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "image"),
        (b"\0\0\0\x1cftypavif", "image"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "audio"),
        (b"OggS", "audio"),
        (b"ID3\x04", "audio"),
        (b"fLaC", "audio"),
        (b"\x1aE\xdf\xa3", "audio"),
        (b"\xff\xfb\x90", "audio"),
        (b"\xff\xf1\x50", "audio"),
        (b"\0\0\0\x20ftypM4A ", "audio"),
    ],
)
@pytest.mark.parametrize("claimed", ["", "image/png", "audio/wav", "text/html"])
def test_the_first_bytes_decide_and_not_the_claim(head: bytes, kind: str, claimed: str) -> None:
    assert kind_of(head + b"\0" * 64, claimed) == kind


@pytest.mark.parametrize("head", [b"\x1aE\xdf\xa3", b"\0\0\0\x20ftypisom"])
def test_the_claim_tells_video_from_sound_where_both_begin_alike(head: bytes) -> None:
    assert kind_of(head + b"\0" * 64, "video/webm") == "video"
    assert kind_of(head + b"\0" * 64, "audio/webm") == "audio"


@pytest.mark.parametrize(("claimed", "kind"), [("audio/amr", "audio"), ("image/heic", "image")])
def test_the_claim_decides_where_the_bytes_say_nothing(claimed: str, kind: str) -> None:
    assert kind_of(b"\x01\x02\x03\x04" * 8, claimed) == kind


@pytest.mark.parametrize(
    "data", [b"MZ\x90\0" * 9, b"%PDF-1.7", b"<html>", b"RIFF\0\0\0\0AVI ", b"P", b"hello, this is text"]
)
@pytest.mark.parametrize("claimed", ["", "application/octet-stream", "text/plain", "video"])
def test_what_is_neither_is_refused_with_what_would_do(data: bytes, claimed: str) -> None:
    with pytest.raises(BadInput, match="PNG, JPEG") as error:
        kind_of(data, claimed)
    assert error.value.code == "not_media"


async def test_an_upload_is_handed_over_once() -> None:
    shelf = MediaShelf()
    name, received = await shelf.receive("ann", chunks(PNG[:9], b"", PNG[9:]), "image/jpeg", None)
    assert (received.kind, received.data, received.mime) == ("image", PNG, "image/jpeg")
    assert shelf.take(name, "ann") is received
    with pytest.raises(BadInput, match="send it again"):
        shelf.take(name, "ann")


async def test_somebody_else_s_upload_is_not_there_and_stays() -> None:
    shelf = MediaShelf()
    name = await put(shelf)
    for stranger in ("bob", "", "Ann"):
        with pytest.raises(BadInput) as error:
            shelf.take(name, stranger)
        assert error.value.code == "media_gone"
    assert shelf.take(name, "ann").data == PNG


async def test_an_upload_is_forgotten_after_some_minutes() -> None:
    clock = Clock()
    shelf = MediaShelf(clock)
    early, late = await put(shelf), await put(shelf)
    clock.now += SECONDS
    assert shelf.take(early, "ann")
    clock.now += 0.1
    with pytest.raises(BadInput, match="no longer here"):
        shelf.take(late, "ann")


async def test_no_two_uploads_share_an_id() -> None:
    shelf = MediaShelf()
    names = {await put(shelf, owner=f"user {i}") for i in range(100)}
    assert len(names) == 100
    assert all(len(name) >= 16 for name in names)


async def test_a_size_that_is_told_is_refused_before_a_byte_is_read() -> None:
    async def unread() -> AsyncIterator[bytes]:
        raise AssertionError("read")
        yield b""

    with pytest.raises(BadInput, match="20 MB") as error:
        await MediaShelf().receive("ann", unread(), "image/png", MEDIA_BYTES + 1)
    assert error.value.code == "too_large"


async def test_a_size_that_is_not_told_is_refused_at_the_limit() -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1024**2
            yield b"\0" * 1024**2

    for told in (None, 5):
        read = 0
        with pytest.raises(BadInput) as error:
            await MediaShelf().receive("ann", endless(), "image/png", told)
        assert error.value.code == "too_large"
        assert read == MEDIA_BYTES + 1024**2


async def test_exactly_the_limit_is_taken() -> None:
    shelf = MediaShelf()
    name = await put(shelf, PNG.ljust(MEDIA_BYTES, b"\0"))
    assert len(shelf.take(name, "ann").data) == MEDIA_BYTES


async def test_nothing_is_not_a_file() -> None:
    with pytest.raises(BadInput) as error:
        await put(MediaShelf(), b"")
    assert error.value.code == "empty"


async def test_uploads_that_are_never_used_make_room_for_the_same_user_s_next() -> None:
    shelf = MediaShelf()
    names = [await put(shelf) for _ in range(30)]
    others = await put(shelf, owner="bob")
    for name in names[:-PIECES_OF_ONE]:
        with pytest.raises(BadInput):
            shelf.take(name, "ann")
    assert all(shelf.take(name, "ann") for name in names[-PIECES_OF_ONE:])
    assert shelf.take(others, "bob")


async def test_one_user_cannot_fill_the_shelf() -> None:
    shelf = MediaShelf()
    big = PNG.ljust(MEDIA_BYTES, b"\0")
    names = [await put(shelf, big) for _ in range(BYTES_OF_ONE // MEDIA_BYTES + 2)]
    with pytest.raises(BadInput):
        shelf.take(names[1], "ann")
    assert shelf.take(names[2], "ann")
    assert await put(shelf, big, owner="bob")


async def test_a_full_shelf_says_so_and_is_free_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "ALL_BYTES", 3 * len(PNG))
    clock = Clock()
    shelf = MediaShelf(clock)
    for owner in ("ann", "bob", "eve"):
        await put(shelf, owner=owner)
    with pytest.raises(BadInput, match="in a minute") as error:
        await put(shelf, owner="dan")
    assert error.value.code == "busy"
    clock.now += SECONDS + 1
    assert await put(shelf, owner="dan")


async def test_uploads_that_are_still_arriving_count_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "ALL_BYTES", 2 * len(PNG))
    shelf = MediaShelf()

    async def slow() -> AsyncIterator[bytes]:
        yield PNG
        yield PNG
        with pytest.raises(BadInput) as error:
            await put(shelf, owner="bob")
        assert error.value.code == "busy"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await shelf.receive("ann", slow(), "image/png", None)
    assert await put(shelf, owner="bob")  # what was cut off counts no more
