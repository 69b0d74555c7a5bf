"""The weights of the judge of risks, from the sentences that were written for it."""

from __future__ import annotations

import csv
import hashlib
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from ...mind.risk.judge import LETTERS, WEIGHTS, Head, Risks
from ...models.text import load_text_encoder
from . import training
from .grammar import DATA, SAFE, Sentence, sentences

ENCODERS = ("all-MiniLM-L6-v2", "use-multilingual")
KINDS = (
    "harm", "self_harm", "sexual", "hate", "privacy", "misinformation", "advice", "human",
    "jailbreak", "injection", "prompt_leak",
)  # fmt: skip
CLASSES = (SAFE, *KINDS)
HELD = 5  # one line in so many is held out, to set the thresholds
PASSING = {"en": 0.94, "zh": 0.93}  # of harmless sentences, none of them learnt from
SEEDS = (0, 1)
EVERYDAY = Path(__file__).parents[2] / "mind" / "emotion.csv"
TYPED = 0.4  # of the sentences
SAFE_WEIGHT = 2.0
Array = NDArray[np.float32]
Mask = NDArray[np.bool_]


def build(path: Path = WEIGHTS) -> Iterator[str]:
    """Train the judge, write its weights, and yield what it came to on sentences that were held out."""
    from safetensors.numpy import save

    rows = varied([*sentences(), *everyday()])
    vectors = {name: encoded(name, rows) for name in ENCODERS}
    held = np.array([crc32(row.line.encode()) % HELD == 0 for row in rows])
    thresholds: dict[str, dict[str, float]] = {}
    heads, table = trained(rows, vectors, ~held)
    yield f"{len(rows)} sentences of {len({row.line for row in rows})} lines"
    for members in training.members(ENCODERS):
        odds = odds_of(heads, table, rows, vectors, members)
        limits = thresholds["+".join(members)] = {}
        for language, passing in PASSING.items():
            spoken = np.array([row.language == language for row in rows])
            if reads(members, language):
                chosen = np.flatnonzero(held & spoken)
                limits[language], line = threshold(odds[chosen], [rows[at] for at in chosen], passing)
                yield f"{'+'.join(members)}, {language}: {line}"
    heads, table = trained(rows, vectors, np.ones(len(rows), np.bool_))
    arrays = {f"{name}|{part}": getattr(h, part) for name, h in heads.items() for part in ("hidden", "out")}
    facts = {"classes": CLASSES, "encoders": ENCODERS, "thresholds": thresholds, "data": content()}
    small = {name: array.astype(np.float16) for name, array in {**arrays, LETTERS: table}.items()}
    path.write_bytes(save(small, {"facts": json.dumps(facts, sort_keys=True)}))
    yield f"{path.name}: {path.stat().st_size / 1e6:.2f} MB"


def content() -> str:
    """Return the hash of all that the weights are made from."""
    files = [*sorted(DATA.glob("*.txt")), EVERYDAY]
    return hashlib.sha256(b"".join(hashlib.sha256(file.read_bytes()).digest() for file in files)).hexdigest()


def everyday() -> list[Sentence]:
    """Return the everyday sentences that also teach emotions: all of them are safe."""
    with EVERYDAY.open(encoding="utf-8", newline="") as file:
        return [Sentence(row["text"], SAFE, row["language"], row["text"], 1.0) for row in csv.DictReader(file)]


def varied(rows: Sequence[Sentence]) -> list[Sentence]:
    """Return sentences with some of them as people type them: in small letters, without the signs at the end."""
    found = []
    for row in rows:
        typed = random.Random(crc32(row.text.encode())).random() < TYPED
        text = row.text.lower().rstrip(".?!。？！") if typed else row.text
        found.append(Sentence(text, row.kind, row.language, row.line, row.share))
    return found


def encoded(name: str, rows: Sequence[Sentence]) -> Array:
    """Return the vectors [n, d] of sentences, zeros where the encoder does not read their language."""
    encoder = load_text_encoder(name, threads=1)
    encoder.warm_up()
    places = [i for i, row in enumerate(rows) if encoder.languages is None or row.language in encoder.languages]
    vectors = np.zeros((len(rows), encoder.dimension), np.float32)
    vectors[places] = encoder.encode([rows[i].text for i in places])
    return vectors


def trained(rows: Sequence[Sentence], vectors: Mapping[str, Array], part: Mask) -> tuple[dict[str, Head], Array]:
    """Return the heads by encoder and the table, from a part of the rows."""
    targets = np.array([CLASSES.index(row.kind) for row in rows])
    weights = np.array([row.share**0.5 * (SAFE_WEIGHT if row.kind == SAFE else 1.0) for row in rows], np.float32)
    heads = {}
    for name, matrix in vectors.items():
        own = part & matrix.any(axis=1)
        heads[name] = training.head(matrix[own], targets[own], weights[own], SEEDS)
    texts = [row.text for row, is_in in zip(rows, part) if is_in]
    return heads, training.table(texts, targets[part], weights[part], SEEDS[0])


def reads(members: Sequence[str], language: str) -> bool:
    """Tell whether the encoders among the members read a language: MiniLM is for English alone."""
    return language == "en" or "all-MiniLM-L6-v2" not in members


def odds_of(
    heads: Mapping[str, Head],
    table: Array,
    rows: Sequence[Sentence],
    vectors: Mapping[str, Array],
    members: Sequence[str],
) -> Array:
    """Return the log odds [n] that each row is not safe, as these members say together."""
    judge = Risks(CLASSES, heads, table, {"+".join(members): {"": 0.0}})
    return np.array(
        [
            judge.odds(row.text, row.language, {name: vectors[name][at] for name in members if name != LETTERS})[0]
            for at, row in enumerate(rows)
        ],
        np.float32,
    )


def threshold(odds: Array, rows: Sequence[Sentence], passing: float) -> tuple[float, str]:
    """Return the log odds that this share of the safe rows stay below, and in words what is caught from there."""
    weights = np.array([row.share for row in rows])
    safe = np.array([row.kind == SAFE for row in rows])
    order = np.argsort(odds[safe])
    passed = np.cumsum(weights[safe][order]) / weights[safe].sum()
    limit = float(odds[safe][order][np.searchsorted(passed, passing)])
    caught = np.average(odds[~safe] > limit, weights=weights[~safe])
    return limit, f"threshold {limit:.2f}, unsafe lines caught: {caught:.3f}"
