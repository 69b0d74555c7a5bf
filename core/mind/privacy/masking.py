"""Personal data replaced by marks such as [email 1], and put back.

Knows the finder; keeps nothing beyond the value that it returns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from .finding import find
from .own import OwnNames

MARK = re.compile(r"\[([a-z_]+) (\d+)\]")


@dataclass(slots=True)
class Masked:
    """Hold a text with personal data replaced by marks such as [email 1], and what the marks stand for."""

    text: str
    found: dict[str, str] = field(default_factory=dict)
    types: tuple[str, ...] = ()

    def restore(self, text: str) -> str:
        """Put the personal data back into a text that has the marks."""
        if not self.found or "[" not in text:
            return text
        return MARK.sub(lambda mark: self.found.get(mark[0], mark[0]), text)

    def hide(self, text: str) -> str:
        """Replace the personal data that was found by its marks wherever else it stands, longest first."""
        for mark, original in sorted(self.found.items(), key=lambda item: -len(item[1])):
            if original in text:
                before = r"(?<![A-Za-z0-9])" if original[0].isascii() and original[0].isalnum() else ""
                behind = r"(?![A-Za-z0-9])" if original[-1].isascii() and original[-1].isalnum() else ""
                text = re.sub(before + re.escape(original) + behind, mark, text)
        return text

    def opened(self, slots: Mapping[str, Any]) -> dict[str, Any]:
        """Return slots with the real values; `span` is then where they stand in the real text."""
        if not self.found:
            return dict(slots)
        return {name: self._placed(value) for name, value in slots.items()}

    def _placed(self, value: Any) -> Any:
        real = everywhere(value, self.restore)
        if isinstance(value, Mapping) and isinstance(value.get("span"), list | tuple):
            real["span"] = [len(self.restore(self.text[:end])) for end in value["span"]]
        return real


def mask(
    text: str, types: Collection[str], known: Mapping[str, str] | None = None, spare: OwnNames | None = None
) -> Masked:
    """Replace personal data of the given types by marks; equal values get equal marks.

    `known` are marks that were given before in the same conversation, with what they stand for: they are used again.
    `spare` are names that are left alone.
    """
    masked = Masked(text, dict(known or {}))
    marks = {original: mark for mark, original in masked.found.items()}
    counts: dict[str, int] = {}
    for mark in masked.found:
        if match := MARK.fullmatch(mark):
            counts[match[1]] = max(counts.get(match[1], 0), int(match[2]))
    kinds: dict[str, None] = {}
    pieces: list[str] = []
    position = 0
    for start, end, kind in find(text, types, spare):
        original = text[start:end]
        label = marks.get(original)
        if label is None:
            counts[kind] = counts.get(kind, 0) + 1
            label = marks[original] = f"[{kind} {counts[kind]}]"
            masked.found[label] = original
        kinds[kind] = None
        pieces += [text[position:start], label]
        position = end
    masked.text = "".join([*pieces, text[position:]])
    masked.types = tuple(kinds)
    return masked


def texts_of(value: Any) -> list[str]:
    """Return all texts of JSON-like values."""
    found: list[str] = []
    everywhere(value, found.append)
    return found


def everywhere(value: Any, change: Callable[[str], Any]) -> Any:
    """Return JSON-like values with all their texts, names of fields left alone, passed through `change`."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {name: everywhere(item, change) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [everywhere(item, change) for item in value]
    return value
