"""Which passages say the same: word for word but for order, case and punctuation, with the same numbers.

Knows what was said so far; nothing of scores.
"""

from __future__ import annotations

from functools import lru_cache

from ...turn import Passage
from .terms import terms

LENGTH = 0.85  # shorter over longer, in characters
CHARACTERS = 0.7  # of all that either has, so many are in both
ALIKE = 0.9  # of all terms that either has, so many are in both (Broder 1997, resemblance)


class Likeness:
    """Remember passages, and tell whether another says the same as one of them."""

    def __init__(self) -> None:
        self._said: list[Passage] = []
        self._words: dict[str, frozenset[str]] = {}  # by text: looked at only where lengths are alike

    def known(self, passage: Passage) -> bool:
        """Tell whether a passage of the same record (or of none) has nearly the same words; remember it if not."""
        for other in self._said:
            same = (other.record, other.language) == (passage.record, passage.language)
            shorter, longer = sorted((len(other.text), len(passage.text)))
            if same and shorter >= LENGTH * longer and self._alike(other.text, passage.text):
                return True
        self._said.append(passage)
        return False

    def _alike(self, one: str, other: str) -> bool:
        if one == other:
            return True
        characters, others = _characters(one), _characters(other)  # sooner compared than words, and telling of Chinese
        if len(characters & others) < CHARACTERS * len(characters | others):
            return False
        return _alike(self._of(one), self._of(other))

    def _of(self, text: str) -> frozenset[str]:
        if text not in self._words:
            self._words[text] = frozenset(terms(text))
        return self._words[text]


@lru_cache(maxsize=4_096)
def _characters(text: str) -> frozenset[str]:
    return frozenset(text)


def _alike(words: frozenset[str], others: frozenset[str]) -> bool:
    smaller, larger = sorted((len(words), len(others)))
    if not larger or smaller < ALIKE * larger:
        return False
    both = len(words & others)
    if both < ALIKE * (smaller + larger - both):
        return False
    return not any(any(map(str.isdigit, word)) for word in words ^ others)
