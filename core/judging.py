"""Judge the texts of a turn by the persona's rules, with the vectors and the risks that these look at.

Knows rules, encoders and guards; does not know where a text comes from, nor what becomes of one that a rule holds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from .mind.ethics import Facts, Side
from .mind.rules.conditions import DECIDED
from .mind.understanding.introductions import without_introduction
from .parts import Parts
from .turn import Vector, Verdict

CALM = 0.45  # the probability of any risk that who says a message has at most, where only the rest of it is looked at


class Judge:
    """Judge texts for one persona."""

    def __init__(self, parts: Parts) -> None:
        self._ethics, self._disclosure = parts.ethics, parts.disclosure
        self._guards, self._encoders = parts.guards, parts.encoders

    async def judged(self, side: Side, facts: Facts, text: str) -> Verdict:
        """Return what the rules of a side say to a text of a turn."""
        ethics, vectors, risks = self._ethics, dict[str, Vector](), dict[str, float]()
        if text.strip() and (ethics.reads(side) or ethics.reads_risks(side)):
            vectors = await self._encoders.encode(text, facts.language)
            named = await self.named(side, text)
            risks = await asyncio.to_thread(self.risks, side, text, facts.language, vectors, named)
        verdict = ethics.judge(side, replace(facts, text=text, vectors=vectors, risks=risks))
        return self._disclosure.held(side, verdict, facts.language)

    async def allowed(self, texts: Sequence[str], facts: Facts) -> list[bool]:
        """Tell of each of the texts that a plugin gives beside its words whether no rule has anything against it."""
        sides: tuple[Side, ...] = ("tool", "output")
        verdicts = await asyncio.gather(*(self.judged(side, facts, text) for text in texts for side in sides))
        fine = [verdict.say is None for verdict in verdicts]
        same = [verdict.text == text for verdict, text in zip(verdicts, (t for t in texts for _ in sides), strict=True)]
        return [all(fine[at : at + 2] + same[at : at + 2]) for at in range(0, len(verdicts), 2)]

    async def named(self, side: Side, text: str) -> dict[str, float]:
        """Return the risks that a guard model names, when a rule of that side looks at risks."""
        return await self._guards.asked(text) if self._ethics.reads_risks(side) else {}

    def risks(
        self, side: Side, text: str, language: str, vectors: Mapping[str, Vector], named: Mapping[str, float]
    ) -> dict[str, float]:
        """Return what is dangerous about a text, when a rule of that side looks at it."""
        if not self._ethics.reads_risks(side):
            return {}
        return self._guards.risks(text, language, vectors, self._encoders.encode_now, named)

    def asked(self, text: str, language: str, risks: Mapping[str, float]) -> Mapping[str, Vector]:
        """Return the vectors of a dangerous message without who says it; none where that is a danger by itself."""
        rest = without_introduction(text)
        if rest == text or max(risks.values(), default=0.0) < DECIDED:
            return {}
        who = text[: text.rindex(rest)]
        its, vectors = self._encoders.encode_now([(who, language), (rest, language)])
        alone = self._guards.risks(who, language, its, self._encoders.encode_now, {})
        return vectors if max(alone.values(), default=0.0) < CALM else {}


__all__ = ["Judge"]
