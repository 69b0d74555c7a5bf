"""Session tokens: who somebody is, until when, signed so that nobody else can make one.

A token is `v1.CLAIMS.SIGNATURE`, both base64url without padding: CLAIMS is JSON, SIGNATURE is HMAC-SHA256 (RFC 2104)
of `v1.CLAIMS`. Knows nothing of HTTP.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

VERSION = "v1"
CHARACTERS = 1024


@dataclass(frozen=True, slots=True)
class Claims:
    """Say who a token is for: a user of one persona, until a time in seconds since 1970."""

    user: str
    persona: str
    until: float
    login: bool = False  # whether this user has shown a key or logged in elsewhere


class Signer:
    """Make and read the tokens of one secret."""

    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._key = hashlib.sha256(b"personac session " + secret.encode()).digest()
        self._clock = clock

    def issue(self, user: str, persona: str, seconds: float, login: bool = False) -> str:
        """Return a token that is good for some seconds."""
        return self.seal({"u": user, "p": persona, "l": login}, seconds)

    def read(self, token: str, persona: str) -> Claims | None:
        """Return what a token says; None for one that is forged, too old, or of another persona."""
        read = self.unseal(token)
        if read is None or read.get("p") != persona or not isinstance(read.get("u"), str):
            return None
        return Claims(read["u"], persona, float(read["t"]), read.get("l") is True)

    def seal(self, values: Mapping[str, Any], seconds: float) -> str:
        """Return JSON values, signed, that are good for some seconds."""
        said = json.dumps({**values, "t": round(self._clock() + seconds)}, ensure_ascii=False, separators=(",", ":"))
        body = f"{VERSION}.{_pack(said.encode())}"
        return f"{body}.{_pack(self._sign(body))}"

    def unseal(self, token: str) -> dict[str, Any] | None:
        """Return what was sealed; None when it is forged or too old."""
        if len(token) > CHARACTERS or not token.isascii():
            return None
        body, _, signature = token.rpartition(".")
        given = _unpack(signature)
        if given is None or not hmac.compare_digest(given, self._sign(body)):
            return None
        version, _, packed = body.partition(".")
        try:
            read = json.loads(_unpack(packed) or b"")
        except (ValueError, RecursionError):
            return None
        good = version == VERSION and isinstance(read, dict) and isinstance(read.get("t"), int | float)
        return read if good and read["t"] >= self._clock() else None

    def _sign(self, body: str) -> bytes:
        return hmac.new(self._key, body.encode(), hashlib.sha256).digest()


def _pack(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unpack(text: str) -> bytes | None:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
