"""What every kind of document is read into: blocks of text under headings, each line with its place.

Knows no kind of file. A place is a line of the file, a page or the number of a paragraph, whatever the reader counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from ...diagnostics import Diagnostic

_WIDE = re.compile(
    r"[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]"
)
_JOINT = r"\u3000-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff00-\uffef\u2018-\u201d\u2026"
_SIGNS = r"\u3001-\u3011\u2026\uff01-\uff0f\uff1a-\uff20"
_UNSPACED = re.compile(rf"(?<=[{_JOINT}])\n(?=[{_JOINT}])|(?<=[{_SIGNS}])\n|\n(?=[{_SIGNS}])")
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
WIDE = 2.4  # what one Chinese character says, in Latin ones

Kind = Literal["paragraph", "list", "table", "code", "picture"]


class Line(NamedTuple):
    """Hold a line of a paragraph, an item of a list or a row of a table; a list's items have a depth from 0.

    A line break that is meant ends the text of a line.
    """

    text: str
    place: int
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """Hold one block; `headings` lead to it from the outside in, `image` is a picture as the document names it.

    A list that is `tight` follows its paragraph without an empty line; a table's `lead` is its caption.
    """

    kind: Kind
    headings: tuple[str, ...]
    lines: tuple[Line, ...]
    image: str | None = None
    lead: str = ""
    tight: bool = False


@dataclass(slots=True)
class Document:
    """Hold a document as far as it could be read; `mark` stands before its places: `p` for pages."""

    blocks: list[Block] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    mark: str = ""


class Headings:
    """Keep the headings that lead to a place."""

    def __init__(self) -> None:
        self._path: list[tuple[int, str]] = []

    def take(self, level: int, title: str) -> None:
        """Go on under a heading; those of its level and deeper ones end."""
        self._path = [entry for entry in self._path if entry[0] < level]
        if title:
            self._path.append((level, title))

    @property
    def path(self) -> tuple[str, ...]:
        """Return the titles from the outside in."""
        return tuple(title for _, title in self._path)


def weight(text: str) -> float:
    """Return how much a text says, in Latin characters: 250 of Chinese are worth 600."""
    if text.isascii():
        return float(len(text))
    return len(text) + (WIDE - 1) * len(_WIDE.findall(text))


def is_wide(text: str) -> bool:
    """Tell whether a text is in Chinese, Japanese or Korean, for the greater part."""
    return not text.isascii() and len(_WIDE.findall(text)) * 5 > len(text)


def joined(lines: Iterable[str]) -> str:
    """Join the lines of a paragraph: with a blank, but not between Chinese characters, nor where a break is meant."""
    text = "\n".join(line.removesuffix("\n") + ("\n" if line.endswith("\n") else "") for line in lines)
    text = text.replace("\n\n", "\x00")
    return _UNSPACED.sub("", text).replace("\n", " ").replace("\x00", "\n").strip()


def tabular(header: list[str], cells: list[str]) -> str:
    """Return a row of a table as a text of its own: each cell after what its column is called."""
    han = bool(_HAN.search("".join(header) + "".join(cells)))
    colon, between = ("：", "；") if han else (": ", "; ")
    named = [
        cell if not name or name == cell else f"{name}{colon}{cell}"
        for name, cell in zip([*header, *[""] * len(cells)], cells)
        if cell
    ]
    return between.join(named)
