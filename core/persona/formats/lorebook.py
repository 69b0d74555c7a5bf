"""Lorebooks of character cards (V2 `character_book`, V3 `Lorebook`) as tables of knowledge, and back.

An entry is a row: its keys are the question, its content the answer. Entries that are switched off stand in a table
that the persona does not name, so that it does not answer from them. Keys that are regular expressions are never run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..language import guess_language
from .character import read_rows, table
from .kept import is_mark, put, remember
from .portable import Portable
from .said import Speaker, one_line, said

ON, OFF = "knowledge/lorebook.csv", "extensions/lorebook_off.csv"
COLUMNS = ("question", "answer", "language", "entry")
CELL = 100_000
_DECORATOR = re.compile(r"@@@?[a-z_]+")
_WORDS = re.compile(r"\w{2,}")
_KEYS = re.compile(r"\s*[,，、;；]\s*")


@dataclass(slots=True)
class Rows:
    """Hold what a lorebook became: rows by table, always-true texts, and what to tell the author."""

    on: list[tuple[str, str, str, int]] = field(default_factory=list)
    off: list[tuple[str, str, str, int]] = field(default_factory=list)
    always: dict[int, str] = field(default_factory=dict)
    empty: list[int] = field(default_factory=list)
    patterns: int = 0
    decorated: int = 0
    selective: int = 0

    def files(self) -> dict[str, bytes]:
        """Return the tables that have rows."""
        return {name: table(COLUMNS, rows) for name, rows in ((ON, self.on), (OFF, self.off)) if rows}


def read_book(book: Any, speaker: Speaker, languages: Sequence[str]) -> Rows:
    """Return the rows of a lorebook; entries that are not of its form are left where they are."""
    rows = Rows()
    for number, entry in enumerate(entries_of(book)):
        if not isinstance(entry, Mapping):
            continue
        content, decorators = content_of(entry, speaker)
        rows.decorated += bool(decorators)
        rows.patterns += _is_pattern(entry)
        rows.selective += bool(entry.get("selective") and entry.get("secondary_keys"))
        question = question_of(entry, speaker)
        enabled = is_on(entry) and "@@dont_activate" not in decorators
        if not content:
            rows.empty.append(number)
        elif enabled and entry.get("constant") is True and not _keys(entry):
            rows.always[number] = content
        else:
            row = (question or one_line(content, 60), content, guess_language(content, languages), number)
            (rows.on if enabled else rows.off).append(row)
    return rows


def entries_of(book: Any) -> list[Any]:
    """Return the entries of a lorebook, a list or, as SillyTavern's own files have it, a block by number."""
    entries = book.get("entries") if isinstance(book, Mapping) else None
    if isinstance(entries, Mapping):
        return list(entries.values())
    return entries if isinstance(entries, list) else []


def is_on(entry: Mapping[str, Any]) -> bool:
    """Tell whether an entry is switched on."""
    return entry.get("enabled", True) is not False


def content_of(entry: Mapping[str, Any], speaker: Speaker) -> tuple[str, list[str]]:
    """Return what an entry says and the names of its decorators (V3: lines that begin with @@, above the text)."""
    content = entry.get("content")
    if not isinstance(content, str):
        return "", []
    lines = content.split("\n")
    decorators: list[str] = []
    while lines and (not lines[0].strip() or lines[0].startswith("@@")):
        if match := _DECORATOR.match(lines[0]):
            decorators.append(match[0])
        lines.pop(0)
    return said("\n".join(lines), speaker)[:CELL].strip(), decorators


def question_of(entry: Mapping[str, Any], speaker: Speaker) -> str:
    """Return the keys of an entry in one line; its name where the keys are regular expressions or missing."""
    keys = [] if _is_pattern(entry) else _keys(entry)
    named = [entry[key] for key in ("name", "comment") if isinstance(entry.get(key), str)]
    words = [_WORDS.findall(re.sub(r"\\.|[\[({?*+|^$]", " ", key)) for key in _keys(entry)]
    first = keys or [name for name in named if name.strip()][:1] or [" ".join(part) for part in words]
    shown = [one_line(said(key, speaker), 120) for key in first]
    return ", ".join(dict.fromkeys(key for key in shown if key))[:500].strip(" ,")


