"""A text cut into its sentences, and a long one into pieces of a few. Knows no meaning."""

from __future__ import annotations

import re

LONG = 240  # characters; what is shorter is not cut into pieces of a few sentences
FEW = 2  # sentences: what has more, or is long, is read sentence by sentence
SHORTEST, LONGEST = 40, 220
WORDS = 4  # of a sentence, or Chinese characters; with fewer it says nothing alone
_END = re.compile(r"(?<=[.!?;。！？；])\s+|(?<=[。！？；])|\s*\n+\s*")
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+")


def pieces(text: str) -> list[str]:
    """Return the pieces of a long text; none of one that is not long. Chinese counts twice."""
    if weight(text) < LONG:
        return []
    found, piece = [], ""
    for sentence in _END.split(text):
        for start in range(0, len(sentence), LONGEST):
            part = sentence[start : start + LONGEST].strip()
            if piece and weight(piece) + weight(part) > LONGEST:
                found.append(piece)
                piece = ""
            piece = f"{piece} {part}".strip()
            if weight(piece) >= SHORTEST:
                found.append(piece)
                piece = ""
    return [*found, piece] if piece else found


def sentences(text: str) -> list[str]:
    """Return the sentences of a text that say something alone; none of a text of one or two that is not long."""
    found = [sentence for sentence in map(str.strip, _END.split(text)) if sentence]
    if len(found) <= FEW and weight(text) < LONG:
        return []
    return [one for one in found if len(one) <= LONGEST and len(_WORD.findall(one)) >= WORDS]


def weight(text: str) -> int:
    """Return how much a text says, in letters: a Chinese character says as much as two or three."""
    return len(text) + 2 * sum("\u3400" <= c <= "\u9fff" for c in text)
