"""Changes of a text: what is put in the place of what, and how lines are moved in and out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from .layout import Layout


class Edit(NamedTuple):
    """Put a text in the place of a stretch; an empty stretch is an insertion before it."""

    start: int
    end: int
    text: str


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Return a text with all edits made; insertions at one place are made in the order given, before what follows."""
    done, last = [], 0
    for start, end, new in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if start < last:
            raise ValueError(f"two edits of one place, at {start}")
        done += [text[last:start], new]
        last = end
    return "".join([*done, text[last:]])


def indent(layout: Layout, start: int, end: int, by: int) -> list[Edit]:
    """Move the lines that begin from one place to another to the right; empty lines stay empty."""
    edits, place = [], start
    while by > 0 and place < end:
        if layout.text[place : place + 1] not in ("\r", "\n", ""):
            edits.append(Edit(place, place, " " * by))
        place = layout.next_line(place)
    return edits


def shifted(lines: str, by: int) -> str:
    """Return whole lines moved to the right, or to the left as far as they have blanks."""
    if by >= 0:
        return re.sub(r"(?m)^(?=[^\r\n])", " " * by, lines)
    return re.sub(rf"(?m)^ {{0,{-by}}}", "", lines)


def leading_comments(layout: Layout, start: int) -> int:
    """Return where the comments begin that stand right above a line, as deeply indented as it is."""
    column = len(layout.text[start:]) - len(layout.text[start:].lstrip(" "))
    while start:
        above = layout.line_start(start - 1 - layout.text[:start].endswith("\r\n"))
        line = layout.text[above:start]
        if not line.startswith(" " * column + "#"):
            break
        start = above
    return start
