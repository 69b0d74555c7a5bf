"""The files that evaluations read: CSV, TSV, JSON Lines and JSON, with errors that name file, line and what would fit.

Knows nothing of what the columns mean.
"""

from __future__ import annotations

import csv
import difflib
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import BadInput

KINDS = (".csv", ".tsv", ".jsonl", ".json")
_LONGEST_FIELD = 100_000_000
_SHOWN = 60  # characters of a wrong line that an error shows


@dataclass(frozen=True, slots=True)
class Table:
    """Hold the rows of a file, each by column, and the line on which each begins (1-based)."""

    path: Path
    rows: list[dict[str, Any]]
    lines: list[int]

    def __len__(self) -> int:
        return len(self.rows)

    def texts(self, column: str) -> list[str]:
        """Return a column's values, all of them texts; raise BadInput at a row where it is none."""
        found = []
        for number, row in enumerate(self.rows):
            value = row.get(column)
            if not isinstance(value, str):
                raise self.fault(number, f"{column} should be a text, not {_kind(value)}")
            found.append(value)
        return found

    def filled(self, column: str) -> list[str]:
        """Return a column's texts without surrounding blanks; raise BadInput at a row where nothing stands."""
        found = [text.strip() for text in self.texts(column)]
        for number, text in enumerate(found):
            if not text:
                raise self.fault(number, f"{column} is empty")
        return found

    def fault(self, number: int, what: str) -> BadInput:
        """Return the error that says what is wrong with a row (0-based), to be raised."""
        return BadInput("table_row", f"{self.path}:{self.lines[number]}: {what}")


def read_table(path: Path, columns: Sequence[str] = ()) -> Table:
    """Read a file that must have rows with these columns.

    Values are texts in CSV and TSV, and what the JSON says in .jsonl and .json (a list of objects). Raise BadInput with
    the codes table_missing, table_kind, table_encoding, table_empty, table_columns, table_row.
    """
    if path.suffix.lower() not in KINDS:
        raise BadInput("table_kind", f"{path} is none of the kinds that are read: {', '.join(KINDS)}")
    text = _text(path)
    read = {".csv": _delimited, ".tsv": _delimited, ".jsonl": _json_lines, ".json": _json}[path.suffix.lower()]
    pairs = list(read(path, text))
    if not pairs:
        raise BadInput("table_empty", f"{path} has no rows")
    table = Table(path, [row for _, row in pairs], [line for line, _ in pairs])
    for number, row in enumerate(table.rows):
        missing = [name for name in columns if name not in row]
        if missing:
            raise _no_column(table, number, missing)
    return table


def _text(path: Path) -> str:
    if not path.is_file():
        near = difflib.get_close_matches(path.name, _others(path), 1, 0.5)
        hint = f"; there is {path.parent / near[0]}" if near else ""
        what = "is a folder" if path.is_dir() else "is not there"
        raise BadInput("table_missing", f"{path} {what}{hint}")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput("table_missing", f"{path} cannot be read: {error.strerror}") from error
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        advice = "save the file as UTF-8"
        raise BadInput("table_encoding", f"{path}:{line}: byte {error.start} is not UTF-8; {advice}") from error
    if not text.strip():
        raise BadInput("table_empty", f"{path} is empty")
    return text


def _others(path: Path) -> list[str]:
    """Return the names of what stands beside a path."""
    return [entry.name for entry in path.parent.iterdir() if entry.name != path.name] if path.parent.is_dir() else []


def _delimited(path: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    csv.field_size_limit(_LONGEST_FIELD)
    tabs = path.suffix.lower() == ".tsv"
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if tabs else ",", strict=not tabs)
    header: list[str] | None = None
    end = 0
    try:
        for cells in reader:
            begin, end = end + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = [cell.strip() for cell in cells]
                twice = {name for name in header if header.count(name) > 1}
                if twice:
                    raise BadInput("table_columns", f"{path}:{begin}: two columns are named {min(twice)!r}")
                continue
            if len(cells) != len(header):
                what = f"{len(cells)} fields where the header has {len(header)}"
                advice = "" if tabs else "; a text with a comma in it needs double quotes"
                raise BadInput("table_row", f"{path}:{begin}: {what}{advice}")
            yield begin, dict(zip(header, cells))
    except csv.Error as error:
        raise BadInput("table_row", f"{path}:{end + 1}: not valid CSV: {error}") from error


def _json_lines(path: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, _object(path, number, line)


def _json(path: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        rows = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        place = f":{error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise BadInput("table_row", f"{path}{place}: not valid JSON: {_said(error)}") from error
    if not isinstance(rows, list):
        raise BadInput("table_row", f"{path} should be a list of objects, not {_kind(rows)}")
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise BadInput("table_row", f"{path}: row {number} should be an object, not {_kind(row)}")
        yield number, row


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    shown = line.strip()[:_SHOWN]
    try:
        row = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadInput("table_row", f"{path}:{number}: not valid JSON: {_said(error)}: {shown}") from error
    if not isinstance(row, dict):
        raise BadInput("table_row", f"{path}:{number}: should be an object, not {_kind(row)}: {shown}")
    return row


def _said(error: Exception) -> str:
    return f"{error.msg} (column {error.colno})" if isinstance(error, json.JSONDecodeError) else "nested too deeply"


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "nothing"}
    return names.get(type(value), "a number")


def _no_column(table: Table, number: int, missing: Sequence[str]) -> BadInput:
    known = list(table.rows[number])
    told = []
    for name in missing:
        near = difflib.get_close_matches(name.casefold(), [column.casefold() for column in known], 1, 0.6)
        meant = [column for column in known if near and column.casefold() == near[0]]
        told.append(f"{name!r} (did you mean {meant[0]!r}?)" if meant else repr(name))
    have = ", ".join(repr(column) for column in known) or "none"
    text = f"{table.path}:{table.lines[number]}: no column {' and no column '.join(told)}; there are: {have}"
    return BadInput("table_columns", text)
