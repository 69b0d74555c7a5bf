"""Mix what the encoders and full-text search find into one order.

A passage's mark is the weighted mean of its cosines, plus the share of the best full-text score that it reached. Scores
say more than ranks do: a clear winner of one search stays ahead. Knows positions and scores, neither texts nor models.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ...errors import ArtifactInvalid

FUSED = 0.5  # the weight of the fused query beside its encoder's
SAME_LANGUAGE = 0.1  # of cosine: what a passage in the user's language gains over one in another
ALONE = 1.0  # the weight of full-text search when no encoder reads the message


@dataclass(frozen=True, slots=True)
class Part:
    """Say how much an encoder counts beside others, and full-text search beside it; `languages` None are all."""

    weight: float = 1.0
    lexical: float = 0.05
    languages: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Mix:
    """Hold the weights of an artifact's encoders by name."""

    parts: Mapping[str, Part] = field(default_factory=dict)

    def part(self, name: str) -> Part:
        """Return an encoder's weights."""
        return self.parts.get(name, Part())

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


@dataclass(frozen=True, slots=True)
class Found:
    """Hold the passages that one query vector found in one encoder's space, with their cosines, nearest first."""

    encoder: str
    cosines: Mapping[int, float]
    fused: bool = False


def mixed(
    dense: Sequence[Found],
    lexical: Mapping[int, float],
    mix: Mix,
    language_of: Callable[[int], str],
    language: str,
) -> dict[int, float]:
    """Return the mark of each passage that any search found.

    A cosine that a search did not reach counts as its last one; an encoder says nothing about a passage in a language
    that it does not read.
    """
    judges = [
        (found, mix.part(found.encoder).weight * (FUSED if found.fused else 1.0), min(found.cosines.values()))
        for found in dense
        if found.cosines
    ]
    total = sum(weight for found, weight, _ in judges if not found.fused)
    share = sum(weight * mix.part(found.encoder).lexical for found, weight, _ in judges if not found.fused)
    words = share / total if total else ALONE
    best = max(lexical.values(), default=0.0)
    marks: dict[int, float] = {}
    for position in {position for found, _, _ in judges for position in found.cosines} | lexical.keys():
        written = language_of(position)
        mark = weighed = 0.0
        for found, weight, least in judges:
            if position in found.cosines or _reads(mix.part(found.encoder).languages, written):
                mark += weight * found.cosines.get(position, least)
                weighed += weight
        mark = mark / weighed if weighed else 0.0
        if best > 0.0:
            mark += words * lexical.get(position, 0.0) / best
        marks[position] = mark + (SAME_LANGUAGE if written == language else 0.0)
    return marks


def _reads(languages: Collection[str] | None, language: str) -> bool:
    return languages is None or language.split("-")[0] in languages


def _part(data: Mapping[str, object]) -> Part:
    languages = data["languages"]
    known = tuple(str(language) for language in languages) if isinstance(languages, list) else None
    return Part(float(str(data["weight"])), float(str(data["lexical"])), known)
