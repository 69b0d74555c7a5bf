"""Calls of tools, put together from the pieces in which an OpenAI-compatible server streams them.

Knows the interface's fields; what a call means is not known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..contracts import ToolCall

MOST = 16  # calls of one answer
CHARACTERS = 16_000  # of the arguments of one


@dataclass(slots=True)
class _Call:
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(slots=True)
class Calls:
    """Gather the calls of one answer."""

    _found: dict[int, _Call] = field(default_factory=dict)

    def take(self, choices: Sequence[Any]) -> None:
        """Take in a chunk's choices; raise ValueError for what is none, or has no end."""
        delta = (choices[0].get("delta") or {}) if choices else {}
        for piece in delta.get("tool_calls") or ():
            if not isinstance(piece, dict) or not isinstance(piece.get("function") or {}, dict):
                raise ValueError(f"no call of a tool: {str(piece)[:100]}")
            index = piece.get("index")
            call = self._found.setdefault(index if isinstance(index, int) else len(self._found), _Call())
            function = piece.get("function") or {}
            call.id = str(piece.get("id") or call.id)[:200]
            call.name = (call.name + str(function.get("name") or ""))[:200]
            call.arguments += _text(function.get("arguments"))
            if len(self._found) > MOST or len(call.arguments) > CHARACTERS:
                raise ValueError("more calls, or longer ones, than anybody needs")

    def made(self) -> list[ToolCall]:
        """Return the calls in order."""
        return [
            ToolCall(call.id or f"call_{index}", call.name, call.arguments)
            for index, call in sorted(self._found.items())
        ]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"no arguments of a call: {str(value)[:100]}")
    return value
