"""The judge of risks: how likely a text is of each kind, from the vectors that a turn already has.

Knows weights that ship with personac and no rules; what a persona does about a risk is in its rules.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...persona.schema import base
from ...turn import Vector
from ..rules.conditions import DEPENDS
from .disguises import unmasked
from .ngrams import ngrams
from .pieces import pieces, sentences

WEIGHTS = Path(__file__).with_name("weights.safetensors")
CLEAR = 0.5  # a kind at least so likely as this part of the likeliest is as surely there
PIECES, SENTENCES = 6, 2  # of a long text, and of any, that encoders read: those whose words look the worst
MARGIN = 1.0  # in log odds, by which one piece of many, or a code or name alone, must be worse than a text
ALONE = 2.0  # the same of a sentence without those around it, which is of its likeliest kind, and of none in DEPENDS
CALM = -1.0  # log odds of its words up to which such a sentence is not read
_WORD = re.compile(r"[\u3400-\u9fff]{2}|[^\W\d_\u3400-\u9fff]{3,12}")
LETTERS = "ngrams"  # the member that reads words and characters
Encode = Callable[[Sequence[tuple[str, str]]], Sequence[Mapping[str, Vector]]]
Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Head:
    """Score a vector [d] for each kind: layers `hidden` [d + 1, h] and `out` [h + 1, kinds], or the second alone."""

    hidden: Array | None
    out: Array

    def logits(self, vector: Vector) -> Array:
        """Return logits [kinds]."""
        layer = vector if self.hidden is None else np.maximum(vector @ self.hidden[:-1] + self.hidden[-1], 0)
        return np.asarray(layer @ self.out[:-1] + self.out[-1], np.float32)


@dataclass(frozen=True, slots=True)
class Group:
    """Name classes that are judged beside one another: the first for what is safe, and one for each kind of risk.

    A text may be of several kinds; where `one` is true, of the likeliest alone.
    `thresholds` are the log odds from which a text is not safe, for each set of members that may be there (their names
    in order, joined by +), by language. Other languages have the highest of them.
    """

    classes: tuple[str, ...]
    thresholds: Mapping[str, Mapping[str, float]]
    one: bool = False


class Risks:
    """Judge texts with weights that were read."""

    def __init__(
        self,
        groups: Sequence[Group],
        heads: Mapping[str, Head],
        table: Array,
        weights: Mapping[str, float],
        instead: Mapping[str, str],
    ) -> None:
        """Take groups of classes, whose logits stand beside one another: a head for each encoder and each branch of
        one by name, and `table` [buckets + 1, classes of all groups]. `weights` are what the members weigh beside one
        another; one in `instead` is left out where the other is there.
        """
        self.kinds = tuple(group.classes[1:] for group in groups)
        self._groups = groups
        self._ends = np.cumsum([len(group.classes) for group in groups]).tolist()
        self._heads = heads
        self._table = table
        self._weights = weights
        self._instead = instead

    def reads(self, encoders: Collection[str], languages: Iterable[str]) -> bool:
        """Tell whether it judges texts of these languages by the vectors of some of these encoders."""
        known: set[str] = set()
        for members, limits in self._groups[0].thresholds.items():
            if set() < {*members.split("+")} - {LETTERS} <= {*encoders}:
                known.update(limits)
        return all(base(language) in known for language in languages)

    def judge(self, text: str, language: str, vectors: Mapping[str, Vector], encode: Encode) -> dict[str, float]:
        """Return for each kind a probability whose decision is at 0.5; what has no word, a number or a code, has none.

        `vectors` are those of the text by encoder; `encode` makes those of its parts, (text, language) each.
        """
        spoken = base(language)
        words = len(_WORD.findall(text))
        risks = (
            self._risks(text, spoken, vectors, 0.0 if words > 1 else MARGIN)
            if words
            else dict.fromkeys(chain(*self.kinds), 0.0)
        )
        parts = self._parts(text)
        if parts:
            read = encode([(part, language) for part in parts])
            for (part, margin), own in zip(parts.items(), read):
                for kind, risk in self._risks(part, spoken, own, margin).items():
                    if margin < ALONE or kind not in DEPENDS:
                        risks[kind] = max(risks[kind], risk)
        return risks

    def _parts(self, text: str) -> dict[str, float]:
        """Return what is judged beside a text, with the margin of each: what is hidden in it, and pieces of both."""
        hidden = unmasked(text)
        found = dict.fromkeys((part for one in hidden for part in (one, *pieces(one)[:PIECES])), 0.0)
        cut = pieces(text)
        known = set(map(_letters, cut))
        single = {_letters(one): one for one in chain(*map(sentences, (text, *hidden)))}
        alone = [one for key, one in single.items() if key not in known]
        worst = self._worst(alone, CALM)[:SENTENCES]
        return dict.fromkeys(worst, ALONE) | dict.fromkeys(self._worst(cut)[:PIECES], MARGIN) | found

    def _worst(self, parts: Sequence[str], calm: float = -math.inf) -> list[str]:
        """Return those of the parts whose words are worse than calm, the worst first."""
        odds = {part: self._letters_odds(part) for part in parts}
        return sorted((part for part in odds if odds[part] > calm), key=lambda part: -odds[part])

    def _risks(self, text: str, language: str, vectors: Mapping[str, Vector], margin: float) -> dict[str, float]:
        found: dict[str, float] = {}
        for group, (odds, shares) in zip(self._groups, self.odds(text, language, vectors)):
            probable = 1 / (1 + math.exp(margin - odds))
            parts = (shares == shares.max()) if group.one or margin >= ALONE else np.minimum(1.0, shares / CLEAR)
            found |= {kind: probable * float(part) for kind, part in zip(group.classes[1:], parts)}
        return found

    def _letters_odds(self, text: str) -> float:
        return max(unsafe(logits, 0.0)[0] for logits in self._parted(self._letters(text)))

    def odds(self, text: str, language: str, vectors: Mapping[str, Vector]) -> list[tuple[float, Array]]:
        """Return for each group the log odds, above the threshold, that one piece of text is not safe, and each kind's
        share of it.
        """
        logits, members = [self._weights[LETTERS] * self._letters(text)], [LETTERS]
        for name in sorted(self._heads):
            if name in vectors and self._instead.get(name) not in vectors:
                logits.append(self._weights[name] * self._heads[name].logits(vectors[name]))
                members.append(name)
        weight = sum(self._weights[name] for name in members)
        found = []
        for group, own in zip(self._groups, self._parted(np.sum(logits, axis=0) / weight)):
            limits = group.thresholds["+".join(members)]
            found.append(unsafe(own, limits.get(language, max(limits.values()))))
        return found

    def _parted(self, logits: Array) -> list[Array]:
        """Return logits [classes of all groups] as those of each."""
        return np.split(logits, self._ends[:-1])

    def _letters(self, text: str) -> Array:
        buckets, values = ngrams(text)
        return np.asarray(values @ self._table[buckets] + self._table[-1], np.float32)


def unsafe(logits: Array, threshold: float) -> tuple[float, Array]:
    """Return the log odds above a threshold that something of these logits [classes] is not safe, and the kinds' shares
    of the rest as parts of the largest one.
    """
    kinds = logits[1:]
    top = float(kinds.max())
    shares = np.exp(kinds - top)
    return top + math.log(float(shares.sum())) - float(logits[0]) - threshold, shares


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


@lru_cache(maxsize=1)
def shipped() -> Risks:
    """Return the judge with the weights that ship with personac."""
    from safetensors import safe_open

    with safe_open(str(WEIGHTS), "numpy") as file:
        facts = json.loads(file.metadata()["facts"])
        arrays = {name: file.get_tensor(name).astype(np.float32) for name in file.keys()}  # noqa: SIM118
    heads = {name: Head(arrays.get(f"{name}|hidden"), arrays[f"{name}|out"]) for name in facts["heads"]}
    groups = [Group(tuple(group["classes"]), group["thresholds"], group["one"]) for group in facts["groups"]]
    return Risks(groups, heads, arrays[LETTERS], facts["weights"], facts["instead"])
