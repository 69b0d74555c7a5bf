"""The fused model at run time: vectors of the modalities that are present in, an understanding out.

Runs the network that the compiler exported to ONNX; does not know how it was trained, and imports no torch.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ..turn import Vector

OUTPUTS = ("intent", "emotion", "query", "attention")
RANKED = 5  # intents that a thought names
SPEECH = "speech"
PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class FusionConfig:
    """Describe a trained network.

    `tokens` are (name, dimension) in the order of the network's inputs. The last intent logit is the background
    class of messages that belong to no intent. `temperature` divides the intent logits; a message whose best intent
    has less than `threshold` of the probability is out of scope.
    """

    tokens: tuple[tuple[str, int], ...]
    intents: tuple[str, ...]
    emotions: tuple[str, ...]
    query: str
    temperature: float
    threshold: float

    @classmethod
    def read(cls, path: Path) -> FusionConfig:
        """Read the configuration that `write` wrote."""
        data = json.loads(path.read_text("utf-8"))
        return cls(
            tokens=tuple((name, int(dimension)) for name, dimension in data["tokens"]),
            intents=tuple(data["intents"]),
            emotions=tuple(data["emotions"]),
            query=data["query"],
            temperature=float(data["temperature"]),
            threshold=float(data["threshold"]),
        )

    def write(self, path: Path) -> None:
        """Write the configuration as JSON."""
        data = {
            "tokens": [list(token) for token in self.tokens],
            "intents": list(self.intents),
            "emotions": list(self.emotions),
            "query": self.query,
            "temperature": self.temperature,
            "threshold": self.threshold,
        }
        path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")


@dataclass(frozen=True, slots=True)
class Thought:
    """Hold what the network makes of one message: the likeliest intents, the fused query vector, attention by token."""

    ranking: tuple[tuple[str, float], ...]
    emotion: str
    emotion_confidence: float
    query: Vector
    attention: dict[str, float]


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the softmax over the last axis."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True), np.float32)


class Fusion:
    """Run the fused network."""

    def __init__(self, folder: Path) -> None:
        self.config = FusionConfig.read(folder / "fusion.json")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        self._absent = {
            f"token_{position}": np.zeros((1, dimension), np.float32)
            for position, (_, dimension) in enumerate(self.config.tokens)
        }
        self._session = onnxruntime.InferenceSession(
            str(folder / "fusion.onnx"), options, providers=["CPUExecutionProvider"]
        )

    def think(self, vectors: Mapping[str, Vector]) -> Thought:
        """Understand one message from its vectors by token name; absent tokens are masked."""
        config = self.config
        inputs = dict(self._absent)
        mask = np.zeros((1, len(config.tokens)), np.float32)  # [1, tokens], 1 where present
        for position, (name, _) in enumerate(config.tokens):
            vector = vectors.get(name)
            if vector is not None:
                mask[0, position] = 1.0
                inputs[f"token_{position}"] = vector[None]
        inputs["mask"] = mask
        logits, emotion, query, attention = self._session.run(OUTPUTS, inputs)
        probabilities = softmax(logits[0] / config.temperature)
        order = np.argsort(-probabilities[: len(config.intents)])[:RANKED]
        emotions = softmax(emotion[0])
        best = int(emotions.argmax())
        return Thought(
            ranking=tuple((config.intents[i], float(probabilities[i])) for i in order),
            emotion=config.emotions[best],
            emotion_confidence=float(emotions[best]),
            query=np.asarray(query[0], np.float32),
            attention={name: round(float(attention[0, i]), 4) for i, (name, _) in enumerate(config.tokens)},
        )
