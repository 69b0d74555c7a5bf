"""A long text cut into pieces of a sentence or a few. Knows no meaning."""

from __future__ import annotations

import re

LONG = 240  # characters; what is shorter is judged as a whole only
SHORTEST, LONGEST = 40, 220
_END = re.compile(r"(?<=[.!?;。！？；])\s+|(?<=[。！？；])|\s*\n+\s*")


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


def weight(text: str) -> int:
    """Return how much a text says, in letters: a Chinese character says as much as two or three."""
    return len(text) + 2 * sum("\u3400" <= c <= "\u9fff" for c in text)
