"""Find two passages that give different numbers for one thing.

Within a language, two clauses must speak of one thing in nearly the same words and under the same conditions (season,
age, day, most or least …). Between languages, where words cannot be compared, the passages must be each other's
translation: one record's field, or each other's nearest passage, with as many quantities of the kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...persona.schema import base
from ...turn import Passage
from .quantities import Quantity, comparable, quantities
from .wording import around, conditions, names, opposed, terms

SAME_THING = 0.7  # cosine of two passages of one language, each with its title
TRANSLATION = 0.66  # the same of two languages
COMMON = 0.4  # of the passages
FEW = 3  # words of a clause that do not tell what it is about
SHARED = 0.6  # of the words of each clause
ACROSS = (
    "money",
    "time",
    "percent",
    "date",
    "year",
    "phone",
    "duration",
    "working days",
    "length",
    "weight",
    "temperature",
)
WITHIN = (*ACROSS, "months", "count")


@dataclass(frozen=True, slots=True)
class Clash:
    """Hold two passages, by position, with the words that do not agree."""

    first: int
    second: int
    written: tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Claim:
    """Hold one quantity with what tells what it is about: of its clause, and of its sentence and title."""

    quantity: Quantity
    terms: frozenset[str]
    context: frozenset[str]
    conditions: frozenset[str]
    surroundings: frozenset[str]
    names: frozenset[str]
    named: frozenset[str]


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
    common = _common([passages[position] for position in np.unique(pairs).tolist()])
    found = []
    for (first, second), cosine in zip(pairs.tolist(), cosines.tolist()):
        one, other = passages[first], passages[second]
        if _apart(one, other, common):
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


def _apart(one: Passage, other: Passage, common: frozenset[str]) -> bool:
    """Tell whether passages are known to be about different things: by records, sections, or names in their titles."""
    if one.record and other.record:
        return (one.record, one.field) != (other.record, other.field)
    if base(one.language) != base(other.language):
        return False
    file = _page(one)
    if file is not None and file == _page(other):
        mine, yours = (terms(comparable(passage.title.rpartition(" · ")[2])) for passage in (one, other))
        if one.title == other.title or (mine - yours and yours - mine):
            return True
    mine, yours = names(f". {one.title}") - common, names(f". {other.title}") - common
    more, less = mine - yours, yours - mine
    return bool((more and less) or more - names(_whole(other)) or less - names(_whole(one)))


def _page(passage: Passage) -> str | None:
    """Return the file of a passage that is a part of a page."""
    file = passage.source.rpartition(":")[0]
    return None if passage.record or file.lower().endswith(".csv") else file


def _common(passages: Sequence[Passage]) -> frozenset[str]:
    """Return the names that so many passages say that they tell none from another, such as the company's own."""
    counts = Counter(name for passage in passages for name in names(_whole(passage)))
    return frozenset(name for name, count in counts.items() if count > max(3, COMMON * len(passages)))


def _whole(passage: Passage) -> str:
    return f"{passage.title}. {passage.text}"


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
    if (one.kind, one.unit) != (two.kind, two.unit):
        return False
    if (claim.names - other.named and other.names - claim.named) or opposed(claim.conditions, other.conditions):
        return False
    if claim.conditions - other.surroundings or other.conditions - claim.surroundings:
        return False
    mine, yours = _covered(claim, other), _covered(other, claim)
    return min(mine, yours) >= SHARED and max(mine, yours) == 1


def _covered(claim: _Claim, other: _Claim) -> float:
    """Return the share of a claim's words that the other says too; 0 when fewer than two are."""
    shared = len(claim.terms & other.context)
    return shared / len(claim.terms) if shared >= 2 else 0.0


def _across(claims: Claims, first: int, second: int) -> Clash | None:
    mine, yours = claims.of(first), claims.of(second)
    for kind in ACROSS:
        here = [claim for claim in mine if claim.quantity.kind == kind]
        there = [claim for claim in yours if claim.quantity.kind == kind]
        if len(here) != len(there):
            continue
        left, right = _unpaired(here, there)
        if len(left) == len(right) == 1 and left[0].quantity.unit == right[0].quantity.unit:
            return Clash(first, second, (left[0].quantity.written, right[0].quantity.written))
    return None


def _unpaired(here: Sequence[_Claim], there: Sequence[_Claim]) -> tuple[list[_Claim], list[_Claim]]:
    """Return what is left over when equal quantities are paired off."""
    left, right = [], list(there)
    for claim in here:
        partner = next((other for other in right if claim.quantity.same(other.quantity)), None)
        if partner is None:
            left.append(claim)
        else:
            right.remove(partner)
    return left, right


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
    named = names(_whole(passage))
    held = conditions(comparable(_whole(passage)))
    header = passage.text.partition("\n")[0] if "\n" in passage.text else ""
    for quantity in quantities(text):
        clause, before, sentence, (start, end) = around(text, quantity.start, quantity.end)
        told, context = terms(clause), terms(sentence)
        if len(told) < FEW:
            told = context if len(context) >= FEW else context | title
        yield _Claim(
            quantity=quantity,
            terms=told,
            context=context | title,
            conditions=conditions(clause) or conditions(before),
            surroundings=held,
            names=names(passage.text[start:end]) | names(header),
            named=named,
        )
