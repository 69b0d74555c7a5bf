"""Find all malformed places of a file, not the first only, and what can still be read between them.

A block of YAML is taken apart into its keys or items, by indentation, and each is read by itself: what is malformed
in one does not hide what is wrong in the next. Knows nothing of personas.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from ..diagnostics import Diagnostic, split_lines
from .scanner import Loader
from .syntax import explain_syntax

MAX_CHARACTERS = 200_000
MAX_FAULTS = 50
_LEVELS = 3

_BLANK = re.compile(r"[ \t]*(#.*)?$")
_KEY = re.compile(r"""(?P<key>[^\s#'"\[\]{}&*!|>%@`-][^:#]*?|"[^"]*"|'[^']*')[ \t]*:([ \t]|$)""")


@dataclass(slots=True)
class Recovered:
    """Hold what is left of a text, with blank lines where it is malformed, and the keys at its margin that lost some."""

    content: str
    diagnostics: list[Diagnostic] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    faults: int = 0
    previous: tuple[str, int] = ("", 0)


def recover(content: str, path: str) -> Recovered | None:
    """Take a malformed text apart; None when it is too long, or all of it is one piece."""
    lines = split_lines(content)
    blocks = list(_blocks(lines, range(len(lines))))
    if len(content) > MAX_CHARACTERS or len(blocks) < 2:
        return None
    found = Recovered("")
    kept = list(lines)
    for block in blocks:
        before = found.faults
        _look(lines, block, path, found, kept, _LEVELS)
        if found.faults > before:
            found.lost.add(_name(lines[block[0]]))
        if found.faults >= MAX_FAULTS:
            break
    found.content = "\n".join(kept)
    return found if found.diagnostics else None


def _look(lines: list[str], block: range, path: str, found: Recovered, kept: list[str], levels: int) -> bool:
    """Look for what is malformed in a key or an item with all below it; tell whether any of it is left."""
    error = _error(lines[block.start : block.stop])
    if error is None:
        return True
    known = found.faults
    inner, inside = _body(lines, block) if levels else (lines, range(0))
    left = [_look(inner, part, path, found, kept, levels - 1) for part in _blocks(inner, inside)]
    if found.faults == known:  # none of its parts is to blame: it is the whole
        _explain(error, lines, block, path, found)
        left = []
    if not any(left):
        for number in block:
            kept[number] = ""
    elif inner is not lines and not kept[block.start]:
        kept[block.start] = lines[block.start][: _indent(inner[block.start])].rstrip()  # the dash, for what is left
    return any(left)


def _explain(error: yaml.MarkedYAMLError, lines: list[str], block: range, path: str, found: Recovered) -> None:
    for mark in {id(mark): mark for mark in (error.problem_mark, error.context_mark) if mark is not None}.values():
        mark.line = min(block.start + mark.line, len(lines) - 1)
    finding = explain_syntax(error, "\n".join(lines), path)
    again = found.previous == (finding.message, finding.span.line - 1)  # as of a block that is indented by tabs
    found.previous = (finding.message, finding.span.line)
    if not again or finding.span.line != block.start + 1:
        found.diagnostics.append(finding)
    found.faults += 1


def _error(lines: list[str]) -> yaml.MarkedYAMLError | None:
    try:
        for _ in yaml.parse("\n".join(lines) + "\n", Loader=Loader):
            pass
    except yaml.MarkedYAMLError as error:
        return error
    except (yaml.YAMLError, ValueError, OverflowError):
        return None  # told of where the whole is read
    return None


def _body(lines: list[str], block: range) -> tuple[list[str], range]:
    """Return the lines with those that are below a key or in an item; the dash of an item is made a blank."""
    filled = [number for number in block if not _BLANK.match(lines[number])]
    first = lines[filled[0]]
    dash = re.match(r"( *)- +(?=\S)", first)
    if dash and len(filled) > 1:
        inner = list(lines)
        inner[filled[0]] = " " * dash.end() + first[dash.end() :]
        return inner, block
    if re.search(r":[ \t]*(#.*)?$", first) and len(filled) > 1:
        return lines, range(filled[1], block.stop)
    return lines, range(0)


def _blocks(lines: list[str], within: range) -> Iterator[range]:
    """Yield the keys or items of some lines, each with what is indented below it."""
    filled = [number for number in within if not _BLANK.match(lines[number])]
    if not filled:
        return
    indent = _indent(lines[filled[0]])
    dashed = lines[filled[0]][indent:].startswith("-")
    starts = [filled[0]]
    for number in filled[1:]:
        line = lines[number]
        if _indent(line) <= indent and line[_indent(line) :].startswith("-") == dashed:
            starts.append(number)
    ends = [*starts[1:], within.stop]
    yield from (range(start, end) for start, end in zip(starts, ends))


def _indent(line: str) -> int:
    """Return how far a line is indented; by a tab, farther than any other."""
    indent = len(line) - len(line.lstrip(" "))
    return indent if line[indent : indent + 1] != "\t" else 1000


def _name(line: str) -> str:
    match = _KEY.match(line)
    return match["key"].strip("\"'") if match else ""