def keep_book(book: Any, rows: Rows) -> Any:
    """Return a lorebook to keep: what its rows say word for word is left out."""
    if not isinstance(book, Mapping) or not isinstance(book.get("entries"), list):
        return book
    shown = {number: (question, answer) for question, answer, _, number in (*rows.on, *rows.off)}
    entries = list(book["entries"])
    for number, (_, answer) in shown.items():
        entries[number] = {
            key: remember(value, answer) if key == "content" else value for key, value in entries[number].items()
        }
    return {**book, "entries": entries}


def write_book(
    portable: Portable, book: Any, speaker: Speaker, languages: Sequence[str], always: Mapping[int, str]
) -> tuple[Any, list[str]]:
    """Return a lorebook for export with what the tables say now, and notes.

    `book` is what was kept; `always` are the texts of the entries that are always true, as the instructions have them.
    """
    if book is not None and not isinstance(book.get("entries") if isinstance(book, Mapping) else None, list):
        return book, [f"The lorebook is not a list of entries; changes in {ON} are not in the export."]
    now: dict[int, dict[str, str]] = {}
    added: list[dict[str, str]] = []
    turned_on: set[int] = set()
    for name in (ON, OFF):
        for row in read_rows(portable.files.get(name, b""), name):
            written = row.get("entry", "")
            number = int(written) if written.isascii() and written.isdigit() and len(written) < 7 else None
            if number is not None and number not in now:
                now[number] = row
                turned_on |= {number} if name == ON else set()
            elif row.get("answer"):
                added.append({**row, "on": "yes" if name == ON else ""})
    original = list(book["entries"]) if isinstance(book, Mapping) else []
    filled = [_filled(entry, now.get(number)) for number, entry in enumerate(original)]
    before = read_book({"entries": filled}, speaker, languages)
    rows = {row[3]: row for row in (*before.on, *before.off)}
    was_on = {row[3] for row in before.on}
    entries = []
    for place, entry in enumerate(filled):
        if place in before.always:
            text = always.get(place, "")
            entries += [{**entry, "content": put(entry["content"], before.always[place], text)}] if text else []
        elif place in now and place in rows:
            entries.append(_changed(entry, rows[place], now[place], place in turned_on, place in was_on))
        elif place not in rows and not _was_row(original[place]):
            entries.append(entry)
    entries += [
        new_entry(_KEYS.split(row.get("question", "")), row["answer"], 100 + number, bool(row["on"]))
        for number, row in enumerate(added, start=len(entries))
    ]
    if not entries and book is None:
        return None, []
    return {**(book or {"extensions": {}}), "entries": entries}, []


def _was_row(entry: Any) -> bool:
    return isinstance(entry, Mapping) and is_mark(entry.get("content"))


def _filled(entry: Any, row: Mapping[str, str] | None) -> Any:
    """Return an entry with its content, where only the table had it."""
    return {**entry, "content": row["answer"] if row else ""} if _was_row(entry) else entry


def _changed(
    entry: Mapping[str, Any], row: tuple[str, str, str, int], now: Mapping[str, str], turned_on: bool, was_on: bool
) -> dict[str, Any]:
    question, answer, _, _ = row
    changed = dict(entry)
    changed["content"] = put(entry["content"], answer, now.get("answer", ""))
    if now.get("question", "") not in ("", question):
        changed["keys"] = [key for key in _KEYS.split(now["question"]) if key]
        if "use_regex" in changed:
            changed["use_regex"] = False
    if turned_on != was_on:
        changed["enabled"] = turned_on
    return changed


def new_entry(keys: Sequence[str], content: str, order: int, enabled: bool = True) -> dict[str, Any]:
    """Return a new entry of a lorebook (version 3, which is also one of version 2)."""
    return {
        "keys": [key for key in keys if key],
        "content": content,
        "extensions": {},
        "enabled": enabled,
        "insertion_order": order,
        "use_regex": False,
    }


def _keys(entry: Mapping[str, Any]) -> list[str]:
    keys = entry.get("keys")
    return [key for key in keys if isinstance(key, str) and key.strip()] if isinstance(keys, list) else []


def _is_pattern(entry: Mapping[str, Any]) -> bool:
    """Tell whether the keys of an entry are regular expressions: said so, or all written as /…/."""
    keys = _keys(entry)
    return bool(keys) and (entry.get("use_regex") is True or all(key[0] == "/" and "/" in key[1:] for key in keys))
