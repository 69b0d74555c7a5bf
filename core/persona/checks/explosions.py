"""Find regular expressions that take time without bounds: each repetition is fed with what it repeats, and timed.

Knows a pattern only; the texts that it is tried on are made from the pattern itself.
How such patterns come about: Davis et al., ESEC/FSE 2018.
"""

from __future__ import annotations

import re
import re._constants as op  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import warnings
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import regex

SECONDS = 1.0  # that the search of one text may take; one whose time grows with the square of the length takes 0.2
LONGEST = 4000  # characters of a text: as long as a message may be
MANY = 8  # repetitions from which a part counts as repeated
MOST_NEEDED = 200  # characters of what is put behind a probe
PROBES = 60  # texts that are tried at most
_NO_END = "\x00"
_CATEGORIES = {
    op.CATEGORY_DIGIT: "1", op.CATEGORY_SPACE: " ", op.CATEGORY_WORD: "a", op.CATEGORY_NOT_DIGIT: "a",
    op.CATEGORY_NOT_SPACE: "a", op.CATEGORY_NOT_WORD: "-",
}  # fmt: skip
_TRIED = "a1 -x中.,/\n"


@lru_cache(maxsize=1024)
def explodes(pattern: str) -> bool:
    """Tell whether a pattern takes longer than SECONDS for a text of at most LONGEST characters."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = parser.parse(pattern)
            compiled = regex.compile(pattern, regex.IGNORECASE)
    except (re.error, regex.error, OverflowError, RecursionError):
        return False  # told elsewhere
    probes = dict.fromkeys(text for most in (False, True) for text in _probes(tree, most))
    return any(_slow(compiled, text) and _slow(compiled, text) for text in list(probes)[:PROBES])


def _slow(compiled: regex.Pattern[str], text: str) -> bool:
    try:
        compiled.search(text, timeout=SECONDS)
    except TimeoutError:
        return True
    return False


def _probes(tree: Any, most: bool) -> Iterator[str]:
    """Yield for each repetition what stands before it, what it repeats as often as there is room, and a wrong end.

    Behind the end stands all that the pattern needs somewhere, or a search would give up before it begins.
    """
    needed = _sample(list(tree), True)
    for before, body in _repeated(list(tree), "", most):
        for unit in dict.fromkeys((body, body[:1])):
            if unit:
                room = max(1, (LONGEST - len(before)) // len(unit))
                for end in (_NO_END, _NO_END + needed[:MOST_NEEDED]):
                    yield before + unit * min(room, 40) + end
                    yield before + unit * room + end


def _repeated(nodes: Sequence[Any], before: str, most: bool) -> Iterator[tuple[str, str]]:
    for kind, value in nodes:
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            _, high, body = value
            if high >= MANY:
                yield before, _sample(body, most)
            yield from _repeated(list(body), before, most)
        elif kind is op.SUBPATTERN:
            yield from _repeated(list(value[-1]), before, most)
        elif kind is op.BRANCH:
            for option in value[1]:
                yield from _repeated(list(option), before, most)
        elif kind in (op.ASSERT, op.ASSERT_NOT):
            yield from _repeated(list(value[1]), before, most)
        before += _sample([(kind, value)], most)


def _sample(nodes: Any, most: bool) -> str:
    """Return a text that some nodes match; with `most`, what may be left out is in it."""
    return "".join(_one(kind, value, most) for kind, value in nodes)


def _one(kind: Any, value: Any, most: bool) -> str:
    if kind is op.LITERAL:
        return str(chr(value))
    if kind is op.NOT_LITERAL:
        return "a" if value != ord("a") else "b"
    if kind is op.ANY:
        return "a"
    if kind is op.IN:
        return _member(value)
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        low, high, body = value
        times = min(int(low) or int(most and high > 0), 50)
        return _sample(body, most) * times
    if kind is op.SUBPATTERN:
        return _sample(value[-1], most)
    if kind is op.BRANCH:
        return _sample(value[1][-1 if most else 0], most)
    return ""


def _member(items: Any) -> str:
    """Return a character of a class."""
    if items[0][0] is op.NEGATE:
        left: str = next((c for c in _TRIED if not any(_holds(item, c) for item in items[1:])), "~")
        return left
    kind, value = items[0]
    if kind is op.LITERAL:
        return chr(value)
    return chr(value[0]) if kind is op.RANGE else _CATEGORIES.get(value, "a")


def _holds(item: Any, character: str) -> bool:
    kind, value = item
    if kind is op.LITERAL:
        return ord(character) == int(value)
    if kind is op.RANGE:
        return int(value[0]) <= ord(character) <= int(value[1])
    tests = {
        op.CATEGORY_DIGIT: character.isdigit(), op.CATEGORY_SPACE: character.isspace(),
        op.CATEGORY_WORD: character.isalnum(), op.CATEGORY_NOT_DIGIT: not character.isdigit(),
        op.CATEGORY_NOT_SPACE: not character.isspace(), op.CATEGORY_NOT_WORD: not character.isalnum(),
    }  # fmt: skip
    return bool(tests.get(value, False))
