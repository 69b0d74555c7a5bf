"""Who may see the monitor and the measures: with a key whoever has it, without one only who sits at this machine.

Knows requests, not what is shown. The key comes as `Authorization: Bearer KEY`, or as the password a browser asks for
(any name). Without a key, a request must come from this machine, to a name of this machine, and not by way of a proxy:
behind a proxy on the same machine everybody seems to come from here, so whoever runs one sets a key.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress
from collections.abc import Iterable, MutableMapping
from typing import Any

KEY_VARIABLE = "PERSONAC_MONITOR_KEY"
_PROXIED = {b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip", b"via", b"cf-connecting-ip"}
_HOSTS = {"localhost", "127.0.0.1", "[::1]"}


class Door:
    """Let the operator in."""

    def __init__(self, key: str = "") -> None:
        self.key = key

    def admits(self, scope: MutableMapping[str, Any]) -> bool:
        """Tell whether a request may see the monitor."""
        headers: list[tuple[bytes, bytes]] = list(scope.get("headers", ()))
        if self.key:
            return hmac.compare_digest(_given(headers).encode("utf-8", "replace"), self.key.encode())
        client = scope.get("client")
        if not client or not _is_loopback(str(client[0])) or any(name in _PROXIED for name, _ in headers):
            return False
        host = next((value.decode("latin-1") for name, value in headers if name == b"host"), "")
        return (host if host.endswith("]") else host.rsplit(":", 1)[0] if ":" in host else host).lower() in _HOSTS

    def refusal(self) -> tuple[int, dict[str, Any], list[tuple[bytes, bytes]]]:
        """Return the status, what is said and the headers for somebody who is not let in."""
        if self.key:
            told = f"This needs the monitor's key: {KEY_VARIABLE} of the server."
            asks = [(b"www-authenticate", b'Basic realm="personac monitor", charset="UTF-8"')]
            return 401, {"code": "not_for_you", "message": told}, asks
        told = f"This is shown on the server's own machine only; set {KEY_VARIABLE} to see it from elsewhere."
        return 403, {"code": "not_for_you", "message": told}, []


def _given(headers: Iterable[tuple[bytes, bytes]]) -> str:
    written = next((value for name, value in headers if name == b"authorization"), b"").decode("latin-1")
    scheme, _, value = written.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value.strip(), validate=True).decode("utf-8").partition(":")[2]
        except (binascii.Error, ValueError):
            return ""
    return ""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
