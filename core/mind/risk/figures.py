"""Words in which figures and signs stand for letters. Knows English words and no meaning."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product

from ..privacy import names

_LETTERS = {
    "0": "o", "1": "il", "2": "z", "3": "e", "4": "a", "5": "s", "6": "gb", "7": "t", "8": "b", "9": "g",
    "@": "a", "$": "s", "!": "il", "€": "e", "|": "li",
}  # fmt: skip
_FIGURE = re.compile(r"[0-9@$€!|]")
_TOKEN = re.compile(r"(?<![a-z0-9@$€|])[a-z0-9@$€|](?:[a-z0-9@$€|!]*[a-z0-9@$€|])?")
_AMOUNT = re.compile(r"[0-9]+[a-z]{1,2}|[a-z]?[0-9]+")  # 24b, 5km, 3rd, a4: where it could be a word as well
_BETWEEN = re.compile(r"[a-z][0-9@$€!|]+(?=[a-z])")
_VOWELS = re.compile(r"[a-z]+(?:[0134@!€][a-z]+){2,}")
_UNSPOKEN = re.compile(r"[^aeiouy]{4}|[aeiou]{3}|[jqvwx][^aeiouy]|[^aeiouy][jqx]|q(?!u)")
_AT_AN_END = re.compile(r"[a-z]{2,}[01345@$!€|]+|[0-9@$!€|]+[a-z]{2,}")
_ONE = re.compile(
    r"(?<!\S)1(?=\s+(?:am|can|do|don|feel|hate|have|just|must|need|really|should|wanna|want|will|wish)\b)"
)
_UNLISTED = {"cannabis", "fentanyl", "fuck", "fucked", "fucking", "ketamine", "meth", "shit", "wanna"}
_LONGEST, _CHOICES = 24, 5  # letters of a word, and those of them that are read in two ways


def without_figures(text: str) -> str | None:
    """Return a folded text with letters for the figures in its words; None where nothing tells that they are letters.

    One word of the dictionary tells it, unless it is as well a number beside a word or a unit (`level5`, `5in`), or is
    of two letters (`i5`); of words that are not in the dictionary, it takes three with figures between letters, or one
    with two of them.
    """
    mixed = [token for token in _TOKEN.findall(text) if _is_mixed(token)]
    if not mixed or not (
        any(map(_is_word, mixed))
        or sum("|" not in token and _BETWEEN.search(token) is not None for token in mixed) > 2
        or any(map(_looks_spelled, mixed))
    ):
        return None
    return _ONE.sub("i", _TOKEN.sub(lambda match: _spelled(match[0]) if _is_mixed(match[0]) else match[0], text))


def _is_mixed(token: str) -> bool:
    return _FIGURE.search(token) is not None and any(map(str.isalpha, token))


def _is_word(token: str) -> bool:
    """Tell whether a token with figures is meant as a word."""
    if len(token) < 3 or _AMOUNT.fullmatch(token) or _read(token) is None:
        return False
    if _BETWEEN.search(token):
        return True
    return len(token) > 3 and _AT_AN_END.fullmatch(token) is not None and _FIGURE.sub("", token) not in _words()


def _looks_spelled(token: str) -> bool:
    """Tell whether a token that is in no dictionary reads like a word: some vowels among letters that can be spoken."""
    figures = len(_FIGURE.findall(token))
    return bool(_VOWELS.fullmatch(token)) and figures * 3 <= len(token) and not _UNSPOKEN.search(_spelled(token))


def _spelled(token: str) -> str:
    if (word := _read(token)) is not None:
        return word
    as_it_is = "|" in token or _AMOUNT.fullmatch(token)
    return token if as_it_is else "".join(_LETTERS.get(letter, letter)[0] for letter in token)


def _read(token: str) -> str | None:
    """Return the word of the dictionary that a token spells."""
    choices = [_LETTERS.get(letter, letter) for letter in token]
    if len(token) > _LONGEST or sum(len(letters) > 1 for letters in choices) > _CHOICES:
        return None
    return next((word for letters in product(*choices) if (word := "".join(letters)) in _words()), None)


@lru_cache(maxsize=1)
def _words() -> frozenset[str]:
    return names.english() | _UNLISTED
