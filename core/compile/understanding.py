"""The whole understanding of a persona: network, neighbours and tuned head, calibrated together, written as files.

Knows rows of vectors and labels; the compile and `personac eval intents` both train through here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..mind.understanding.fusion import NEIGHBOURS, SENSES, FusionConfig
from ..mind.understanding.judgement import NETWORK, Evidence, Judgement, mixture, opinions
from ..mind.understanding.neighbours import Nearest, Neighbours, nearest
from ..mind.understanding.several import Scores, Several
from ..turn import TUNED
from . import several as multiple
from .calibration import calibrate, with_threshold
from .front_ends import kind_of
from .network import SCALE, FusionNetwork
from .network_onnx import write as write_onnx
from .training import EPOCHS_OF_EMOTION, Examples, epochs_for, fit, prepare
from .training_log import Note, noting
from .training_report import Report, report
from .tuning import HeldOut
from .validation import Validated, cross_validate

CHUNK = 512  # rows compared with all others at once
FILES = ("fusion.onnx", "fusion.safetensors", "fusion.json", NEIGHBOURS)
Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Understood:
    """Hold what was learnt: all that `write` puts into files."""

    network: FusionNetwork
    config: FusionConfig
    report: Report
    neighbours: Neighbours
    scores: Scores | None = None  # where examples belong to several intents


def train(
    examples: Examples,
    tokens: Sequence[tuple[str, int]],
    intents: Sequence[str],
    emotions: Sequence[str],
    query: str,
    progress: Callable[[int, int], None],
    tuned: HeldOut | None = None,
) -> Understood:
    """Train the fused network, and calibrate it with neighbours and a tuned head on held-out rows.

    `tuned` has the rows that a tuned encoder judged without having seen them. Intents are 0 … and the background.
    """
    prepare()
    with noting() as note:
        return _train(examples, tokens, intents, emotions, query, progress, tuned, note)


def _train(
    examples: Examples,
    tokens: Sequence[tuple[str, int]],
    intents: Sequence[str],
    emotions: Sequence[str],
    query: str,
    progress: Callable[[int, int], None],
    tuned: HeldOut | None,
    note: Note,
) -> Understood:
    dimensions = [dimension for _, dimension in tokens]
    kinds = [kind_of(name, token) for (name, _), token in zip(tokens, examples.tokens)]
    sequences = tuple(name for (name, _), kind in zip(tokens, kinds) if kind == "sequence")
    position = [name for name, _ in tokens].index(query)

    def make(dropout: float) -> FusionNetwork:
        return FusionNetwork(dimensions, len(intents), len(emotions), position, dropout, kinds)

    held = cross_validate(examples, make, progress, note)
    some = (examples.intent >= 0).any()
    few = epochs_for(len(examples.intent), len(intents) + 1) // 2 if some else EPOCHS_OF_EMOTION
    epochs = held.epochs or max(1, few)
    network = fit(examples, epochs, lambda: make(held.dropout), lambda: None, note)
    readers = {name: i for i, (name, _) in enumerate(tokens) if name not in SENSES}
    member = _members(examples)
    neighbours = Neighbours(
        {name: np.asarray(examples.tokens[i])[member & examples.present[i]] for name, i in readers.items()},
        {name: labels_of(examples)[member & examples.present[i]] for name, i in readers.items()},
    )
    judgement, found, truth, rows, evidence = _judge(examples, held, readers, tuned, len(intents))
    scores, several = _several(examples, readers, rows, evidence, judgement)
    config = FusionConfig(tuple(tokens), tuple(intents), tuple(emotions), query, judgement, sequences, several)
    own = truth < len(intents)
    texts = [examples.texts[row] for row in rows[own].tolist()]
    folds = len(held.folds) if held.epochs else 0
    progress(1, 1)
    figures = report(found[own], truth[own], texts, intents, folds, epochs)
    _tell(figures, judgement, note)
    return Understood(network, config, figures, neighbours, scores)


def labels_of(examples: Examples) -> Labels:
    """Return the intents of rows [n], or [n, most] where some belong to several; -1 for none."""
    return multiple.packed(examples.several, examples.intent) if len(examples.several) else examples.intent


def _several(
    examples: Examples, readers: dict[str, int], rows: Labels, evidence: Evidence | None, judgement: Judgement
) -> tuple[Scores | None, Several | None]:
    """Learn to find all intents of a message, where examples belong to several and some could be held out."""
    if not len(examples.several) or evidence is None or not readers:
        return None, None
    mine = np.flatnonzero(multiple.asked(examples)[rows])
    if not len(mine):
        return None, None
    scores, left_out = multiple.learn(examples, readers, rows[mine])
    evidence = evidence.some(mine)
    return scores, multiple.calibrate(left_out, evidence, examples.several[rows[mine]], judgement.sharpness)


def _members(examples: Examples) -> NDArray[np.bool_]:
    """Return which rows are neighbours: those with an intent or of the background, but no names."""
    member = examples.intent >= 0
    return member & ~examples.always if len(examples.always) else member


def _judge(
    examples: Examples, held: Validated, readers: dict[str, int], tuned: HeldOut | None, classes: int
) -> tuple[Judgement, NDArray[np.float32], Labels, Labels, Evidence | None]:
    """Return the judgement, and of the rows that were held out the probabilities, labels, positions and evidence.

    The label of a row that belongs to several intents is the one that the network holds likeliest.
    """
    sizes = np.bincount(examples.intent[(examples.intent >= 0) & (examples.intent < classes)], minlength=1)
    count = int(np.clip(np.median(sizes[sizes > 0]) if sizes.any() else 1, 1, 10))
    if not len(held.rows) or not classes:
        none = np.zeros(0, np.int64)
        return Judgement(neighbours=count), np.zeros((0, classes + 1), np.float32), none, none, None
    logits = {NETWORK: held.logits}
    keep = np.arange(len(held.rows))
    if tuned is not None:
        place = {row: i for i, row in enumerate(tuned.rows.tolist())}
        keep = np.array([i for i, row in enumerate(held.rows.tolist()) if row in place], np.int64)
        if len(keep):
            mine = np.array([place[row] for row in held.rows[keep].tolist()], np.int64)
            logits = {NETWORK: held.logits[keep], TUNED: tuned.logits[mine]}
        else:
            keep = np.arange(len(held.rows))
    rows = held.rows[keep]
    near = {name: _near(examples, held, rows, i) for name, i in readers.items()}
    evidence = Evidence(logits, {name: found for name, found in near.items() if found is not None})
    truth = examples.intent[rows]
    if len(examples.several):
        own = np.where(examples.several[rows], evidence.logits[NETWORK][:, :-1], -np.inf)
        truth = np.where(examples.several[rows].any(1), own.argmax(1), truth)
    judgement = with_threshold(calibrate(evidence, truth, count), evidence, truth, classes)
    return judgement, mixture(opinions(evidence, judgement), judgement), truth, rows, evidence


def _near(examples: Examples, held: Validated, rows: Labels, token: int) -> Nearest | None:
    """Return the nearest rows of other folds for each row."""
    vectors, known = np.asarray(examples.tokens[token]), labels_of(examples)
    member = _members(examples) & examples.present[token]
    cosines: list[NDArray[np.float32]] = []
    labels: list[Labels] = []
    order: list[Labels] = []
    for part in held.folds:
        rest = member.copy()
        rest[part] = False
        mine = np.flatnonzero(np.isin(rows, part))
        if not len(mine):
            continue
        if not rest.any():
            return None
        others, theirs = vectors[rest], known[rest]
        for start in range(0, len(mine), CHUNK):
            some = mine[start : start + CHUNK]
            found = nearest(vectors[rows[some]], others, theirs)
            cosines.append(found.cosines)
            labels.append(found.labels)
            order.append(some)
    least = min((part.shape[1] for part in cosines), default=0)
    if not least:
        return None
    back = np.argsort(np.concatenate(order))
    return Nearest(
        np.concatenate([part[:, :least] for part in cosines])[back],
        np.concatenate([part[:, :least] for part in labels])[back],
    )


def _tell(figures: Report, judgement: Judgement, note: Note) -> None:
    numbers: dict[str, Any] = {f"weight/{name}": weight for name, weight in judgement.weights.items()}
    numbers |= {"threshold": judgement.threshold, "accuracy": figures.cross_validated_accuracy}
    for name, value in numbers.items():
        if value is not None:
            note(name, value, 0)


def write(understood: Understood, folder: Path) -> None:
    """Write the network as safetensors and as ONNX, neighbours, configuration, and the report as training.json."""
    from safetensors.torch import save_file

    config, network = understood.config, understood.network
    config.write(folder / "fusion.json")
    understood.neighbours.write(folder / NEIGHBOURS, understood.scores.tensors() if understood.scores else None)
    state = {name: value.detach().contiguous() for name, value in network.state_dict().items()}
    save_file(state, str(folder / "fusion.safetensors"))
    weights = {name: value.numpy() for name, value in state.items()}
    write_onnx(weights, SCALE, network.query_position, folder / "fusion.onnx")
    data = {**understood.report.as_dict(), "threshold": config.judgement.threshold}
    data["judgement"] = config.judgement.as_dict()
    (folder / "training.json").write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")
