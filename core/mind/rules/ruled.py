"""What rules decide about an answer while it is made: gathered over a turn, sentence by sentence where it is streamed.

Knows no rules, only verdicts.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ...message import FiredRule
from ...turn import Judged, Verdict


@dataclass(slots=True)
class Ruled:
    """Hold which rules acted in a turn, what they add to the answer, and which one ended the turn."""

    notes: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    rules: list[FiredRule] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)
    ended_by: FiredRule | None = None

    def take(self, verdict: Verdict) -> list[str]:
        """Take a verdict in and return the notes that are to be said now; none is said twice."""
        if verdict.ended_by is not None and verdict.ended_by.did != "refuse":
            self.notes.clear()
        new = [note for note in verdict.notes if note not in self.notes]
        self.notes += new
        self.after += [words for words in verdict.after if words not in self.after]
        self.rules += [rule for rule in verdict.rules if rule not in self.rules]
        self.judged += verdict.judged
        if verdict.ended_by is not None:
            self.ended_by = verdict.ended_by
            self.after.clear()
        return new

    @property
    def behind(self) -> str:
        """Return what is said after the answer, with the blank line before it; empty when there is nothing."""
        return "".join(f"\n\n{words}" for words in self.after)
