"""Items of news, and the files that they are read from: CSV with a head, or a JSON object on each line."""

from __future__ import annotations

import csv
import json
import logging
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

log = logging.getLogger("personac")
TITLE, TEXT, NAME = 300, 5000, 80  # characters that are kept
LONGEST_FILE = 50 * 1024 * 1024
_TAG = re.compile(r"<[^<>]{1,500}>")
_BLANKS = re.compile(r"\s+")
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Item:
    """Hold one item of news or one post; `place` is where it can be looked up: a file and line, or an address."""

    day: date
    title: str
    text: str = ""
    source: str = ""
    place: str = ""

    @property
    def language(self) -> str:
        """Return the language that its title is in."""
        return "zh" if len(_HAN.findall(self.title)) * 3 > len(self.title) else "en"


def item(day: date, title: str, text: str = "", source: str = "", place: str = "") -> Item | None:
    """Return an item with plain words, cut to size; None without a title."""
    title = plain(title, TITLE)
    return Item(day, title, plain(text, TEXT), plain(source, NAME), plain(place, TITLE)) if title else None


def plain(text: str, longest: int) -> str:
    """Return a text on one line, without tags and controls."""
    bare = _TAG.sub(" ", text[: 4 * longest])
    shown = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in bare)
    return _BLANKS.sub(" ", shown).strip()[:longest]


def read_news(path: Path, name: str) -> list[Item]:
    """Return the items of a file that is called so; what cannot be read is told in the log, and left out."""
    try:
        if path.stat().st_size > LONGEST_FILE:
            log.warning("the news in %s are not read: the file has more than %d bytes", path, LONGEST_FILE)
            return []
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        log.warning("the news in %s cannot be read (%s): it has to be a file in UTF-8", path, error)
        return []
    found, wrong = list[Item](), list[int]()
    for line, row in _rows(path, lines):
        made = _item(row, f"{name}:{line}") if row is not None else None
        if made is None:
            wrong.append(line)
        else:
            found.append(made)
    if wrong:
        log.warning(
            "%d items in %s are left out, the first of them in line %d: each needs a date as 2026-09-30 and a title",
            len(wrong), name, wrong[0],
        )  # fmt: skip
    return found


def _rows(path: Path, lines: list[str]) -> Iterator[tuple[int, Mapping[str, Any] | None]]:
    """Yield the number of each line and what it says, None where that is no row; lines with # are remarks."""
    kept = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        for number, line in kept:
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                row = None
            yield number, row if isinstance(row, dict) else None
        return
    head = next(csv.reader([kept[0][1]]), []) if kept else []
    names = [name.strip().casefold() for name in head]
    for number, line in kept[1:]:
        values: Iterable[str] = next(csv.reader([line]), [])
        yield number, dict(zip(names, values))


def _item(row: Mapping[str, Any], place: str) -> Item | None:
    day = _day(str(row.get("date") or ""))
    said = {name: str(row.get(name) or "") for name in ("title", "text", "source", "link")}
    if day is None:
        return None
    return item(day, said["title"], said["text"], said["source"], said["link"] or place)


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written.strip()[:10])
    except ValueError:
        return None
