"""What passages claim: each quantity with what tells what it is about, found once and only when it is asked for."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ...mind.understanding.wording import around, conditions, names, terms
from ...mind.values.quantities import Quantity, comparable, quantities
from ...turn import Passage

FEW = 3  # words of a clause that do not tell what it is about


@dataclass(frozen=True, slots=True)
class Claim:
    """Hold one quantity with its clause's words, conditions and names, and those of its surroundings."""

    quantity: Quantity
    terms: frozenset[str]
    context: frozenset[str]
    conditions: frozenset[str]
    names: frozenset[str]


class Told:
    """Tell what one passage says, as far as it is asked."""

    def __init__(self, passage: Passage) -> None:
        self._passage = passage

    @cached_property
    def _text(self) -> str:
        return comparable(self._passage.text)

    @cached_property
    def quantities(self) -> list[Quantity]:
        """Return what it measures."""
        return quantities(self._text)

    @cached_property
    def names(self) -> frozenset[str]:
        """Return all names in it and in its title."""
        return names(f"{self._passage.title}. {self._passage.text}")

    @cached_property
    def title_names(self) -> frozenset[str]:
        """Return the names in its title."""
        return names(f". {self._passage.title}")

    @cached_property
    def title_terms(self) -> frozenset[str]:
        """Return the words of its title that tell what it is about."""
        return terms(comparable(self._passage.title))

    @cached_property
    def terms(self) -> frozenset[str]:
        """Return the words of its text that tell what it is about."""
        return terms(self._text)

    @cached_property
    def heading(self) -> frozenset[str]:
        """Return the words of the innermost heading."""
        return terms(comparable(self._passage.title.rpartition(" · ")[2]))

    @cached_property
    def conditions(self) -> frozenset[str]:
        """Return all conditions in it and in its title."""
        return conditions(f"{comparable(self._passage.title)}. {self._text}")

    @cached_property
    def claims(self) -> list[Claim]:
        """Return the quantities with what they are about."""
        return list(self._claims())

    def _claims(self) -> Iterator[Claim]:
        written = unicodedata.normalize("NFKC", self._passage.text)
        header = written.partition("\n")[0] if "\n" in written else ""
        bare = self._text
        for quantity in self.quantities:
            bare = bare[: quantity.start] + " " * (quantity.end - quantity.start) + bare[quantity.end :]
        for quantity in self.quantities:
            start, begin, stop, end = around(self._text, quantity.start, quantity.end)
            told, context = terms(bare[begin:stop]), terms(bare[start:end])
            if len(told) < FEW:
                told = context if len(context) >= FEW else context | self.title_terms
            yield Claim(
                quantity=quantity,
                terms=told,
                context=context | self.title_terms,
                conditions=conditions(self._text[begin:stop]) or conditions(self._text[start:begin]),
                names=names(written[start:end]) | names(header),
            )


def missing(here: Sequence[Quantity], there: Sequence[Quantity]) -> list[Quantity]:
    """Return the quantities that the other side has nowhere."""
    return [one for one in here if not any(one.kind == other.kind and one.same(other) for other in there)]


def unpaired(here: Sequence[Quantity], there: Sequence[Quantity]) -> tuple[list[Quantity], list[Quantity]]:
    """Return what is left over when equal quantities are paired off."""
    left, right = [], list(there)
    for one in here:
        partner = next((other for other in right if one.same(other)), None)
        if partner is None:
            left.append(one)
        else:
            right.remove(partner)
    return left, right


def remembered(passages: Sequence[Passage]) -> Callable[[int], Told]:
    """Return a function that tells of a passage by its position, and does the work once."""
    told: dict[int, Told] = {}

    def of(position: int) -> Told:
        if position not in told:
            told[position] = Told(passages[position])
        return told[position]

    return of
