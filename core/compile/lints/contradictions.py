"""Find two passages that give different numbers for one thing.

Within a language, two clauses must speak of one thing in nearly the same words and under the same conditions (season,
age, day, most or least …). Between languages, where words cannot be compared, the passages must be each other's
translation: one record's field, or each other's nearest passage, with as many quantities of the kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...persona.schema import base
from ...turn import Passage
from .quantities import Quantity, comparable, quantities
from .wording import around, conditions, names, terms

SAME_THING = 0.75  # cosine of two passages of one language, each with its title
TRANSLATION = 0.66  # the same of two languages
SHARED = 0.6  # of the words of each clause
ACROSS = ("money", "time", "percent", "date", "phone", "duration", "working days", "length", "weight", "temperature")
WITHIN = (*ACROSS, "months", "year", "count")


@dataclass(frozen=True, slots=True)
class Clash:
    """Hold two passages, by position, with the words that do not agree."""

    first: int
    second: int
    written: tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Claim:
    """Hold one quantity with what tells what it is about."""

    quantity: Quantity
    terms: frozenset[str]
    title: frozenset[str]
    conditions: frozenset[str]
    names: frozenset[str]


class Claims:
    """Find what passages measure, each once."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.passages = passages
        self._found: dict[int, list[_Claim]] = {}

    def of(self, position: int) -> list[_Claim]:
        """Return the claims of a passage."""
        if position not in self._found:
            self._found[position] = list(_claims(self.passages[position]))
        return self._found[position]


def clashes(passages: Sequence[Passage], pairs: NDArray[np.intp], cosines: NDArray[np.float32]) -> list[Clash]:
    """Return the clashes among pairs [k, 2] of passages with their cosines [k]."""
    claims = Claims(passages)
    nearest = _nearest(passages, pairs, cosines)
    found = []
    for (first, second), cosine in zip(pairs.tolist(), cosines.tolist()):
        one, other = passages[first], passages[second]
        if one.record and other.record and (one.record, one.field) != (other.record, other.field):
            continue
        clash = None
        if base(one.language) == base(other.language):
            if cosine >= SAME_THING:
                clash = _within(claims, first, second)
        elif (one.record and other.record) or (
            cosine >= TRANSLATION
            and nearest.get((first, base(other.language))) == second
            and nearest.get((second, base(one.language))) == first
        ):
            clash = _across(claims, first, second)
        if clash:
            found.append(clash)
    return found


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


def _within(claims: Claims, first: int, second: int) -> Clash | None:
    mine, yours = claims.of(first), claims.of(second)
    for claim in _missing(mine, yours, WITHIN):
        for other in _missing(yours, mine, WITHIN):
            if _about_one_thing(claim, other):
                return Clash(first, second, (claim.quantity.written, other.quantity.written))
    return None


def _about_one_thing(claim: _Claim, other: _Claim) -> bool:
    one, two = claim.quantity, other.quantity
    if (one.kind, one.unit) != (two.kind, two.unit) or claim.conditions != other.conditions:
        return False
    if claim.names - other.names and other.names - claim.names:
        return False
    return _covered(claim, other) and _covered(other, claim)


def _covered(claim: _Claim, other: _Claim) -> bool:
    shared = len(claim.terms & (other.terms | other.title))
    return shared >= 2 and shared >= SHARED * len(claim.terms)


def _across(claims: Claims, first: int, second: int) -> Clash | None:
    mine, yours = claims.of(first), claims.of(second)
    for kind in ACROSS:
        here = [claim for claim in mine if claim.quantity.kind == kind]
        there = [claim for claim in yours if claim.quantity.kind == kind]
        if len(here) != len(there):
            continue
        left, right = _missing(here, there, (kind,)), _missing(there, here, (kind,))
        if len(left) == len(right) == 1 and left[0].quantity.unit == right[0].quantity.unit:
            return Clash(first, second, (left[0].quantity.written, right[0].quantity.written))
    return None


def _missing(claims: Sequence[_Claim], others: Sequence[_Claim], kinds: Sequence[str]) -> list[_Claim]:
    """Return the claims whose quantity the other side has nowhere."""
    return [
        claim
        for claim in claims
        if claim.quantity.kind in kinds
        and not any(
            claim.quantity.kind == other.quantity.kind and claim.quantity.same(other.quantity) for other in others
        )
    ]


def _claims(passage: Passage) -> Iterator[_Claim]:
    text = comparable(passage.text)
    title = terms(comparable(passage.title))
    named = names(f"{passage.title} {passage.text}")
    for quantity in quantities(text):
        sentence, clause = around(text, quantity.start, quantity.end)
        told = terms(clause)
        yield _Claim(quantity, told if len(told) >= 3 else told | title, title, conditions(sentence), named)
