"""Training of the fused network on frozen features: Adam, early stopping on a held-out part, fixed seeds.

Knows vectors and labels only.
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
from .training_log import Note, silent

SEED = 20_26
EPOCHS, EPOCHS_OF_MANY = 40, 18
EPOCHS_OF_EMOTION = 20  # where there are no intents
EMOTION_STEPS, EMOTION_RATE, EMOTION_DECAY = 150, 1e-2, 0.1  # of the emotion head alone, on all rows at once
PATIENCE, PATIENCE_OF_MANY = 6, 2
BATCHES = ((3000, 256), (500, 128), (0, 64))  # rows in a step, by the least number of rows
MANY = 3000
MODALITY_DROPOUT = 0.15
RATE = 2e-3  # of Adam
WORK = 300_000_000  # logits that are made in training, at most: of very many intents there are fewer epochs
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


def train_network(
    examples: Examples,
    train: NDArray[np.int64],
    held_out: NDArray[np.int64] | None,
    epochs: int,
    make: Callable[[], FusionNetwork],
    tick: Callable[[], None],
    note: Note,
) -> tuple[FusionNetwork, int, float]:
    """Train, stopping early when there is a held-out part; return the best network, its epoch and held-out loss.

    `note` is told the loss of each epoch.
    """
    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED)
    order = np.random.default_rng(SEED)
    network = make()
    network.start_from(*_tensors(examples, train), torch.from_numpy(examples.intent[train]))
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE, weight_decay=1e-5, fused=True)
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
            loss = _loss(network, examples, rows, _drop_modalities(mask, generator), weight)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        tick()
        note("loss/training", float(loss.detach()), epoch)
        if held_out is None:
            continue
        network.eval()
        with torch.no_grad():
            _, mask = _tensors(examples, held_out)
            # emotion learns on for long after the intents are at their best, which matter more
            share = 0.02 if (examples.intent >= 0).any() else 0.5
            value = float(_loss(network, examples, held_out, mask, weight, share))
        note("loss/held out", value, epoch)
        if value < best - 1e-4:
            best, best_epoch = value, epoch
            best_state = {k: v.clone() for k, v in network.state_dict().items()}
        elif epoch - best_epoch >= (PATIENCE_OF_MANY if len(train) >= MANY else PATIENCE):
            break
    if best_state is not None:
        network.load_state_dict(best_state)
    return network.eval(), best_epoch, best


def epochs_for(rows: int, classes: int) -> int:
    """Return how many epochs a network is trained for at most."""
    return max(1, min(EPOCHS_OF_MANY if rows >= MANY else EPOCHS, WORK // max(1, rows * classes)))


def logits_of(network: FusionNetwork, examples: Examples, rows: NDArray[np.int64]) -> Array:
    """Return the intent logits [rows, intents + 1]."""
    found = []
    with torch.no_grad():
        for start in range(0, len(rows), 1024):
            tokens, mask = _tensors(examples, rows[start : start + 1024])
            found.append(network(tokens, mask)[0].numpy())
    return np.concatenate(found)


def fit(
    examples: Examples,
    epochs: int,
    make: Callable[[], FusionNetwork],
    tick: Callable[[], None],
    note: Note = silent,
) -> FusionNetwork:
    """Train a network on all rows, and its emotion head on to its end: it learns longer than the intents do."""
    network = train_network(examples, np.arange(len(examples.intent)), None, epochs, make, tick, note)[0]
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
