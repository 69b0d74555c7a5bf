"""Training of the fused network on frozen features, and its logits for rows that were held out.

Knows vectors and labels only. Adam, early stopping on a held-out part, k-fold cross-validation, fixed seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .frames import Frames
from .front_ends import Input, batch
from .network import FusionNetwork

SEED = 20_26
FOLDS, FOLDS_OF_MANY = 5, 3  # of the cross-validation; the second from MANY rows on
EPOCHS, EPOCHS_OF_MANY = 40, 18
EPOCHS_OF_EMOTION = 20  # where there are no intents
EMOTION_STEPS, EMOTION_RATE, EMOTION_DECAY = 150, 1e-2, 0.1  # of the emotion head alone, on all rows at once
PATIENCE, PATIENCE_OF_MANY = 6, 2
BATCHES = ((3000, 256), (500, 128), (0, 64))  # rows in a step, by the least number of rows
MANY = 3000
JUDGED = 8_000_000  # logits of held-out rows that are kept, at most
MODALITY_DROPOUT = 0.15
Array = NDArray[np.float32]


@dataclass(slots=True)
class Examples:
    """Hold training rows: a matrix [n, d] or Frames, and a presence mask [n], for each token; labels, -1 for none.

    `answer` is the row in `answers` [a, d of the query token] that the message should find. Rows of `always` [n] are
    learnt from and never held out: what is known of an intent beside its examples. `several` [n, intents] says which
    intents a row belongs to, where some belong to several; `intent` is then the first of them.
    """

    tokens: Sequence[Array | Frames]
    present: list[NDArray[np.bool_]]
    intent: NDArray[np.int64]
    emotion: NDArray[np.int64]
    answer: NDArray[np.int64]
    answers: Array
    texts: list[str] = field(default_factory=list)
    always: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    several: NDArray[np.bool_] = field(default_factory=lambda: np.zeros((0, 0), np.bool_))


def _tensors(examples: Examples, rows: NDArray[np.int64]) -> tuple[list[Input], Tensor]:
    tokens = [batch(token, rows) for token in examples.tokens]
    mask = torch.from_numpy(np.stack([p[rows] for p in examples.present], 1).astype(np.float32))
    return tokens, mask


def _drop_modalities(mask: Tensor, generator: torch.Generator) -> Tensor:
    keep = (torch.rand(mask.shape, generator=generator) > MODALITY_DROPOUT).float() * mask
    return torch.where(keep.sum(1, keepdim=True) > 0, keep, mask)


def _loss(
    network: FusionNetwork,
    examples: Examples,
    rows: NDArray[np.int64],
    mask: Tensor,
    weight: Tensor,
    emotion_share: float = 0.5,
) -> Tensor:
    tokens, _ = _tensors(examples, rows)
    logits, emotion, query, _ = network(tokens, mask)
    total = logits.sum() * 0.0
    intent = torch.from_numpy(examples.intent[rows])
    known = intent >= 0
    if known.any():
        targets = _targets(examples, rows, intent, logits.shape[1])
        total = total + nn.functional.cross_entropy(logits[known], targets[known], weight=weight, label_smoothing=0.05)
    feeling = torch.from_numpy(examples.emotion[rows])
    if (feeling >= 0).any():
        total = total + emotion_share * nn.functional.cross_entropy(emotion[feeling >= 0], feeling[feeling >= 0])
    answer = torch.from_numpy(examples.answer[rows])
    if (answer >= 0).sum() > 1:
        similarity = 20.0 * query[answer >= 0] @ torch.from_numpy(examples.answers).T  # [b, answers]
        total = total + 0.2 * nn.functional.cross_entropy(similarity, answer[answer >= 0])
    result: Tensor = total
    return result


def _targets(examples: Examples, rows: NDArray[np.int64], intent: Tensor, classes: int) -> Tensor:
    """Return the classes [b] of rows; where rows have several, their shares [b, classes]."""
    if not len(examples.several):
        return intent
    shares = torch.zeros(len(rows), classes)
    shares[:, :-1] = torch.from_numpy(examples.several[rows].astype(np.float32))
    none = shares.sum(1) == 0
    shares[none, intent[none].clamp(min=0)] = 1.0
    return shares / shares.sum(1, keepdim=True)


def _fit(
    examples: Examples,
    train: NDArray[np.int64],
    held_out: NDArray[np.int64] | None,
    epochs: int,
    make: Callable[[], FusionNetwork],
    tick: Callable[[], None],
) -> tuple[FusionNetwork, int]:
    """Train, stopping early when there is a held-out part; return the best network and its epoch."""
    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED)
    order = np.random.default_rng(SEED)
    network = make()
    network.start_from(*_tensors(examples, train), torch.from_numpy(examples.intent[train]))
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3, weight_decay=1e-5, fused=True)
    classes = int(network.intent.shape[0])
    counts = np.bincount(examples.intent[train][examples.intent[train] >= 0], minlength=classes)
    weight = torch.from_numpy((1.0 / np.sqrt(np.maximum(counts, 1))).astype(np.float32))
    weight = weight / weight.mean()
    best, best_epoch, best_state = float("inf"), epochs, None
    for epoch in range(1, epochs + 1):
        network.train()
        shuffled = order.permutation(train)
        step = next(size for least, size in BATCHES if len(train) >= least)
        for start in range(0, len(shuffled), step):
            rows = shuffled[start : start + step]
            _, mask = _tensors(examples, rows)
            optimizer.zero_grad()
            _loss(network, examples, rows, _drop_modalities(mask, generator), weight).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        tick()
        if held_out is None:
            continue
        network.eval()
        with torch.no_grad():
            _, mask = _tensors(examples, held_out)
            # emotion learns on for long after the intents are at their best, which matter more
            share = 0.02 if (examples.intent >= 0).any() else 0.5
            value = float(_loss(network, examples, held_out, mask, weight, share))
        if value < best - 1e-4:
            best, best_epoch = value, epoch
            best_state = {k: v.clone() for k, v in network.state_dict().items()}
        elif epoch - best_epoch >= (PATIENCE_OF_MANY if len(train) >= MANY else PATIENCE):
            break
    if best_state is not None:
        network.load_state_dict(best_state)
    return network.eval(), best_epoch


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


@dataclass(slots=True)
class Validated:
    """Hold a cross-validation: the rows that were judged [j], their logits [j, intents + 1], and the folds of rows.

    `epochs` is how many a network takes until it is at its best, None where nothing was judged.
    """

    rows: NDArray[np.int64]
    logits: Array
    folds: list[NDArray[np.int64]]
    epochs: int | None


def cross_validate(
    examples: Examples, make: Callable[[], FusionNetwork], progress: Callable[[int, int], None]
) -> Validated:
    """Judge rows by networks that have not seen them; of very many intents, only some rows.

    A row whose intent has no other example is not judged: its network would not know the intent.
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
    epochs = epochs_for(len(intent))
    steps = (len(parts) + 1) * epochs
    everything, logits, best = np.arange(len(intent)), None, []
    for number, part in enumerate(parts):
        done = number * epochs

        def tick(done: int = done) -> None:
            progress(done, steps)

        network, epoch = _fit(examples, np.setdiff1d(everything, part), part, epochs, make, tick)
        best.append(epoch)
        progress(done + epochs, steps)
        mine = np.isin(rows, part)
        if mine.any():
            found = logits_of(network, examples, rows[mine])
            logits = np.zeros((len(rows), found.shape[1]), np.float32) if logits is None else logits
            logits[mine] = found
    if logits is None:
        return Validated(np.zeros(0, np.int64), np.zeros((0, 1), np.float32), parts, None)
    return Validated(rows, logits, parts, max(5, int(np.median(best))))


