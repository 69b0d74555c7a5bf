"""How much each encoder counts in retrieval, beside others and beside full-text search. Knows only which have titles.

The weights were chosen on validation questions of English and Chinese collections (benchmarks/RESULTS.md).
"""

from __future__ import annotations

from collections.abc import Sequence

from ..contracts import Encoder
from ..mind.memory.ranking import Mix, Part
from ..turn import Passage

MANY = 2  # languages, and more
GENERAL = Part(weight=0.25, lexical=0.5)  # of many languages: full-text search knows names better
TITLED = Part(weight=1.0, lexical=0.25)  # of the language, or chosen by the author
UNTITLED = Part(weight=1.0, lexical=0.05)  # shared words tell less where no title says what a passage is about


def mix_of(encoders: Sequence[Encoder], passages: Sequence[Passage]) -> Mix:
    """Return the weights of a persona's encoders; one of many languages counts less beside one of few."""
    titled = 2 * sum(bool(passage.title) for passage in passages) >= len(passages)
    return Mix({encoder.name: _part(encoder, TITLED if titled else UNTITLED) for encoder in encoders})


def _part(encoder: Encoder, own: Part) -> Part:
    if encoder.languages is None:
        return own
    part = GENERAL if len(encoder.languages) > MANY else own
    return Part(part.weight, part.lexical, tuple(sorted(encoder.languages)))
