"""The annotated persona that shows every key once, and what it says of each key.

Knows the types of the schema, so that each value is found by the block and the key it belongs to. `sample.yaml` is
part of the language reference; editors get its values as examples.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from .nodes import Mapping, Node, Sequence, plain
from .schema import Part, Persona
from .shapes import flat, inner, is_model
from .source import parse

FILE = Path(__file__).with_name("sample.yaml")
_MOST = 2


@cache
def sample() -> str:
    """Return the annotated persona as YAML."""
    return FILE.read_text(encoding="utf-8")


@cache
def examples() -> dict[tuple[type[Part], str], list[Any]]:
    """Return the values that the annotated persona gives to each key of each block, shortened, in its order."""
    tree, _ = parse(sample(), FILE.name)
    found: dict[tuple[type[Part], str], list[Any]] = {}
    for block, key, node, kind in _walk(tree, Persona):
        values = found.setdefault((block, key), [])
        value = _shortened(node, kind)
        if value not in values:
            values.append(value)
    return found


@cache
def snippet(block: type[Part]) -> str:
    """Return the lines of the annotated persona that show a block for the first time; all of it for a persona."""
    if block is Persona:
        return sample()
    tree, _ = parse(sample(), FILE.name)
    lines = sample().splitlines()
    for found, start, end, indent in _blocks(tree, Persona):
        if found is block:
            return "\n".join(line[indent:] for line in lines[start - 1 : end]) + "\n"
    raise LookupError(f"{FILE.name} does not show a {block.__name__}")


def block_of(kind: Any, value: Any) -> type[Part] | None:
    """Return the block that fits a value below a type, or None."""
    if not isinstance(value, Mapping | dict):
        return None
    return next((option for option in flat(kind) if is_model(option) and issubclass(option, Part)), None)


def _walk(node: Node | None, kind: Any) -> Iterator[tuple[type[Part], str, Node, Any]]:
    """Yield each key of each block with its value and the type of that."""
    if isinstance(node, Sequence):
        for position, item in enumerate(node.items):
            yield from _walk(item, inner(kind, position))
    elif isinstance(node, Mapping):
        block = block_of(kind, node)
        for key, value in node.entries.items():
            below = inner(kind, key)
            if block is not None:
                yield block, key, value, below
            yield from _walk(value, below)


def _blocks(node: Node | None, kind: Any) -> Iterator[tuple[type[Part], int, int, int]]:
    """Yield each block with its first and last line and the blanks before it, from its key or its dash on."""
    children: list[tuple[Node, Any, int, int]] = []
    if isinstance(node, Sequence):
        for position, item in enumerate(node.items):
            children.append((item, inner(kind, position), item.span.line, max(item.span.column - 3, 0)))
    elif isinstance(node, Mapping):
        for key, value in node.entries.items():
            place = node.keys[key]
            children.append((value, inner(kind, key), place.line, place.column - 1))
    for child, below, line, indent in children:
        block = block_of(below, child)
        if block is not None:
            yield block, line, child.span.end_line, indent
        yield from _blocks(child, below)


def _shortened(node: Node, kind: Any) -> Any:
    """Return a value with no more than two items of a list, and of a block only the keys that it needs."""
    if isinstance(node, Sequence):
        return [_shortened(item, inner(kind, position)) for position, item in enumerate(node.items[:_MOST])]
    block = block_of(kind, node)
    if isinstance(node, Mapping) and block is not None:
        needed = [field.alias or name for name, field in block.model_fields.items() if field.is_required()]
        kept = [key for key in node.entries if key in needed] if needed else list(node.entries)[:_MOST]
        return {key: _shortened(node.entries[key], inner(kind, key)) for key in kept}
    return plain(node)
