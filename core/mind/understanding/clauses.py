"""Cut a text into clauses, each with its figures, what it affirms, and under which conditions it holds.

A condition holds on in its sentence until another of its group comes: "旺季（4月至10月）60元，学生30元" is twice about
the high season. Knows nothing of which text is to be believed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from ..grounding.polarity import polarity
from ..grounding.sentences import ends
from ..values.figures import Figures, figures
from ..values.quantities import comparable
from .wording import OPPOSED, conditions, terms

_CUT = re.compile(r"[,;:()](?!\d)|[，；：（）、。！？!?\n]|\b(?:and|but|while|or|whereas|although)\b")
_SAME = {"close": "open"}  # open until 17:00, closes at 17:00
_SEASONS = {
    "spring": frozenset({3, 4, 5}), "summer": frozenset({6, 7, 8}), "autumn": frozenset({9, 10, 11}),
    "winter": frozenset({12, 1, 2}),
}  # fmt: skip
_YEARLY = frozenset({"spring", "summer", "autumn", "winter", "high season", "low season"})
_GROUPS = [group for group in OPPOSED if not any(name.startswith(("month", "week")) for name in group)]


@dataclass(frozen=True, slots=True)
class Clause:
    """Hold one clause: its figures, its words' polarity, and the conditions, months and weekdays that hold in it."""

    text: str
    figures: Figures
    polarity: Mapping[str, frozenset[bool]]
    terms: frozenset[str]
    conditions: frozenset[str]
    months: frozenset[int]
    weekdays: frozenset[int]
    sentence: str  # the sentence up to the clause's end

    def under(self, asked: Sequence[Clause]) -> Clause:
        """Return the clause under the season that a question names, when the clause names none of its own."""
        if self.months or self.conditions & _YEARLY:
            return self
        months = frozenset().union(*(clause.months for clause in asked))
        seasons = frozenset().union(*(clause.conditions for clause in asked)) & _YEARLY
        return replace(self, months=months, conditions=self.conditions | seasons) if months or seasons else self

    def excludes(self, other: Clause) -> bool:
        """Tell whether what this clause says under its conditions can't rest on another clause.

        Months and weekdays must be among the other's, and no condition may be the opposite of one of the other's.
        """
        for group in _GROUPS:
            mine, others = self.conditions & group, other.conditions & group
            if mine and others and not mine & others:
                return True
        mine_months = self.months or _months(self.conditions)
        if mine_months and other.months and not mine_months <= other.months:
            return True
        seasons = _months(other.conditions)
        if self.months and seasons and not other.months and not self.months & seasons:
            return True
        return bool(self.weekdays and other.weekdays and not self.weekdays <= other.weekdays)


def _months(names: frozenset[str]) -> frozenset[int]:
    return frozenset().union(*(months for name, months in _SEASONS.items() if name in names))


@lru_cache(maxsize=1024)
def clauses(written: str) -> tuple[Clause, ...]:
    """Return the clauses of a text; those of the latest texts are remembered."""
    text = comparable(written)
    all_figures = figures(text)
    spans = [(span.start, span.end) for span in (*all_figures.weekdays, *all_figures.months)]
    spans += [(quantity.start, quantity.end) for quantity in all_figures.quantities]
    cased = unicodedata.normalize("NFKC", written)  # as long as the text: capitals tell where sentences begin
    stops = sorted({0, *(end for end in ends(cased) if end < len(text)), len(text)})
    found: list[Clause] = []
    for begin, stop in pairwise(stops):
        cuts = [begin]
        for match in _CUT.finditer(text, begin, stop):
            if not any(start < match.end() and match.start() < end for start, end in spans):
                cuts.append(match.start())
        held: dict[int, frozenset[str]] = {}
        months: frozenset[int] = frozenset()
        weekdays: frozenset[int] = frozenset()
        for start, end in pairwise([*cuts, stop]):
            part = text[start:end]
            if not part.strip(" ,;:()，；：（）、"):
                continue
            own = all_figures.within(start, end)
            named = frozenset(_SAME.get(name, name) for name in conditions(part))
            for number, group in enumerate(_GROUPS):
                if named & group:
                    held[number] = named & group
            months = frozenset().union(*(span.members for span in own.months)) or months
            weekdays = frozenset().union(*(span.members for span in own.weekdays)) or weekdays
            if {"spring", "summer", "autumn", "winter"} & named and not own.months:
                months = frozenset()
            found.append(
                Clause(
                    text=part,
                    figures=own,
                    polarity=polarity(part),
                    terms=terms(part),
                    conditions=frozenset().union(named, *held.values()),
                    months=months,
                    weekdays=weekdays,
                    sentence=text[begin:end],
                )
            )
    return tuple(found)
