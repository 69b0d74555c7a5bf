"""The fused model at run time: vectors of the modalities that are present in, an understanding out.

Runs the network that the compiler exported to ONNX; does not know how it was trained, and imports no torch.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ...turn import TUNED, Vector
from .judgement import NETWORK, Evidence, Judgement, mixture, opinions, scope, softmax
from .neighbours import Neighbours
from .several import Scores, Several, features, probabilities

NEIGHBOURS = "neighbours.safetensors"
OUTPUTS = ("intent", "emotion", "query", "attention")
RANKED = 5  # intents that a thought names
SPEECH = "speech"  # the states of the recogniser's encoder, a vector
VOICE = "voice"  # how it sounds: frames of cepstra, a sequence
TONE = "tone"  # how a whole recording sounds: measures of loudness, pitch and cepstra, a vector
PICTURE = "picture"
VIDEO = "video"  # pictures in their order, a sequence
HISTORY = "history"  # what was said before in the conversation, a sequence of sentence vectors
SENSES = (SPEECH, VOICE, TONE, PICTURE, VIDEO, HISTORY)  # all tokens that are not a sentence encoder's


@dataclass(frozen=True, slots=True)
class FusionConfig:
    """Describe a trained network.

    `tokens` are (name, dimension) in the order of the network's inputs. The last intent logit is the background
    class of messages that belong to no intent. `judgement` is how network, neighbours and a tuned head are mixed and
    what is out of scope. `sequences` names the tokens that are sequences of
    frames [L, dimension] instead of one vector. `several` says when an intent is asked for beside others, where
    examples belong to several.
    """

    tokens: tuple[tuple[str, int], ...]
    intents: tuple[str, ...]
    emotions: tuple[str, ...]
    query: str
    judgement: Judgement
    sequences: tuple[str, ...] = ()
    several: Several | None = None

    @classmethod
    def read(cls, path: Path) -> FusionConfig:
        """Read the configuration that `write` wrote."""
        data = json.loads(path.read_text("utf-8"))
        return cls(
            tokens=tuple((name, int(dimension)) for name, dimension in data["tokens"]),
            intents=tuple(data["intents"]),
            emotions=tuple(data["emotions"]),
            query=data["query"],
            judgement=Judgement(**data["judgement"]),
            sequences=tuple(data.get("sequences", ())),
            several=Several(**data["several"]) if "several" in data else None,
        )

    def write(self, path: Path) -> None:
        """Write the configuration as JSON."""
        data = {
            "tokens": [list(token) for token in self.tokens],
            "intents": list(self.intents),
            "emotions": list(self.emotions),
            "query": self.query,
            "judgement": self.judgement.as_dict(),
            "sequences": list(self.sequences),
        }
        if self.several is not None:
            data["several"] = self.several.as_dict()
        path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")


@dataclass(frozen=True, slots=True)
class Thought:
    """Hold what is made of one message: the likeliest intents, the fused query vector, attention by token.

    `nearness` is how near the message is to the intents; below the judgement's threshold it is out of scope. `members`
    says what each member of the mixture gives the likeliest intent. `intents` are all that are asked for, each with
    its probability by itself, likeliest first; None where no example belongs to several.
    """

    ranking: tuple[tuple[str, float], ...]
    emotion: str
    emotion_confidence: float
    query: Vector
    attention: dict[str, float]
    nearness: float = 0.0
    out_of_scope: bool = False
    members: dict[str, float] = field(default_factory=dict)
    intents: tuple[tuple[str, float], ...] | None = None


class Fusion:
    """Run the fused network."""

    def __init__(self, folder: Path) -> None:
        self.config = FusionConfig.read(folder / "fusion.json")
        self._neighbours = Neighbours.read(folder / NEIGHBOURS)
        self._scores = Scores.read(folder / NEIGHBOURS) if self.config.several else None
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        self._absent: dict[str, NDArray[Any]] = {}
        for position, (name, dimension) in enumerate(self.config.tokens):
            if name in self.config.sequences:
                self._absent[f"token_{position}"] = np.zeros((1, 1, dimension), np.float32)
                self._absent[f"lengths_{position}"] = np.ones(1, np.int32)
            else:
                self._absent[f"token_{position}"] = np.zeros((1, dimension), np.float32)
        self._session = onnxruntime.InferenceSession(
            str(folder / "fusion.onnx"), options, providers=["CPUExecutionProvider"]
        )

    def think(self, vectors: Mapping[str, Vector]) -> Thought:
        """Understand one message from its tokens by name, each [d] or [L, d] for a sequence; absent ones are masked.

        So is one of another dimension: what another model than the one it was trained with made of a recording.
        """
        config = self.config
        inputs = dict(self._absent)
        mask = np.zeros((1, len(config.tokens)), np.float32)  # [1, tokens], 1 where present
        for position, (name, dimension) in enumerate(config.tokens):
            vector = vectors.get(name)
            if vector is not None and len(vector) and vector.shape[-1] == dimension:
                mask[0, position] = 1.0
                if name in config.sequences:
                    inputs[f"lengths_{position}"] = np.array([len(vector)], np.int32)
                inputs[f"token_{position}"] = vector[None]
        inputs["mask"] = mask
        logits, emotion, query, attention = self._session.run(OUTPUTS, inputs)
        members = {NETWORK: logits}
        tuned = vectors.get(TUNED)
        if tuned is not None and tuned.shape == logits[0].shape:
            members[TUNED] = tuned[None]
        evidence = Evidence(members, self._neighbours.of(vectors))
        said = opinions(evidence, config.judgement)
        probabilities = mixture(said, config.judgement)[0]
        order = np.argsort(-probabilities[: len(config.intents)], kind="stable")[:RANKED]
        near = float(scope(evidence, config.judgement)[0]) if config.intents else 0.0
        emotions = softmax(emotion[0])
        best = int(emotions.argmax())
        return Thought(
            ranking=tuple((config.intents[i], float(probabilities[i])) for i in order),
            emotion=config.emotions[best],
            emotion_confidence=float(emotions[best]),
            query=np.asarray(query[0], np.float32),
            attention={name: round(float(attention[0, i]), 4) for i, (name, _) in enumerate(config.tokens)},
            nearness=near,
            out_of_scope=bool(config.intents) and near < config.judgement.threshold,
            members={name: round(float(part[0, order[0]]), 4) for name, part in said.items()} if len(order) else {},
            intents=self._asked_for(vectors, evidence),
        )

    def nearness(self, vectors: Mapping[str, Vector]) -> float:
        """Return the cosine of a message with the nearest of the persona's own examples and questions; -1 for none."""
        return self._neighbours.nearest(vectors, len(self.config.intents))

    def _asked_for(self, vectors: Mapping[str, Vector], evidence: Evidence) -> tuple[tuple[str, float], ...] | None:
        """Return all intents that a message asks for."""
        config = self.config
        if config.several is None or self._scores is None:
            return None
        found = features(self._scores.of(vectors), evidence, config.judgement.sharpness)
        sure = probabilities(found, config.several)[0]
        order = [i for i in np.argsort(-sure, kind="stable").tolist() if sure[i] > config.several.threshold]
        return tuple((config.intents[i], float(sure[i])) for i in order if config.intents[i])
