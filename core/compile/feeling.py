"""Training of the fused network for emotions alone, where there are labels and no intents.

Knows vectors, frames and labels only. The network, its tokens and its modality dropout are those of a persona's
training; rare emotions weigh more, and a network trained on few rows is held back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .frames import Frames
from .front_ends import Input, batch, kind_of
from .network import FusionNetwork

EPOCHS = 40
FEW = 1000  # rows; with more a tenth is held out to stop early
PATIENCE = 4
BATCH, LARGE_BATCH = 32, 128
RATE, DECAY, DROPOUT = 2e-3, 1e-2, 0.3
DROPPED = 0.15  # of the tokens, in training
SMOOTHING = 0.1
Array = NDArray[np.float32]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Feelings:
    """Hold the tokens of all rows by name, a matrix [n, d] or Frames each, and which rows have them [n].

    `labels` [n] are positions in the emotions, `balance` in [0, 1] how far rare ones are made to weigh as much as
    common ones.
    """

    tokens: dict[str, Array | Frames]
    present: dict[str, NDArray[np.bool_]]
    labels: Rows
    emotions: tuple[str, ...]
    balance: float = 0.5

    def only(self, names: Sequence[str]) -> Feelings:
        """Return the same rows with some of the tokens; beside sequences alone a vector stays, absent everywhere."""
        kept = list(names)
        if all(isinstance(self.tokens[name], Frames) for name in kept):
            kept += [name for name, token in self.tokens.items() if not isinstance(token, Frames)][:1]
        absent = np.zeros(len(self.labels), np.bool_)
        present = {name: self.present[name] if name in names else absent for name in kept}
        return Feelings({name: self.tokens[name] for name in kept}, present, self.labels, self.emotions, self.balance)

    def batch(self, rows: Rows) -> tuple[list[Input], Tensor]:
        """Return the network's tokens and mask [B, T] of some rows."""
        mask = np.stack([present[rows] for present in self.present.values()], 1).astype(np.float32)
        return [batch(token, rows) for token in self.tokens.values()], torch.from_numpy(mask)


def fit(
    feelings: Feelings,
    rows: Rows,
    seed: int,
    tick: Callable[[int, int], None] = lambda done, total: None,
    held: Rows | None = None,
) -> FusionNetwork:
    """Return a network trained on some rows; the loss of `held` ones ends the training.

    Where none are given, many rows hold out a tenth of themselves.
    """
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    generator, order = torch.Generator().manual_seed(seed), np.random.default_rng(seed)
    network = _network(feelings)
    rows = order.permutation(rows)
    if held is None:
        held = rows[: len(rows) // 10] if len(rows) >= FEW else rows[:0]
        rows = rows[len(held) :]
    start, mask = feelings.batch(rows)
    network.start_from(start, mask, torch.full((len(rows),), -1))
    counts = np.bincount(feelings.labels[rows], minlength=len(feelings.emotions))
    weight = torch.from_numpy((np.maximum(counts, 1.0) ** -feelings.balance).astype(np.float32))
    judge = nn.CrossEntropyLoss(weight / weight.mean(), label_smoothing=SMOOTHING)
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    step = BATCH if len(rows) < FEW else LARGE_BATCH
    best, best_epoch, best_state = float("inf"), 0, None
    for epoch in range(1, EPOCHS + 1):
        network.train()
        shuffled = order.permutation(rows)
        for first in range(0, len(shuffled), step):
            part = shuffled[first : first + step]
            tokens, mask = feelings.batch(part)
            optimizer.zero_grad()
            logits = network(tokens, _drop(mask, generator))[1]
            judge(logits, torch.from_numpy(feelings.labels[part])).backward()
            optimizer.step()
        tick(epoch, EPOCHS)
        if not len(held):
            continue
        value = float(judge(_logits(network, feelings, held), torch.from_numpy(feelings.labels[held])))
        if value < best - 1e-4:
            best, best_epoch = value, epoch
            best_state = {name: weight.clone() for name, weight in network.state_dict().items()}
        elif epoch - best_epoch >= PATIENCE:
            break
    if best_state is not None:
        network.load_state_dict(best_state)
    return network.eval()


def judge(network: FusionNetwork, feelings: Feelings, rows: Rows, without: Sequence[str] = ()) -> tuple[Array, Array]:
    """Return the probabilities [n, emotions] of some rows and the attention [n, T], as if some tokens were absent.

    A row that is left with no token has the same probability for every emotion.
    """
    logits, attention = [], []
    with torch.no_grad():
        for first in range(0, len(rows), 256):
            tokens, mask = feelings.batch(rows[first : first + 256])
            for position, name in enumerate(feelings.tokens):
                if name in without:
                    mask[:, position] = 0.0
            found = network.eval()(tokens, mask)
            some = mask.sum(1, keepdim=True) > 0
            logits.append(torch.where(some, found[1], torch.zeros_like(found[1])))
            attention.append(found[3])
    return torch.cat(logits).softmax(1).numpy(), torch.cat(attention).numpy()


def _network(feelings: Feelings) -> FusionNetwork:
    """Return an untrained network; queries, which nobody asks for here, start from the first token that is a vector."""
    kinds = [kind_of(name, token) for name, token in feelings.tokens.items()]
    sizes = [token.dimension if isinstance(token, Frames) else token.shape[1] for token in feelings.tokens.values()]
    query = next((position for position, kind in enumerate(kinds) if kind != "sequence"), None)
    if query is None:
        raise ValueError("a network needs a token that is a vector")
    return FusionNetwork(sizes, 0, len(feelings.emotions), query, DROPOUT, kinds)


def _logits(network: FusionNetwork, feelings: Feelings, rows: Rows) -> Tensor:
    network.eval()
    with torch.no_grad():
        return torch.cat([
            network(*feelings.batch(rows[first : first + 256]))[1] for first in range(0, len(rows), 256)
        ])  # fmt: skip


def _drop(mask: Tensor, generator: torch.Generator) -> Tensor:
    keep = (torch.rand(mask.shape, generator=generator) > DROPPED).float() * mask
    return torch.where(keep.sum(1, keepdim=True) > 0, keep, mask)
