"""Slots: the values in a message that an intent needs.

Entities are found by their names in any of the persona's languages, exactly first, then with small slips.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from . import privacy

FUZZY_SCORE = 88.0  # of 100, rapidfuzz partial ratio
FUZZY_LENGTH = 6
_FILLER = re.compile(
    r"[\W_]+|\b(?:the|a|at|in|to|for|of|is|it|its|it s|s|i|mean|meant|no|yes|please|well|oh|just|said)\b"
    r"|[我你您是说的吧呢啊哦嗯呀就那去请问]"
)
_PATTERNS = {
    "number": re.compile(r"(?<![\w.])[-+]?\d+(?:[.,]\d+)*(?![\w])"),
    "date": re.compile(
        r"\d{4}-\d{1,2}-\d{1,2}|\d{4}年\d{1,2}月\d{1,2}[日号]|\d{1,2}月\d{1,2}[日号]"
        r"|\b(?:today|tonight|tomorrow|yesterday|(?:next |this )?(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b"
        r"|今天|明天|后天|昨天|(?:下|这)?(?:周|星期|礼拜)[一二三四五六日天]",
        re.IGNORECASE,
    ),
    "time": re.compile(r"\b\d{1,2}:\d{2}\b|\b\d{1,2} ?[ap]\.?m\b|[上下]午?\d{1,2}点(?:半|\d{1,2}分)?", re.IGNORECASE),
    "email": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
}


def normal(text: str) -> str:
    """Return text for comparing names: NFKC, lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


@dataclass(frozen=True, slots=True)
class Entity:
    """Hold one value of an entity slot: its id, the name to say by language, and all names that mean it."""

    id: str
    name: Mapping[str, str]
    names: tuple[str, ...]

    def value(self, language: str) -> dict[str, str]:
        """Return the slot's value as it stands in a reply."""
        return {"id": self.id, "name": self.name.get(language) or next(iter(self.name.values()))}


def entities_of(records: Iterable[Mapping[str, Any]], field: str, default_language: str) -> list[Entity]:
    """Return the entities that a file of records names by a field; `aliases` of a record count too."""
    found = []
    for record in records:
        names = record.get(field)
        if isinstance(names, str):
            names = {default_language: names}
        if not isinstance(names, Mapping) or not names:
            continue
        said = {str(k): str(v) for k, v in names.items()}
        aliases = [str(alias) for alias in record.get("aliases") or ()]
        unique = tuple(dict.fromkeys(normal(name) for name in [*said.values(), *aliases]))
        found.append(Entity(str(record.get("id") or next(iter(said.values()))), said, unique))
    return found


class EntityFinder:
    """Find entities of one slot in text."""

    def __init__(self, entities: Sequence[Entity]) -> None:
        self.by_id = {entity.id: entity for entity in entities}
        names = [(name, entity) for entity in entities for name in entity.names if name]
        self._names = sorted(names, key=lambda item: -len(item[0]))
        self._by_name = dict(reversed(self._names))
        pattern = "|".join(
            rf"(?<![^\W_]){re.escape(name)}(?![^\W_])" if name.isascii() else re.escape(name) for name, _ in self._names
        )
        self._pattern = re.compile(pattern) if pattern else None

    def is_all(self, text: str) -> bool:
        """Tell whether a text says nothing but an entity's name, little words left out: "the Drum Tower, please"."""
        if self._pattern is None:
            return False
        rest, names = self._pattern.subn(" ", normal(text))
        return bool(names) and not _FILLER.sub("", rest)

    def find(self, text: str) -> Entity | None:
        """Return the entity that the text names: the longest exact name, else the nearest by spelling, else None."""
        wanted = normal(text)
        if self._pattern is None or not wanted:
            return None
        matches = self._pattern.findall(wanted)
        if matches:
            return self._by_name[max(matches, key=len)]
        best, score = None, FUZZY_SCORE
        for name, entity in self._names:
            if len(name) < FUZZY_LENGTH or not name.isascii() or len(wanted) < len(name) - 1:
                continue
            ratio = fuzz.partial_ratio(name, wanted, score_cutoff=score)
            if ratio > score:
                best, score = entity, ratio
        return best


def find_plain(kind: str, text: str) -> str | None:
    """Return the first number, date, time, e-mail address or phone number in a text."""
    if kind == "phone":
        return next((text[start:end] for start, end, _ in privacy.find(text, ["phone"])), None)
    pattern = _PATTERNS.get(kind)
    match = pattern.search(text) if pattern else None
    return match.group() if match else None
