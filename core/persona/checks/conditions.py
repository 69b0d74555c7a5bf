"""Reason about the conditions of rules: whether one can ever hold, whether one always holds, whether two are the same.

A condition is tried with every way in which its parts can be true or not. Only what is certain by its form is used: a
message has one intent and one emotion at a time, and what the persona says has neither; a turn has one channel and one
of the persona's languages, and a user one age, or none was said; what is close enough for a topic's threshold is close
enough for a lower one of the same topic, with the same examples. Knows no places.
"""

from __future__ import annotations

import math
import re
import unicodedata
import warnings
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, get_args

from ..nodes import Mapping as Block
from ..nodes import Node, items, plain, text
from ..schema import Emotion

MAX_CASES = 4000
_CALIBRATED = -1.0  # the threshold of a topic without one: set when the persona is compiled, so not known here
_FAR = -2.0  # a closeness that no threshold lets pass
Formula = tuple[Any, ...]
"""("any", formulas), ("all", formulas), ("not", formula), or a part: its kind and the set of its names or bounds.

The names of a topic are pairs: what it is about (its words, `examples` and `unlike`) and its threshold.
"""
_About = tuple[tuple[str, ...], ...]
_ONE_AT_A_TIME = ("intent", "emotion", "language", "channel", "age")
_NAMED = ("topic", "words", "pattern", "pii", "risk", *_ONE_AT_A_TIME)


def formula(node: Node | None) -> Formula | None:
    """Return a condition as a formula; None when any of it is not well formed."""
    if not isinstance(node, Block):
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
        return _age(value)
    if kind == "topic":
        return _topic(node)
    names = [text(item) for item in items(value)]
    if not names or None in names or kind not in _NAMED:
        return None
    return kind, frozenset(_written(kind, name) for name in names if name is not None)


def can_hold(condition: Formula, side: str, languages: Sequence[str] = ()) -> bool:
    """Tell whether a condition holds in any case, on the side `input` or `output`; without languages, in any."""
    free = _free(condition, side, languages)
    if math.prod(map(len, free.values())) > MAX_CASES:
        return True  # too many cases to try
    return any(_holds(condition, dict(zip(free, values))) for values in product(*free.values()))


def always_holds(condition: Formula, side: str, languages: Sequence[str] = ()) -> bool:
    """Tell whether a condition holds in every case."""
    return not can_hold(("not", condition), side, languages)


def named(condition: Formula, kind: str) -> set[Any]:
    """Return what all parts of a kind name: intents, emotions, topics, words and so on."""
    return {name for own, names, _ in _parts(condition) if own == kind for name in names}


def same(first: Formula, second: Formula, languages: Sequence[str] = ()) -> bool:
    """Tell whether two conditions name the same and hold in the same cases, as far as their form shows."""
    alike = all(named(first, kind) == named(second, kind) for kind in _NAMED)
    return alike and implies(first, second, languages) and implies(second, first, languages)


def implies(first: Formula, second: Formula, languages: Sequence[str] = ()) -> bool:
    """Tell whether a condition never holds without another one, as far as their form shows."""
    return not can_hold(("all", (first, ("not", second))), "input", languages)


def _age(bounds: Node) -> Formula | None:
    """Return a range of ages as a part; None when a bound is no whole number."""
    given = {key: plain(node) for key, node in bounds.entries.items()} if isinstance(bounds, Block) else {}
    known = given and all(key in ("below", "at_least") and type(value) is int for key, value in given.items())
    return ("age", frozenset(given.items())) if known else None


def _topic(node: Block) -> Formula | None:
    """Return a topic with its threshold as a part; None when the threshold is no number, or a sentence no text."""
    given = node.entries.get("threshold")
    threshold = _CALIBRATED if given is None else plain(given)
    sentences = [[text(item) for item in items(node.entries.get(key))] for key in ("topic", "examples", "unlike")]
    if any(None in own for own in sentences) or type(threshold) not in (int, float):
        return None
    about = tuple(tuple(sorted({words.strip() for words in own if words})) for own in sentences)
    return "topic", frozenset({(about, float(threshold))})


