"""Labelled rows as a compile would train on them: vectors of each encoder, everyday sentences, names of labels.

Knows rows and encoders; trains nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..compile.build import BACKGROUND_NEAR, EMOTIONS
from ..compile.examples import Row, emotion_rows, name_rows, words_of
from ..compile.training import Examples
from ..compile.vectors import TextVectors, covers
from ..errors import BadInput
from ..models.language import LanguageDetector
from .intent_rows import Rows

KNOWN = ("en", "zh", "ja", "ko", "de", "fr", "es", "it", "nl", "pl", "pt", "ru", "th", "tr", "ar")
Progress = Callable[[str, int, int], None]


def languages_of(texts: Sequence[str]) -> list[str]:
    """Return the languages of at least one text in twenty, the commonest first."""
    detector = LanguageDetector(KNOWN)
    counts: dict[str, int] = {}
    for text in texts[:: max(1, len(texts) // 500)]:
        code = "en" if text.isascii() else detector.detect(text).split("-")[0]
        counts[code] = counts.get(code, 0) + 1
    often = [code for code, n in sorted(counts.items(), key=lambda item: -item[1]) if n * 20 >= sum(counts.values())]
    return often or ["en"]


def encoders_for(languages: Sequence[str]) -> list[str]:
    """Return the names of the encoders that a persona of these languages reads with."""
    return ["all-MiniLM-L6-v2", "use-multilingual"] if "en" in languages else ["use-multilingual"]


def examples_of(
    known: Rows, names: list[str], languages: list[str], vectors: TextVectors, progress: Progress
) -> Examples:
    """Return what is trained on; labels are places in `names`. Raises BadInput where no encoder reads any row."""
    rows = [Row(text, own[0] if own else None, background=not own) for text, own in zip(known.texts, known.labels)]
    given = len(rows)
    taught = {label for own in known.labels for label in own}
    every = known.several or taught != set(names)  # of labels that share messages, or have none, all names are learnt
    said = [Row(words, name, name=True) for name in names if (words := words_of(name))] if every else name_rows(rows)
    rows += [*emotion_rows(languages), *said]
    texts = [row.text for row in rows]
    matrices = [vectors.of(encoder, texts, f"encode ({encoder.name})", progress) for encoder in vectors.encoders]
    detector = LanguageDetector(languages)
    spoken = [detector.detect(text) for text in texts]
    present = [
        np.array([bool(text.strip()) and covers(encoder, code) for text, code in zip(texts, spoken)], np.bool_)
        for encoder in vectors.encoders
    ]
    intent = _intents(known, rows, names, matrices[0])
    readable = np.any(np.stack(present), axis=0)
    if not (readable[:given] & (intent[:given] < len(names))).any():
        raise BadInput("no_reader", "no encoder reads the language of these texts")
    kept = np.flatnonzero(readable)
    return Examples(
        [np.ascontiguousarray(matrix[kept] * mask[kept, None]) for matrix, mask in zip(matrices, present)],
        [mask[kept] for mask in present],
        intent[kept],
        np.array([EMOTIONS.index(rows[i].emotion or "") if rows[i].emotion else -1 for i in kept], np.int64),
        np.full(len(kept), -1, np.int64),
        np.zeros((0, matrices[0].shape[1]), np.float32),
        [texts[i] for i in kept],
        np.array([rows[i].name for i in kept], np.bool_),
        _several(known, rows, names)[kept] if known.several else np.zeros((0, 0), np.bool_),
    )


def _intents(known: Rows, rows: list[Row], names: list[str], vectors: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the label of each row: len(names) for what no label fits, -1 for everyday sentences that come near."""
    position = {name: i for i, name in enumerate(names)}
    given = len(known.texts)
    intent = np.array([position.get(row.intent or "", -1) for row in rows], np.int64)
    intent[:given][np.array([not own for own in known.labels], np.bool_)] = len(names)
    background = np.array([row.background and i >= given for i, row in enumerate(rows)], np.bool_)
    far = (vectors[background] @ vectors[:given].T).max(1) < BACKGROUND_NEAR
    intent[np.flatnonzero(background)[far]] = len(names)
    return intent


def _several(known: Rows, rows: list[Row], names: list[str]) -> NDArray[np.bool_]:
    position = {name: i for i, name in enumerate(names)}
    several = np.zeros((len(rows), len(names)), np.bool_)
    for i, row in enumerate(rows):
        own = known.labels[i] if i < len(known.texts) else (row.intent,)
        several[i, [position[label] for label in own if label in position]] = True
    return several


def targets_of(examples: Examples, classes: int) -> NDArray[Any]:
    """Return what a tuned encoder learns: a class for each row [n], or several [n, classes + 1]."""
    if not len(examples.several):
        return examples.intent
    none = ~examples.several.any(1, keepdims=True) & (examples.intent[:, None] == classes)
    return np.concatenate([examples.several, none], 1).astype(np.float32)
