"""k-fold cross-validation of the fused network: what networks say of rows that they have not seen.

The number of epochs and the dropout are chosen by it; weights and thresholds of the understanding are fitted on it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .network import FusionNetwork
from .training import MANY, SEED, Array, Examples, epochs_for, logits_of, train_network
from .training_log import Note, silent

FOLDS, FOLDS_OF_MANY = 5, 3  # the second from MANY rows on
DROPOUTS = (0.2, 0.4)  # that are tried; the first is what many rows take
TRIED = 2  # folds on which they are
JUDGED = 8_000_000  # logits of held-out rows that are kept, at most
Make = Callable[[float], FusionNetwork]  # a new network with this dropout
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Validated:
    """Hold a cross-validation: the rows that were judged [j], their logits [j, intents + 1], and the folds of rows.

    `epochs` is how many a network takes until it is at its best, None where nothing was judged.
    """

    rows: NDArray[np.int64]
    logits: Array
    folds: list[NDArray[np.int64]]
    epochs: int | None
    dropout: float


def _folds(examples: Examples) -> list[NDArray[np.int64]]:
    """Split the rows that may be held out into folds with every intent spread over them."""
    count = FOLDS_OF_MANY if len(examples.intent) >= MANY else FOLDS
    random = np.random.default_rng(SEED)
    parts: list[list[int]] = [[] for _ in range(count)]
    labels = np.where(examples.intent >= 0, examples.intent, 100_000 + examples.emotion)
    free = ~examples.always if len(examples.always) else np.ones(len(labels), np.bool_)
    order = np.argsort(labels, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)
    for offset, group in enumerate(groups):
        for place, row in enumerate(random.permutation(group[free[group]])):
            parts[(offset + place) % count].append(int(row))
    return [np.array(sorted(part), np.int64) for part in parts]


def cross_validate(examples: Examples, make: Make, progress: Progress, note: Note = silent) -> Validated:
    """Judge rows by networks that have not seen them; of very many intents, only some rows.

    A row whose intent has no other example is not judged: its network would not know the intent. The dropout is the
    one with the least loss on the first folds.
    """
    intent = examples.intent
    size = np.bincount(intent[intent >= 0], minlength=1)
    known = intent >= 0
    known[known] = size[intent[known]] > 1
    if len(examples.always):
        known &= ~examples.always
    classes = int(intent.max()) + 2 if len(intent) else 1
    parts = _folds(examples) if known.any() else []
    rows = np.flatnonzero(known)
    most = max(200, JUDGED // classes)
    if len(rows) > most:
        rows = np.sort(np.random.default_rng(SEED).permutation(rows)[:most])
    if not parts:
        return Validated(np.zeros(0, np.int64), np.zeros((0, 1), np.float32), parts, None, DROPOUTS[0])
    dropouts = DROPOUTS if len(intent) < MANY else DROPOUTS[:1]
    epochs = epochs_for(len(intent), classes)
    steps = (len(parts) + (len(dropouts) - 1) * TRIED + 1) * epochs
    done = 0

    def run(number: int, dropout: float) -> tuple[FusionNetwork, int, float]:
        nonlocal done
        begun = done

        def tick() -> None:
            nonlocal done
            done += 1
            progress(done, steps)

        def told(name: str, value: float, step: int) -> None:
            note(f"fold {number + 1}, dropout {dropout}/{name}", value, step)

        rest = np.setdiff1d(np.arange(len(intent)), parts[number])
        found = train_network(examples, rest, parts[number], epochs, lambda: make(dropout), tick, told)
        done = begun + epochs
        return found

    tried = {dropout: [run(number, dropout) for number in range(TRIED)] for dropout in dropouts}
    dropout = min(tried, key=lambda value: sum(loss for _, _, loss in tried[value]))
    trained = tried[dropout] + [run(number, dropout) for number in range(TRIED, len(parts))]
    logits = np.zeros((len(rows), trained[0][0].intent.shape[0]), np.float32)
    for part, (network, _, _) in zip(parts, trained):
        mine = np.isin(rows, part)
        if mine.any():
            logits[mine] = logits_of(network, examples, rows[mine])
    best = max(min(5, epochs), int(np.median([epoch for _, epoch, _ in trained])))
    return Validated(rows, logits, parts, best, dropout)
