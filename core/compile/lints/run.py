"""Run the lints for `personac check`: with the persona's encoders, and with what the author silenced left out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...contracts import Encoder
from ...diagnostics import Diagnostic, has_errors, in_order
from ...models import cache
from ...persona.check import Loaded, find_persona
from ...persona.silence import silence, unused
from ..vectors import Progress, TextVectors
from . import Encode, Topics, lint


def lint_persona(
    path: Path,
    loaded: Loaded,
    progress: Progress,
    vectors: TextVectors | None = None,
    made: Topics | None = None,
) -> list[Diagnostic]:
    """Return what the lints find in a persona that `check` loaded; nothing when that has errors.

    `vectors` and `made`, the topics of the rules with the report on them, are those of a compile of the same persona.
    Raises ModelMissing or ModelDamaged when an encoder is not there.
    """
    persona, tree, knowledge = loaded.persona, loaded.tree, loaded.knowledge
    if persona is None or tree is None or knowledge is None or has_errors(loaded.diagnostics):
        return []
    root = find_persona(path).parent
    vectors = vectors or TextVectors.open(persona, progress)
    name = hashlib.sha256(str(find_persona(path).resolve()).encode()).hexdigest()[:16]
    memory = cache.root() / "near" / f"{name}.npz"
    found = lint(persona, tree, root, knowledge, encoding(vectors, progress), memory=memory, made=made)
    shown, hidden = silence(found, tree, root)
    files = [find_persona(path), *knowledge.files]
    files += [root / intent.examples for intent in persona.intents if isinstance(intent.examples, str)]
    spare, _ = silence(unused(tree, root, files, [*loaded.hidden, *hidden]), tree, root)
    return in_order([*shown, *spare])


def encoding(vectors: TextVectors, progress: Progress) -> Encode:
    """Return how the lints encode texts, with what a compile knows."""

    def of(encoder: Encoder, texts: Sequence[str]) -> NDArray[np.float32]:
        return vectors.of(encoder, texts, f"read ({encoder.name})", progress)

    return Encode(vectors.encoders, of)
