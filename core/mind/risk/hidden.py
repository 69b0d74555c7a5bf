"""Hidden instructions in what a language model says: word for word, spelled out, encoded, or in another language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ...turn import Vector, closeness
from ..disguise import fold
from .disguises import unmasked

RUN = 28  # letters in a row that only a copy has; a Chinese character counts three
SAME = 0.82  # cosine with a sentence of the instructions that says the same, in whichever language
_LETTERS = re.compile(r"[^\W_]+")
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s*|\n+")


class Hidden:
    """Know a persona's instructions for its language model."""

    def __init__(self, instructions: str) -> None:
        """Take the instructions as the author wrote them; empty ones are told by nothing."""
        self.sentences = tuple(part for part in _SENTENCE.split(instructions) if len(_letters(part)) >= 12)
        self._runs = {run for sentence in self.sentences for run in _runs(_letters(sentence))}

    def copied(self, text: str) -> bool:
        """Tell whether a text repeats a part of the instructions, however it is spelled or encoded."""
        if not self._runs:
            return False
        for written in (text, text[::-1], *unmasked(text)):
            letters = _letters(written)
            if any(run in letters for run in self._runs):
                return True
        return False

    def retold(self, vectors: Mapping[str, Vector], known: Sequence[Mapping[str, Vector]]) -> bool:
        """Tell whether a sentence says what one of the instructions does; `known` are the vectors of `sentences`."""
        return any(closeness(vectors, other) >= SAME for other in known)


def _letters(text: str) -> str:
    return "".join(_LETTERS.findall(fold(text)[0]))


def _runs(letters: str) -> Iterator[str]:
    """Yield the runs of letters that tell a copy: each as long as RUN, or the whole of what is shorter."""
    size = RUN if sum("\u3400" <= c <= "\u9fff" for c in letters) < len(letters) / 2 else RUN // 3
    for start in range(max(1, len(letters) - size + 1)):
        yield letters[start : start + size]
