"""Read plain text into paragraphs.

Lines that were broken at the margin are put together again; lines that end early stay lines.
"""

from __future__ import annotations

import re

from .blocks import Block, Document, Line, weight

_ITEM = re.compile(r"\s*(?:[-*•·●]|\d{1,3}[.)、．])\s*\S")
_FULL = 0.75  # of the longest line: a line at least so long was broken at the margin
_MARGIN = 50


def read_plain(content: str) -> Document:
    """Return the paragraphs and lists of a plain text; an empty line ends one."""
    blocks: list[Block] = []
    lines: list[Line] = []
    for number, text in enumerate([*re.split("\r\n|\r|\n", content), ""], start=1):
        if text.strip():
            lines.append(Line(text.rstrip(), number))
        elif lines:
            blocks += _blocks(lines)
            lines = []
    return Document(blocks)


def _blocks(lines: list[Line]) -> list[Block]:
    first = next((n for n, line in enumerate(lines) if _ITEM.match(line.text)), None)
    if first is None or sum(bool(_ITEM.match(line.text)) for line in lines) < 2:
        return [Block("paragraph", (), rewrapped(lines))]
    before = [Block("paragraph", (), rewrapped(lines[:first]))] if first else []
    items: list[Line] = []
    for line in lines[first:]:
        if items and not _ITEM.match(line.text):
            items[-1] = items[-1]._replace(text=f"{items[-1].text} {line.text.strip()}")
        else:
            items.append(Line(line.text.strip(), line.place, int(bool(items) and line.text[0].isspace())))
    return [*before, Block("list", (), tuple(items), tight=True)]


def rewrapped(lines: list[Line]) -> tuple[Line, ...]:
    """Mark the line breaks that are meant: those after a line that ends well before the margin."""
    margin = max(weight(line.text.strip()) for line in lines)
    wide = margin * _FULL if margin >= _MARGIN else float("inf")
    return tuple(
        line._replace(text=line.text.strip() + ("" if weight(line.text.strip()) >= wide else "\n")) for line in lines
    )
