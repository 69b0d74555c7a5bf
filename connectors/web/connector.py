"""Serve bots over HTTP with uvicorn."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import uvicorn

from ...core.contracts import Bot, Desk
from ...core.errors import Unavailable
from .app import make_app
from .listen import Listening

FRAME_BYTES = 256 * 1024


def _is_ours(record: logging.LogRecord) -> bool:
    """Tell whether a line of uvicorn's log is about the server; a client's broken frame is told to that client."""
    return not record.getMessage().startswith("Invalid UTF-8 sequence received")


class _Server(uvicorn.Server):
    """Leave signals to whoever runs the server: turns end first, then this."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class WebConnector:
    """Offer the page, the WebSocket and the JSON interface."""

    name = "web"

    def __init__(self, host: str = "127.0.0.1", port: int = 8000) -> None:
        self.host, self.port = host, port

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
        app: Any = make_app(bots, settings=settings, desks=desks)
        config = uvicorn.Config(
            wrap(app) if wrap is not None else app,
            log_config=None,  # whoever runs us has set up logging
            log_level="warning",
            access_log=False,
            http=Listening,
            ws="websockets-sansio",
            ws_max_size=FRAME_BYTES,
            ws_ping_interval=20,
            ws_ping_timeout=20,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=5,
        )
        logging.getLogger("uvicorn.error").addFilter(_is_ours)
        server = _Server(config)
        serving = asyncio.create_task(server.serve([taken or self.bind()]))
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            server.should_exit = True
            await serving
            raise