def epochs_for(rows: int) -> int:
    """Return how many epochs a network is trained for at most."""
    return EPOCHS_OF_MANY if rows >= MANY else EPOCHS


def logits_of(network: FusionNetwork, examples: Examples, rows: NDArray[np.int64]) -> Array:
    """Return the intent logits [rows, intents + 1]."""
    found = []
    with torch.no_grad():
        for start in range(0, len(rows), 1024):
            tokens, mask = _tensors(examples, rows[start : start + 1024])
            found.append(network(tokens, mask)[0].numpy())
    return np.concatenate(found)


def fit(examples: Examples, epochs: int, make: Callable[[], FusionNetwork], tick: Callable[[], None]) -> FusionNetwork:
    """Train a network on all rows, and its emotion head on to its end: it learns longer than the intents do."""
    network = _fit(examples, np.arange(len(examples.intent)), None, epochs, make, tick)[0]
    _teach_emotion(network, examples)
    return network


def _teach_emotion(network: FusionNetwork, examples: Examples) -> None:
    """Train the emotion head alone, on the summaries that the network makes now; rare emotions weigh more."""
    rows = np.flatnonzero(examples.emotion >= 0)
    if not len(rows):
        return
    with torch.no_grad():
        parts = [_tensors(examples, rows[start : start + 1024]) for start in range(0, len(rows), 1024)]
        summary = torch.cat([network.fuse(tokens, mask)[0] for tokens, mask in parts])  # [rows, D]
    labels = torch.from_numpy(examples.emotion[rows])
    counts = torch.bincount(labels, minlength=network.emotion.out_features).clamp(min=1)
    weight = counts.float().rsqrt() / counts.float().rsqrt().mean()
    optimizer = torch.optim.AdamW(network.emotion.parameters(), lr=EMOTION_RATE, weight_decay=EMOTION_DECAY)
    for _ in range(EMOTION_STEPS):
        optimizer.zero_grad()
        nn.functional.cross_entropy(network.emotion(summary), labels, weight=weight).backward()  # type: ignore[no-untyped-call]
        optimizer.step()


def prepare() -> None:
    """Make torch deterministic, on one thread: the matrices are small, and two would mostly wait for each other."""
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
