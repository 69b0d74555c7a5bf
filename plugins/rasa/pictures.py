"""Pictures that actions send by their address: fetched where the operator allows it, else shown as a link.

An address comes from an answer, so no other host than those named is called.
"""

from __future__ import annotations

import base64
import binascii
import logging
import re
from collections.abc import Collection, Iterable
from urllib.parse import urlsplit

import httpx

from ...core.message import Media

log = logging.getLogger("personac.rasa")
KINDS = ("image/png", "image/jpeg", "image/gif", "image/webp")
MOST_BYTES = 2 * 1024 * 1024
MOST = 4  # in one answer
SECONDS = 4.0
_DATA = re.compile(r"data:(?P<kind>image/[a-z]+);base64,(?P<data>[A-Za-z0-9+/=\s]+)")


async def pictures(addresses: Iterable[str], hosts: Collection[str]) -> tuple[list[Media], list[str]]:
    """Return the pictures that could be had, and the addresses of the others that may be shown as links."""
    found: list[Media] = []
    links: list[str] = []
    for address in addresses:
        picture = _held(address) if address.startswith("data:") else None
        host = urlsplit(address).hostname if address.startswith(("http://", "https://")) else None
        if picture is None and host in hosts and len(found) < MOST:
            picture = await _fetched(address)
        if picture is not None and len(found) < MOST and sum(len(m.data) for m in found) < MOST_BYTES:
            found.append(picture)
        elif host is not None:
            links.append(address)
        else:
            log.warning("a picture of an action is not shown: it is neither an address nor a PNG, JPEG, GIF or WebP")
    return found, links


def _held(address: str) -> Media | None:
    match = _DATA.fullmatch(address[: 2 * MOST_BYTES])
    if match is None or match["kind"] not in KINDS:
        return None
    try:
        data = base64.b64decode(match["data"])
    except (ValueError, binascii.Error):
        return None
    return Media("image", data, match["kind"]) if len(data) <= MOST_BYTES else None


async def _fetched(address: str) -> Media | None:
    try:
        async with httpx.AsyncClient(timeout=SECONDS) as client, client.stream("GET", address) as response:
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            if response.status_code != 200 or kind not in KINDS:
                raise httpx.HTTPError(f"{response.status_code}, {kind or 'no type'}")
            data = bytearray()
            async for piece in response.aiter_bytes():
                data += piece
                if len(data) > MOST_BYTES:
                    raise httpx.HTTPError(f"more than {MOST_BYTES} bytes")
            return Media("image", bytes(data), kind)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        log.warning("a picture of an action at %s could not be had: %s", urlsplit(address).hostname, error)
        return None
