"""The rig of the Matrix connector."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest
from personac.connectors.matrix import MatrixConnector
from personac.core.message import MediaKind

_spec = importlib.util.spec_from_file_location("matrix_homeserver", Path(__file__).with_name("homeserver.py"))
assert _spec is not None
assert _spec.loader is not None
homeserver = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = homeserver
_spec.loader.exec_module(homeserver)


class MatrixRig:
    """Hold a homeserver with the connector on it."""

    name = "matrix"

    def __init__(self) -> None:
        self.server: Any = homeserver.Homeserver()
        self._address = ""

    async def open(self, bot: Any, desk: Any) -> Any:
        if not self._address:
            self._address = await self.server.start()
        settings = {"homeserver": self._address, "user": homeserver.ME, "access_token": homeserver.TOKEN}
        return MatrixConnector().open(bot, settings, desk)

    async def deliver(self, key: str, conversation: str, user: str, text: str) -> None:
        await self._say(key, conversation, user, {"msgtype": "m.text", "body": text})

    async def deliver_media(self, key: str, conversation: str, user: str, kind: MediaKind, data: bytes) -> bool:
        self.server.files[key] = (f"{kind}/x-test", data)
        await self._say(
            key, conversation, user, {"msgtype": f"m.{kind}", "body": "file", "url": f"mxc://loopback/{key}"}
        )
        return True

    async def _say(self, key: str, conversation: str, user: str, content: dict[str, Any]) -> None:
        await self.server.synced.wait()  # what was said before the first sync is not answered
        await self.server.say(f"!{conversation}:loopback", f"${key}", f"@{user}:loopback", content)

    def seen(self, conversation: str) -> list[str]:
        return list(self.server.said(f"!{conversation}:loopback"))

    def fail(self, times: int, wait: float | None = None, done: bool = False) -> None:
        self.server.failures += [(wait, done)] * times

    async def close(self) -> None:
        await self.server.stop()


@pytest.fixture
def rig() -> MatrixRig:
    """Return a rig."""
    return MatrixRig()
