"""Find the names that an author may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from .typography import mistyped

_LISTED = 20


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most like this one, if any is like it."""
    by_form = {_form(item): item for item in known}
    found = difflib.get_close_matches(_form(name), by_form, n=1, cutoff=0.6)
    return by_form[found[0]] if found else None


def suggestion(name: str, known: Iterable[str], what: str) -> str:
    """Return help for an unknown name: the nearest known one, and all of them when they are few."""
    names = sorted(set(known))
    if not names:
        return f"there are no {what}"
    signs = mistyped(name)
    near = None if signs else nearest(name, names)
    listed = ", ".join(f"`{item}`" for item in names[:_LISTED])
    if len(names) > _LISTED:
        listed += f" and {len(names) - _LISTED} more"
    told = f"did you mean `{near}`? " if near else f"{signs}; " if signs else ""
    return f"{told}{what}: {listed}"


def _form(name: str) -> str:
    return name.casefold().replace("-", "_").replace(" ", "_")
