"""What a client may ask of the words themselves: where they stop, how many there are, how they are counted.

Knows text only. A token is estimated: a Chinese, Japanese or Korean character, or four letters of anything else.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Literal

_WIDE = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_TOKENS = re.compile(rf"[{_WIDE}]|[^\s{_WIDE}]+")
LETTERS = 4


def tokens(text: str) -> int:
    """Return about how many tokens a text has."""
    return sum(max(1, math.ceil(len(piece) / LETTERS)) for piece in _TOKENS.findall(text))


class Cutter:
    """Let words through until a stop sequence or the limit of tokens."""

    def __init__(self, stop: Sequence[str] = (), most: int | None = None) -> None:
        self._stop = [word for word in stop if word]
        self._most, self._held, self._spent = most, "", 0
        self.finish: Literal["stop", "length"] = "stop"
        self.over = False

    def add(self, text: str) -> str:
        """Return what may be shown now; what may be the beginning of a stop sequence waits."""
        if self.over:
            return ""
        held = self._held + text
        found = min((at for word in self._stop if (at := held.find(word)) >= 0), default=-1)
        if found >= 0:
            self.over, self._held = True, ""
            return self._limited(held[:found])
        keep = max((n for word in self._stop for n in range(len(word)) if held.endswith(word[:n])), default=0)
        shown, self._held = held[: len(held) - keep], held[len(held) - keep :]
        return self._limited(shown)

    def end(self) -> str:
        """Return what still waited."""
        held, self._held = self._held, ""
        return "" if self.over else self._limited(held)

    def _limited(self, text: str) -> str:
        if self._most is None:
            return text
        end = 0
        for match in _TOKENS.finditer(text):
            cost = tokens(match[0])
            if self._spent + cost > self._most:
                self.over, self.finish = True, "length"
                return text[:end].rstrip() if end else ""
            self._spent += cost
            end = match.end()
        return text
