"""What guards a turn beside the rules: the judge of risks, a guard model, and the persona's hidden instructions.

Knows no rules: what is found are facts that rules look at.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from .errors import Unavailable
from .mind.risk.hidden import Hidden
from .mind.risk.judge import Encode, Risks, shipped
from .mind.risk.orders import without_orders
from .models.guard import GuardModel
from .turn import Passage, Vector

log = logging.getLogger("personac")
LEAK = "prompt-leak"  # the rule that a reply names when a language model told its instructions
UNSURE = {"harm": 1.0}  # what a guard model that must answer, and did not, is taken to have said


@dataclass(slots=True)
class Guards:
    """Hold the guards of a persona; `judge` is read when it is first needed.

    When the guard model does not answer, its share is left out, or the message is refused where `closed` says so.
    """

    judge: Callable[[], Risks] = shipped
    model: GuardModel | None = None
    closed: bool = False
    hidden: Hidden = field(default_factory=lambda: Hidden(""))
    _known: list[Mapping[str, Vector]] | None = None

    async def asked(self, text: str) -> dict[str, float]:
        """Return the risks that the guard model names, none without one."""
        if self.model is None or not text.strip():
            return {}
        try:
            return await self.model.judge(text)
        except Unavailable as error:
            log.warning("%s", error)
            return dict(UNSURE) if self.closed else {}

    def risks(
        self, text: str, language: str, vectors: Mapping[str, Vector], encode: Encode, named: Mapping[str, float]
    ) -> dict[str, float]:
        """Return the risks of a text: what the judge finds, and what the guard model has named."""
        if not text.strip():
            return {}
        found = self.judge().judge(text, language, vectors, encode)
        return {kind: max(found.get(kind, 0.0), named.get(kind, 0.0)) for kind in {**found, **named}}

    def readable(self, passages: Sequence[Passage], encode: Encode) -> list[Passage]:
        """Return passages as a language model may read them: without orders to it."""
        return without_orders(passages, self.judge(), encode)

    def shown(self, passage: Passage, encode: Encode) -> Passage | None:
        """Return a passage as anybody may read it: without orders to a language model; None when nothing is left."""
        (clean,) = self.readable([passage], encode)
        return clean if clean.text == passage.text or any(map(str.isalnum, clean.text)) else None

    async def tells(
        self, sentence: str, language: str, encode: Callable[[str, str], Awaitable[Mapping[str, Vector]]]
    ) -> bool:
        """Tell whether a language model's sentence tells the hidden instructions."""
        if not self.hidden.sentences:
            return False
        if self.hidden.copied(sentence):
            return True
        if self._known is None:
            self._known = [await encode(known, "") for known in self.hidden.sentences]
        return self.hidden.retold(await encode(sentence, language), self._known)
