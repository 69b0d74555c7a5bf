"""Find the records that fit wishes, best first; where none does, those that miss least.

Knows neither words of users nor conversations.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .fields import Kind, fold, span_of
from .wishes import Wish


@dataclass(frozen=True, slots=True)
class Fit:
    """Hold a record with the wishes that it does not fulfil."""

    id: str
    missed: tuple[Wish, ...]


def fitting(
    records: Mapping[str, Mapping[str, Any]],
    kind: Kind,
    wishes: Sequence[Wish],
    *,
    among: Iterable[str] | None = None,
    without: Collection[str] = (),
    cheap: bool = False,
) -> list[Fit]:
    """Return the records of a kind, those first that fulfil most wishes, then the best rated, or the cheapest."""
    ids = kind.ids if among is None else tuple(among)
    rating, price = _first(kind, "points"), _first(kind, "money")
    found = list[tuple[tuple[Any, ...], Fit]]()
    for place, id in enumerate(ids):
        if id in without:
            continue
        record = records[id]
        missed = tuple(wish for wish in wishes if not fulfils(record, kind, wish))
        far = sum(_distance(record.get(wish.field), wish) for wish in missed)
        loose = sum(_is_loose(record, kind, wish) for wish in wishes)
        cost = _number(record.get(price), float("inf")) if cheap else 0.0
        order = (len(missed), far, loose, cost, -_number(record.get(rating), 0.0), place)
        found.append((order, Fit(id, missed)))
    found.sort(key=lambda pair: pair[0])
    return [fit for _, fit in found]


def fulfils(record: Mapping[str, Any], kind: Kind, wish: Wish) -> bool:
    """Tell whether a record is as wished; what is not known of it is not."""
    value, own = record.get(wish.field), kind.fields[wish.field].kind
    if value is None:
        return False
    if own == "number":
        return bool(wish.low <= value <= wish.high)
    if own == "span":
        return (span := span_of(value)) is not None and _spans(span, wish)
    if own == "choice":
        return value in wish.values
    return not wish.values.isdisjoint(value) or any(wish.said in fold(one) for one in value)


def _spans(span: tuple[float, float], wish: Wish) -> bool:
    """Tell whether how long a visit takes lies in the time that there is; a single time has to lie in it instead."""
    if wish.low == wish.high:
        return span[0] <= wish.low <= span[1]
    return wish.low <= span[0] and span[1] <= wish.high


def _is_loose(record: Mapping[str, Any], kind: Kind, wish: Wish) -> float:
    """Return 0 for a time exactly as wished, 1 for one that shares an end, 2 for others."""
    if kind.fields[wish.field].kind != "span" or (span := span_of(str(record.get(wish.field)))) is None:
        return 0.0
    if span == (wish.low, wish.high):
        return 0.0
    return 1.0 if wish.low in span or wish.high in span else 2.0


def _distance(value: Any, wish: Wish) -> float:
    """Return how far a number misses its limits, as a share of them; 1 for all that is no number."""
    if not isinstance(value, int | float):
        return 1.0
    over = max(wish.low - value, value - wish.high, 0.0)
    bound = wish.low if value < wish.low else wish.high
    return min(1.0, over / max(abs(bound), 1.0))


def _first(kind: Kind, unit: str) -> str:
    return next((field.name for field in kind.fields.values() if field.unit == unit and field.kind == "number"), "")


def _number(value: Any, otherwise: float) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else otherwise
