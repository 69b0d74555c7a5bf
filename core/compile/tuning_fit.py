"""Training of the upper layers of a text encoder and a head on labelled texts.

Knows no encoder's architecture (tuning_layers.py) and no files. Several copies are trained, each without a part of the
rows; the parts give honest logits, and the mean of the copies' weights is the model (Wortsman et al., ICML 2022: models
that are tuned from one start lie in one valley).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .tuning_layers import CutEncoder, batches_by_length

BATCH = 32
SCALE = 12.0  # the logit of a text that lies on its class
SMOOTHING = 0.05
LAYER_RATE, ADAPTER_RATE, HEAD_RATE = 3e-4, 2e-3, 1e-3
WARM_UP = 0.1  # of the steps
SORTED = 16  # batches are cut from so many of them, ordered by length
RANK = 16
CONTRASTED = 3000  # rows; fewer are contrasted with each other too, in pairs of a class
CONTRAST, TEMPERATURE = 0.3, 0.1
Weights = dict[str, Tensor]


@dataclass(slots=True)
class Rows:
    """Hold the texts to learn from: ids and states of each, and targets: a class [n], or several [n, classes]."""

    ids: list[list[int]]
    states: list[Tensor]
    targets: Tensor
    vectors: Tensor  # [n, d] of the frozen encoder
    classes: int

    @property
    def several(self) -> bool:
        """Tell whether a text may belong to several classes."""
        return self.targets.dim() == 2


class Learner:
    """Hold one encoder whose upper layers learn, and its head; it can begin again from the start."""

    def __init__(self, encoder: CutEncoder, mode: str, rows: Rows) -> None:
        """`mode` is full (all weights of the layers) or lora (adapters of low rank in all their linear maps)."""
        self.encoder, self.rows, self.mode = encoder, rows, mode
        layers = [layer for _, layer in encoder.upper()]
        if mode == "lora":
            _adapt(encoder)
            self._learning = [p for layer in layers for n, p in layer.named_parameters() if "lora_" in n]
        else:
            self._learning = [p for layer in layers for p in layer.parameters()]
        self.head = nn.Linear(rows.vectors.shape[1], rows.classes).to(encoder.device)
        self._begin = [parameter.detach().clone() for parameter in self._learning]

    def fit(self, part: NDArray[np.int64], epochs: int, seed: int, tick: Callable[[], None]) -> None:
        """Train from the start on a part of the rows."""
        torch.manual_seed(seed)
        order = np.random.default_rng(seed)
        with torch.no_grad():
            for parameter, value in zip(self._learning, self._begin):
                parameter.copy_(value)
        self._start_head(part)
        for parameter in self._learning:
            parameter.requires_grad_(True)
        rate = ADAPTER_RATE if self.mode == "lora" else LAYER_RATE
        head = list(self.head.parameters())
        optimizer = torch.optim.AdamW(
            [
                {"params": self._learning, "lr": rate, "weight_decay": 0.01},
                {"params": head, "lr": HEAD_RATE, "weight_decay": 0.0},
            ],
            fused=True,
        )
        steps = epochs * -(-len(part) // BATCH)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: min(1.0, (step + 1) / (WARM_UP * steps)) * max(0.02, 1 - step / steps)
        )
        for _ in range(epochs):
            for rows in self._batches(order.permutation(part), order):
                self.encoder.model.train()
                vectors, logits = self._logits(rows)
                targets = self.rows.targets[rows].to(self.encoder.device)
                loss = self._loss(logits, targets)
                if self._contrastive:
                    loss = loss + CONTRAST * contrast(vectors, targets)
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                nn.utils.clip_grad_norm_([*self._learning, *head], 1.0)
                optimizer.step()
                schedule.step()
                tick()

    def judge(self, part: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the tuned vectors [n, d] and the logits [n, classes] of a part of the rows."""
        self.encoder.model.eval()
        vectors = np.zeros((len(part), self.rows.vectors.shape[1]), np.float32)
        logits = np.zeros((len(part), self.rows.classes), np.float32)
        with torch.no_grad():
            for batch in batches_by_length([self.rows.ids[row] for row in part], 64, 8192):
                found = self._logits([int(part[i]) for i in batch])
                vectors[batch], logits[batch] = (values.cpu().numpy() for values in found)
        return vectors, logits

    def weights(self) -> tuple[Weights, Tensor, Tensor]:
        """Return the layers' weights by their names in the model, and the head's [classes, d] and [classes]."""
        found = _merged(self.encoder) if self.mode == "lora" else frozen(self.encoder)
        weight, bias = (SCALE * p.detach().cpu() for p in (self.head.weight, self.head.bias))
        return found, weight, bias

    def _start_head(self, part: NDArray[np.int64]) -> None:
        """Let the head begin as the mean frozen vector of each class."""
        targets = self.rows.targets[part]
        if not self.rows.several:
            targets = nn.functional.one_hot(targets, self.rows.classes)
        means = targets.T.float() @ self.rows.vectors[part]  # [classes, d]
        with torch.no_grad():
            self.head.weight.copy_(nn.functional.normalize(means, dim=1))
            self.head.bias.fill_(-0.5 if self.rows.several else 0.0)

    def _logits(self, rows: Sequence[int]) -> tuple[Tensor, Tensor]:
        vectors = self.encoder.vectors([self.rows.ids[row] for row in rows], [self.rows.states[row] for row in rows])
        return vectors, SCALE * self.head(vectors)

    def _loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        loss: Tensor
        if self.rows.several:
            loss = nn.functional.binary_cross_entropy_with_logits(logits, targets) * logits.shape[1]
        else:
            loss = nn.functional.cross_entropy(logits, targets, label_smoothing=SMOOTHING)
        return loss

    @property
    def _contrastive(self) -> bool:
        return not self.rows.several and len(self.rows.ids) < CONTRASTED

    def _batches(self, shuffled: NDArray[np.int64], order: np.random.Generator) -> list[list[int]]:
        """Return batches of pairs of a class where they are contrasted, else of texts of like length."""
        found: list[list[int]] = []
        if self._contrastive:
            members: dict[int, list[int]] = {}
            for row in map(int, shuffled):
                members.setdefault(int(self.rows.targets[row]), []).append(row)
            pairs = [rows[i : i + 2] for rows in members.values() for i in range(0, len(rows), 2)]
            mixed = [row for i in order.permutation(len(pairs)) for row in pairs[i]]
            return [mixed[i : i + BATCH] for i in range(0, len(mixed), BATCH)]
        for start in range(0, len(shuffled), BATCH * SORTED):
            chunk = sorted(map(int, shuffled[start : start + BATCH * SORTED]), key=lambda row: len(self.rows.ids[row]))
            found += [chunk[i : i + BATCH] for i in range(0, len(chunk), BATCH)]
        return [found[i] for i in order.permutation(len(found))]


