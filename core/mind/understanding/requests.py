"""Several wishes in one message: where it can be cut, and which intents its parts and the whole ask for.

"Cancel it, and how do I get my money back?" is two. Knows only probabilities of intents, not how they were made.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...chinese import in_place

PARTS = 4  # of a message, at most, that are understood one by one
SURE = 0.6  # a part's intent with this much probability is asked for beside another
WORDS = 2  # Latin words of the shortest part
HAN = 4  # Chinese characters of the shortest part
_CUT = re.compile(
    r"(?<=[.?!;。？！；\n])\s*|[,，]\s*(?:and|but|also|plus|then|so)\b\s*(?:also\b|then\b)?"
    r"|\s+(?:and|but)\s+(?=(?:also|then|how|what|when|where|why|who|which|can|could|do|does|is|are|will|would|tell|please)\b)"
    r"|,\s+(?=(?:how|what|when|where|why|who|which|can|could|do|does|is|are|will|would|tell|please|also)\b)"
    r"|[,，、\s]*(?:另外|还有|顺便|然后|以及|并且|而且|再问一下|还想)|，(?=(?:怎么|什么|哪|几|多少|请问|能不能|可以|帮我|告诉|我想|我要|还|再|也))",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_\u3400-\u9fff]+")
_HAN_CHARACTER = re.compile(r"[\u3400-\u9fff]")
Ranking = Sequence[tuple[str, float]]


def parts_of(text: str) -> list[str]:
    """Return the parts of a message that could each be a wish, in simplified characters; nothing when it is one."""
    if len(text) > 2000:
        return []
    pieces = [piece.strip(" \t\n,，、") for piece in _CUT.split(in_place(text))]
    parts: list[str] = []
    for piece in filter(None, pieces):
        if says_enough(piece):
            parts.append(piece)
    return parts if 2 <= len(parts) <= PARTS else []


def says_enough(piece: str, han: int = HAN) -> bool:
    """Tell whether a piece has two words or so many Chinese characters, and could be a wish."""
    return len(_WORD.findall(piece)) >= WORDS or len(_HAN_CHARACTER.findall(piece)) >= han


def asked_for(whole: Ranking, parts: Sequence[Ranking]) -> list[tuple[str, float]]:
    """Return the intents that a message asks for, each with its probability, that of the whole first.

    Rankings hold (intent, probability), likeliest first. Several are asked for when parts are sure of different
    intents, the likeliest of the whole among them, so that the first is never another than the whole's own; nothing
    is returned when it is one.
    """
    found: dict[str, float] = {}
    for ranking in parts:
        if ranking and ranking[0][0] and ranking[0][1] >= SURE:
            found.setdefault(*ranking[0])
    if len(found) < 2 or not whole or whole[0][0] not in found:
        return []
    first = whole[0][0]
    return [(first, max(found.pop(first), whole[0][1])), *found.items()]
