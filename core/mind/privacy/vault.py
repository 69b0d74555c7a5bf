"""What the marks of running conversations stand for, in memory only: a form asks for an address once, not every turn.

Knows no store. It is bounded and forgets: after half an hour, when the process ends, when the user asks.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from .masking import MARK, everywhere

SECONDS = 1800.0
CONVERSATIONS = 2000
MARKS = 50  # of one conversation


class Vault:
    """Hold the values behind marks by conversation."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._held: OrderedDict[str, tuple[float, str, dict[str, str]]] = OrderedDict()

    def held(self, conversation: str) -> Mapping[str, str]:
        """Return what the marks of a conversation stand for."""
        with self._lock:
            at, _, found = self._held.get(conversation, (0.0, "", {}))
            return dict(found) if found and self._clock() - at < SECONDS else {}

    def hold(self, conversation: str, user: str, found: Mapping[str, str]) -> None:
        """Keep the latest marks of a conversation; with none, nothing is kept of it."""
        now = self._clock()
        with self._lock:
            self._held.pop(conversation, None)
            if found:
                self._held[conversation] = (now, user, dict(list(found.items())[-MARKS:]))
            while self._held and (len(self._held) > CONVERSATIONS or now - self._oldest() >= SECONDS):
                self._held.popitem(last=False)

    def forget(self, user: str) -> None:
        """Drop all that a user said."""
        with self._lock:
            for conversation in [name for name, (_, own, _) in self._held.items() if own == user]:
                del self._held[conversation]

    def _oldest(self) -> float:
        return next(iter(self._held.values()))[0]


def known_only(slots: Mapping[str, Any], found: Mapping[str, str]) -> dict[str, Any]:
    """Return the slots whose marks, if they have some, are all known; the others must be asked for again."""
    return {name: value for name, value in slots.items() if all(mark in found for mark in _marks(value))}


def _marks(value: Any) -> list[str]:
    marks: list[str] = []
    everywhere(value, lambda text: marks.extend(mark[0] for mark in MARK.finditer(text)))
    return marks
