"""Topics of rules: how near in meaning a message is to what an author gave examples of.

Compares vectors that the turn already has; knows neither texts nor the models that made the vectors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...turn import Vector

Matrices = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Topic:
    """Score messages for a topic: weights [d + 1] by encoder, the last for a constant 1; 1 is on topic, 0 is not.

    `examples` [n, d] and `harmless` [m, d] are by encoder: what the author said is on topic, and the persona's own
    questions and examples; `unlike` [k, d] is what the author said is not on topic. A message counts only when it is
    nearer to the first than to the others.
    """

    weights: Matrices
    threshold: float
    examples: Matrices
    harmless: Matrices
    unlike: Matrices = field(default_factory=dict)

    def covers(self, vectors: Mapping[str, Vector]) -> bool:
        """Tell whether a message is on topic."""
        return self.score(vectors) >= self.threshold and self.nearer(vectors)

    def score(self, vectors: Mapping[str, Vector]) -> float:
        """Return the mean score over the encoders that the message has; -1 when there is none."""
        scores = [float(w[:-1] @ vectors[name] + w[-1]) for name, w in self.weights.items() if name in vectors]
        return sum(scores) / len(scores) if scores else -1.0

    def nearer(self, vectors: Mapping[str, Vector]) -> bool:
        """Tell whether a message is nearer to an example than to anything that is not on topic."""
        own = nearest(self.examples, vectors)
        return own > nearest(self.unlike, vectors) and own > nearest(self.harmless, vectors)


def nearest(sentences: Matrices, vectors: Mapping[str, Vector]) -> float:
    """Return the cosine with the nearest sentence, the mean over the encoders that both sides have; -1 for none."""
    shared = [sentences[name] @ vectors[name] for name in sentences if name in vectors and len(sentences[name])]
    return float(np.mean(shared, axis=0).max()) if shared else -1.0


def write_topics(topics: Mapping[str, Topic], folder: Path) -> None:
    """Write topics by the path of their condition, as topics.json and topics.safetensors."""
    from safetensors.numpy import save_file

    tensors: dict[str, NDArray[np.float32]] = {}
    for path, topic in topics.items():
        tensors |= {f"weights|{path}|{name}": matrix for name, matrix in topic.weights.items()}
        tensors |= {f"examples|{path}|{name}": matrix for name, matrix in topic.examples.items()}
        tensors |= {f"unlike|{path}|{name}": matrix for name, matrix in topic.unlike.items()}
        tensors |= {f"harmless||{name}": matrix for name, matrix in topic.harmless.items()}
    save_file(tensors, str(folder / "topics.safetensors"))
    thresholds = {path: round(topic.threshold, 4) for path, topic in topics.items()}
    (folder / "topics.json").write_text(json.dumps(thresholds, sort_keys=True), "utf-8")


def read_topics(folder: Path) -> dict[str, Topic]:
    """Read topics as `write_topics` wrote them."""
    from safetensors.numpy import load_file

    thresholds = json.loads((folder / "topics.json").read_text("utf-8"))
    parts: dict[tuple[str, str], dict[str, NDArray[np.float32]]] = {}
    for key, matrix in load_file(str(folder / "topics.safetensors")).items():
        part, path, encoder = key.split("|", 2)
        parts.setdefault((part, path), {})[encoder] = matrix
    harmless = parts.get(("harmless", ""), {})
    return {
        path: Topic(
            parts["weights", path],
            float(threshold),
            parts["examples", path],
            harmless,
            parts.get(("unlike", path), {}),
        )
        for path, threshold in thresholds.items()
    }
