"""The words of a decision, where no language model and no skill makes them.

Knows the persona's own phrases and responses, and how a passage is quoted; decides nothing.
"""

from __future__ import annotations

from ..persona.schema import Persona
from ..turn import Decision, Percept, Understanding, Vector
from .grounding.support import quote
from .phrases import choose, language_name, phrase
from .responses import Responses, fill_in


def words(
    persona: Persona,
    responses: Responses,
    decision: Decision,
    understanding: Understanding,
    query: Vector | None,
    text: str,
    language: str,
) -> str:
    """Return the words of a decision in the user's language; `text` is what the user said, `query` its fused vector."""
    if decision.text:
        return decision.text
    if decision.kind == "response":
        return fill_in(responses.choose(understanding.intent or "", language, query), understanding.slots)
    if decision.passages:
        passage = decision.passages[0]
        told = quote(passage, text)
        if passage.language.split("-")[0] != language.split("-")[0]:
            lead = phrase("only_in", language, language=language_name(passage.language, language))
            return f"{lead} “{told}”"
        return told
    return choose(persona.tone.fallback or {}, language, persona.language) or phrase("fallback", language)


def about_nothing(percept: Percept, language: str) -> str:
    """Return what to say to a message without words: unheard, seen but not read, or empty."""
    if percept.transcript is not None:
        return phrase("unheard", language)
    if percept.picture_text is not None:
        name = percept.labels[0] if percept.labels else None
        return phrase("unseen", language, label=name) if name else phrase("unseen_unknown", language)
    return phrase("empty", language)
