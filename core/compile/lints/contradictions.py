"""Find two passages that give different numbers for one thing.

Within a language, two clauses must speak of one thing in nearly the same words and under the same conditions (season,
age, day, most or least …). Between languages, where words cannot be compared, the passages must be each other's
translation: one record's field, or each other's nearest passage, with as many quantities of the kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...mind.understanding.wording import opposed
from ...persona.schema import base
from ...turn import Passage
from .claims import Claim, Told, missing, remembered, unpaired

SAME_THING = 0.7  # cosine of two passages of one language, each with its title
TRANSLATION = 0.55  # the same of two languages
SHARED = 0.6  # of the words of each clause; of one of the two it must be all
COMMON = 0.4  # of the passages: names that so many say tell none from another, such as the company's own
ACROSS = (
    *("money", "time", "percent", "date", "year", "phone"),
    *("duration", "working days", "length", "weight", "temperature"),
)
WITHIN = frozenset({*ACROSS, "months", "count"})


@dataclass(frozen=True, slots=True)
class Clash:
    """Hold two passages, by position, with the words that do not agree."""

    first: int
    second: int
    written: tuple[str, str]


def clashes(passages: Sequence[Passage], pairs: NDArray[np.intp], cosines: NDArray[np.float32]) -> list[Clash]:
    """Return the clashes among pairs [k, 2] of passages with their cosines [k]."""
    told = remembered(passages)
    several = len({base(passage.language) for passage in passages}) > 1
    nearest = _nearest(passages, pairs, cosines) if several else {}
    found: list[Clash] = []
    within: list[tuple[int, int]] = []
    for (first, second), cosine in zip(pairs.tolist(), cosines.tolist()):
        one, other = passages[first], passages[second]
        records = one.record is not None and other.record is not None
        if records and (one.record, one.field) != (other.record, other.field):
            continue
        if base(one.language) == base(other.language):
            if cosine >= SAME_THING and _differ(told(first), told(second)):
                within.append((first, second))
        elif records or (
            cosine >= TRANSLATION
            and nearest.get((first, base(other.language))) == second
            and nearest.get((second, base(one.language))) == first
        ):
            found += _across(told, first, second)
    common = _common([told(position) for position in {position for pair in within for position in pair}])
    for first, second in within:
        if not _apart(passages, first, second, told(first), told(second), common):
            found += _within(first, second, told(first), told(second))
    return sorted(found, key=lambda clash: (clash.first, clash.second))


def _nearest(
    passages: Sequence[Passage], pairs: NDArray[np.intp], cosines: NDArray[np.float32]
) -> dict[tuple[int, str], int]:
    """Return for each passage and other language the nearest passage in it."""
    best: dict[tuple[int, str], tuple[float, int]] = {}
    for (first, second), cosine in zip(pairs.tolist(), cosines.tolist()):
        for here, there in ((first, second), (second, first)):
            key = (here, base(passages[there].language))
            if key[1] != base(passages[here].language) and cosine > best.get(key, (-1.0, 0))[0]:
                best[key] = (cosine, there)
    return {key: there for key, (_, there) in best.items()}


def _differ(one: Told, other: Told) -> bool:
    """Tell whether each measures something of one kind that the other does not."""
    more = {(quantity.kind, quantity.unit) for quantity in missing(one.quantities, other.quantities)}
    less = {(quantity.kind, quantity.unit) for quantity in missing(other.quantities, one.quantities)}
    return any(kind in WITHIN for kind, _ in more & less)


def _common(told: Sequence[Told]) -> frozenset[str]:
    counts = Counter(name for one in told for name in one.names)
    return frozenset(name for name, count in counts.items() if count > max(3, COMMON * len(told)))


def _apart(
    passages: Sequence[Passage], first: int, second: int, one: Told, other: Told, common: frozenset[str]
) -> bool:
    """Tell whether passages are known to be about different things: by sections of a page, or names in their titles."""
    page = _page(passages[first])
    if page is not None and page == _page(passages[second]):
        both_differ = one.heading - other.heading and other.heading - one.heading
        if both_differ or passages[first].title == passages[second].title:
            return True
    if _subject(one, other) and _subject(other, one):
        return True
    more, less = one.title_names - other.title_names - common, other.title_names - one.title_names - common
    return bool((more and less) or more - other.names or less - one.names)


def _subject(one: Told, other: Told) -> bool:
    """Tell whether a passage is named, in its title and again in its text, for something that the other never says."""
    return bool((one.title_terms & one.terms) - other.title_terms - other.terms)


def _page(passage: Passage) -> str | None:
    """Return the file of a passage that is a part of a page."""
    file = passage.source.rpartition(":")[0]
    return None if passage.record or file.lower().endswith(".csv") else file


def _within(first: int, second: int, one: Told, other: Told) -> list[Clash]:
    mine = missing(one.quantities, other.quantities)
    yours = missing(other.quantities, one.quantities)
    for claim in (claim for claim in one.claims if claim.quantity in mine and claim.quantity.kind in WITHIN):
        for against in (claim for claim in other.claims if claim.quantity in yours):
            if _about_one_thing(claim, against, one, other):
                return [Clash(first, second, (claim.quantity.written, against.quantity.written))]
    return []


def _about_one_thing(claim: Claim, against: Claim, one: Told, other: Told) -> bool:
    mine, yours = claim.quantity, against.quantity
    if (mine.kind, mine.unit) != (yours.kind, yours.unit) or opposed(claim.conditions, against.conditions):
        return False
    if claim.names - other.names and against.names - one.names:
        return False
    shares = _covered(claim, against), _covered(against, claim)
    if min(shares) < SHARED or max(shares) < 1:
        return False
    return not (claim.conditions - other.conditions or against.conditions - one.conditions)


def _covered(claim: Claim, against: Claim) -> float:
    """Return the share of a claim's words that the other says too; 0 when fewer than two are."""
    shared = len(claim.terms & against.context)
    return shared / len(claim.terms) if shared >= 2 else 0.0


def _across(told: Callable[[int], Told], first: int, second: int) -> list[Clash]:
    for kind in ACROSS:
        here = [quantity for quantity in told(first).quantities if quantity.kind == kind]
        there = [quantity for quantity in told(second).quantities if quantity.kind == kind]
        left, right = unpaired(here, there) if len(here) == len(there) else ([], [])
        if len(left) == len(right) == 1 and left[0].unit == right[0].unit:
            return [Clash(first, second, (left[0].written, right[0].written))]
    return []
