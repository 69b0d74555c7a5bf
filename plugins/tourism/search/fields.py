"""Which fields a persona's records have, of which kind each is, and by which words and values it is known.

The kinds are read off the records: number, span (how long), choice (of a few words), items (a list of words), places (a
list of other records' names), text (to be told only).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ....core.chinese import in_place
from .concepts import concept_of
from .figures import figures

FieldKind = Literal["number", "span", "choice", "items", "places", "text"]
CHOICES = 24  # a field with more different texts is told, not chosen from
NEVER = ("id", "name", "aliases", "visit", "image")
_FREE = re.compile(r"免费|免票|不要钱|不用?(?:要|买)门票|不收(?:费|门票)|\bfree\b", re.IGNORECASE)
_AFFIXES = re.compile(r"^(?:提供|免费|公共)|(?:服务|设施|型|级)$")
_PARENS = str.maketrans("（）【】，", "()[],")


@dataclass(frozen=True, slots=True)
class Field:
    """Hold one field of the records of a kind; `values` are its choices or items, by each way to say them."""

    name: str
    kind: FieldKind
    words: tuple[str, ...]
    unit: str = ""
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    of: str = ""  # the kind of most of the places that are named


@dataclass(frozen=True, slots=True)
class Kind:
    """Hold the records of one kind of place (hotel, restaurant, sight), and the words that say it."""

    name: str
    words: tuple[str, ...]
    ids: tuple[str, ...]
    fields: Mapping[str, Field]


def kinds_of(
    records: Mapping[str, Mapping[str, Any]],
    by: str,
    words: Mapping[str, Sequence[str]],
    more: Mapping[str, Sequence[str]],
) -> dict[str, Kind]:
    """Return the kinds of records, which the field `by` names; without it, all are of one kind.

    `words` are further words for kinds, `more` for fields.
    """
    sorted_ids: dict[str, list[str]] = {}
    for id, record in records.items():
        sorted_ids.setdefault(str(record.get(by, "") if by else ""), []).append(id)
    names = {fold(name): str(record.get(by, "")) for record in records.values() for name in names_of(record)}
    found = {}
    for kind, ids in sorted_ids.items():
        own = [records[id] for id in ids]
        keys = dict.fromkeys(key for record in own for key in record if key not in NEVER and key != by)
        fields = {key: _field(key, [record.get(key) for record in own], names, more.get(key, ())) for key in keys}
        said = tuple(filter(None, (fold(kind), *map(fold, words.get(kind, ())))))
        found[kind] = Kind(kind, said, tuple(ids), fields)
    return found


def names_of(record: Mapping[str, Any]) -> list[str]:
    """Return all names of a record."""
    name, aliases = record.get("name"), record.get("aliases")
    own = [str(text) for text in name.values()] if isinstance(name, Mapping) else [str(name)] if name else []
    return (
        own + [str(text) for text in aliases] if isinstance(aliases, Sequence) and not isinstance(aliases, str) else own
    )


def fold(text: str) -> str:
    """Return a text for comparing: small letters, plain brackets, simplified characters."""
    return in_place(text.translate(_PARENS).casefold())


def span_of(text: str) -> tuple[float, float] | None:
    """Return how long a text says that something takes, in hours."""
    found = next((figure for figure in figures(text) if figure.unit == "hours"), None)
    return (found.low, found.high) if found else None


def is_free(text: str) -> bool:
    """Tell whether a text asks for what costs nothing."""
    return _FREE.search(text) is not None


def _field(name: str, values: Sequence[Any], names: Mapping[str, str], more: Iterable[str]) -> Field:
    concept = concept_of(name)
    words = tuple(dict.fromkeys((*concept.words, *map(fold, more))))
    there = [value for value in values if value is not None and value != []]
    if there and all(isinstance(value, int | float) and not isinstance(value, bool) for value in there):
        return Field(name, "number", words, concept.unit)
    if there and all(isinstance(value, list) and all(isinstance(one, str) for one in value) for value in there):
        counted = Counter(one for value in there for one in value)
        of = Counter(names[fold(one)] for one in counted if fold(one) in names)
        if of.total() > len(counted) / 2:
            return Field(name, "places", words, of=of.most_common(1)[0][0])
        return Field(name, "items", words, values=_said(counted))
    texts = [value for value in there if isinstance(value, str)]
    if texts and len(texts) == len(there):
        if concept.unit == "hours" and sum(span_of(text) is not None for text in texts) > len(texts) / 2:
            return Field(name, "span", words, "hours")
        counted = Counter(texts)
        if len(counted) <= CHOICES and len(texts) >= 2 * len(counted):
            return Field(name, "choice", words, values=_said(counted))
    return Field(name, "text", words)


def _said(values: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return by each way to say a value which values it may mean: as written, without affixes, its Latin words."""
    ways: dict[str, set[str]] = {}
    for value in values:
        own = fold(value)
        ways.setdefault(own, set()).add(value)
        bare = _AFFIXES.sub("", _AFFIXES.sub("", own))
        for way in (bare, *re.findall(r"[a-z]{3,}", own)):
            if len(way) > 1 and way != own:
                ways.setdefault(way, set()).add(value)
    exact = {fold(value) for value in values}
    return {
        way: frozenset([v for v in meant if fold(v) == way] if way in exact else meant) for way, meant in ways.items()
    }
