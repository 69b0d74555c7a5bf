"""Find all malformed places of a file, not the first only, and what can still be read between them.

A block of YAML is taken apart into its keys or items, by indentation, and each is read by itself: what is malformed
in one does not hide what is wrong in the next. Knows nothing of personas.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import yaml

from ..diagnostics import Diagnostic, Span, split_lines
from .nodes import Node, Scalar
from .rows import Explained, explain_row, with_colon
from .scanner import Loader
from .source import MAX_BYTES, parse, read_text
from .syntax import NO_COLON, explain_syntax

MAX_CHARACTERS = 100_000
MAX_LINES = 4000
MAX_FAULTS = 30
_LEVELS = 4
_TEXT = "text"

_BLANK = re.compile(r"[ \t]*(#.*)?$")
_KEY = re.compile(r"""(?P<key>[^\s#'"\[\]{}&*!|>%@`-][^:#]*?|"[^"]*"|'[^']*')[ \t]*:([ \t]|$)""")


@dataclass(slots=True)
class Recovered:
    """Hold what is left of a text, blank where it is malformed, and the keys at its margin that lost something."""

    content: str
    original: str
    diagnostics: list[Diagnostic] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    lines: set[int] = field(default_factory=set)
    faults: int = 0
    tabbed: int = -1


def read_around(path: Path, limit: int = MAX_BYTES) -> tuple[Node | None, list[Diagnostic], frozenset[str]]:
    """Read a file around what is malformed in it; return also the keys at the margin below which something was."""
    content, diagnostics = read_text(path, limit)
    if content is None:
        return None, diagnostics, frozenset()
    tree, found, lost = _around(content, str(path))
    return tree, [*diagnostics, *found], lost


@lru_cache(maxsize=8)  # several slots may name one file, and most files stay the same from save to save
def _around(content: str, path: str) -> tuple[Node | None, tuple[Diagnostic, ...], frozenset[str]]:
    tree, found = parse(content, path)
    malformed = tree is None and any(finding.code == "P0105" for finding in found)
    recovered = recover(content, path) if malformed or isinstance(tree, Scalar) else None
    if recovered is None:
        return tree, tuple(found), frozenset()
    tree, rest = parse(recovered.content, path)
    known = [finding for finding in found if finding.code != "P0105"]
    if tree is None:  # what stops the reading now may only come of what was left out
        rest = [finding for finding in rest if finding.code not in ("P0104", "P0105", "P0121")]
    return tree, (*known, *recovered.diagnostics, *rest), frozenset(recovered.lost)


def recover(content: str, path: str) -> Recovered | None:
    """Take a malformed text apart; None when it is too long, or nothing is found that way."""
    lines = split_lines(content) if len(content) <= MAX_CHARACTERS else []
    blocks = list(_blocks(lines, range(len(lines))))
    in_brackets = bool(blocks) and lines[blocks[0][0]].lstrip()[:1] in ("[", "{")
    if len(lines) > MAX_LINES or len(blocks) < 2 or in_brackets:
        return None
    found = Recovered("", content)
    kept = list(lines)
    _look_into(lines, blocks, path, found, kept, _LEVELS)
    found.content = "\n".join(kept)
    found.lost = {_name(lines[block[0]]) for block in blocks if any(number in found.lines for number in block)}
    return found if found.diagnostics else None


def _look_into(
    lines: list[str], blocks: list[range], path: str, found: Recovered, kept: list[str], levels: int
) -> list[bool]:
    """Look into the keys or items of one block; tell for each whether any of it is left."""
    outcomes: list[tuple[range, yaml.MarkedYAMLError | str | None]] = []
    malformed = 0
    for block in blocks:
        outcome = _error(lines[block.start : block.stop]) if malformed < MAX_FAULTS else None
        malformed += isinstance(outcome, yaml.MarkedYAMLError)
        outcomes.append((block, outcome))
    texts = [outcome is _TEXT and lines[block[0]].lstrip()[:1] != "-" for block, outcome in outcomes]
    left = []
    for (block, outcome), is_text in zip(outcomes, texts):
        told = explain_row(lines, block[0]) if is_text else None
        no_key = is_text and (told is not None or not all(texts))
        if no_key and found.faults < MAX_FAULTS:
            _found(_no_key(lines, block[0], told, path), block, found)
            _blank(kept, block)
        if isinstance(outcome, yaml.MarkedYAMLError) and found.faults < MAX_FAULTS:
            left.append(_look(lines, block, outcome, path, found, kept, levels))
        else:
            left.append(not no_key)
    return left


def _look(
    lines: list[str],
    block: range,
    error: yaml.MarkedYAMLError,
    path: str,
    found: Recovered,
    kept: list[str],
    levels: int,
) -> bool:
    """Look for what is malformed in a key or an item with all below it; tell whether any of it is left."""
    known = found.faults
    inner, inside = _body(lines, block) if levels else (lines, range(0))
    left = _look_into(inner, list(_blocks(inner, inside)), path, found, kept, levels - 1)
    if found.faults == known:  # none of its parts is to blame: it is the whole
        _explain(error, len(lines), block, path, found)
        left = []
    if not any(left):
        _blank(kept, block)
    elif inner is not lines and not kept[block.start]:
        kept[block.start] = lines[block.start][: _indent(inner[block.start])].rstrip()  # the dash, for what is left
    return any(left)


def _blank(kept: list[str], block: range) -> None:
    kept[block.start : block.stop] = [""] * len(block)


def _explain(error: yaml.MarkedYAMLError, lines: int, block: range, path: str, found: Recovered) -> None:
    for mark in {id(mark): mark for mark in (error.problem_mark, error.context_mark) if mark is not None}.values():
        mark.line = min(block.start + mark.line, lines - 1)
    _found(explain_syntax(error, found.original, path), block, found)


def _no_key(lines: list[str], number: int, told: Explained | None, path: str) -> Diagnostic:
    """Report a line that stands among keys and is none."""
    if told is not None:
        message, advice, (line, column) = told
        return Diagnostic("P0105", "error", message, Span(path, line + 1, column + 1, line + 1, column + 2), advice)
    row = lines[number]
    span = Span(path, number + 1, _indent(row) + 1, number + 1, len(row.rstrip()) + 1)
    return Diagnostic("P0105", "error", NO_COLON, span, with_colon(row))


def _found(finding: Diagnostic, block: range, found: Recovered) -> None:
    tabbed = finding.span.line if finding.message.startswith("a tab indents") else -1
    if tabbed < 0 or found.tabbed != tabbed - 1:  # a block that is indented by tabs is told of once
        found.diagnostics.append(finding)
    found.tabbed = tabbed
    found.lines.add(block.start)
    found.faults += 1


def _error(lines: list[str]) -> yaml.MarkedYAMLError | str | None:
    """Return what is malformed in some lines; _TEXT when they are one text without quotes, and so no key."""
    plain = True
    try:
        for event in yaml.parse("\n".join(lines) + "\n", Loader=Loader):
            plain = plain and (
                not isinstance(event, yaml.NodeEvent) or (isinstance(event, yaml.ScalarEvent) and not event.style)
            )
    except yaml.MarkedYAMLError as error:
        return error
    except (yaml.YAMLError, ValueError, OverflowError):
        return None  # told of where the whole is read
    return _TEXT if plain else None


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
