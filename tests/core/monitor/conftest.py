"""A clock that is set, a book, and servers on loopback that get alerts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from personac.core.monitor.book import Book

NOON = 20_000 * 86400 + 12 * 3600.0


class Clock:
    """Tell the time that it was set to."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


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
