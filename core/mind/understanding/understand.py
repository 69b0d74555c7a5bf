"""From the vectors of a message to what it means: one intent or several, or none, with what they rest on.

Knows neither how vectors are made nor what is done about an intent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ...turn import TUNED, Percept, Understanding, Vector
from .fusion import Fusion
from .introductions import without_introduction
from .requests import parts_of
from .wishes import understood

Encode = Callable[[Sequence[tuple[str, str]]], Sequence[Mapping[str, Vector]]]


def understand(fusion: Fusion, percept: Percept, encode: Encode) -> tuple[Understanding, Vector | None]:
    """Return what a percept means, and the fused query vector [d] where the network can make one.

    `encode` makes the vectors of (text, language) pairs: those of the parts of a message that may ask for several
    things, which are then understood one by one; and those of one without who its user is, where that makes it
    unlike all that was learnt.
    """
    whole, query = _as_one(fusion, percept.vectors)
    text = percept.text
    asked = without_introduction(text) if whole.out_of_scope else text
    if asked != text:
        rest, its_query = _as_one(fusion, {**percept.vectors, **encode([(asked, percept.language)])[0]})
        if not rest.out_of_scope:
            whole, query, text = replace(rest, emotion=whole.emotion), its_query, asked
    parts = parts_of(text) if whole.ranking else []
    if not parts:
        return whole, query
    names = [*(name for name, _ in fusion.config.tokens), TUNED]
    vectors = encode([(part, percept.language) for part in parts])
    thoughts = [fusion.think(tokens) for own in vectors if (tokens := _present(own, names))]
    return understood(whole, [thought.ranking for thought in thoughts if not thought.out_of_scope]), query


def _as_one(fusion: Fusion, vectors: Mapping[str, Vector]) -> tuple[Understanding, Vector | None]:
    tokens = _present(vectors, [name for name, _ in fusion.config.tokens])
    if not tokens:
        return Understanding(None, 0.0, True), None
    thought = fusion.think({**tokens, **_present(vectors, [TUNED])})
    best, confidence = thought.ranking[0] if thought.ranking else ("", 0.0)
    understanding = Understanding(
        intent=None if thought.out_of_scope else best or None,
        confidence=confidence,
        out_of_scope=thought.out_of_scope,
        emotion=thought.emotion,
        ranking=thought.ranking,
        attention=thought.attention,
        nearness=thought.nearness,
        members=thought.members,
    )
    return understanding, thought.query if fusion.config.query in tokens else None


def _present(vectors: Mapping[str, Vector], names: Sequence[str]) -> dict[str, Vector]:
    return {name: vectors[name] for name in names if name in vectors}
