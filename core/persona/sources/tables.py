"""Read CSV tables with the line of each row.

Knows nothing of what the columns mean. A row knows its lines; where its cells stand is worked out when somebody asks.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from ...diagnostics import Diagnostic, Span
from ..names import nearest
from ..source import read_text
from ..synonyms import column_meant

MAX_BYTES = 50_000_000


class Layout:
    """Hold what all rows of a table share: its file, its text and its columns in order."""

    def __init__(self, path: str, content: str) -> None:
        self.path = path
        self.columns: tuple[str, ...] = ()
        self.position: dict[str, int] = {}
        self._content = content

    def name(self, columns: tuple[str, ...]) -> None:
        """Take the columns of the header."""
        self.columns = columns
        self.position = {column: index for index, column in enumerate(columns) if column}

    @cached_property
    def lines(self) -> list[str]:
        """Return the lines of the file."""
        return re.split("\r\n|\r|\n", self._content)

    def span(self, start: int, end: int) -> Span:
        """Return the place of whole lines."""
        width = len(self.lines[end - 1]) if end <= len(self.lines) else 0
        return Span(self.path, start, 1, end, width + 1)


@dataclass(frozen=True, slots=True)
class Row:
    """Hold one row, from its first line to its last."""

    written: Sequence[str]
    line: int
    end_line: int
    layout: Layout

    def __getitem__(self, column: str) -> str:
        """Return a cell without the blanks around it; empty when the table has no such column."""
        index = self.layout.position.get(column)
        return "" if index is None or index >= len(self.written) else self.written[index].strip()

    @property
    def span(self) -> Span:
        """Return where the row stands."""
        return self.layout.span(self.line, self.end_line)

    def place(self, column: str) -> Span:
        """Return where a cell stands; the whole row when it has quotes."""
        row, index = self.span, self.layout.position.get(column)
        cells = self.layout.lines[self.line - 1].split(",")
        if self.line != self.end_line or index is None or index >= len(cells) or any('"' in cell for cell in cells):
            return row
        cell, before = cells[index], sum(len(cell) + 1 for cell in cells[:index])
        start = before + len(cell) - len(cell.lstrip()) + 1
        return Span(row.path, row.line, start, row.line, max(start, before + len(cell.rstrip()) + 1))


@dataclass(slots=True)
class Table:
    """Hold a table as far as it could be read."""

    columns: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)


def read_table(path: Path, required: Sequence[str], known: Sequence[str]) -> Table:
    """Read a CSV with a header; cells of the required columns must not be empty."""
    content, diagnostics = read_text(path, MAX_BYTES)
    table = Table(diagnostics=diagnostics)
    if content is None:
        return table
    layout = Layout(str(path), content)
    reader = csv.reader(io.StringIO(content, newline=""), strict=True)
    ended = 0
    try:
        for cells in reader:
            start, ended = ended + 1, reader.line_num
            if not any(cells) or not any(map(str.strip, cells)):
                continue
            if table.columns:
                _take(table, Row(cells, start, ended, layout), required)
                continue
            layout.name(tuple(cell.strip().casefold() for cell in cells))
            table.columns = layout.columns
            problems = [
                Diagnostic("P0204", "error", message, layout.span(start, ended), advice)
                for message, advice in _header(table.columns, required, known)
            ]
            table.diagnostics += problems
            if problems:
                return table
    except csv.Error as error:
        line = min(ended + 1, len(layout.lines))
        table.diagnostics.append(_unreadable(error, layout.span(line, line)))
        return table
    if not table.rows and not table.diagnostics:
        message = "the table has no rows" if table.columns else "the file is empty"
        table.diagnostics.append(Diagnostic("P0206", "warning", message, Span(layout.path, 1, 1, 1, 1)))
    return table


def _unreadable(error: csv.Error, span: Span) -> Diagnostic:
    if "unexpected end" in str(error):
        message, advice = "a quote that is opened in this row is never closed", 'a " inside of a text is written ""'
    elif "expected after" in str(error):
        message, advice = "text follows after a closing quote", 'a " inside of a text is written ""'
    elif "field larger" in str(error):
        message, advice = "a cell of this row is longer than 131,072 characters", "is a closing quote missing?"
    else:
        message, advice = f"this row cannot be read: {error}", "save the table again as CSV with commas"
    return Diagnostic("P0204", "error", message, span, advice)


def _header(columns: Sequence[str], required: Sequence[str], known: Sequence[str]) -> list[tuple[str, str | None]]:
    """Return what is wrong with a header, and what to do about it."""
    missing = [column for column in required if column not in columns]
    if missing:
        what = " and ".join(f"`{column}`" for column in missing)
        advice = f"the first line names the columns: {','.join(required)}"
        odd = [column for column in columns if column not in known]
        signs = ((";", "semicolons"), ("\t", "tabs"), ("，", "full-width commas"))
        other = next((what for sign, what in signs if sign in "".join(columns)), None)
        meant = next((column for column in odd if column_meant(column, missing)), None)
        if other:
            advice = f"this table is separated by {other}; save it as CSV with commas"
        elif meant:
            advice = f"`{meant}` is called `{column_meant(meant, missing)}` here; {advice}"
        elif odd and (near := nearest(missing[0], odd)):
            advice = f"is `{near}` meant to be `{missing[0]}`? {advice}"
        elif any(" " in column or column.endswith(("?", "？", "。")) for column in odd):
            advice = f"is the line with the names of the columns missing? begin with {','.join(required)}"
        plural = "s are" if len(missing) > 1 else " is"
        return [(f"the column{plural} missing: {what}", advice)]
    twice = next((column for index, column in enumerate(columns) if column and column in columns[:index]), None)
    if twice:
        return [(f"the column `{twice}` stands here twice", "delete one of the two, or give it another name")]
    return []


def _take(table: Table, row: Row, required: Sequence[str]) -> None:
    cells = row.written
    if len(cells) > len(table.columns) and any(cell.strip() for cell in cells[len(table.columns) :]):
        message = f"this row has {len(cells)} cells, and there are {len(table.columns)} columns"
        advice = 'put "…" around a text that has a comma in it'
        table.diagnostics.append(Diagnostic("P0204", "error", message, row.span, advice))
        return
    empty = [column for column in required if not row[column]]
    for column in empty:
        message, advice = f"the cell `{column}` is empty", "fill it, or delete the row"
        if len(cells) == 1 and "，" in cells[0]:
            advice = "`，` is a full-width comma and part of the text; cells are separated by `,`"
        table.diagnostics.append(Diagnostic("P0205", "error", message, row.place(column), advice))
    if not empty:
        table.rows.append(row)
