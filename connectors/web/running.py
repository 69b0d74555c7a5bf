"""Run the application with uvicorn until it is cancelled.

Knows sockets and uvicorn; does not know bots. Loading uvicorn and FastAPI takes a second: only who serves does it.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

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


async def run(app: Any, taken: socket.socket) -> None:
    """Serve until cancelled; connections are closed in order then."""
    config = uvicorn.Config(
        app,
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
    serving = asyncio.create_task(server.serve([taken]))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise
