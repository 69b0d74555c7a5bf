"""Words found in a text however they are written.

In capitals, full width or with accents; in look-alike letters of other scripts; with figures for letters; spaced out or
cut up by signs; with characters that nobody sees; in traditional for simplified characters. Knows writing, not meaning.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import regex

from ..chinese import simplified
from .patience import patiently

SECONDS = 0.05  # that a search may take
PART, JOINED = 4, 12  # letters of each part, or of all, from which a phrase is found as one word too
_ALIKE = (  # Latin letters and what looks like them (Unicode Technical Standard 39, section 4, the common ones)
    "aаαΑАɑ", "bЬьβΒВ", "cсСϲ", "dԁ", "eеЕεΕё", "gԍɡ", "hһНнΗ", "iіІιΙıї", "jјЈ", "kкКκΚ", "lӏ", "mмМΜ", "nпηΝ",
    "oоОοΟø", "pрРρΡ", "qԛ", "rг", "sѕЅ", "tтТτΤ", "uυ", "vѵν", "wԝωш", "xхХχΧ", "yуУγΥү", "zΖ",
)  # fmt: skip
_LATIN = {ord(other): letters[0] for letters in _ALIKE for other in letters[1:]}
_FIGURES = {
    "a": "4@", "b": "8", "e": "3€", "g": "9", "i": "1!|", "l": "1|", "o": "0", "s": "5$", "t": "7+", "z": "2",
}  # fmt: skip
_CUT = r"[.*_~·•]{0,2}"  # signs that cut a word up; an apostrophe or a hyphen makes another one
_APART = r"[\W_]{1,3}"  # between the letters of a word that is spaced out
_UNSEEN = ("Cf", "Cc")
_MARKS = regex.compile(r"[\u0300-\u036f\ufe00-\ufe0f]")  # accents, and how an emoji is drawn


class Words:
    """Find some words and phrases."""

    def __init__(self, words: Sequence[str]) -> None:
        """Take words in any language; those of letters of the alphabet are whole words, others stand anywhere.

        What has no letter, as figures, signs and emoji, is found as it is.
        """
        self._figures = {folded for word in words if not any(map(str.isalpha, folded := fold(word)[0]))}
        parts = sorted({part for word in words if (part := _pattern(fold(word)[0]))}, key=len, reverse=True)
        self._pattern = regex.compile("|".join(parts) if parts else r"(?!)")
        self._words = tuple(words)

    def found(self, text: str) -> bool:
        """Tell whether any of the words is in a text; raise TimeoutError."""
        return bool(self.spans(text))

    def which(self, text: str) -> list[str]:
        """Return those of the words that are in a text, as they were given; raise TimeoutError."""
        if not self.spans(text):
            return []
        return [word for word in self._words if len(self._words) == 1 or Words([word]).spans(text)]

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where the words are, in characters of the text as it is written; raise TimeoutError."""
        folded, places = fold(text)
        matches = patiently(
            lambda allowed: [m.span() for m in self._pattern.finditer(folded, timeout=allowed)], SECONDS
        )
        return [(places[start], places[end - 1] + 1) for start, end in matches if self._is_word(folded[start:end])]

    def _is_word(self, found: str) -> bool:
        """Tell whether what was found has a letter, as 505 for sos has not, or was meant as it is."""
        return any(map(str.isalpha, found)) or found in self._figures


def fold(text: str) -> tuple[str, list[int]]:
    """Return a text in small plain letters and simplified characters, and the place of each in the text as written."""
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for letter in _folded(character):
            letters.append(letter)
            places.append(place)
    return "".join(letters), places


@lru_cache(maxsize=65_536)
def _folded(character: str) -> str:
    if "a" <= character <= "z" or character.isspace():
        return character
    plain = unicodedata.normalize("NFKD", character)
    plain = plain if plain.isascii() or not "\uac00" <= character <= "\ud7a3" else character  # a syllable stays whole
    seen = [c for c in plain if unicodedata.category(c) not in _UNSEEN and not _MARKS.fullmatch(c)]
    small = "".join(seen).translate(_LATIN).casefold().translate(_LATIN)
    return simplified(small) if any(c >= "\u3400" for c in small) else small


def _pattern(word: str) -> str:
    """Return a regular expression of a folded word or phrase."""
    if not any(map(str.isalpha, word)):
        return regex.escape(word)
    parts = [part for part in regex.split(r"[\W_]+", word) if part]
    letters = "".join(parts)
    joined = len(letters) >= JOINED or all(len(part) >= PART for part in parts)
    tight = _tight(parts[0])
    for last, part in pairwise(parts):
        between = "*" if joined or _chinese(last[-1]) or _chinese(part[0]) else "+"
        tight += rf"[\W_]{between}{_tight(part)}"
    forms = [tight]
    if len(letters) > 2 and letters.isascii():
        forms.append(_APART.join(map(_class, letters)))
    found = "|".join(forms)
    before = r"(?<![a-z])" if _plain(letters[0]) else ""
    behind = r"(?![a-z])" if _plain(letters[-1]) else ""
    return f"{before}(?:{found}){behind}"


def _tight(part: str) -> str:
    """Return a regular expression of a word, cut up or not; around Chinese characters there may be spaces, too."""
    gaps = [_CUT if _plain(letter) and not _chinese(after) else r"[\W_]{0,2}" for letter, after in pairwise(part)]
    return "".join(_class(letter) + gap for letter, gap in zip(part, [*gaps, ""]))


def _class(letter: str) -> str:
    return f"[{letter}{regex.escape(_FIGURES[letter])}]" if letter in _FIGURES else regex.escape(letter)


def _plain(letter: str) -> bool:
    return "a" <= letter <= "z"


def _chinese(letter: str) -> bool:
    return "\u3040" <= letter <= "\u9fff"
