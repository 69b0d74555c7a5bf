"""How much each encoder counts in retrieval, beside others and beside full-text search. Knows no passages."""

from __future__ import annotations

from collections.abc import Sequence

from ..contracts import Encoder
from ..mind.ranking import Mix, Part

GENERAL = Part(weight=0.25, lexical=0.5)  # of many languages: full-text search knows names better
OWN = Part(weight=1.0, lexical=0.05)  # of the language, or chosen by the author


def mix_of(encoders: Sequence[Encoder]) -> Mix:
    """Return the weights of a persona's encoders; one of many languages counts less beside one of few."""
    return Mix({encoder.name: _part(encoder) for encoder in encoders})


def _part(encoder: Encoder) -> Part:
    if encoder.languages is None:
        return OWN
    many = len(encoder.languages) > FEW
    part = GENERAL if many else OWN
    return Part(part.weight, part.lexical, tuple(sorted(encoder.languages)))


FEW = 2  # languages
