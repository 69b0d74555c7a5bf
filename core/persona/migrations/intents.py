"""Version 0 to 1: a block of intents by name becomes a list, each with its name."""

from __future__ import annotations

import re

from .edits import Edit, indent
from .layout import Entry, Layout, Piece
from .moves import STEP, colon, rename, unusual, written_like


def intents_as_list(layout: Layout) -> list[Edit]:
    """Turn `intents` into a list where it is a block; responses are no longer called `say`."""
    entry = layout.root.entry("intents")
    if entry is None or entry.value.kind != "block":
        return []
    edits = []
    for intent in entry.value.entries:
        edits += _in_brackets(layout, intent) if entry.value.flow else _on_lines(layout, intent)
        said = intent.value.entry("say")
        edits += rename(layout, said, "responses") if said else []
    if entry.value.flow:
        edits += [Edit(entry.value.body, entry.value.body + 1, "["), Edit(entry.value.end - 1, entry.value.end, "]")]
    return edits


def _on_lines(layout: Layout, intent: Entry) -> list[Edit]:
    key, value = intent.key, intent.value
    column, at = layout.column(key.start), colon(layout, intent)
    inner = layout.newline + " " * (column + STEP)
    properties = layout.text[value.start : value.body].strip()
    named = f"{written_like(layout, key, 'name')}: "
    listed = f"{written_like(layout, key, 'examples')}:"
    below = layout.next_line(key.end)
    if value.empty():
        return [Edit(key.start, key.start, "- " + named), Edit(at, at + 1, "")]
    if value.kind == "alias" and _is_block(layout, value):
        return [Edit(key.start, value.end, f"- <<: {layout.of(value)}{inner}{named}{_written(layout, key)}")]
    if value.kind == "block" and value.flow:
        return [_braced(layout, intent, "- ")]
    if value.kind == "block":
        wanted = max(layout.column(value.entries[0].key.start), column + STEP)
        lead = "-" + " " * (wanted - column - 1)
        if properties:
            lead = f"- {properties}{layout.newline}{' ' * wanted}"
        stop = value.start + len(properties) if properties and value.start < below else at + 1
        edits = [Edit(key.start, key.start, lead + named), Edit(at, stop, "")]
        return edits + indent(layout, below, value.end, wanted - layout.column(value.entries[0].key.start))
    edits = [Edit(key.start, key.start, "- " + named)]
    if value.start >= below:
        end = layout.line_end(key.end)
        edits += [Edit(at, at + 1, ""), Edit(end, end, f"{inner}{listed}")]
    else:
        single = value.kind == "scalar" and not _is_path(value)
        lead = f"{listed}{inner}{' ' * STEP}- " if single else f"{listed} "
        edits.append(Edit(at, value.start, inner + lead))
    if value.kind == "list" and not value.flow:
        return edits + indent(layout, below, value.end, column + STEP - layout.column(_first(layout, value)))
    return edits + indent(layout, below, value.end, 2 * STEP)


def _in_brackets(layout: Layout, intent: Entry) -> list[Edit]:
    key, value = intent.key, intent.value
    named = f"{{{written_like(layout, key, 'name')}: "
    if value.empty():
        return [Edit(key.start, max(value.end, key.end), f"{named}{_written(layout, key)}}}")]
    if value.kind == "alias" and _is_block(layout, value):
        return [Edit(key.start, value.end, f"{{<<: {layout.of(value)}, {named[1:]}{_written(layout, key)}}}")]
    if value.kind == "block":
        return [_braced(layout, intent, "")]
    colon(layout, intent)
    single = value.kind == "scalar" and not _is_path(value)
    listed = f", {written_like(layout, key, 'examples')}: {'[' if single else ''}"
    closing = "]}" if single else "}"
    return [
        Edit(key.start, key.start, named), Edit(key.end, value.start, listed), Edit(value.end, value.end, closing)
    ]  # fmt: skip


def _braced(layout: Layout, intent: Entry, lead: str) -> Edit:
    """Put the name of an intent into its braces."""
    key, value = intent.key, intent.value
    if not value.flow or "#" in layout.text[key.end : value.body]:
        raise unusual(value)
    comma = ", " if value.entries else ""
    properties = layout.text[value.start : value.body]
    named = f"{lead}{properties}{{{written_like(layout, key, 'name')}: {_written(layout, key)}{comma}"
    return Edit(key.start, value.body + 1, named)


def _written(layout: Layout, key: Piece) -> str:
    return layout.text[key.start : key.end]


def _first(layout: Layout, value: Piece) -> int:
    """Return where the first dash of a list stands."""
    line = layout.line_start(value.items[0].start)
    found = re.compile(r"[ \t]*-").match(layout.text, line)
    if found is None:
        raise unusual(value)
    return found.end() - 1


def _is_path(value: Piece) -> bool:
    return value.text.strip().lower().endswith((".csv", ".txt"))


def _is_block(layout: Layout, alias: Piece) -> bool:
    """Tell whether an alias stands for a block of keys."""
    stack, last = [layout.root], None
    while stack:
        piece = stack.pop()
        stack += [*piece.items, *(entry.value for entry in piece.entries)]
        marked = re.search(r"&([^\s\[\]{},]+)", layout.text[piece.start : piece.body])
        if marked and marked[1] == alias.text and piece.start < alias.start:
            last = piece if last is None or piece.start > last.start else last
    return last is not None and last.kind == "block"
