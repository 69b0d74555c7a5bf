"""Ethics rules at run time: which rules fire on a text, and what they do.

Topics are compared with the vectors that the turn already has; no rule calls a model of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import regex
from numpy.typing import NDArray

from ..message import FiredRule
from ..persona.schema import Condition, Rule
from ..turn import Vector, Verdict
from . import privacy
from .disguise import Words
from .phrases import choose, phrase

PATTERN_SECONDS = 0.05
MASK = "▮▮▮"
ENDING = ("refuse", "hand_off", "escalate")
Side = Literal["input", "output"]


@dataclass(frozen=True, slots=True)
class Facts:
    """Hold what rules may look at; `intent` and `emotion` are None before the message was understood."""

    text: str
    language: str
    vectors: Mapping[str, Vector] = field(default_factory=dict)
    intent: str | None = None
    emotion: str | None = None
    pii: tuple[str, ...] = ()
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """Score messages for a topic: weights [d + 1] by encoder, the last for a constant 1; 1 is on topic, 0 is not.

    `examples` [n, d] and `harmless` [m, d] are by encoder: what the author said is on topic, and the persona's own
    questions and examples. A message counts only when it is nearer to the former.
    """

    weights: Mapping[str, NDArray[np.float32]]
    threshold: float
    examples: Mapping[str, NDArray[np.float32]]
    harmless: Mapping[str, NDArray[np.float32]]

    def covers(self, vectors: Mapping[str, Vector]) -> bool:
        """Tell whether a message is on topic."""
        if self.score(vectors) < self.threshold:
            return False
        return nearest(self.examples, vectors) > nearest(self.harmless, vectors)

    def score(self, vectors: Mapping[str, Vector]) -> float:
        """Return the mean score over the encoders that the message has; -1 when there is none."""
        scores = [float(w[:-1] @ vectors[name] + w[-1]) for name, w in self.weights.items() if name in vectors]
        return sum(scores) / len(scores) if scores else -1.0


def nearest(sentences: Mapping[str, NDArray[np.float32]], vectors: Mapping[str, Vector]) -> float:
    """Return the cosine with the nearest sentence, the mean over the encoders that both sides have; -1 for none."""
    shared = [sentences[name] @ vectors[name] for name in sentences if name in vectors and len(sentences[name])]
    return float(np.mean(shared, axis=0).max()) if shared else -1.0


def conditions(when: Condition, path: str) -> list[tuple[str, Condition]]:
    """Return all conditions of a rule with a stable path for each, itself first."""
    found = [(path, when)]
    for kind in ("any", "all"):
        for position, part in enumerate(getattr(when, kind) or ()):
            found += conditions(part, f"{path}/{kind}{position}")
    if when.not_ is not None:
        found += conditions(when.not_, f"{path}/not")
    return found


class Ethics:
    """Judge texts by a persona's rules."""

    def __init__(self, rules: Sequence[Rule], topics: Mapping[str, Topic], default_language: str) -> None:
        self._rules = rules
        self._topics = topics
        self._default = default_language
        self._patterns = {
            path: regex.compile(condition.pattern, regex.IGNORECASE)
            for rule in rules
            for path, condition in conditions(rule.when, rule.id)
            if condition.pattern is not None
        }
        self._words = {
            path: Words(condition.words)
            for rule in rules
            for path, condition in conditions(rule.when, rule.id)
            if condition.words is not None
        }
        self._late = {
            rule.id: any(c.intent is not None or c.emotion is not None for _, c in conditions(rule.when, rule.id))
            for rule in rules
        }
        self.reads_output_topics = any(
            "output" in rule.on and any(c.topic is not None for _, c in conditions(rule.when, rule.id))
            for rule in rules
        )

    def scores(self, vectors: Mapping[str, Vector]) -> list[tuple[str, float, float]]:
        """Return (rule, score, threshold) of each topic for a message, whether it counts or not."""
        return [(path.split("/")[0], topic.score(vectors), topic.threshold) for path, topic in self._topics.items()]

    def judge(self, side: Side, facts: Facts) -> Verdict:
        """Apply the rules of one side in their order; the first that ends the turn does.

        On input, rules that look at intent or emotion are judged once the message was understood, the others before.
        """
        understood = facts.intent is not None or facts.emotion is not None
        text, say = facts.text, None
        fired: list[FiredRule] = []
        notes: list[str] = []
        for rule in self._rules:
            if side not in rule.on or (side == "input" and self._late[rule.id] != understood):
                continue
            if not self._holds(rule.when, rule.id, facts):
                continue
            fired.append(FiredRule(rule.id, rule.do))
            words = choose(rule.say or {}, facts.language, self._default)
            if rule.do in ENDING:
                say = words or phrase("refuse" if rule.do == "refuse" else "hand_off", facts.language)
                break
            if rule.do in ("warn", "redact") and words:
                notes.append(words)
            if rule.do == "redact":
                text = self._redact(rule.when, rule.id, text)
        return Verdict(text, tuple(fired), (), say, tuple(notes))

    def _holds(self, when: Condition, path: str, facts: Facts) -> bool:
        if when.topic is not None:
            topic = self._topics.get(path)
            return topic is not None and topic.covers(facts.vectors)
        if when.words is not None or when.pattern is not None:
            return self._matches(path, facts.text)
        if when.pii is not None:
            return any(kind in facts.pii for kind in when.pii) or bool(privacy.find(facts.text, when.pii))
        if when.intent is not None:
            return facts.intent in when.intent
        if when.emotion is not None:
            return facts.emotion in when.emotion
        if when.language is not None:
            return facts.language in when.language
        if when.channel is not None:
            return facts.channel in when.channel
        if when.any is not None:
            return any(self._holds(part, f"{path}/any{i}", facts) for i, part in enumerate(when.any))
        if when.all is not None:
            return all(self._holds(part, f"{path}/all{i}", facts) for i, part in enumerate(when.all))
        return when.not_ is not None and not self._holds(when.not_, f"{path}/not", facts)

    def _matches(self, path: str, text: str) -> bool:
        try:
            if path in self._words:
                return self._words[path].found(text)
            return self._patterns[path].search(text, timeout=PATTERN_SECONDS) is not None
        except TimeoutError:
            return True  # a rule that can't decide in time errs on the safe side

    def _redact(self, when: Condition, path: str, text: str) -> str:
        for place, condition in conditions(when, path):
            try:
                if condition.words is not None:
                    for start, end in reversed(self._words[place].spans(text)):
                        text = text[:start] + MASK + text[end:]
                if condition.pattern is not None:
                    text = self._patterns[place].sub(MASK, text, timeout=PATTERN_SECONDS)
            except TimeoutError:
                text = MASK
            if condition.pii is not None:
                text = privacy.mask(text, condition.pii).text
        return text


def read_topics(folder: Path) -> dict[str, Topic]:
    """Read topics.json and topics.safetensors, as the compiler wrote them."""
    from safetensors.numpy import load_file

    thresholds = json.loads((folder / "topics.json").read_text("utf-8"))
    parts: dict[tuple[str, str], dict[str, NDArray[np.float32]]] = {}
    for key, matrix in load_file(str(folder / "topics.safetensors")).items():
        part, path, encoder = key.split("|", 2)
        parts.setdefault((part, path), {})[encoder] = matrix
    harmless = parts.get(("harmless", ""), {})
    return {
        path: Topic(parts["weights", path], float(threshold), parts["examples", path], harmless)
        for path, threshold in thresholds.items()
    }
