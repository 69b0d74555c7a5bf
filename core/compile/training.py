"""Training of the fused network on frozen features, and the report of it that an author reads.

Knows vectors and labels only. Adam, early stopping on a held-out part, k-fold cross-validation, fixed seeds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..mind.fusion import FusionConfig
from .network import SCALE, FusionNetwork
from .network_onnx import write as write_onnx
from .training_report import Report, report

SEED = 20_26
FOLDS = 5
EPOCHS = 40
EPOCHS_OF_EMOTION = 20  # where there are no intents
PATIENCE = 6
BATCH, LARGE_BATCH, LARGE = 64, 128, 500  # rows in a step; the second from so many rows on
MODALITY_DROPOUT = 0.15
IN_SCOPE_KEPT = 0.95  # the threshold lets this share of held-out in-scope messages pass
Array = NDArray[np.float32]


@dataclass(slots=True)
class Examples:
    """Hold training rows: a matrix [n, d] and a presence mask [n] for each token, and the labels, -1 for none.

    `answer` is the row in `answers` [a, d of the query token] that the message should find.
    """

    tokens: list[Array]
    present: list[NDArray[np.bool_]]
    intent: NDArray[np.int64]
    emotion: NDArray[np.int64]
    answer: NDArray[np.int64]
    answers: Array
    texts: list[str] = field(default_factory=list)


def _tensors(examples: Examples, rows: NDArray[np.int64]) -> tuple[list[Tensor], Tensor]:
    tokens = [torch.from_numpy(matrix[rows]) for matrix in examples.tokens]
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
    if (intent >= 0).any():
        total = total + nn.functional.cross_entropy(
            logits[intent >= 0], intent[intent >= 0], weight=weight, label_smoothing=0.05
        )
    feeling = torch.from_numpy(examples.emotion[rows])
    if (feeling >= 0).any():
        total = total + emotion_share * nn.functional.cross_entropy(emotion[feeling >= 0], feeling[feeling >= 0])
    answer = torch.from_numpy(examples.answer[rows])
    if (answer >= 0).sum() > 1:
        similarity = 20.0 * query[answer >= 0] @ torch.from_numpy(examples.answers).T  # [b, answers]
        total = total + 0.2 * nn.functional.cross_entropy(similarity, answer[answer >= 0])
    result: Tensor = total
    return result


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
        step = LARGE_BATCH if len(train) >= LARGE else BATCH
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
        elif epoch - best_epoch >= PATIENCE:
            break
    if best_state is not None:
        network.load_state_dict(best_state)
    return network.eval(), best_epoch


def _folds(examples: Examples) -> list[NDArray[np.int64]]:
    """Split all rows into folds with every intent spread over them."""
    random = np.random.default_rng(SEED)
    parts: list[list[int]] = [[] for _ in range(FOLDS)]
    labels = np.where(examples.intent >= 0, examples.intent, 100_000 + examples.emotion)
    for offset, label in enumerate(np.unique(labels)):
        for place, row in enumerate(random.permutation(np.flatnonzero(labels == label))):
            parts[(offset + place) % FOLDS].append(int(row))
    return [np.array(sorted(part), np.int64) for part in parts]


def _temperature(logits: Array, labels: NDArray[np.int64]) -> float:
    """Return the temperature with the least negative log-likelihood (Guo et al., ICML 2017)."""
    best, found = float("inf"), 1.0
    for temperature in np.geomspace(0.2, 4.0, 40):
        scaled = logits / temperature
        scaled = scaled - scaled.max(1, keepdims=True)
        loss = float(np.mean(np.log(np.exp(scaled).sum(1)) - scaled[np.arange(len(labels)), labels]))
        if loss < best:
            best, found = loss, float(temperature)
    return found


def train(
    examples: Examples,
    tokens: Sequence[tuple[str, int]],
    intents: Sequence[str],
    emotions: Sequence[str],
    query: str,
    progress: Callable[[int, int], None],
) -> tuple[FusionNetwork, FusionConfig, Report]:
    """Train the fused network and calibrate it on the held-out parts of a cross-validation."""
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)  # the matrices are small; two threads would mostly wait for each other
    dimensions = [dimension for _, dimension in tokens]
    position = [name for name, _ in tokens].index(query)

    def make() -> FusionNetwork:
        return FusionNetwork(dimensions, len(intents), len(emotions), position)

    steps, done = (FOLDS + 1) * EPOCHS, 0

    def tick() -> None:
        nonlocal done
        done += 1
        progress(done, steps)

    everything = np.arange(len(examples.intent))
    labelled = (examples.intent >= 0) & (examples.intent < len(intents))
    held_logits = np.zeros((len(examples.intent), len(intents) + 1), np.float32)
    best_epochs: list[int] = []
    known = examples.intent >= 0
    parts = _folds(examples) if known.any() else []  # without intents there is nothing to validate
    steps = (len(parts) + 1) * EPOCHS
    for number, held_out in enumerate(parts):
        rest = np.setdiff1d(everything, held_out)
        network, epoch = _fit(examples, rest, held_out, EPOCHS, make, tick)
        best_epochs.append(epoch)
        done = (number + 1) * EPOCHS
        progress(done, steps)
        with torch.no_grad():
            rows, mask = _tensors(examples, held_out)
            held_logits[held_out] = network(rows, mask)[0].numpy()
    epochs = max(5, int(np.median(best_epochs))) if best_epochs else EPOCHS_OF_EMOTION
    network, _ = _fit(examples, everything, None, epochs, make, tick)
    progress(steps, steps)
    temperature = _temperature(held_logits[known], examples.intent[known]) if known.any() else 1.0
    scaled = held_logits / temperature
    scaled = np.exp(scaled - scaled.max(1, keepdims=True))
    probabilities = scaled / scaled.sum(1, keepdims=True)
    top = probabilities[labelled, :-1].max(1) if labelled.any() else np.ones(1, np.float32)
    threshold = float(np.clip(np.quantile(top, 1 - IN_SCOPE_KEPT), 0.15, 0.6))
    config = FusionConfig(
        tuple(tokens), tuple(intents), tuple(emotions), query, round(temperature, 4), round(threshold, 4)
    )
    labels, texts = examples.intent[labelled], [examples.texts[row] for row in np.flatnonzero(labelled)]
    folds = len(parts) if known.any() else 0
    return network, config, report(probabilities[labelled], labels, texts, intents, folds, epochs)


def write(network: FusionNetwork, config: FusionConfig, report: Report, folder: Path) -> None:
    """Write the network as safetensors and as ONNX, its configuration, and the report as training.json."""
    from safetensors.torch import save_file

    config.write(folder / "fusion.json")
    state = {name: value.detach().contiguous() for name, value in network.state_dict().items()}
    save_file(state, str(folder / "fusion.safetensors"))
    weights = {name: value.numpy() for name, value in state.items()}
    write_onnx(weights, SCALE, network.query_position, folder / "fusion.onnx")
    data = {**report.as_dict(), "threshold": config.threshold, "temperature": config.temperature}
    (folder / "training.json").write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")
