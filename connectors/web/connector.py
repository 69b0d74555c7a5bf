"""Serve bots over HTTP."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...core.contracts import Bot, Desk
from ...core.errors import Unavailable
from .settings import faults


class WebConnector:
    """Offer the page, the WebSocket and the JSON interface."""

    name = "web"

    def __init__(self, host: str = "127.0.0.1", port: int = 8000) -> None:
        self.host, self.port = host, port

    def check(self, settings: Mapping[str, Any]) -> Mapping[str, str]:
        """Return what is wrong with a block as it is written, by its keys."""
        return faults(settings)

    @property
    def address(self) -> str:
        """Return the address of the page."""
        return f"http://{'localhost' if self.host in ('127.0.0.1', '0.0.0.0') else self.host}:{self.port}/"

    def bind(self) -> socket.socket:
        """Take the port (0 takes a free one); raise Unavailable when another program has it."""
        # the protocol is named, or asyncio does not turn off Nagle's algorithm on it
        taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind((self.host, self.port))
            taken.listen(128)  # who connects while the server starts waits, and is not refused
        except OSError as error:
            taken.close()
            text = f"port {self.port} cannot be used ({error.strerror}); choose another with --port"
            raise Unavailable(text) from error
        self.port = taken.getsockname()[1]
        from . import app, running  # noqa: F401 - takes a second: not within the event loop, nor for `check`

        return taken

    async def serve(
        self,
        bots: Sequence[Bot],
        taken: socket.socket | None = None,
        *,
        settings: Mapping[str, Mapping[str, Any]] | None = None,
        desks: Mapping[str, Desk] | None = None,
        wrap: Callable[[Any], Any] | None = None,
    ) -> None:
        """Serve until cancelled; connections are closed in order then.

        `settings` and `desks` are by slug; `wrap` puts something of the server's own around the application. Raise
        SettingsInvalid.
        """
        from .app import make_app
        from .running import run

        app: Any = make_app(bots, settings=settings, desks=desks)
        await run(app if wrap is None else wrap(app), taken or self.bind())
