"""YAML as pieces of its own text: for edits that leave everything else as it was, to the byte.

Unlike the nodes of `source.py`, aliases stay aliases here, and all places are offsets into the text. Knows nothing of
personas, and reads only what `source.py` reads without a finding.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import yaml

from ..scanner import Loader

_PROPERTIES = re.compile(r"(?:[&!][^\s\[\]{},]*(?:[ \t]+|(?:[ \t]*(?:#[^\r\n]*)?\r?\n)+[ \t]*|$))+")


@dataclass(frozen=True, slots=True)
class Piece:
    """Hold a value: `start` is that of its anchor or tag, `body` that of the value itself, `end` the one after it."""

    kind: Literal["scalar", "list", "block", "alias"]
    start: int
    body: int
    end: int
    flow: bool = False
    text: str = ""
    items: tuple[Piece, ...] = ()
    entries: tuple[Entry, ...] = ()

    def entry(self, key: str) -> Entry | None:
        """Return the entry of a key, or None."""
        return next((entry for entry in self.entries if entry.key.text == key), None)

    def empty(self) -> bool:
        """Tell whether nothing was written."""
        return self.kind == "scalar" and self.start == self.end


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold a key with its value."""

    key: Piece
    value: Piece


_Pieces: TypeAlias = list[Piece]


@dataclass(frozen=True, slots=True)
class Layout:
    """Hold a text with its pieces, and know its lines."""

    text: str
    root: Piece

    @property
    def newline(self) -> str:
        """Return how the text ends its lines."""
        return "\r\n" if "\r\n" in self.text else "\n"

    def line_start(self, offset: int) -> int:
        """Return where the line of a place begins."""
        return max(self.text.rfind("\n", 0, offset), self.text.rfind("\r", 0, offset)) + 1

    def line_end(self, offset: int) -> int:
        """Return where the line of a place ends, before its break."""
        found = re.compile(r"[\r\n]").search(self.text, offset)
        return found.start() if found else len(self.text)

    def next_line(self, offset: int) -> int:
        """Return where the line after that of a place begins; the end of the text when there is none."""
        found = re.compile(r"\r\n|[\r\n]").search(self.text, offset)
        return found.end() if found else len(self.text)

    def column(self, offset: int) -> int:
        """Return how many characters stand before a place on its line."""
        return offset - self.line_start(offset)

    def of(self, piece: Piece) -> str:
        """Return a value as it is written, with its anchor or tag."""
        return self.text[piece.start : piece.end]


def read_layout(text: str) -> Layout:
    """Return the pieces of a text that holds one YAML document."""
    stack: list[tuple[Any, _Pieces]] = []
    done: _Pieces = []
    event: Any
    for event in yaml.parse(text, Loader=Loader):
        parent = stack[-1][1] if stack else done
        start, end = event.start_mark.index, event.end_mark.index
        if isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            stack.append((event, []))
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            opened, children = stack.pop()
            (stack[-1][1] if stack else done).append(_collection(text, opened, event, children))
        elif isinstance(event, yaml.AliasEvent):
            parent.append(Piece("alias", start, start, end, text=event.anchor or ""))
        elif isinstance(event, yaml.ScalarEvent):
            if event.style in ("|", ">"):  # these end, for the parser, where the next line begins
                end = max(start, len(text[:end].rstrip()))
            parent.append(Piece("scalar", start, _body(text, event), end, text=event.value))
    return Layout(text, done[0])


def _body(text: str, event: Any) -> int:
    start: int = event.start_mark.index
    found = _PROPERTIES.match(text, start) if event.anchor or event.tag else None
    return found.end() if found else start


def _collection(text: str, opened: Any, closed: Any, children: _Pieces) -> Piece:
    flow = closed.start_mark.index != closed.end_mark.index
    start, body = opened.start_mark.index, _body(text, opened)
    end = closed.end_mark.index if flow else max([body, *(child.end for child in children)])
    if isinstance(opened, yaml.SequenceStartEvent):
        return Piece("list", start, body, end, flow, items=tuple(children))
    entries = tuple(Entry(key, value) for key, value in zip(children[::2], children[1::2], strict=True))
    return Piece("block", start, body, end, flow, entries=entries)
