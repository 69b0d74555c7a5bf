"""The lints that need understanding: what a persona's examples, knowledge and rules mean, held against each other.

All findings are warnings. Nothing here changes what is compiled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...diagnostics import Diagnostic, in_order
from ...mind.ethics import Topic
from ...mind.risk.judge import shipped
from ...persona.nodes import Node
from ...persona.rule_sets import rules_of
from ...persona.schema import Persona
from ...persona.sources.knowledge import Knowledge
from ..examples import QUESTIONS, emotion_rows, intent_rows, question_rows, sampled
from ..rules import topics
from .consent import lint_consent
from .intents import lint_intents
from .knowledge import lint_knowledge
from .languages import lint_languages
from .material import Material
from .orders import lint_orders
from .rules import lint_help_line, lint_left_out, lint_rules
from .similarity import Encode, Sentences

Topics: TypeAlias = tuple[Mapping[str, Topic], Mapping[str, Mapping[str, Any]]]

__all__ = ["Encode", "Topics", "lint"]


def lint(
    persona: Persona,
    tree: Node,
    root: Path,
    knowledge: Knowledge,
    encode: Encode,
    *,
    memory: Path | None = None,
    made: Topics | None = None,
) -> list[Diagnostic]:
    """Return the findings of all lints on a persona without errors, silenced ones included, in order.

    `memory` is a file that keeps the neighbours of passages between calls. `made` are the topics of the rules and the
    report on them, where the compiler has made them already.
    """
    material = Material.gather(persona, tree, root, knowledge)
    examples = material.examples
    sentences = Sentences.of([said.text for said in examples], [said.language for said in examples], encode)
    found = [*lint_intents(material, sentences), *lint_languages(material), *lint_consent(material)]
    passages = knowledge.passages
    if passages:
        texts = [f"{passage.title}. {passage.text}" for passage in passages]  # as the index has them
        known = Sentences.of(texts, [passage.language for passage in passages], encode)
        found += lint_knowledge(material, known, memory)
        found += lint_orders(material, encode)
    if persona.ethics.rules:
        found += lint_rules(material, sentences, *(made or _topics(material, encode)))
    if persona.ethics.sets:
        found += lint_left_out(material, _judged(persona, encode))
    found += lint_help_line(material)
    return in_order(found)


def _topics(material: Material, encode: Encode) -> Topics:
    """Return the topics of the rules as the compiler makes them."""

    def by_encoder(texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        return {encoder.name: encode.of(encoder, texts) for encoder in encode.encoders}

    persona, knowledge = material.persona, material.knowledge
    names = [intent.name for intent in persona.intents]
    rows = intent_rows(persona, material.root)
    rows += sampled(question_rows(knowledge.questions, knowledge.passages, names), QUESTIONS)
    own = [row.text for row in rows if row.text]
    everyday = [row.text for row in emotion_rows(persona.languages)]
    return topics(rules_of(persona.ethics, _judged(persona, encode)), own, everyday, by_encoder)


def _judged(persona: Persona, encode: Encode) -> bool:
    """Tell whether the judge of risks reads what the encoders make."""
    return shipped().reads([encoder.name for encoder in encode.encoders], persona.languages)
