"""Authored responses: which of an intent's answers to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from ..persona.schema import Intent
from ..turn import Vector


def fill_in(text: str, slots: Mapping[str, Any]) -> str:
    """Put the values of slots where a response names them in braces: {sight}."""
    for name, value in slots.items():
        said = value
        if isinstance(value, Mapping):
            said = value["name"] if "name" in value else value.get("text", value)
        text = text.replace("{" + name + "}", str(said))
    return text


class Responses:
    """Choose among the responses of an intent by the fused query vector."""

    def __init__(self, intents: Sequence[Intent], default_language: str, vectors: Path) -> None:
        self._default = default_language
        self._texts: dict[str, dict[str, list[tuple[str, int]]]] = {}
        position = 0
        for intent in intents:  # in the order in which the compiler wrote the vectors
            for language, texts in (intent.responses or {}).items():
                for text in texts:
                    self._texts.setdefault(intent.name, {}).setdefault(language, []).append((text, position))
                    position += 1
        self._vectors = load_file(str(vectors))["responses"]  # [responses, d]

    def choose(self, intent: str, language: str, query: Vector | None) -> str:
        """Return the nearest response in the language, else in the default language; empty when there is none."""
        by_language = self._texts.get(intent, {})
        texts = by_language.get(language) or by_language.get(self._default) or next(iter(by_language.values()), [])
        if not texts:
            return ""
        if query is None or len(texts) == 1:
            return texts[0][0]
        scores = self._vectors[[position for _, position in texts]] @ query
        return texts[int(np.argmax(scores))][0]
