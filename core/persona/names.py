"""Find the names that an author may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import lru_cache

from rapidfuzz import fuzz, process

from .checks.typography import mistyped

_LISTED = 20


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most like this one, if any is like it."""
    return _nearest(name, tuple(known))


@lru_cache(maxsize=16384)
def _nearest(name: str, known: tuple[str, ...]) -> str | None:
    """Return the same, fast enough for a file with thousands of wrong keys."""
    by_form, form = _by_form(known), _form(name)
    # a longest common subsequence is never shorter than difflib's matching blocks: what it rules out can go unread
    likely = {
        near for near, _, _ in process.extract(form, list(by_form), scorer=fuzz.ratio, score_cutoff=59, limit=None)
    }
    found = difflib.get_close_matches(form, [item for item in by_form if item in likely], n=1, cutoff=0.6)
    return by_form[found[0]] if found else None


@lru_cache(maxsize=64)
def _by_form(known: tuple[str, ...]) -> dict[str, str]:
    return {_form(item): item for item in known}


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
