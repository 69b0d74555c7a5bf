"""HTTP connections that must come to the point: the head of a request is held to a size and a time.

Knows uvicorn's protocol; the body of a request is held to its limits by the guard.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES = 64 * 1024
HEAD_SECONDS = 15.0


class Listening(HttpToolsProtocol):
    """Be one connection; one that sends no whole head in time, or too large a one, ends."""

    head_seconds = HEAD_SECONDS

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._head: int | None = None  # bytes of the head that is coming in
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect a first request."""
        super().connection_made(transport)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing any more."""
        self._settle()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what belongs to a head."""
        if self._head is not None:
            self._head += len(data)
        super().data_received(data)
        if self._head is not None and self._head > HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The headers of this request are too large.")

    def on_message_begin(self) -> None:
        """Expect the rest of the head."""
        super().on_message_begin()
        if self._head is None:
            self._expect()

    def on_headers_complete(self) -> None:
        """Let the body follow."""
        self._settle()
        super().on_headers_complete()

    def _expect(self) -> None:
        self._settle()
        self._head = 0
        self._timer = asyncio.get_running_loop().call_later(self.head_seconds, self._give_up)

    def _settle(self) -> None:
        self._head = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
