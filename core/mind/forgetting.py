"""Empty what the mind remembers of texts for speed, since words of a user who was erased may be among them.

Knows which functions remember; they find all anew when they are next asked.
"""

from __future__ import annotations

from .memory import lexical, likeness, terms
from .slots import entities, names
from .understanding import clauses
from .values import figures

_REMEMBER = (
    lexical._hash,
    likeness._characters,
    terms._stem,
    terms._syllables,
    entities._sounds_of,
    names._syllables,
    clauses.clauses,
    figures.figures,
)


def forget_texts() -> None:
    """Forget the texts and words that were seen lately, of all users."""
    for function in _REMEMBER:
        function.cache_clear()