def contrast(vectors: Tensor, targets: Tensor) -> Tensor:
    """Return the supervised contrastive loss of vectors [b, d] and classes [b] (Khosla et al., NeurIPS 2020)."""
    alone = torch.eye(len(vectors), dtype=torch.bool, device=vectors.device)
    similar = (vectors @ vectors.T / TEMPERATURE).masked_fill(alone, -1e4)  # [b, b]
    likelihood = similar - similar.logsumexp(1, keepdim=True)
    same = (targets[:, None] == targets[None]) & ~alone
    own = same.sum(1)
    loss: Tensor = -((likelihood * same).sum(1)[own > 0] / own[own > 0]).sum() / max(1, int((own > 0).sum()))
    return loss


def mean(models: Sequence[tuple[Weights, Tensor, Tensor]]) -> tuple[Weights, Tensor, Tensor]:
    """Return the mean of the weights of several models."""
    layers = {name: torch.stack([model[0][name] for model in models]).mean(0) for name in models[0][0]}
    weight = torch.stack([weight for _, weight, _ in models]).mean(0)
    return layers, weight, torch.stack([bias for _, _, bias in models]).mean(0)


def as_arrays(weights: Mapping[str, Tensor]) -> dict[str, NDArray[np.float32]]:
    """Return weights as numpy arrays."""
    return {name: value.numpy().astype(np.float32, copy=False) for name, value in weights.items()}


def frozen(encoder: CutEncoder) -> Weights:
    """Return copies of all weights of the upper layers."""
    return {
        f"{prefix}.{name}": parameter.detach().cpu().clone()
        for prefix, layer in encoder.upper()
        for name, parameter in layer.named_parameters()
    }


def _adapt(encoder: CutEncoder) -> None:
    """Put an adapter of low rank beside every linear map of the upper layers (Hu et al., ICLR 2022)."""
    from peft import LoraConfig, inject_adapter_in_model

    names = [
        f"{prefix}.{name}"
        for prefix, layer in encoder.upper()
        for name, module in layer.named_modules()
        if isinstance(module, nn.Linear)
    ]
    torch.manual_seed(0)
    config = LoraConfig(r=RANK, lora_alpha=2 * RANK, lora_dropout=0.05, target_modules=names)
    inject_adapter_in_model(config, encoder.model)


def _merged(encoder: CutEncoder) -> Weights:
    """Return the upper layers' weights with their adapters in them."""
    from peft.tuners.lora import Linear

    found: Weights = {}
    for prefix, layer in encoder.upper():
        adapted = {name: module for name, module in layer.named_modules() if isinstance(module, Linear)}
        for name, parameter in layer.named_parameters():
            if "lora_" not in name:
                found[f"{prefix}.{name.replace('.base_layer', '')}"] = parameter.detach().cpu().clone()
        for name, module in adapted.items():
            found[f"{prefix}.{name}.weight"] += module.get_delta_weight("default").detach().cpu()
    return found
