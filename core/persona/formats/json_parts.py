"""Change a JSON text where it says something else than it should, and leave the rest as it was written.

Knows no format. Parts are the values of objects: one that changed is written anew, the others stay.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ...errors import BadInput
from .json_text import Layout, read_json, write_json

_BLANK = re.compile(r"[ \t\r\n]*")


def rewrite_json(data: bytes, wanted: Mapping[str, Any]) -> bytes:
    """Return JSON that says `wanted`, from JSON that says nearly the same."""
    tree, layout = read_json(data, "the original")
    if _same(tree, wanted):
        return data
    if not layout.exact and isinstance(tree, dict):
        changed = _changed(data.decode("utf-8"), tree, wanted, layout)
        if changed is not None and _says(changed, wanted):
            return changed.encode()
    return write_json(wanted, layout)


def _same(first: Any, second: Any) -> bool:
    return json.dumps(first) == json.dumps(second)


def _says(text: str, wanted: Any) -> bool:
    try:
        return _same(read_json(text.encode(), "the result")[0], wanted)
    except BadInput:
        return False


def _changed(text: str, tree: Mapping[str, Any], wanted: Mapping[str, Any], layout: Layout) -> str | None:
    """Return the text with the values of changed keys replaced and new keys added; None when it cannot be done."""
    parts = _parts(text, 0, tree, wanted, layout, 1)
    if parts is None:
        return None
    for start, stop, value in sorted(parts, reverse=True):
        text = text[:start] + value + text[stop:]
    return text


def _parts(
    text: str, at: int, tree: Mapping[str, Any], wanted: Mapping[str, Any], layout: Layout, depth: int
) -> list[tuple[int, int, str]] | None:
    """Return the replacements (start, end, text) that make an object say what is wanted; None where that fails."""
    spans = _spans(text, at)
    if set(spans) != set(tree) or list(tree) != list(wanted)[: len(tree)]:
        return None
    parts: list[tuple[int, int, str]] = []
    for key, (start, stop) in spans.items():
        old, new = tree[key], wanted[key]
        if _same(old, new):
            continue
        inner = (
            _parts(text, start, old, new, layout, depth + 1)
            if isinstance(old, dict) and isinstance(new, dict)
            else None
        )
        parts += [(start, stop, _value(new, layout, depth))] if inner is None else inner
    blank = layout.line + layout.indent * depth
    added = "".join(f",{blank}{json.dumps(k)}: {_value(wanted[k], layout, depth)}" for k in wanted if k not in tree)
    end = max((stop for _, stop in spans.values()), default=0)
    if added and not end:
        return None
    return [*parts, (end, end, added)] if added else parts


def _value(value: Any, layout: Layout, depth: int) -> str:
    colon = ": " if layout.indent else layout.colon
    made = Layout(indent=layout.indent, colon=colon, ascii=layout.ascii, line=layout.line)
    return write_json(value, made).decode().replace(layout.line, layout.line + layout.indent * depth)


def _spans(text: str, at: int) -> dict[str, tuple[int, int]]:
    """Return where the value of each key of an object stands."""
    decoder = json.JSONDecoder()
    spans: dict[str, tuple[int, int]] = {}
    at = _skip(text, at if at else _skip(text, 0, "\ufeff"), "{")
    while text[at : at + 1] == '"':
        key, at = decoder.raw_decode(text, at)
        at = _skip(text, at, ":")
        start, (_, at) = at, decoder.raw_decode(text, at)
        spans[key] = (start, at)
        at = _skip(text, at, ",")
    return spans


def _skip(text: str, at: int, sign: str) -> int:
    """Return the place after blanks, and after a sign with blanks around it."""
    match = _BLANK.match(text, at)
    at = match.end() if match else at
    if text.startswith(sign, at):
        match = _BLANK.match(text, at + len(sign))
        at = match.end() if match else at
    return at
