"""Files: people's sound and pictures in, the bot's voice and exports out.

Knows Slack's addresses and the sizes taken, not what is in a file beyond its first bytes. The bot's token is only ever
sent to Slack's own hosts. Uploading is described at https://docs.slack.dev/messaging/working-with-files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from ...core.contracts import Memo
from ...core.errors import RetryLater, Undeliverable
from ...core.message import Media, MediaKind
from .outbox import Outbox, Place

FILE_BYTES = 20 * 1024 * 1024
FILES = 4
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")


class NotTaken(Exception):
    """A file that cannot be used; `reason` is the name of the sentence that says so."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


async def fetch(outbox: Outbox, files: Sequence[Mapping[str, Any]]) -> tuple[Media, ...]:
    """Return what a message's files hold; raise NotTaken for what is of no use, RetryLater for what may come later."""
    return tuple([await _fetch(outbox, file) for file in files[:FILES]])


def is_media(file: Mapping[str, Any]) -> bool:
    """Tell whether a file may be sound, a picture or a video, by what is said of it."""
    claimed = str(file.get("mimetype") or "").split("/")[0].lower()
    media = claimed in ("audio", "image", "video") or file.get("subtype") == "slack_audio"
    return media or file.get("file_access") == "check_file_info"


async def fetch_any(outbox: Outbox, file: Mapping[str, Any]) -> tuple[str, bytes]:
    """Return the name of a file and what it holds, whatever that is; raise as `fetch` does."""
    file = await _known(outbox, file)
    return str(file.get("name") or "file"), await _download(outbox, _address(file))


async def _known(outbox: Outbox, file: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is known of a file; raise NotTaken when it is too large."""
    if file.get("file_access") == "check_file_info":  # of another workspace: the event names nothing but the id
        try:
            file = (await outbox.call(outbox.client.files_info(file=str(file.get("id")))))["file"]
        except Undeliverable as error:
            raise NotTaken("file_gone") from error
    size = file.get("size")
    if isinstance(size, int) and size > FILE_BYTES:
        raise NotTaken("too_large")
    return file


def _address(file: Mapping[str, Any]) -> str:
    return str(file.get("url_private_download") or file.get("url_private") or "")


async def _fetch(outbox: Outbox, file: Mapping[str, Any]) -> Media:
    file = await _known(outbox, file)
    mime = str(file.get("mimetype") or "").split(";")[0].lower()
    claimed = "audio" if file.get("subtype") == "slack_audio" else mime.split("/")[0]
    if claimed not in ("audio", "image", "video"):
        raise NotTaken("cannot_read")
    data = await _download(outbox, _address(file))
    kind: MediaKind = claimed  # type: ignore[assignment]
    if data.startswith(_PICTURES) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
        kind = "image"
    elif kind == "image" or data[:64].lstrip()[:1] == b"<":  # a page instead of a file: a log-in, or a lie
        raise NotTaken("cannot_read")
    return Media(kind, data, mime, str(file.get("name") or ""))


def is_slack(url: str, api: str) -> bool:
    """Tell whether an address belongs to Slack, so that it may be given the token."""
    asked, own = urlsplit(url), urlsplit(api)
    host = asked.hostname or ""
    if (asked.scheme, asked.netloc) == (own.scheme, own.netloc):
        return True
    return asked.scheme == "https" and (host in _HOSTS or host.endswith(tuple(f".{name}" for name in _HOSTS)))


_HOSTS = ("slack.com", "slack-gov.com", "slack-files.com", "slack-edge.com")


async def _download(outbox: Outbox, url: str) -> bytes:
    if not is_slack(url, outbox.client.base_url):
        raise NotTaken("file_gone")
    headers = {"Authorization": f"Bearer {outbox.client.token}"}
    data = bytearray()
    try:
        async with outbox.session().get(url, headers=headers, allow_redirects=False) as response:
            if response.status == 429 or response.status >= 500:
                after = response.headers.get("Retry-After", "")
                raise RetryLater(float(after) if after.isdigit() else None, "Slack did not give a file now")
            if response.status != 200:  # a redirect leads to a log-in: the app may not read files
                raise NotTaken("file_gone")
            async for chunk in response.content.iter_chunked(64 * 1024):
                data += chunk
                if len(data) > FILE_BYTES:
                    raise NotTaken("too_large")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise RetryLater(None, f"Slack did not give a file ({type(error).__name__})") from error
    return bytes(data)


async def share(outbox: Outbox, place: Place, name: str, data: bytes, memo: Memo, slot: str, title: str = "") -> None:
    """Put a file into a conversation once; `memo[slot]` remembers how far it came."""
    known = memo.get(slot) or {}
    if known.get("done"):
        return
    if known.get("id") and await _is_shared(outbox, known["id"]):
        memo[slot] = {**known, "done": True}
        return
    granted = await outbox.call(outbox.client.files_getUploadURLExternal(filename=name, length=len(data)))
    await _upload(outbox, str(granted["upload_url"]), data)
    memo[slot] = {"id": str(granted["file_id"])}
    await memo.keep()  # after the next call it is out, and after a crash Slack is asked whether it is
    whole: dict[str, str | None] = {"id": str(granted["file_id"]), "title": title or name}
    await outbox.call(
        outbox.client.files_completeUploadExternal(files=[whole], channel_id=place.channel, thread_ts=place.thread)
    )
    memo[slot] = {"id": str(granted["file_id"]), "done": True}


async def _is_shared(outbox: Outbox, file: str) -> bool:
    try:
        info = (await outbox.call(outbox.client.files_info(file=file)))["file"]
    except Undeliverable:  # never completed, so not there
        return False
    return bool(info.get("shares") or info.get("channels") or info.get("groups") or info.get("ims"))


async def _upload(outbox: Outbox, url: str, data: bytes) -> None:
    try:
        async with outbox.session().post(url, data=data) as response:
            if response.status != 200:
                raise RetryLater(None, f"Slack did not take a file (HTTP {response.status})")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise RetryLater(None, f"Slack did not take a file ({type(error).__name__})") from error
