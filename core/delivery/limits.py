"""How much one user and one conversation may send: rate, messages that wait, length and size.

Knows counts and clocks, not what is in a message. Only messages that come before the last one is answered count
against the rate: whoever waits for the answer takes one place at most, however quick the answers are.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ..mind.phrases import phrase
from ..persona.schema import Limits

TELL_SECONDS = 60.0  # a user is told of a limit once in this time
REMEMBERED = 50_000  # users and conversations whose rate is known at a time


@dataclass(slots=True)
class _Account:
    room: float
    at: float
    open: int = 0
    told: float = float("-inf")


@dataclass(frozen=True, slots=True)
class Excess:
    """Tell which limit a message ran into, after how many seconds there is room, and whether to tell its user."""

    limit: Literal["rate", "waiting"]
    wait: float
    tell: bool


class Limiter:
    """Count what users and conversations send."""

    def __init__(self, limits: Callable[[], Limits], clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._accounts: OrderedDict[tuple[str, str], _Account] = OrderedDict()

    def enter(self, user: str, conversation: str) -> Excess | None:
        """Count a message, or tell why there is no room for it."""
        limits = self._limits()
        own = self._account("user", user, limits.per_user)
        shared = self._account("conversation", conversation, limits.per_conversation)
        if shared.open >= limits.waiting or own.open >= limits.waiting:
            return self._excess(own, "waiting", 1.0)
        waits = [
            (1.0 - account.room) * 60.0 / rate
            for account, rate in ((own, limits.per_user), (shared, limits.per_conversation))
            if account.open and account.room < 1.0
        ]
        if waits:
            return self._excess(own, "rate", max(waits))
        for account in (own, shared):
            account.room -= 1.0 if account.open else 0.0
            account.open += 1
        return None

    def reenter(self, user: str, conversation: str) -> None:
        """Count a message that an earlier process took."""
        limits = self._limits()
        self._account("user", user, limits.per_user).open += 1
        self._account("conversation", conversation, limits.per_conversation).open += 1

    def leave(self, user: str, conversation: str) -> None:
        """Count a message as answered."""
        for key in (("user", user), ("conversation", conversation)):
            account = self._accounts.get(key)
            if account is not None and account.open:
                account.open -= 1

    def undo(self, user: str, conversation: str) -> None:
        """Take back what `enter` counted, for a message that turned out to be a duplicate."""
        for key in (("user", user), ("conversation", conversation)):
            account = self._accounts.get(key)
            if account is not None and account.open:
                account.open -= 1
                account.room += 1.0 if account.open else 0.0

    def untold(self, user: str) -> None:
        """Forget that a user was told of a limit."""
        account = self._accounts.get(("user", user))
        if account is not None:
            account.told = float("-inf")

    def too_long(self, characters: int, media_bytes: int, language: str) -> str | None:
        """Return the sentence for a message over the limits of length or size, None when it is within them."""
        limits = self._limits()
        if characters > limits.characters:
            return phrase("limit_length", language, written=f"{characters:,}", most=f"{limits.characters:,}")
        if media_bytes > limits.megabytes * 1024 * 1024:
            return phrase("limit_size", language, most=limits.megabytes)
        return None

    def _account(self, kind: str, name: str, rate: int) -> _Account:
        now = self._clock()
        account = self._accounts.get((kind, name))
        if account is None:
            account = self._accounts[kind, name] = _Account(float(rate), now)
            self._forget()
        else:
            account.room = min(float(rate), account.room + (now - account.at) * rate / 60.0)
            account.at = now
            self._accounts.move_to_end((kind, name))
        return account

    def _forget(self) -> None:
        """Drop those that were quiet for longest; those with open messages stay."""
        for _ in range(len(self._accounts) - REMEMBERED):
            key, account = self._accounts.popitem(last=False)
            if account.open:
                self._accounts[key] = account

    def _excess(self, account: _Account, limit: Literal["rate", "waiting"], wait: float) -> Excess:
        now = self._clock()
        tell = now - account.told >= TELL_SECONDS
        if tell:
            account.told = now
        return Excess(limit, wait, tell)
