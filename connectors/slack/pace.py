"""How often a method of Slack's API may be called: a bucket that fills with time, and a pause when Slack asks for one.

Knows rates, not what is called. Slack's tiers are described at https://docs.slack.dev/apis/web-api/rate-limits.
"""

from __future__ import annotations

import time
from collections.abc import Callable


class Pace:
    """Allow `per_minute` calls a minute, `burst` of them at once; calls that wait for nothing ask first."""

    def __init__(self, per_minute: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = per_minute / 60, burst, clock
        self._left, self._at, self._paused = burst, clock(), 0.0

    def take(self) -> bool:
        """Use up one call if there is one, and tell whether there was."""
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if now < self._paused or self._left < 1:
            return False
        self._left -= 1
        return True

    def pause(self, seconds: float) -> None:
        """Allow none for some seconds: Slack answered 429 with this Retry-After."""
        self._paused = max(self._paused, self._clock() + seconds)
