"""Topics of ethics rules, made ready: their vectors, and the similarity from which a message is on topic."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..mind.ethics import Topic, conditions
from ..persona.schema import Persona

LOWEST, HIGHEST = 0.45, 0.8
HARMLESS_KEPT = 0.998  # the share of the persona's own sentences that stay below the threshold
MARGIN = 0.03
Encode = Callable[[Sequence[str]], dict[str, NDArray[np.float32]]]


def topics(
    persona: Persona, harmless: Sequence[str], encode: Encode
) -> tuple[dict[str, Topic], dict[str, dict[str, Any]]]:
    """Return the topics by the path of their condition, and for each what the author should know of its threshold.

    The threshold lets nearly all of the persona's own examples and questions pass, unless the author gave one.
    """
    found: dict[str, Topic] = {}
    report: dict[str, dict[str, Any]] = {}
    places = [place for rule in persona.ethics.rules for place in conditions(rule.when, rule.id)]
    own = encode(harmless) if any(condition.topic for _, condition in places) else {}
    for path, condition in places:
        if condition.topic is None:
            continue
        texts = [condition.topic, *(condition.examples or ())]
        vectors = encode(texts)
        threshold = _threshold(vectors, own) if condition.threshold is None else float(condition.threshold)
        found[path] = Topic(vectors, threshold)
        report[path] = {"threshold": round(threshold, 3), "examples_caught": _caught(vectors, threshold)}
    return found, report


def _similarity(examples: Mapping[str, NDArray[np.float32]], others: Mapping[str, NDArray[np.float32]]) -> Any:
    return np.mean([others[name] @ examples[name].T for name in examples], axis=0)  # [others, examples]


def _threshold(vectors: Mapping[str, NDArray[np.float32]], own: Mapping[str, NDArray[np.float32]]) -> float:
    if not own or not len(next(iter(own.values()))):
        return 0.6
    nearest = _similarity(vectors, own).max(1)
    return float(np.clip(np.quantile(nearest, HARMLESS_KEPT) + MARGIN, LOWEST, HIGHEST))


def _caught(vectors: Mapping[str, NDArray[np.float32]], threshold: float) -> float | None:
    """Return the share of the topic's examples that the others alone would catch."""
    similarity = _similarity(vectors, vectors)
    if len(similarity) < 3:
        return None
    np.fill_diagonal(similarity, -1.0)
    return round(float(np.mean(similarity[1:].max(1) >= threshold)), 3)
