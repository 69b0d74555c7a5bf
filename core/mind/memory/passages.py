"""The passages of an artifact on disk: written once, read one at a time.

Beside the lines of JSON lie tables that are mapped, not read: where each line begins and which language it is in,
and which passage has an id or is a field of a record. Knows no index.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import NDArray

from ...errors import ArtifactInvalid
from ...turn import Passage

LINES, STARTS, LANGUAGES, NAMES = "passages.jsonl", "passages.npy", "passages.languages.json", "passages.names.npy"
REMEMBERED = 10_000  # passages that stay in memory once they were read
_KEPT = tuple(field.name for field in fields(Passage) if field.name not in ("score", "matched"))
_START = np.dtype([("start", "<u8"), ("language", "<u2")])


def write_passages(folder: Path, passages: Iterable[Passage]) -> None:
    """Write passages as JSON lines, with the tables by which they are found."""
    starts: list[tuple[int, int]] = []
    names: list[tuple[int, int]] = []
    languages: dict[str, int] = {}
    with (folder / LINES).open("wb") as file:
        at = 0
        for position, passage in enumerate(passages):
            starts.append((at, languages.setdefault(passage.language, len(languages))))
            names += [(_hash(*name), position) for name in _names(passage)]
            at += file.write(f"{as_line(passage)}\n".encode())
        starts.append((at, 0))
    np.save(folder / STARTS, np.array(starts, _START), allow_pickle=False)
    table = np.array(sorted(names), "<u8").reshape(-1, 2).T  # [hashes, their passages]
    np.save(folder / NAMES, np.ascontiguousarray(table), allow_pickle=False)
    (folder / LANGUAGES).write_text(json.dumps(list(languages)), "utf-8")


class Passages(Sequence[Passage]):
    """Read passages by their position; the same one is the same object while it is remembered."""

    def __init__(self, folder: Path) -> None:
        """Map the files of an artifact; raise ArtifactInvalid when they do not fit together."""
        try:
            self._starts: NDArray[np.void] = np.asarray(np.load(folder / STARTS, mmap_mode="r", allow_pickle=False))
            named: NDArray[np.uint64] = np.asarray(np.load(folder / NAMES, mmap_mode="r", allow_pickle=False))
            self.languages: list[str] = json.loads((folder / LANGUAGES).read_text("utf-8"))
            size = (folder / LINES).stat().st_size
        except (OSError, ValueError) as error:
            raise ArtifactInvalid(f"{folder} is damaged: its passages cannot be read; compile it again") from error
        if self._starts.dtype != _START or named.ndim != 2 or int(self._starts["start"][-1]) != size:
            raise ArtifactInvalid(f"{folder} is damaged: {LINES} does not fit its tables; compile the persona again")
        self._hashes, self._named = named
        self._lines: NDArray[np.uint8] = (
            np.asarray(np.memmap(folder / LINES, np.uint8, "r")) if size else np.empty(0, np.uint8)
        )
        self._language: NDArray[np.uint16] = np.asarray(self._starts)["language"]  # [passages + 1]
        self._read: dict[int, Passage] = {}
        self._added: list[Passage] = []
        self._added_names: dict[tuple[str, ...], int] = {}

    def __len__(self) -> int:
        return len(self._starts) - 1 + len(self._added)

    @overload
    def __getitem__(self, position: int) -> Passage: ...
    @overload
    def __getitem__(self, position: slice) -> list[Passage]: ...
    def __getitem__(self, position: int | slice) -> Passage | list[Passage]:
        if isinstance(position, slice):
            return [self[i] for i in range(*position.indices(len(self)))]
        if position < 0:
            position += len(self)
        if not 0 <= position < len(self):
            raise IndexError(position)
        known = self._read.get(position)
        return known if known is not None else self._remember(position)

    def __iter__(self) -> Iterator[Passage]:
        return (self[position] for position in range(len(self)))

    def language(self, position: int) -> str:
        """Return the language of a passage without reading it."""
        written = len(self._starts) - 1
        if position >= written:
            return self._added[position - written].language
        return self.languages[int(self._language[position])]

    def languages_of(self, positions: NDArray[np.int64]) -> list[str]:
        """Return the language of each of many passages without reading them."""
        written = len(self._starts) - 1
        if len(positions) and int(positions.max()) >= written:
            return [self.language(position) for position in positions.tolist()]
        return [self.languages[code] for code in self._language[positions].tolist()]

    def position(self, id: str) -> int | None:
        """Return where the passage with an id is."""
        return self._find("id", id)

    def of_record(self, record: str, field: str, language: str | None = None) -> int | None:
        """Return the passage of one field of a record in a language, or the first one in any."""
        return self._find("field", record, field, *(() if language is None else (language,)))

    def append(self, passage: Passage) -> int:
        """Add a passage in memory and return its position."""
        position = len(self)
        self._added.append(passage)
        for name in _names(passage):
            self._added_names[name] = position
        return position

    def _remember(self, position: int) -> Passage:
        written = len(self._starts) - 1
        if position >= written:
            return self._added[position - written]
        start, end = (int(at) for at in self._starts["start"][position : position + 2])
        passage = from_line(self._lines[start:end].tobytes())
        if len(self._read) >= REMEMBERED:
            self._read.clear()
        return self._read.setdefault(position, passage)

    def _find(self, *name: str) -> int | None:
        if name in self._added_names:
            return self._added_names[name]
        wanted = _hash(*name)
        at = int(np.searchsorted(self._hashes, np.uint64(wanted)))
        while at < len(self._hashes) and int(self._hashes[at]) == wanted:
            position = int(self._named[at])
            if name in _names(self[position]):
                return position
            at += 1
        return None


def as_line(passage: Passage) -> str:
    """Return a passage as JSON."""
    data = {name: value for name in _KEPT if (value := getattr(passage, name)) is not None}
    return json.dumps(data, ensure_ascii=False)


def from_line(line: str | bytes) -> Passage:
    """Return the passage of a line."""
    return Passage(**json.loads(line))


def _names(passage: Passage) -> list[tuple[str, ...]]:
    """Return all names that a passage is found by."""
    names: list[tuple[str, ...]] = [("id", passage.id)]
    if passage.record and passage.field:
        names += [("field", passage.record, passage.field)]
        names += [("field", passage.record, passage.field, passage.language)]
    return names


def _hash(*name: str) -> int:
    return int.from_bytes(hashlib.blake2b("\0".join(name).encode(), digest_size=8).digest(), "little")
