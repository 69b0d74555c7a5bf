"""YAML as a tree that remembers where every part stands.

Knows nothing of personas. The helpers for reading take any node, or None, and answer with nothing where the shape
does not fit, so that checks can go on over a tree that has other faults.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from ..diagnostics import Span


@dataclass(frozen=True, slots=True)
class Scalar:
    """Hold one value; `written` is its text as the author wrote it, quotes removed."""

    value: str | int | float | bool | None
    written: str
    span: Span


@dataclass(frozen=True, slots=True)
class Sequence:
    """Hold a list."""

    items: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Mapping:
    """Hold named nodes in the order of the file; `keys` says where each name stands."""

    entries: dict[str, Node]
    keys: dict[str, Span]
    span: Span


Node: TypeAlias = Scalar | Sequence | Mapping


class WrittenInt(int):
    """Be a number that also knows its text, for places where a text is meant (12306 as an example)."""

    written: str


class WrittenFloat(float):
    """Be a number that also knows its text (1.10 as a name)."""

    written: str


def plain(node: Node, *, written: bool = False) -> Any:
    """Return the node as dicts, lists and scalars; with `written`, numbers remember their text."""
    if isinstance(node, Mapping):
        return {key: plain(value, written=written) for key, value in node.entries.items()}
    if isinstance(node, Sequence):
        return [plain(item, written=written) for item in node.items]
    value = node.value
    if not written or isinstance(value, bool):
        return value
    if isinstance(value, int):
        number = WrittenInt(value)
        number.written = node.written
        return number
    if isinstance(value, float):
        fraction = WrittenFloat(value)
        fraction.written = node.written
        return fraction
    return value


def get(node: Node | None, *path: str) -> Node | None:
    """Follow keys down from a node."""
    for key in path:
        node = node.entries.get(key) if isinstance(node, Mapping) else None
    return node


def key_span(node: Node | None, key: str) -> Span | None:
    """Return where a key stands."""
    return node.keys.get(key) if isinstance(node, Mapping) else None


def items(node: Node | None) -> tuple[Node, ...]:
    """Return the items of a list; a single value counts as a list of one."""
    if isinstance(node, Sequence):
        return node.items
    return () if node is None else (node,)


def text(node: Node | None) -> str | None:
    """Return the text of a scalar, as written."""
    return node.written if isinstance(node, Scalar) and node.value is not None else None


def part(node: Scalar, start: int, end: int) -> Span:
    """Return the place of a part of a text that stands on one line as written, else of all of it."""
    span = node.span
    quotes = span.end_column - span.column - len(node.written)
    if span.line != span.end_line or quotes not in (0, 2):
        return span
    column = span.column + quotes // 2
    return Span(span.path, span.line, column + start, span.line, column + end)
