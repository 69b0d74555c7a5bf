"""What came of conversation tests. Knows nothing of how they are run or shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ..diagnostics import Span
from ..message import Reply
from ..persona.conversations import Conversation, PlacedTurn

Status = Literal["passed", "failed", "error"]


@dataclass(frozen=True, slots=True)
class Failure:
    """Hold one expectation that is not met: where it stands, what it is about, and why, as far as is known."""

    key: str
    span: Span
    expected: str
    got: str
    because: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the failure as JSON-ready values."""
        return {
            "key": self.key,
            "line": self.span.line,
            "expected": self.expected,
            "got": self.got,
            "because": self.because,
        }


@dataclass(slots=True)
class TurnOutcome:
    """Hold what came of a turn; `error` says why there is no reply."""

    placed: PlacedTurn
    seconds: float
    reply: Reply | None = None
    failures: list[Failure] = field(default_factory=list)
    error: str | None = None

    @property
    def status(self) -> Status:
        """Return whether the turn went as expected."""
        return "error" if self.error else "failed" if self.failures else "passed"

    def as_dict(self) -> dict[str, Any]:
        """Return the turn as JSON-ready values."""
        turn = self.placed.turn
        return {
            "line": self.placed.span.line,
            "say": turn.say,
            "audio": turn.audio,
            "image": turn.image,
            "status": self.status,
            "seconds": round(self.seconds, 4),
            "error": self.error,
            "failures": [failure.as_dict() for failure in self.failures],
            "reply": self.reply.as_dict() if self.reply else None,
        }


@dataclass(slots=True)
class ConversationOutcome:
    """Hold what came of a conversation of one persona."""

    persona: str
    conversation: Conversation
    turns: list[TurnOutcome]

    @property
    def status(self) -> Status:
        """Return the worst of its turns."""
        found = {turn.status for turn in self.turns}
        return "error" if "error" in found else "failed" if "failed" in found else "passed"

    @property
    def seconds(self) -> float:
        """Return how long its turns took."""
        return sum(turn.seconds for turn in self.turns)

    def as_dict(self) -> dict[str, Any]:
        """Return the conversation as JSON-ready values."""
        return {
            "persona": self.persona,
            "name": self.conversation.name,
            "file": self.conversation.span.path,
            "line": self.conversation.span.line,
            "status": self.status,
            "seconds": round(self.seconds, 4),
            "turns": [turn.as_dict() for turn in self.turns],
        }


@dataclass(frozen=True, slots=True)
class Report:
    """Hold what came of a run; `left_out` conversations were not asked for, `seconds` is the time by the clock."""

    outcomes: Sequence[ConversationOutcome]
    seconds: float
    left_out: int = 0

    def count(self, status: Status) -> int:
        """Return how many conversations ended so."""
        return sum(outcome.status == status for outcome in self.outcomes)

    @property
    def turns(self) -> int:
        """Return the number of turns."""
        return sum(len(outcome.turns) for outcome in self.outcomes)

    @property
    def passed(self) -> bool:
        """Tell whether all went as expected."""
        return self.count("passed") == len(self.outcomes)

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON-ready values."""
        return {
            "passed": self.count("passed"),
            "failed": self.count("failed"),
            "errors": self.count("error"),
            "left_out": self.left_out,
            "turns": self.turns,
            "seconds": round(self.seconds, 3),
            "conversations": [outcome.as_dict() for outcome in self.outcomes],
        }
