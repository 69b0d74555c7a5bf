"""Grounding: which words of a passage answer, and whether a sentence keeps to its sources.

A sentence is supported by one source that holds all its numbers, dates, times, units and names, says nothing to the
contrary, and is about the same thing. Knows no encoder: where words alone can't tell, whoever asks compares vectors.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ...turn import Passage
from ..memory.retrieval import terms as search_terms
from ..slots.names import Aliases
from ..understanding.clauses import Clause, clauses
from ..understanding.wording import terms
from ..values.figures import figures
from ..values.quantities import comparable
from .courtesy import claims_nothing
from .sentences import sentences
from .source import CHECKED, Source, as_said, foreign

QUOTE_CHARACTERS = 320
COVERED = 0.75  # of a sentence's words in the source: it is about the same thing
APART = 0.25  # less than this in a source of the same language: it is about something else
_STATES = re.compile(r"\b(?:is|are|was|were|has|have|had)\b|[是有]")
_ASKS = re.compile(r"[?？][\s\"'”’)）」』]*$")

Standing = Literal["supported", "courtesy", "unsure", "unsupported"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """Say whether a sentence may be said: its source's position, and what no source holds.

    `unsure` is a sentence whose figures and names are in a source (`source` is its position) that shares too few words
    with it; only its meaning can tell.
    """

    standing: Standing
    source: int | None = None
    missing: tuple[str, ...] = ()


class Sources:
    """Judge sentences by the passages that they may draw on."""

    def __init__(
        self, passages: Sequence[Passage], *, speaker: str = "", aliases: Aliases | None = None, question: str = ""
    ) -> None:
        known = aliases or Aliases(())
        self._sources = [Source(passage, speaker, known) for passage in passages]
        self._asked = terms(comparable(question))
        self._question = clauses(question)
        self._meant = frozenset().union(*known.find(question).values())
        self._aliases = known
        self.question = question
        self.passages = tuple(passages)

    def judge(self, sentence: str) -> Judgement:
        """Return whether a sentence may be said."""
        text = comparable(sentence)
        if claims_nothing(text):
            return Judgement("courtesy")
        if _ASKS.search(text):
            return Judgement("unsupported")  # it asks back what was asked
        bare = _wordless(text)
        about = frozenset().union(*self._aliases.find(sentence).values())
        parts = [part.under(self._question) for part in clauses(sentence)]
        whole = as_said(sentence)
        best: Judgement | None = None
        for position, source in enumerate(self._sources):
            if whole in source.said and not self._elsewhere(source, about):
                return Judgement("supported", position)
            missing = source.missing(sentence, parts)
            if bare and not source.alone(figures(text)):
                missing.append("what the figure is of")
            if self._elsewhere(source, about):
                missing.append("what was asked about")
            missing += self._unheard(source, parts, text)
            if missing:
                if best is None or (best.standing == "unsupported" and len(missing) < len(best.missing)):
                    best = Judgement("unsupported", position, tuple(missing))
                continue
            share = self._share(text, source)
            if share >= COVERED:
                return Judgement("supported", position)
            if share >= APART or figures(text) or foreign(text, source.language):
                if best is None or best.standing == "unsupported":
                    best = Judgement("unsure", position)
            elif best is None:
                best = Judgement("unsupported", position)
        return best or Judgement("unsupported")

    def _elsewhere(self, source: Source, about: frozenset[int]) -> bool:
        """Tell whether a source is of another entity than the question, and the sentence names none that was asked."""
        return bool(self._meant and source.about and not self._meant & (source.about | about))

    def _unheard(self, source: Source, parts: Sequence[Clause], text: str) -> list[str]:
        """Return the clauses without figures of which the source has no word; where one states, nor the question."""
        if foreign(text, source.language):
            return []
        fewest = 3 if source.language == "zh" else 2  # pairs of characters, or words
        found = []
        for part in parts:
            if part.figures.quantities or claims_nothing(part.text):
                continue
            words = part.terms - CHECKED
            own = words - self._asked if _STATES.search(part.text) else words
            if len(own) >= fewest and not own & source.terms:
                found.append(part.text.strip(" ,.，。"))
        return found

    def _share(self, text: str, source: Source) -> float:
        """Return the share of a sentence's words that its source has; the question's words are nobody's claim."""
        bare = text
        for quantity in figures(text).quantities:
            bare = bare[: quantity.start] + " " * (quantity.end - quantity.start) + bare[quantity.end :]
        words = terms(bare) - CHECKED
        own = words - self._asked or words
        return len(own & source.terms) / len(own) if own else float(bool(figures(text)))


def _wordless(text: str) -> bool:
    """Tell whether a sentence is nothing but figures and their conditions."""
    found = figures(text)
    for quantity in found.quantities:
        text = text[: quantity.start] + " " * (quantity.end - quantity.start) + text[quantity.end :]
    return bool(found) and not (terms(text) - CHECKED)


def quote(passage: Passage, question: str) -> str:
    """Return the sentences of a passage that answer best: all of a short one, else the best run of three."""
    if len(passage.text) <= QUOTE_CHARACTERS:
        return passage.text
    parts = sentences(passage.text)
    wanted = set(search_terms(question))
    joiner = "" if passage.language in ("zh", "ja") else " "

    def overlap(start: int) -> tuple[int, int]:
        return len(wanted & set(search_terms(joiner.join(parts[start : start + 3])))), -start

    start = max(range(max(1, len(parts) - 2)), key=overlap)
    return joiner.join(parts[start : start + 3])


__all__ = ["QUOTE_CHARACTERS", "Aliases", "Judgement", "Sources", "quote"]
