"""A conversation at the terminal into which others may speak: their lines never cut a prompt or an answer.

Knows neither personas nor compilers.
"""

from __future__ import annotations

import asyncio
import codecs
import os
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession

QUIET_SECONDS = 2.0  # between two lines about the progress of one and the same work


class Terminal:
    """Read lines from a pipe or a file and write plain lines; make it within a running event loop."""

    def __init__(self) -> None:
        self._speaking = asyncio.Lock()
        self._lines: asyncio.Queue[str | None] | None = None
        self._told = time.monotonic()

    async def ask(self) -> str | None:
        """Return the next line without its end, None when there are no more."""
        if self._lines is None:
            self._lines = asyncio.Queue()
            reading = (asyncio.get_running_loop(), self._lines)
            threading.Thread(target=_read, args=reading, name="reading", daemon=True).start()
        line = await self._lines.get()
        if line is None:
            self._lines.put_nowait(None)
        return line

    async def tell(self, text: str) -> None:
        """Write a text as lines of its own, after an answer that is being written."""
        async with self._speaking:
            click.echo(text)
            self._told = time.monotonic()

    def show(self, status: str) -> None:
        """Tell what is being done, now and then; empty when nothing is."""
        if not status:
            self._told = time.monotonic()
        elif time.monotonic() - self._told > QUIET_SECONDS and not self._speaking.locked():
            click.echo(click.style(f"  {status}", dim=True))
            self._told = time.monotonic()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold back what others say for as long as an answer is being written."""
        async with self._speaking:
            yield


class Screen(Terminal):
    """Read and write where somebody sits: a line at the bottom tells what is being done."""

    def __init__(self, idle: str) -> None:
        """Prepare; `idle` stands at the bottom while nothing is being done."""
        from prompt_toolkit import PromptSession

        super().__init__()
        self._session: PromptSession[str] = PromptSession()
        self._idle, self._status = idle, ""

    async def ask(self) -> str | None:
        """Return what was typed, None at Ctrl-C and Ctrl-D."""
        from prompt_toolkit.patch_stdout import patch_stdout

        with patch_stdout(raw=True):
            try:
                return await self._session.prompt_async("> ", bottom_toolbar=self._bottom, refresh_interval=0.5)
            except (EOFError, KeyboardInterrupt):
                return None

    def show(self, status: str) -> None:
        """Tell at the bottom of the screen what is being done; in a line where nothing is asked."""
        self._status = status
        if self._session.app.is_running:
            self._session.app.invalidate()
        else:
            super().show(status)

    def _bottom(self) -> str:
        return self._status or self._idle


def open_terminal(idle: str) -> Terminal:
    """Return the terminal that fits standard input and output."""
    return Screen(idle) if sys.stdin.isatty() and sys.stdout.isatty() else Terminal()


def _read(loop: asyncio.AbstractEventLoop, lines: asyncio.Queue[str | None]) -> None:
    """Pass on the lines of standard input; a file, which an event loop cannot wait for, is read like a pipe."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    waiting, data = "", b"-"
    try:
        while data:
            data = os.read(sys.stdin.fileno(), 65536)
            *whole, waiting = (waiting + decoder.decode(data, not data)).split("\n")
            for line in whole:
                loop.call_soon_threadsafe(lines.put_nowait, line)
        if waiting:
            loop.call_soon_threadsafe(lines.put_nowait, waiting)
        loop.call_soon_threadsafe(lines.put_nowait, None)
    except RuntimeError:  # the loop has ended, nobody listens
        return
