"""Grounding: which words of a passage answer, and whether a sentence keeps to its sources.

A sentence is supported by one source that holds all its numbers, dates, times, units and names, says nothing to the
contrary, and is about the same thing. Knows no encoder: where words alone can't tell, whoever asks compares vectors.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from ...turn import Passage
from ..memory.retrieval import terms as search_terms
from ..slots.names import Aliases, NamesOf
from ..understanding.clauses import Clause, clauses
from ..understanding.wording import terms
from ..values.figures import Figures, Span, equal, figures, holds
from ..values.quantities import Quantity, comparable
from .courtesy import claims_nothing
from .polarity import contradict
from .sentences import sentences

QUOTE_CHARACTERS = 320
COVERED = 0.75  # of a sentence's words in the source: it is about the same thing
APART = 0.25  # less than this in a source of the same language: it is about something else
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>()\"'，。]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
_PARTICULAR = frozenset(
    {
        "adult", "child", "student", "senior", "group", "member", "return", "single", "standard", "express", "daily",
        "weekly", "monthly", "hourly", "yearly", "debit", "credit", "cash", "once", "weekend", "holiday",
    }
)  # fmt: skip
"""Conditions that a sentence with a figure may only name when its source does."""
_CHECKED = terms(
    "winter summer spring autumn fall season monday mondays tuesday tuesdays wednesday wednesdays thursday thursdays "
    "friday fridays saturday saturdays sunday sundays weekday weekdays weekend weekends january february march april "
    "may june july august september october november december am pm"
)
"""Words whose claim is looked at as a figure or a condition."""

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


class _Source:
    """Know what one passage holds."""

    def __init__(self, passage: Passage, speaker: str, aliases: Aliases) -> None:
        self._aliases = aliases
        self._speaker = speaker
        self.passage = passage
        self.text = comparable(passage.text)
        self.title = comparable(passage.title)
        self.language = passage.language.split("-")[0]

    @cached_property
    def names(self) -> NamesOf:
        return NamesOf(f"{self.passage.title}\n{self.passage.text}\n{self._speaker}", self._aliases)

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        return (*clauses(self.passage.text), *clauses(self.passage.title))

    @cached_property
    def said(self) -> frozenset[str]:
        return frozenset(_as_said(sentence) for sentence in sentences(self.passage.text)) - {""}

    @cached_property
    def figures(self) -> Figures:
        return figures(f"{self.title}\n{self.text}")

    @cached_property
    def terms(self) -> frozenset[str]:
        return terms(self.text) | terms(self.title)

    @cached_property
    def conditions(self) -> frozenset[str]:
        return frozenset().union(*(clause.conditions for clause in self.clauses))

    @cached_property
    def links(self) -> str:
        return unicodedata.normalize("NFKC", f"{self.passage.title}\n{self.passage.text}").lower()

    @cached_property
    def about(self) -> frozenset[int]:
        return self._meant(self.passage.title)

    def _meant(self, text: str) -> frozenset[int]:
        return frozenset().union(*self._aliases.find(text).values())

    def missing(self, sentence: str, parts: Sequence[Clause]) -> list[str]:
        """Return what a sentence claims and this source does not hold."""
        found = [link for link in _links(sentence) if link not in self.links]
        for part in parts:
            found += [quantity.written for quantity in part.figures.quantities if not self._states(part, quantity)]
            for span in part.figures.weekdays:
                if not self._any(part, lambda other, span=span: _within(span, other.figures.weekdays)):
                    found.append(f"weekday {min(span.members)}")
            for span in part.figures.months:
                if not self._any(part, lambda other, span=span: span.members <= other.months, conditions=False):
                    found.append(f"month {min(span.members)}")
            if part.figures.free and not self._any(part, lambda other: bool(other.figures.free)):
                found.append("free")
            if part.figures:
                found += sorted(part.conditions & _PARTICULAR - self.conditions)
            elif self._denied(part):
                found.append("the contrary")
        return [*found, *self.names.unknown(sentence)]

    def _states(self, part: Clause, wanted: Quantity) -> bool:
        """Tell whether a clause of the source states a quantity under the same conditions."""
        if not holds(self.figures, wanted):
            return False
        stating = [other for other in self.clauses if any(equal(wanted, known) for known in other.figures.quantities)]
        said = part.polarity
        if wanted.kind == "time":  # what closes at 17:00 is open until then
            said = {word: signs for word, signs in said.items() if word != "open"}
        if not stating:
            return True  # the number is written there, measuring nothing
        named = [meant for meant in self._aliases.find(part.sentence).values() if not meant & self.about]
        return any(
            not part.excludes(other)
            and not contradict(said, other.polarity)
            and all(meant & self._meant(other.sentence) for meant in named)
            for other in stating
        )

    def _any(self, part: Clause, states: Any, conditions: bool = True) -> bool:
        return any(
            states(other)
            and not (conditions and part.excludes(other))
            and not contradict(part.polarity, other.polarity)
            for other in self.clauses
        )

    def _denied(self, part: Clause) -> bool:
        """Tell whether a clause denies what the source nowhere denies, or its nearest clauses say the contrary."""
        for word, signs in part.polarity.items():
            known = [other.polarity[word] for other in self.clauses if word in other.polarity]
            if known and True not in signs and not any(False in others for others in known):
                return True
        shared = [(len(part.polarity.keys() & other.polarity.keys()), other) for other in self.clauses]
        most = max((count for count, _ in shared), default=0)
        near = [other for count, other in shared if count == most]
        return most > 0 and all(contradict(part.polarity, other.polarity) for other in near)


class Sources:
    """Judge sentences by the passages that they may draw on."""

    def __init__(
        self, passages: Sequence[Passage], *, speaker: str = "", aliases: Aliases | None = None, question: str = ""
    ) -> None:
        known = aliases or Aliases(())
        self._sources = [_Source(passage, speaker, known) for passage in passages]
        self._asked = terms(comparable(question))
        self._question = clauses(question)
        self.question = question
        self.passages = tuple(passages)

    def judge(self, sentence: str) -> Judgement:
        """Return whether a sentence may be said."""
        text = comparable(sentence)
        if claims_nothing(text):
            return Judgement("courtesy")
        parts = [part.under(self._question) for part in clauses(sentence)]
        whole = _as_said(sentence)
        best: Judgement | None = None
        for position, source in enumerate(self._sources):
            if whole in source.said:
                return Judgement("supported", position)
            missing = source.missing(sentence, parts)
            if missing:
                if best is None or (best.standing == "unsupported" and len(missing) < len(best.missing)):
                    best = Judgement("unsupported", position, tuple(missing))
                continue
            share = self._share(text, source)
            if share >= COVERED:
                return Judgement("supported", position)
            if share >= APART or figures(text) or _foreign(text, source.language):
                if best is None or best.standing == "unsupported":
                    best = Judgement("unsure", position)
            elif best is None:
                best = Judgement("unsupported", position)
        return best or Judgement("unsupported")

    def _share(self, text: str, source: _Source) -> float:
        """Return the share of a sentence's words that its source has; the question's words are nobody's claim."""
        bare = text
        for quantity in figures(text).quantities:
            bare = bare[: quantity.start] + " " * (quantity.end - quantity.start) + bare[quantity.end :]
        words = terms(bare) - _CHECKED
        own = words - self._asked or words
        return len(own & source.terms) / len(own) if own else float(bool(figures(text)))


def _as_said(sentence: str) -> str:
    return " ".join(comparable(sentence).split()).strip(" .!。！")


def _within(span: Span, others: Sequence[Span]) -> bool:
    return any(span.members <= other.members for other in others)


def _foreign(text: str, language: str) -> bool:
    """Tell whether a sentence is written in other characters than its source."""
    han = sum("\u3400" <= char <= "\u9fff" for char in text)
    return (2 * han > len(text.split()) and han > 1) != (language == "zh")


def _links(sentence: str) -> list[str]:
    if "@" not in sentence and "://" not in sentence and "www." not in sentence.lower():
        return []
    text = unicodedata.normalize("NFKC", sentence).lower()
    return [link.rstrip(".,;:!?") for link in _LINK.findall(text)]


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
