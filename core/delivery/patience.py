"""How long to wait before a failed attempt is made again, and when to give up."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """Double the wait from `first` to `most` seconds, half of it by chance; give up after `tries` attempts."""

    first: float = 1.0
    most: float = 300.0
    tries: int = 15

    def seconds(self, tries: int, asked: float | None = None) -> float:
        """Return how long to wait after the attempt number `tries`, counted from 1.

        What the platform asked for (Retry-After) is waited for in full, and up to a tenth of it more, so that those
        who were sent away together do not come back together.
        """
        if asked is not None:
            return max(0.0, asked) * random.uniform(1.0, 1.1) + random.uniform(0.0, 0.05)
        full = min(self.most, self.first * 2.0 ** min(tries - 1, 30))
        return full * random.uniform(0.5, 1.0)

    def is_over(self, tries: int) -> bool:
        """Tell whether so many attempts are enough."""
        return tries >= self.tries
