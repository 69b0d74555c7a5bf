"""Mix what the encoders and full-text search find into one order.

A passage's mark is the weighted mean of its cosines, plus the share of the best full-text score that it reached. Scores
say more than ranks do: a clear winner of one search stays ahead. Knows positions and scores, neither texts nor models.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import ArtifactInvalid
from .candidates import Candidates

FUSED = 0.5  # the weight of the fused query beside its encoder's
SAME_LANGUAGE = 0.1  # of cosine: what a passage in the user's language gains over one in another
ALONE = 1.0  # the weight of full-text search when no encoder reads the message


@dataclass(frozen=True, slots=True)
class Part:
    """Say how much an encoder counts beside others, and full-text search and the aspect beside it.

    `languages` None are all.
    """

    weight: float = 1.0
    lexical: float = 0.05
    languages: tuple[str, ...] | None = None
    aspect: float = 0.0


@dataclass(frozen=True, slots=True)
class Mix:
    """Hold the weights of an artifact's encoders by name."""

    parts: Mapping[str, Part] = field(default_factory=dict)

    def part(self, name: str) -> Part:
        """Return an encoder's weights."""
        return self.parts.get(name, Part())

    @property
    def with_aspects(self) -> tuple[str, ...]:
        """Return the encoders that compare what is asked about a subject."""
        return tuple(name for name, part in self.parts.items() if part.aspect)

    def write(self, path: Path) -> None:
        """Write the weights as JSON."""
        data = {name: asdict(part) for name, part in self.parts.items()}
        path.write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", "utf-8")

    @classmethod
    def read(cls, path: Path) -> Mix:
        """Read what `write` wrote; raise ArtifactInvalid when it is damaged."""
        try:
            return cls({name: _part(data) for name, data in json.loads(path.read_text("utf-8")).items()})
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise ArtifactInvalid(f"{path} is missing or damaged; compile the persona again") from error


def mixed(candidates: Candidates, mix: Mix, languages: Sequence[str], language: str) -> NDArray[np.float32]:
    """Return the mark [n] of each candidate; `languages` [n] are those they are in, `language` the user's.

    A cosine that a search did not reach counts as its last one; an encoder says nothing about a passage in a language
    that it does not read.
    """
    count = len(candidates.positions)
    judges = [
        (found, mix.part(found.encoder), FUSED if found.fused else 1.0)
        for found in candidates.found
        if not np.isnan(found.cosines).all()
    ]
    total = sum(part.weight for found, part, _ in judges if not found.fused)
    share = sum(part.weight * part.lexical for found, part, _ in judges if not found.fused)
    words = share / total if total else ALONE
    mark, weighed = np.zeros(count, np.float32), np.zeros(count, np.float32)
    for found, part, factor in judges:
        near, told = found.cosines, ~np.isnan(found.cosines)
        if not told.all():
            near = np.where(told, near, np.nanmin(near))
            told = told | np.array([_reads(part.languages, written) for written in languages], np.bool_)
        if found.aspects is not None:
            near = near + part.aspect * found.aspects
        mark += np.where(told, part.weight * factor * near, 0.0)
        weighed += np.where(told, part.weight * factor, 0.0)
    mark = np.where(weighed > 0, mark / np.maximum(weighed, 1e-9), 0.0)
    best = candidates.words.max(initial=0.0)
    if best > 0.0:
        mark = mark + words * candidates.words / best
    same = np.array([written == language for written in languages], np.float32)
    marked: NDArray[np.float32] = (mark + SAME_LANGUAGE * same).astype(np.float32)
    return marked


def _reads(languages: Collection[str] | None, language: str) -> bool:
    return languages is None or language.split("-")[0] in languages


def _part(data: Mapping[str, object]) -> Part:
    languages = data["languages"]
    known = tuple(str(language) for language in languages) if isinstance(languages, list) else None
    return Part(float(str(data["weight"])), float(str(data["lexical"])), known, float(str(data["aspect"])))
