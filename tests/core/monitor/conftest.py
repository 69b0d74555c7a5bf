"""A clock that is set, a book, and servers on loopback that get alerts."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import uvicorn
from personac.core.monitor.book import Book
from personac.core.monitor.page import Page

NOON = 20_000 * 86400 + 12 * 3600.0


class Clock:
    """Tell the time that it was set to."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


@contextmanager
def served(page: Page) -> Iterator[str]:
    """Serve a page on loopback, and yield its address."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        server = uvicorn.Server(uvicorn.Config(page, lifespan="off", log_level="error"))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        yield f"http://localhost:{listening.getsockname()[1]}/monitor/"
        server.should_exit = True
        thread.join()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "parrot.monitor"


@pytest.fixture
def book(path: Path, clock: Clock) -> Iterator[Book]:
    made = Book(path, clock)
    yield made
    made.close()
