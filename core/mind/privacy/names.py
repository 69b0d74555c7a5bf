"""Names of people, places, organisations and nations, and addresses: a small conditional random field over words.

Its weights are trained by `benchmarks/names/train.py` on sentences made for it, and are read when the first persona
asks for such a kind. Knows nothing of the other detectors.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np

from .detector import Found
from .tokens import features, words

KINDS = ("person", "place", "organization", "nationality", "address")
WEIGHTS = Path(__file__).with_name("names.safetensors")
_LOCK = threading.Lock()
_NEVER = -1e4
_LONG_NUMBER = re.compile(r"\d(?:-?\d){9}")  # longer than house numbers and postcodes: an ISBN, not an address
_CALENDAR = frozenset(
    (
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "and", "or", "to",
        "till", "until", "through",
    )
)  # fmt: skip
_CALLED = re.compile(r"\b(?:name(?:['’]s| is)?|i am|i['’]m|called|dear|mr|mrs|ms|miss)\W{1,2}$", re.IGNORECASE)
_LISTS = "fncCNtosge"
"""The lists of single words: first and last names, cities, countries, nations, titles, endings of companies; Chinese
last names and characters of first names; English words."""
_MARKS = "wz"  # the lists whose entries are several Chinese characters: places, words


class Names:
    """Tag the words of a text."""

    def __init__(self, path: Path) -> None:
        from safetensors.numpy import load_file

        tensors = load_file(path)
        lines = {
            name: bytes(tensors.pop(name)).decode().split("\n")
            for name in [n for n in tensors if n not in ("weights", "transitions")]
        }
        self._labels = lines["labels"]
        self._rows = {name: row for row, name in enumerate(lines["features"])}
        self._common = dict.fromkeys(lines["common"], 1)
        self._lists: dict[str, str] = {}
        for name in _LISTS:
            for word in lines[f"list.{name}"]:
                self._lists[word] = self._lists.get(word, "") + name
        self._known = {mark: frozenset(lines[f"list.{mark}"]) for mark in _MARKS}
        self._weights = np.vstack([tensors["weights"].astype(np.float32), np.zeros((1, len(self._labels)), np.float32)])
        allowed = np.array(
            [[not b.startswith("I-") or a[2:] == b[2:] for b in self._labels] for a in self._labels], np.bool_
        )
        self._steps = np.where(allowed, tensors["transitions"], _NEVER).astype(np.float32)
        self._first = np.array([_NEVER if name.startswith("I-") else 0.0 for name in self._labels], np.float32)

    def find(self, text: str) -> Iterator[Found]:
        """Return the names in a text; months and days of the week are none, nor is what has a long number in it."""
        return (
            found
            for found in self._tagged(text)
            if not _LONG_NUMBER.search(text, found[0], found[1]) and not _is_calendar(text, found[0], found[1])
        )

    def _tagged(self, text: str) -> Iterator[Found]:
        """Yield (start, end, kind) of what is named in a text, in order."""
        places = words(text)
        if not places:
            return
        said = [text[start:end] for start, end in places]
        rows = self._rows
        last = len(rows)  # of no weight: a word without known features
        ids: list[int] = []
        starts: list[int] = []
        for names in features(said, self._listed(said), self._common):
            starts.append(len(ids))
            ids += [rows[name] for name in names if name in rows]
            ids.append(last)
        scores = np.add.reduceat(self._weights[ids], starts, axis=0)
        path = self._best(scores)
        start = end = -1
        kind = ""
        for i, label in enumerate(path):
            name = self._labels[label]
            if name.startswith("I-"):
                end = places[i][1]
                continue
            if kind:
                yield start, end, kind
            kind = name[2:]
            start, end = places[i]
        if kind:
            yield start, end, kind

    def _listed(self, said: list[str]) -> list[str]:
        found = [self._lists.get(word.lower(), "") for word in said]
        if not any("\u3400" <= word <= "\u9fff" for word in said):
            return found
        for mark, known in self._known.items():
            i = 0
            while i < len(said):
                step = 1
                if "\u3400" <= said[i] <= "\u9fff":
                    for n in (4, 3, 2):
                        if "".join(said[i : i + n]) in known:
                            step = len(said[i : i + n])
                            found[i] += mark.upper()
                            for j in range(i + 1, i + step):
                                found[j] += mark
                            break
                i += step
        return found

    def _best(self, scores: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> list[int]:
        """Return the best labels for [words, labels] (Viterbi)."""
        score = scores[0] + self._first
        back = []
        for row in scores[1:]:
            total = score[:, None] + self._steps
            best = total.argmax(0)
            back.append(best)
            score = total[best, np.arange(len(best))] + row
        path = [int(score.argmax())]
        for step in reversed(back):
            path.append(int(step[path[-1]]))
        return path[::-1]


def _is_calendar(text: str, start: int, end: int) -> bool:
    """Tell whether a name is made of months and days alone, and nobody says to be called so ("my name is April")."""
    said = re.findall(r"[^\W\d_]+", text[start:end].lower())
    return bool(said) and _CALENDAR.issuperset(said) and not _CALLED.search(text, max(0, start - 20), start)


@cache
def _read() -> Names:
    return Names(WEIGHTS)


def names() -> Names:
    """Return the finder; its weights are read once."""
    with _LOCK:
        return _read()


@cache
def english() -> frozenset[str]:
    """Return the English words in small letters that the finder refers to, without reading its weights."""
    from safetensors import safe_open

    with safe_open(str(WEIGHTS), "numpy") as file:
        return frozenset(bytes(file.get_tensor("list.e")).decode().split("\n"))
