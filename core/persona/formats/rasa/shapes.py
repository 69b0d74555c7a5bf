"""Take values of files that may hold anything as what they should be, else as nothing."""

from __future__ import annotations

from typing import Any


def a_dict(value: Any) -> dict[str, Any]:
    """Return a mapping, empty when it is none."""
    return value if isinstance(value, dict) else {}


def a_list(value: Any) -> list[Any]:
    """Return a list; a single value counts as a list of one, nothing as none."""
    return value if isinstance(value, list) else [] if value is None else [value]


def a_text(value: Any) -> str:
    """Return a text or a number as text, else an empty one."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip() if isinstance(value, str | int | float) else ""


def named(value: Any) -> tuple[str, dict[str, Any]]:
    """Return the name and the settings of an item that is `name` or `name: {…}`."""
    if isinstance(value, dict):
        if not value:
            return "", {}
        name = next(iter(value))
        return name, a_dict(value[name])
    return a_text(value), {}
