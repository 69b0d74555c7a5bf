"""Lint on languages: one that is promised, and in which there are no examples, no knowledge, or no voice.

The language of an example is told from its words; a language that nothing at all is in is reported by the check.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Diagnostic
from ...errors import ModelMissing
from ...models.voice import load_voice
from ...persona.nodes import get, items, text
from ...persona.schema import base
from .material import Material, listed


def lint_languages(material: Material) -> Iterator[Diagnostic]:
    """Report promised languages that are served only in part."""
    persona = material.persona
    said = {base(example.language) for example in material.examples}
    known = {base(passage.language) for passage in material.knowledge.passages}
    spoken = _spoken(material)
    responses = {base(code) for intent in persona.intents for code in intent.responses or {}}
    for node in items(get(material.tree, "languages")):
        code = base(text(node) or "")
        missing = []
        if said and code not in said:
            missing.append("no intent has an example in it")
        if known and code not in known:
            missing.append("no knowledge is in it")
        if spoken is not None and code not in spoken:
            missing.append("no voice that is installed speaks it")
        if not missing or not (code in said or code in known or code in responses):
            continue
        advice = f"add what is missing, or take `{text(node)}` out of `languages`"
        yield Diagnostic("P0410", "warning", f"`{text(node)}` is promised, but {listed(missing)}", node.span, advice)


def _spoken(material: Material) -> set[str] | None:
    """Return the languages that the voice speaks; None when the persona is to be silent or its voice is not known."""
    persona, voice = material.persona, material.persona.voice
    if voice.engine == "none":
        return None
    try:
        voices = load_voice(voice.engine, voice.model, voice.speaker, voice.speed, persona.languages)
    except ModelMissing:
        return None
    found = {base(code) for code in persona.languages if voices.engine(code) is not None}
    return found or None  # without any voice, none is missed in one language more than in another
