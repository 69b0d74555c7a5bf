"""Train the tagger of slots from annotated examples: a linear-chain conditional random field over sparse features.

Lafferty, McCallum and Pereira (2001). Few examples are the normal case: what the recognisers found weighs more than
single words do, and all weights begin at zero, so that a word never seen says nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..mind.slots.entities import EntityFinder
from ..mind.slots.tagger import KINDS, OUTSIDE, Span, allowed, features, recognised, rows_of, stem, words
from ..models.onnx_graph import GraphWriter

EPOCHS = 80
RATE = 0.05
SHRINK = 0.1  # weight of the squared length of all weights
FOUND, WORD = 2.0, 0.5  # how large features of recognisers and of words are
HINT = 3.0  # what a value beside the name of a slot gives that slot before anything is learnt: "2 adults"
SEED = 0
_MARKS = ("number", "money", "date", "period", "time", "duration")
_PLAIN = frozenset(("from", "to", "of", "name", "the", "for", "in", "on", "at", "by", "start", "end"))
_FOUND = tuple(f"{kind}:" for kind in (*KINDS, "period", "daypart", "name", "before", "after"))
Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Annotated:
    """Hold a text and the parts of it that fill slots."""

    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Learnt:
    """Hold a trained tagger: its tags, features, weights [features + 1, tags] and transitions [tags + 1, tags]."""

    tags: list[str]
    features: list[str]
    weights: Array
    transitions: Array


def bio(spans: Sequence[Span], places: Sequence[tuple[int, int]]) -> list[str]:
    """Return the tag of each word; of spans that overlap the first stays."""
    tags = [OUTSIDE] * len(places)
    for span in spans:
        inside = [i for i, (start, end) in enumerate(places) if start < span.end and end > span.start]
        if all(tags[i] == OUTSIDE for i in inside):
            for i in inside:
                tags[i] = f"{'B' if i == inside[0] else 'I'}-{span.label}"
    return tags


def learn(rows: Sequence[Annotated], names: Mapping[str, EntityFinder], progress: Callable[[int, int], None]) -> Learnt:
    """Train on annotated texts; `names` are the finders of entity slots. The same texts give the same weights."""
    slots = sorted({span.label for row in rows for span in row.spans})
    tags = [OUTSIDE, *(f"{part}-{slot}" for slot in slots for part in "BI")]
    placed = [(row, words(row.text)) for row in rows]
    placed = [(row, places) for row, places in placed if places]
    found = [features(row.text, places, recognised(row.text, names)) for row, places in placed]
    hints = {
        f"{kind}:{part}~near={word}": f"{part}-{slot}"
        for slot, word in _named(slots)
        for kind in _MARKS
        for part in "BI"
    }
    known = list(dict.fromkeys([*(name for row in found for word in row for name in word), *hints]))
    ids = [rows_of(row, {name: i for i, name in enumerate(known, start=1)}) for row in found]
    gold = [[tags.index(tag) for tag in bio(row.spans, places)] for row, places in placed]
    scale = np.array([0.0, *(FOUND if name.startswith(_FOUND) else WORD for name in known)], np.float32)
    prior = np.zeros((len(scale), len(tags)), np.float32)
    for name, tag in hints.items():
        prior[known.index(name) + 1, tags.index(tag)] = HINT / FOUND
    weights, transitions = _fit(ids, gold, scale, prior, allowed(tags), progress)
    return Learnt(tags, known, weights, transitions)


def _named(slots: Sequence[str]) -> list[tuple[str, str]]:
    """Return (slot, word) for the words of slots' names that belong to one slot only."""
    named = [(slot, stem(word)) for slot in slots for word in slot.lower().split("_") if word not in _PLAIN]
    return [(slot, word) for slot, word in named if sum(other == word for _, other in named) == 1]


def _fit(
    ids: Sequence[NDArray[np.int64]],
    gold: Sequence[Sequence[int]],
    scale: Array,
    prior: Array,
    fits: NDArray[np.bool_],
    progress: Callable[[int, int], None],
) -> tuple[Array, Array]:
    """Return the weights and transitions that make the tags most likely; the likelihood of each text is exact."""
    import torch

    torch.manual_seed(SEED)
    count, longest, widest = len(ids), max(map(len, ids)), max(row.shape[1] for row in ids)
    rows = torch.zeros(count, longest, widest, dtype=torch.long)  # [n, t, f]
    tags = torch.zeros(count, longest, dtype=torch.long)  # [n, t]
    mask = torch.zeros(count, longest)
    for i, (row, tagged) in enumerate(zip(ids, gold, strict=True)):
        rows[i, : row.shape[0], : row.shape[1]] = torch.from_numpy(row)
        tags[i, : len(tagged)] = torch.tensor(tagged)
        mask[i, : len(tagged)] = 1
    size = torch.from_numpy(scale)[:, None]
    may = torch.from_numpy(fits)
    start = torch.from_numpy(prior)
    weights = start.clone().requires_grad_()
    steps = torch.zeros(*fits.shape, requires_grad=True)
    optimizer = torch.optim.Adam([weights, steps], lr=RATE)
    for epoch in range(EPOCHS):
        emissions = torch.nn.functional.embedding(rows, weights * size).sum(2)  # [n, t, tags]
        transitions = steps.masked_fill(~may, -1e4)
        total, own = _scores(emissions, transitions, tags, mask)
        loss = (total - own).mean() + SHRINK * ((weights - start) ** 2).sum() / count
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        progress(epoch + 1, EPOCHS)
    return (weights * size).detach().numpy(), steps.detach().numpy()


def _scores(emissions: Any, transitions: Any, tags: Any, mask: Any) -> tuple[Any, Any]:
    """Return the log of the sum over all tag sequences, and the score of the given ones, each [n]."""
    import torch

    forward = emissions[:, 0] + transitions[-1]
    own = forward.gather(1, tags[:, :1]).squeeze(1)
    for t in range(1, emissions.shape[1]):
        ahead = torch.logsumexp(forward[:, :, None] + transitions[None, :-1], 1) + emissions[:, t]
        forward = torch.where(mask[:, t : t + 1] > 0, ahead, forward)
        step = emissions[:, t].gather(1, tags[:, t : t + 1]).squeeze(1) + transitions[tags[:, t - 1], tags[:, t]]
        own = own + mask[:, t] * step
    return torch.logsumexp(forward, 1), own


def write(learnt: Learnt, folder: Path) -> None:
    """Write tagger.json and tagger.onnx: the sum of each word's feature rows [words, features] → [words, tags]."""
    from onnx import TensorProto

    kept = np.abs(learnt.weights).max(1) > 1e-4
    kept[0] = True
    table = {
        "tags": learnt.tags,
        "features": [name for name, keep in zip(learnt.features, kept[1:], strict=True) if keep],
        "transitions": [[round(float(value), 5) for value in row] for row in learnt.transitions],
    }
    (folder / "tagger.json").write_text(json.dumps(table, ensure_ascii=False), "utf-8")
    made = GraphWriter()
    made.node(
        "Gather", made.constant("weights", learnt.weights[kept].astype(np.float32)), "features", to="rows", axis=0
    )
    made.node("ReduceSum", "rows", made.constant("middle", np.array([1], np.int64)), to="emissions", keepdims=0)
    given = {"features": (TensorProto.INT64, ["words", "most"])}
    model = made.model("tagger", given, {"emissions": ["words", len(learnt.tags)]})
    (folder / "tagger.onnx").write_bytes(model.SerializeToString(deterministic=True))
