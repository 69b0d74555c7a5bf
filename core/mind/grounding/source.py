"""One passage as a source of an answer: which of a sentence's figures, names, links and claims stand in it.

Knows neither the question nor how sentences are weighed against several sources.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from ...turn import Passage
from ..slots.names import Aliases, NamesOf
from ..understanding.clauses import Clause, clauses
from ..understanding.wording import terms
from ..values.figures import Figures, Span, equal, figures, holds
from ..values.quantities import Quantity, comparable
from .polarity import contradict
from .sentences import sentences

_LINK = re.compile(r"(?:https?://|www\.)[^\s<>()\"'，。]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
_PARTICULAR = frozenset(
    {
        "adult", "child", "student", "senior", "group", "member", "return", "single", "standard", "express", "daily",
        "weekly", "monthly", "hourly", "yearly", "debit", "credit", "cash", "once", "weekend", "holiday",
    }
)  # fmt: skip
"""Conditions that a sentence with a figure may only name when its source does."""
CHECKED = terms(
    "winter summer spring autumn fall season monday mondays tuesday tuesdays wednesday wednesdays thursday thursdays "
    "friday fridays saturday saturdays sunday sundays weekday weekdays weekend weekends january february march april "
    "may june july august september october november december am pm"
)
"""Words whose claim is looked at as a figure or a condition."""
_PRICED = terms("cost costs charge charges price prices fee fees pay pays ticket tickets entry")
"""Words that are said of every figure of money, and tell none from another."""


class Source:
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
        return frozenset(as_said(sentence) for sentence in sentences(self.passage.text)) - {""}

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
        found = [link for link in links_of(sentence) if link not in self.links]
        before: frozenset[str] = frozenset()  # words that stand before a figure: "during the flower show, …"
        other_language = foreign(comparable(sentence), self.language)
        for part in parts:
            said = part.terms | before
            before = frozenset() if part.figures else said
            if not other_language:
                found += [f"{q.written} of another" for q in part.figures.quantities if self._misplaced(said, q)]
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

    def alone(self, found: Figures) -> bool:
        """Tell whether the source has no other figure of the kinds of those found, so that one tells all by itself."""
        kinds = {quantity.kind for quantity in found.quantities}
        kinds |= {"number", "phone"} if "number" in kinds else set()
        mine = [quantity for clause in self.clauses for quantity in clause.figures.quantities if quantity.kind in kinds]
        return bool(mine) and all(any(equal(q, known) for known in found.quantities) for q in mine)

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

    def _misplaced(self, said: frozenset[str], wanted: Quantity) -> bool:
        """Tell whether words beside a quantity stand in the source beside another of its kind, and none beside it."""
        kin = [
            (c, q) for c in self.clauses for q in c.figures.quantities if (q.kind, q.unit) == (wanted.kind, wanted.unit)
        ]
        own = frozenset().union(*(clause.terms for clause, quantity in kin if equal(wanted, quantity)))
        other = frozenset().union(*(clause.terms for clause, quantity in kin if not equal(wanted, quantity)))
        plain = _PRICED | CHECKED | terms(self.title)
        return bool(own and said & (other - own) - plain and not said & (own - other) - plain)

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


def _within(span: Span, others: Sequence[Span]) -> bool:
    return any(span.members <= other.members for other in others)


def links_of(sentence: str) -> list[str]:
    if "@" not in sentence and "://" not in sentence and "www." not in sentence.lower():
        return []
    text = unicodedata.normalize("NFKC", sentence).lower()
    return [link.rstrip(".,;:!?") for link in _LINK.findall(text)]


def foreign(text: str, language: str) -> bool:
    """Tell whether a sentence is written in other characters than its source."""
    han = sum("\u3400" <= char <= "\u9fff" for char in text)
    return (2 * han > len(text.split()) and han > 1) != (language == "zh")


def as_said(sentence: str) -> str:
    """Return a sentence as it is compared with those of a source."""
    return " ".join(comparable(sentence).split()).strip(" .!。！")
