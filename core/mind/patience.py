"""Searches that are given up when they take too long by themselves.

`regex` counts the processor time of all threads together: what the others do would end a search that has hardly begun.
Knows neither patterns nor texts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

TRIES = 5

Found = TypeVar("Found")


def patiently(search: Callable[[float], Found], seconds: float) -> Found:
    """Return what `search(timeout)` finds; raise TimeoutError once this thread has computed so many seconds on it."""
    spent, allowed = 0.0, seconds
    for _ in range(TRIES):
        begun = time.thread_time()
        try:
            return search(allowed)
        except TimeoutError:
            spent += time.thread_time() - begun
            if spent >= seconds:
                raise
            allowed *= 2
    raise TimeoutError
