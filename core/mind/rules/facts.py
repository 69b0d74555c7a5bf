"""What rules may look at in a turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...turn import Vector


@dataclass(frozen=True, slots=True)
class Facts:
    """Hold what rules may look at; `intent` and `emotion` are None before the message was understood.

    `risks` are probabilities by kind, whose decision is at 0.5.
    `asked` are the vectors of a message without who says it, where that is no danger; else there are none.
    `age` is what the user said to be, in years; None when nothing was said of it.
    """

    text: str
    language: str
    vectors: Mapping[str, Vector] = field(default_factory=dict)
    intent: str | None = None
    emotion: str | None = None
    pii: tuple[str, ...] = ()
    channel: str = ""
    age: int | None = None
    risks: Mapping[str, float] = field(default_factory=dict)
    asked: Mapping[str, Vector] = field(default_factory=dict)