def _written(kind: str, name: str) -> str:
    """Return a name as it is compared: words are found whatever their capitals, width and blanks."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split()) if kind == "words" else name.strip()


def _free(condition: Formula, side: str, languages: Sequence[str]) -> dict[Any, Sequence[Any]]:
    """Return what may be one way or another, with its ways: each kind of which there is one, and each name of others.

    Of names that always stand together one stands for all; one that is only asked for, or only denied, is as is wished.
    """
    parts = _parts(condition)
    free: dict[Any, Sequence[Any]] = {}
    for kind in dict.fromkeys(kind for kind, _, _ in parts):
        names = sorted(named(condition, kind))
        if kind in _ONE_AT_A_TIME:
            free[kind] = _ways(kind, names, side, languages)
            continue
        if kind == "topic":
            free |= _closenesses([(*name, wish) for other, own, wish in parts if other == kind for name in own])
            continue
        together = {tuple(name in own for other, own, _ in parts if other == kind): name for name in names}
        for name in together.values():
            wished = {wish for other, own, wish in parts if other == kind and name in own}
            free[kind, name] = (True,) if kind == "pattern" and _fits_everything(name) else tuple(wished)
    return free


def _closenesses(topics: Sequence[tuple[_About, float, bool]]) -> dict[Any, Sequence[Any]]:
    """Return how close a message may be to each topic, as the highest threshold that it reaches.

    A threshold that is calibrated is compared with no other.
    """
    wishes: dict[Any, dict[float, set[bool]]] = {}
    for about, threshold, wish in topics:
        wishes.setdefault(_topic_key(about, threshold), {}).setdefault(threshold, set()).add(wish)
    free: dict[Any, Sequence[Any]] = {}
    for key, wished in wishes.items():
        free[key] = (_FAR, *sorted(wished))
        if len(wished) == 1:
            ((threshold, once),) = wished.items()
            free[key] = tuple(threshold if wish else _FAR for wish in once)
    return free


def _topic_key(about: _About, threshold: float) -> tuple[str, _About, bool]:
    return "topic", about, threshold == _CALIBRATED


def _ways(kind: str, names: Sequence[Any], side: str, languages: Sequence[str]) -> Sequence[Any]:
    """Return what a message may have of a kind of which it has one, None for something that is not named."""
    if kind == "age":
        bounds = sorted({bound for _, bound in names})
        return None, bounds[0] - 1, *bounds
    if kind == "language" and languages:
        return languages
    if kind in ("intent", "emotion") and side != "input":
        return (None,)
    if kind == "emotion":
        return *names, *[emotion for emotion in get_args(Emotion) if emotion not in names][:1]
    return None, *names


def _holds(condition: Formula, case: Mapping[Any, Any]) -> bool:
    kind, value = condition
    if kind == "not":
        return not _holds(value, case)
    if kind in ("any", "all"):
        held = (_holds(part, case) for part in value)
        return any(held) if kind == "any" else all(held)
    if kind == "age":
        age = case["age"]
        return age is not None and all(age < bound if key == "below" else age >= bound for key, bound in value)
    if kind == "topic":
        return any(case[_topic_key(about, threshold)] >= threshold for about, threshold in value)
    return case[kind] in value if kind in _ONE_AT_A_TIME else any(case.get((kind, name)) for name in value)


def _parts(condition: Formula, wish: bool = True) -> list[tuple[str, frozenset[Any], bool]]:
    """Return the parts of a condition, each with its names and whether the condition wishes it to hold or not to."""
    kind, value = condition
    if kind == "not":
        return _parts(value, not wish)
    if kind in ("any", "all"):
        return [part for inner in value for part in _parts(inner, wish)]
    return [(kind, value, wish)]


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
