"""Reason about the conditions of rules: whether one can ever hold, whether one always holds, whether two are the same.

A condition is tried with every way in which its parts can be true or not. Only what is certain by its form is used:
a message has one intent and one emotion at a time, and what the persona says has neither. Knows no places.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from itertools import product
from typing import Any, get_args

from ..nodes import Mapping, Node, items, plain, text
from ..schema import Emotion

MAX_CASES = 4000
Formula = tuple[Any, ...]
"""("intent", names), ("emotion", names), ("part", key), ("any", formulas), ("all", formulas), ("not", formula)."""


def formula(node: Node | None) -> Formula | None:
    """Return a condition as a formula; None when any of it is not well formed."""
    if not isinstance(node, Mapping):
        return None
    kinds = [key for key in node.entries if key not in ("examples", "unlike", "threshold")]
    if len(kinds) != 1:
        return None
    kind, value = kinds[0], node.entries[kinds[0]]
    if kind == "not":
        inner = formula(value)
        return None if inner is None else ("not", inner)
    if kind in ("any", "all"):
        parts = [formula(item) for item in items(value)]
        return (kind, tuple(parts)) if parts and None not in parts else None
    if kind == "age":
        bounds = (
            sorted((key, str(plain(node))) for key, node in value.entries.items()) if isinstance(value, Mapping) else []
        )
        return ("part", ("age", *bounds)) if bounds else None
    names = [text(item) for item in items(value)]
    if not names or None in names:
        return None
    if kind in ("intent", "emotion"):
        return kind, frozenset(names)
    if kind in ("pii", "risk", "language", "channel"):
        return ("any", tuple(("part", (kind, name)) for name in names))
    known = kind in ("topic", "words", "pattern")
    return ("part", (kind, *(name.strip() for name in names if name))) if known else None


def can_hold(condition: Formula, side: str) -> bool:
    """Tell whether a condition holds in any case, on the side `input` or `output`."""
    return any(outcome for outcome in _outcomes(condition, side))


def always_holds(condition: Formula, side: str) -> bool:
    """Tell whether a condition holds in every case."""
    return all(outcome for outcome in _outcomes(condition, side))


def mentions(condition: Formula, kind: str) -> bool:
    """Tell whether a kind of part stands anywhere in a condition: intent, emotion, topic, words and so on."""
    if condition[0] == "part":
        return bool(condition[1][0] == kind)
    if condition[0] in ("any", "all"):
        return any(mentions(part, kind) for part in condition[1])
    return mentions(condition[1], kind) if condition[0] == "not" else bool(condition[0] == kind)


def same(first: Formula, second: Formula) -> bool:
    """Tell whether two conditions hold in the same cases, as far as their form shows."""
    both = ("any", (("all", (first, ("not", second))), ("all", (second, ("not", first)))))
    return _parts(both) == _parts(first) == _parts(second) and not any(_outcomes(both, "input"))


def implies(first: Formula, second: Formula) -> bool:
    """Tell whether a condition never holds without another one, as far as their form shows."""
    return not can_hold(("all", (first, ("not", second))), "input")


def _outcomes(condition: Formula, side: str) -> Iterator[bool]:
    """Yield whether a condition holds, for every case; both, when there are too many cases to try."""
    parts = _parts(condition)
    fixed = {part: True for part in parts if part[0] == "pattern" and part[1:] and _fits_everything(part[1])}
    free = [part for part in parts if part not in fixed]
    intents: list[str | None] = [None]
    emotions: list[str | None] = [None]
    if side == "input":
        named = _names(condition, "emotion")
        others = [emotion for emotion in get_args(Emotion) if emotion not in named]
        intents += sorted(_names(condition, "intent"))
        emotions = [*sorted(named), *others[:1]]
    if len(intents) * len(emotions) * 2 ** len(free) > MAX_CASES:
        yield from (True, False)
        return
    for intent, emotion in product(intents, emotions):
        for values in product((True, False), repeat=len(free)):
            yield _holds(condition, {**fixed, **dict(zip(free, values))}, intent, emotion)


def _holds(condition: Formula, parts: dict[Any, bool], intent: str | None, emotion: str | None) -> bool:
    kind, value = condition
    if kind == "part":
        return parts[value]
    if kind == "intent":
        return intent in value
    if kind == "emotion":
        return emotion in value
    if kind == "not":
        return not _holds(value, parts, intent, emotion)
    held = (_holds(part, parts, intent, emotion) for part in value)
    return any(held) if kind == "any" else all(held)


def _parts(condition: Formula) -> list[Any]:
    kind, value = condition
    if kind == "part":
        return [value]
    if kind == "not":
        return _parts(value)
    if kind in ("any", "all"):
        return sorted({part for inner in value for part in _parts(inner)})
    return []


def _names(condition: Formula, wanted: str) -> set[str]:
    kind, value = condition
    if kind == wanted:
        return set(value)
    if kind == "not":
        return _names(value, wanted)
    return {name for part in value for name in _names(part, wanted)} if kind in ("any", "all") else set()


def _fits_everything(pattern: str) -> bool:
    """Tell whether a pattern is found in a text with nothing in it, and so in every text."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.search(pattern, "") is not None and not _looks_at_text(pattern)
    except (re.error, OverflowError, RecursionError):
        return False


def _looks_at_text(pattern: str) -> bool:
    """Tell whether a pattern, found in nothing, may still miss some text: it has an end, a word's edge or a look."""
    return bool(re.search(r"\$|\^|\\[bBAZz]|\(\?[!<=]", pattern))
