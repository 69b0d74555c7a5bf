"""Read CSV tables with the line of each row.

Knows nothing of what the columns mean.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..diagnostics import Diagnostic, Span
from .names import nearest
from .source import read_text

MAX_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """Hold the cells of one row by column, blanks around them removed."""

    cells: dict[str, str]
    span: Span
    places: dict[str, Span]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def place(self, column: str) -> Span:
        """Return where a cell stands; the whole row when it has quotes."""
        return self.places.get(column, self.span)


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
    name = str(path)
    lines = re.split("\r\n|\r|\n", content)
    reader = csv.reader(io.StringIO(content, newline=""), strict=True)
    ended = 0
    try:
        for cells in reader:
            start, ended = ended + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            span = _span(name, lines, start, ended)
            if not table.columns:
                table.columns = tuple(cell.strip().casefold() for cell in cells)
                problems = _header(table.columns, required, known, span)
                table.diagnostics += problems
                if problems:
                    return table
            else:
                _take(table, cells, required, span, lines[start - 1] if start == ended else None)
    except csv.Error as error:
        span = _span(name, lines, min(ended + 1, max(1, len(lines))), min(ended + 1, max(1, len(lines))))
        if "unexpected end" in str(error):
            message, advice = "a quote that is opened in this row is never closed", 'a " inside of a text is written ""'
        elif "expected after" in str(error):
            message, advice = "text follows after a closing quote", 'a " inside of a text is written ""'
        elif "field larger" in str(error):
            message, advice = "a cell of this row is longer than 131,072 characters", "is a closing quote missing?"
        else:
            message, advice = f"this row cannot be read: {error}", "save the table again as CSV with commas"
        table.diagnostics.append(Diagnostic("P0204", "error", message, span, advice))
        return table
    if not table.rows and not table.diagnostics:
        message = "the table has no rows" if table.columns else "the file is empty"
        table.diagnostics.append(Diagnostic("P0206", "warning", message, Span(name, 1, 1, 1, 1)))
    return table


def _header(columns: Sequence[str], required: Sequence[str], known: Sequence[str], span: Span) -> list[Diagnostic]:
    missing = [column for column in required if column not in columns]
    if missing:
        what = " and ".join(f"`{column}`" for column in missing)
        advice = f"the first line names the columns: {','.join(required)}"
        odd = [column for column in columns if column not in known]
        other = next((what for sign, what in ((";", "semicolons"), ("\t", "tabs")) if sign in "".join(columns)), None)
        if other:
            advice = f"this table is separated by {other}; save it as CSV with commas"
        elif odd and (near := nearest(missing[0], odd)):
            advice = f"is `{near}` meant to be `{missing[0]}`? {advice}"
        plural = "s are" if len(missing) > 1 else " is"
        return [Diagnostic("P0204", "error", f"the column{plural} missing: {what}", span, advice)]
    twice = next((column for index, column in enumerate(columns) if column and column in columns[:index]), None)
    if twice:
        return [Diagnostic("P0204", "error", f"the column `{twice}` stands here twice", span)]
    return []


def _take(table: Table, cells: Sequence[str], required: Sequence[str], span: Span, line: str | None) -> None:
    if len(cells) > len(table.columns) and any(cell.strip() for cell in cells[len(table.columns) :]):
        message = f"this row has {len(cells)} cells, and there are {len(table.columns)} columns"
        advice = 'put "…" around a text that has a comma in it'
        table.diagnostics.append(Diagnostic("P0204", "error", message, span, advice))
        return
    named = {column: cell.strip() for column, cell in zip(table.columns, cells) if column}
    places = _places(line, span) if line is not None and '"' not in line else []
    row = Row(named, span, dict(zip(table.columns, places)))
    empty = [column for column in required if not row[column]]
    for column in empty:
        message, advice = f"the cell `{column}` is empty", "fill it, or delete the row"
        table.diagnostics.append(Diagnostic("P0205", "error", message, row.place(column), advice))
    if not empty:
        table.rows.append(row)


def _places(line: str, span: Span) -> list[Span]:
    """Return where each cell of a line without quotes stands, blanks around it left out."""
    places = []
    at = 1
    for cell in line.split(","):
        start = at + len(cell) - len(cell.lstrip())
        places.append(Span(span.path, span.line, start, span.line, max(start, at + len(cell.rstrip()))))
        at += len(cell) + 1
    return places


def _span(path: str, lines: Sequence[str], start: int, end: int) -> Span:
    width = len(lines[end - 1]) if end <= len(lines) else 0
    return Span(path, start, 1, end, width + 1)
