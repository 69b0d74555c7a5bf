"""Names that are nobody's secret: the persona's, and those of what it knows.

Users' messages are held against names alone; what the persona's code says, against all words of its records, too: there
a name is more likely the record's than the user's.

Knows records as mappings of fields; knows no persona.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_FIELDS = ("name", "title", "aliases", "alias", "names")
_HAN = re.compile(r"[\u3400-\u9fff]")


class OwnNames:
    """Tell whether a name is the persona's own, or a part of one; with `words`, also whether its records say it."""

    def __init__(
        self, names: Iterable[str] = (), records: Iterable[Mapping[str, Any]] = (), *, words: bool = False
    ) -> None:
        records = list(records)
        told = [*names, *(text for record in records for field in _FIELDS for text in _texts(record.get(field)))]
        self._names = frozenset(name for text in told if len(name := text.strip().lower()) > 1)
        self._all = "\n".join(f" {name} " for name in sorted(self._names))
        self._said = "\n".join(text for record in records for text in _texts(record)).lower() if words else ""

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        low = name.lower().strip()
        if self._says(low):
            return True
        if not self._names:
            return False
        if _HAN.search(low):
            return low in self._all or any(
                low[i:j] in self._names for i in range(len(low)) for j in range(i + 2, len(low) + 1)
            )
        if f" {low} " in self._all:
            return True
        words = low.split()
        return any(" ".join(words[i:j]) in self._names for i in range(len(words)) for j in range(i + 1, len(words) + 1))

    def _says(self, low: str) -> bool:
        """Tell whether the records say a name word for word."""
        if len(low) < 2 or low not in self._said:
            return False
        return bool(_HAN.search(low) or re.search(rf"(?<!\w){re.escape(low)}(?!\w)", self._said))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
