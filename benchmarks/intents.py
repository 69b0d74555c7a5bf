"""What each part of the understanding buys: the same rows learnt without it, beside the same rows learnt with it.

python benchmarks/intents.py --train FILE --test FILE [--seeds N] [--only NAME,…]
FILES are csv with the columns text,label. Frozen encoders; a tuned one is `personac eval intents --tune full`. Every
variant trains as a compile does and decides as a runtime does; seeds change the order of the rows. The search tries
the learning rate and the dropouts by the loss of held-out rows.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from common import show
from numpy.typing import NDArray
from personac.core.compile import training, understanding, validation
from personac.core.compile.build import EMOTIONS
from personac.core.compile.front_ends import Kind
from personac.core.compile.network import FusionNetwork
from personac.core.compile.training import Examples, logits_of
from personac.core.compile.understanding import Understood
from personac.core.compile.vectors import TextVectors
from personac.core.evaluate.intent_examples import encoders_for, examples_of, languages_of
from personac.core.evaluate.intent_rows import Rows, drawn, read_rows
from personac.core.mind.understanding.judgement import NEAR, NETWORK, Evidence, mixture, opinions
from torch import Tensor, nn

Array = NDArray[np.float32]


class Concatenating(FusionNetwork):
    """Put the tokens side by side and project them, instead of weighing them by attention."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        count, width = self.kind.shape
        self.joined = nn.Linear(count * width, width)
        with torch.no_grad():  # starts as their mean, as attention does
            self.joined.weight.copy_(torch.eye(width).repeat(1, count) / count)
            self.joined.bias.zero_()

    def fuse(self, tokens: Any, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return the joined tokens [B, D]; absent ones are zeros, the others larger for it."""
        projected = torch.stack([layer(token) for layer, token in zip(self.project, tokens)], 1) * mask[..., None]
        scale = mask.shape[1] / mask.sum(1, keepdim=True)
        return self.joined(projected.flatten(1) * scale), mask / mask.sum(1, keepdim=True)


@dataclass(frozen=True)
class Variant:
    """Say what is different: constants of the training, the network, the tokens, the rows, and who may speak."""

    constants: tuple[tuple[str, float], ...] = ()
    network: type[FusionNetwork] = FusionNetwork
    tokens: tuple[int, ...] | None = None
    names: bool = True
    members: Callable[[str], bool] = lambda name: True


VARIANTS = {
    "as it ships": Variant(),
    "MiniLM alone": Variant(tokens=(0,)),
    "USE alone": Variant(tokens=(1,)),
    "concatenation, no attention": Variant(network=Concatenating),
    "no neighbours": Variant(members=lambda name: not name.startswith(NEAR)),
    "neighbours alone": Variant(members=lambda name: name.startswith(NEAR)),
    "no names of intents": Variant(names=False),
    "no modality dropout": Variant(constants=(("MODALITY_DROPOUT", 0.0),)),
}


def some(examples: Examples, keep: NDArray[np.bool_], tokens: tuple[int, ...] | None) -> Examples:
    """Return some rows and tokens; rows that none of the tokens reads are left out."""
    chosen = range(len(examples.tokens)) if tokens is None else tokens
    keep = keep & np.any([examples.present[i] for i in chosen], axis=0)
    rows = np.flatnonzero(keep)
    return replace(
        examples,
        tokens=[np.asarray(examples.tokens[i])[rows] for i in chosen],
        present=[examples.present[i][rows] for i in chosen],
        intent=examples.intent[rows],
        emotion=examples.emotion[rows],
        answer=examples.answer[rows],
        texts=[examples.texts[row] for row in rows.tolist()],
        always=examples.always[rows],
    )


@contextmanager
def changed(variant: Variant) -> Iterator[None]:
    """Train as the variant says."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(understanding, "FusionNetwork", variant.network))
        for name, value in variant.constants:
            stack.enter_context(patch.object(training, name, value))
        yield


def accuracy(
    learnt: Understood,
    vectors: list[Array],
    truth: NDArray[np.int64],
    members: Callable[[str], bool],
    missing: int = -1,
) -> float:
    """Return the percentage of right labels, with one token missing where that is asked for."""
    names = [name for name, _ in learnt.config.tokens]
    tokens = [np.zeros_like(token) if i == missing else token for i, token in enumerate(vectors)]
    present = [np.full(len(truth), i != missing) for i in range(len(tokens))]
    nothing = np.full(len(truth), -1)
    asked = Examples(tokens, present, truth, nothing, nothing, np.zeros((0, tokens[0].shape[1]), np.float32))
    logits = logits_of(learnt.network, asked, np.arange(len(truth)))
    near = [
        learnt.neighbours.of({name: token[row] for i, (name, token) in enumerate(zip(names, tokens)) if i != missing})
        for row in range(len(truth))
    ]
    joined = {
        name: type(near[0][name])(*(np.concatenate(parts) for parts in zip(*(found[name] for found in near))))
        for name in near[0]
    }
    judgement = learnt.config.judgement
    said = {k: v for k, v in opinions(Evidence({NETWORK: logits}, joined), judgement).items() if members(k)}
    return round(100 * float((mixture(said, judgement)[:, :-1].argmax(1) == truth).mean()), 2)


def learn(examples: Examples, variant: Variant, encoders: list[tuple[str, int]], names: list[str]) -> Understood:
    """Train one variant."""
    keep = np.ones(len(examples.intent), np.bool_) if variant.names else ~examples.always
    mine = some(examples, keep, variant.tokens)
    shape = [encoders[i] for i in variant.tokens] if variant.tokens else encoders
    with changed(variant):
        return understanding.train(mine, shape, names, EMOTIONS, shape[0][0], lambda done, total: None)


def search(examples: Examples, encoders: list[tuple[str, int]], names: list[str]) -> list[dict[str, Any]]:
    """Return the loss and accuracy of held-out rows for each setting of the few numbers that matter."""
    found = []
    kinds: list[Kind] = ["vector"] * len(encoders)

    def make(dropout: float) -> FusionNetwork:
        return FusionNetwork([size for _, size in encoders], len(names), len(EMOTIONS), 0, dropout, kinds)

    for rate in (1e-3, 2e-3, 4e-3):
        for dropout in (0.1, 0.2, 0.4, 0.6):
            with patch.object(training, "RATE", rate), patch.object(validation, "DROPOUTS", (dropout,)):
                held = validation.cross_validate(examples, make, lambda done, total: None)
            truth = examples.intent[held.rows]
            shifted = held.logits - held.logits.max(1, keepdims=True)
            likely = shifted[np.arange(len(truth)), truth] - np.log(np.exp(shifted).sum(1))
            right = 100 * float((held.logits.argmax(1) == truth).mean())
            found.append(
                {"rate": rate, "dropout": dropout, "loss": round(float(-likely.mean()), 4), "right": round(right, 2)}
            )
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--search", action="store_true", help="try the hyper-parameters, too")
    args = parser.parse_args()
    known, asked = read_rows(args.train), read_rows(args.test)
    languages = languages_of(known.texts)
    vectors = TextVectors.named(encoders_for(languages), lambda label, done, total: None)
    encoders = [(encoder.name, encoder.dimension) for encoder in vectors.encoders]
    names = known.names
    kept = [i for i, own in enumerate(asked.labels) if own and own[0] in names]
    truth = np.array([names.index(asked.labels[i][0]) for i in kept])
    texts = Rows([asked.texts[i] for i in kept], [asked.labels[i] for i in kept]).texts
    tokens = [np.asarray(vectors.of(e, texts, "encode", lambda label, done, total: None)) for e in vectors.encoders]
    only = [name for name in args.only.split(",") if name]
    table: dict[str, dict[str, float]] = {}
    for name, variant in VARIANTS.items():
        if (only and name not in only) or max(variant.tokens or (0,)) >= len(encoders):
            continue
        runs: list[dict[str, float]] = []
        for seed in range(args.seeds):
            examples = examples_of(drawn(known, None, seed), names, languages, vectors, lambda label, done, total: None)
            learnt = learn(examples, variant, encoders, names)
            mine = tokens if variant.tokens is None else [tokens[i] for i in variant.tokens]
            run = {"accuracy": accuracy(learnt, mine, truth, variant.members)}
            if len(mine) > 1:
                for missing, (encoder, _) in enumerate(encoders):
                    run[f"without {encoder}"] = accuracy(learnt, mine, truth, variant.members, missing)
            runs.append(run)
        table[name] = {key: round(float(np.mean([run[key] for run in runs])), 2) for key in runs[0]}
    searched = []
    if args.search:
        examples = examples_of(known, names, languages, vectors, lambda label, done, total: None)
        searched = search(examples, encoders, names)
    show("intents", {"variants": table, "search": searched})


if __name__ == "__main__":
    main()
