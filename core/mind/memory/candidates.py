"""The passages that any search of a message brings, and how near each is in every encoder's space.

Asks the indexes, full-text search, and what passages themselves say; weighs nothing. Made for one message at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...turn import Vector
from .aspects import Aspects
from .index import Index
from .lexical import Lexical

COMPARED = 100_000  # passages in all up to which each encoder is asked about the others' finds too
ASKED = 1_000  # questions without their subjects whose vectors are remembered
SHORT = 300  # characters of a question; what is longer tells many things, and no one of them is asked
Encode = Callable[[Sequence[tuple[str, str]]], Sequence[Mapping[str, Vector]]]
Floats = NDArray[np.float32]
Kept = NDArray[np.bool_] | None


@dataclass(frozen=True, slots=True)
class Found:
    """Hold the cosines [n] of candidates with one query vector in one encoder's space, nan where it knows none.

    `aspects` [n] are the cosines of what is asked about the subject with what each passage itself says.
    """

    encoder: str
    cosines: Floats
    fused: bool = False
    aspects: Floats | None = None


@dataclass(frozen=True, slots=True)
class Candidates:
    """Hold the positions [n] of candidates, what each query vector says of them, and their full-text scores [n]."""

    positions: NDArray[np.int64]
    found: Sequence[Found]
    words: Floats


class Searches:
    """Ask the searches of one artifact."""

    def __init__(self, folder: Path, indexes: Mapping[str, Index], lexical: Lexical, aspects: Sequence[str]) -> None:
        """`aspects` are the encoders that compare what is asked about a subject; raise ArtifactInvalid as they do."""
        self.indexes, self.lexical = indexes, lexical
        self.aspects = {
            name: Aspects(folder, name, len(lexical), index.facts.dimension)
            for name, index in indexes.items()
            if name in aspects
        }
        self.encode: Encode | None = None
        self._asked: dict[tuple[str, str], Mapping[str, Vector]] = {}

    def forget_questions(self) -> None:
        """Forget the questions that were asked lately."""
        self._asked = {}

    def candidates(
        self,
        vectors: Mapping[str, Vector],
        fused: tuple[str, Vector] | None,
        text: str,
        language: str,
        depth: int,
        kept: Kept = None,
    ) -> Candidates:
        """Return what the best `depth` of each search are."""
        words = self.lexical.search(text, depth, kept)
        asked: list[tuple[str, NDArray[np.float32], NDArray[np.int64], Floats]] = []
        for name, vector in vectors.items():
            index = self.indexes.get(name)
            if index is None or not index.rows:
                continue
            queries = np.stack([vector] if fused is None or fused[0] != name else [vector, fused[1]])
            scores, owners = index.search(queries, depth, kept)  # [queries, depth] each
            asked.append((name, queries, owners, scores))
        by_words = np.fromiter(words, np.int64, len(words))
        every = np.unique(np.concatenate([by_words, *(owners[owners >= 0] for _, _, owners, _ in asked)]))
        scored = np.zeros(len(every), np.float32)
        scored[np.searchsorted(every, by_words)] = np.fromiter(words.values(), np.float32, len(words))
        aspects = self._aspects([name for name, *_ in asked], every, text, language)
        whole = len(self.lexical) <= COMPARED
        found: list[Found] = []
        for name, queries, owners, scores in asked:
            if whole:
                cosines = self.indexes[name].cosines(queries, every)
            else:
                cosines = np.stack([_scattered(every, *one) for one in zip(owners, scores, strict=True)])
            found += [Found(name, own, number == 1, aspects.get(name)) for number, own in enumerate(cosines)]
        return Candidates(every, found, scored)

    def _aspects(
        self, encoders: Sequence[str], every: NDArray[np.int64], text: str, language: str
    ) -> dict[str, Floats]:
        """Return how near each passage itself is to what is asked about the subject, by encoder."""
        if self.encode is None or len(text) > SHORT or not any(name in self.aspects for name in encoders):
            return {}
        key = (self.lexical.without_rare(text), language)
        if not key[0]:
            return {}
        asked = self._asked.get(key)
        if asked is None:
            asked = self.encode([key])[0]
            if len(self._asked) >= ASKED:  # turns think on several threads: what is read is held before
                self._asked.clear()
            self._asked[key] = asked
        return {name: self.aspects[name].cosines(asked[name], every) for name in self.aspects if name in asked}


def _scattered(every: NDArray[np.int64], owners: NDArray[np.int64], scores: Floats) -> Floats:
    """Return the best score of each of `every`, nan where there is none."""
    found = np.full(len(every), np.nan, np.float32)
    known = owners >= 0
    at = np.searchsorted(every, owners[known])[::-1]  # the best come first, and are written last
    found[at] = scores[known][::-1]
    return found
