"""The judges of emotions in one: the fused network, runs of words, and a tuned encoder, pooled.

Knows rows of a table and not where they come from. Of many rows a tenth is held out, whole dialogues together: it ends
the network's training and tells how much each judge weighs. Of few rows the network judges alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..compile.feeling import FEW, Feelings, fit, judge
from ..compile.feeling_tuned import TunedWords
from ..compile.ngrams import Ngrams
from ..compile.pooling import fit_pool
from ..errors import BadInput
from .emotion_tokens import Material

HELD = 0.1  # of many rows
NETWORK, RUNS, TUNED, POOLED = "network", "word runs", "tuned encoder", ""
Array = NDArray[np.float32]
Rows = NDArray[np.int64]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Judged:
    """Hold log-probabilities or logits [n, emotions] by judge, POOLED being all in one, and the network's attention.

    `without` has the network's probabilities where tokens of a modality are taken away.
    """

    opinions: dict[str, Array]
    attention: Array
    without: dict[str, Array]


class Tuning:
    """Hold the encoder that is tuned, on the rows of a table that may be learnt from."""

    def __init__(self, material: Material, rows: Rows, encoder: str, mode: str) -> None:
        self._material = material
        self._place = {row: place for place, row in enumerate(rows.tolist())}
        texts = [material.texts[row] for row in rows.tolist()]
        labels = material.feelings.labels[rows]
        self._words = TunedWords(encoder, mode, texts, material.earlier(rows), labels, len(material.feelings.emotions))

    def fit(self, rows: Rows, seed: int, progress: Progress) -> None:
        """Tune on some rows."""
        places = np.array([self._place[row] for row in rows.tolist()], np.int64)
        self._words.fit(places, seed, lambda done, total: progress("tune", done, total))

    def judge(self, rows: Rows) -> Array:
        """Return log-probabilities [n, emotions] of any rows."""
        return self._words.judge([self._material.texts[row] for row in rows.tolist()], self._material.earlier(rows))


def judged(
    material: Material, learnt: Rows, asked: Rows, seed: int, tuning: Tuning | None, progress: Progress
) -> Judged:
    """Train all judges on some rows and let them judge others."""
    feelings = material.feelings
    many = len(learnt) >= FEW and "words" in material.modalities
    held = held_out(material.dialogues, learnt, seed) if many else None
    rest = learnt if held is None else np.setdiff1d(learnt, held)
    network = fit(feelings, with_any(feelings, rest), seed, held=held if held is None else with_any(feelings, held))

    def said(rows: Rows, without: Sequence[str] = ()) -> Array:
        return np.log(np.maximum(judge(network, feelings, rows, without)[0], 1e-6))

    found = {NETWORK: said(asked)}
    without = {name: said(asked, tokens) for name, tokens in material.modalities.items()}
    attention = judge(network, feelings, asked)[1]
    if held is None:
        return Judged({POOLED: found[NETWORK], **found}, attention, without)
    known = {NETWORK: said(held)}
    words = Ngrams([material.texts[row] for row in rest.tolist()], feelings.labels[rest], len(feelings.emotions))
    known[RUNS] = words.judge([material.texts[row] for row in held.tolist()])
    found[RUNS] = words.judge([material.texts[row] for row in asked.tolist()])
    if tuning is not None:
        tuning.fit(rest, seed, progress)
        known[TUNED], found[TUNED] = tuning.judge(held), tuning.judge(asked)
    shares = np.bincount(feelings.labels[rest], minlength=len(feelings.emotions)) / len(rest)
    pool = fit_pool(known, feelings.labels[held], shares)
    return Judged({POOLED: pool.logits(found), **found}, attention, without)


def held_out(dialogues: Rows, rows: Rows, seed: int) -> Rows:
    """Return about HELD of some rows, whole dialogues together."""
    own = dialogues[rows]
    numbers, counts = np.unique(own, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(numbers))
    few = order[: max(1, int(np.searchsorted(np.cumsum(counts[order]), HELD * len(rows))))]
    return rows[np.isin(own, numbers[few])]


def with_any(feelings: Feelings, rows: Rows) -> Rows:
    """Return the rows that have at least one token; raise BadInput when there is none."""
    kept = rows[np.any([present[rows] for present in feelings.present.values()], axis=0)]
    if not len(kept):
        raise BadInput("emotion_rows", "no row to learn from has a text that an encoder reads, or a voice")
    return kept
