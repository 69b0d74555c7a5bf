"""Find the names of a persona's records in what a traveller says, the longest first.

Knows neither fields nor wishes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from .fields import fold, names_of

HEAD = 2  # characters by which names are looked up
GONE = "\0"  # stands in a text where something has been read


class Names:
    """Know the names of all records; one that is also something else, as a dish is, has to be said as a name."""

    def __init__(self, records: Mapping[str, Mapping[str, Any]], other: Collection[str]) -> None:
        self._by_head: dict[str, list[tuple[str, str]]] = {}
        known: dict[str, str] = {}
        short: dict[str, set[str]] = {}
        for id, record in records.items():
            for name in map(fold, names_of(record)):
                known.setdefault(name, id)
                if (bare := name.partition("(")[0].strip()) != name:
                    short.setdefault(bare, set()).add(id)
        known |= {
            name: min(ids) for name, ids in short.items() if len(ids) == 1 and name not in known and len(name) > HEAD
        }
        self.by_name = known
        for name, id in known.items():
            if len(name) >= HEAD and name not in other:
                self._by_head.setdefault(name[:HEAD], []).append((name, id))
        for named in self._by_head.values():
            named.sort(key=lambda pair: -len(pair[0]))

    def ids(self, names: Iterable[str]) -> Iterator[str]:
        """Yield the records of names, as lists of records have them."""
        for name in names:
            if (id := self.by_name.get(fold(name))) is not None:
                yield id

    def take(self, text: str) -> tuple[list[tuple[int, str]], str]:
        """Return where which records are named in a folded text, and the text without them."""
        found, start = list[tuple[int, str]](), 0
        while start < len(text) - 1:
            for name, id in self._by_head.get(text[start : start + HEAD], ()):
                if text.startswith(name, start) and _is_whole(text, start, start + len(name)):
                    found.append((start, id))
                    text = gone(text, start, start + len(name))
                    start += len(name) - 1
                    break
            start += 1
        return found, text


def gone(text: str, start: int, end: int) -> str:
    """Return a text in which a part has been read."""
    return text[:start] + GONE * (end - start) + text[end:]


def place_of(text: str, word: str, start: int = 0) -> int:
    """Return where a word stands in a text, in the plural too, -1 where it does not; Latin words stand alone."""
    at = text.find(word, start)
    while at >= 0:
        end = at + len(word)
        if _is_whole(text, at, end) or (text.startswith("s", end) and _is_whole(text, at, end + 1)):
            return at
        at = text.find(word, at + 1)
    return -1


def _is_whole(text: str, start: int, end: int) -> bool:
    """Tell whether a part is not within a longer word of Latin letters or digits."""
    before, after = text[start - 1 : start], text[end : end + 1]
    joined = (before.isascii() and before.isalnum() and text[start].isascii() and text[start].isalnum()) or (
        after.isascii() and after.isalnum() and text[end - 1].isascii() and text[end - 1].isalnum()
    )
    return not joined
