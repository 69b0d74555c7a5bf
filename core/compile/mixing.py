"""How much each encoder counts in retrieval, beside others and beside full-text search. Knows titles and order.

The weights were chosen on validation questions of English and Chinese collections (benchmarks/RESULTS.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..contracts import Encoder
from ..mind.memory.ranking import Mix, Part
from ..turn import Passage

MANY = 2  # languages, and more
GENERAL = Part(weight=0.25, lexical=0.5)  # of many languages: full-text search knows names better
TITLED = Part(weight=1.0, lexical=0.25)  # of the language, or chosen by the author
UNTITLED = Part(weight=1.0, lexical=0.05)  # shared words tell less where no title says what a passage is about
IN_ORDER = Part(weight=1.0, lexical=0.4, aspect=0.65)  # the passages around it say that


def mix_of(encoders: Sequence[Encoder], passages: Sequence[Passage], in_order: bool = False) -> Mix:
    """Return the weights of a persona's encoders; one of many languages counts less beside one of few.

    `in_order` tells whether most passages stand beside others about the same.
    """
    titled = 2 * sum(bool(passage.title) for passage in passages) >= len(passages)
    own = IN_ORDER if in_order else TITLED if titled else UNTITLED
    return Mix({encoder.name: _part(encoder, own) for encoder in encoders})


def _part(encoder: Encoder, own: Part) -> Part:
    if encoder.languages is None:
        return own
    part = GENERAL if len(encoder.languages) > MANY else own
    return replace(part, languages=tuple(sorted(encoder.languages)))
