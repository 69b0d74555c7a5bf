"""Tuning the top of the text encoder, beside the frozen encoder with a softmax head.

python benchmarks/tuning.py --train FILE --test FILE [--modes full,lora] [--layers 2,3] [--seeds 1]
FILES are csv with the columns text,label. Tells the accuracy of the frozen encoder, of the tuned head, of the mean of
both's probabilities, of rows held out in tuning, the processor's seconds of tuning, and the milliseconds of a text.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from common import SEED, quantiles, show
from numpy.typing import NDArray
from personac.core.compile.artifact import link
from personac.core.compile.tuning import TUNED_FILES, HeldOut, tune
from personac.core.models.text import OnnxTextEncoder, load_text_encoder
from personac.core.models.tuned import classify

TIMED = 100
Array = NDArray[np.float32]


def read(path: Path) -> tuple[list[str], list[str]]:
    """Return the texts and labels of a file."""
    rows = list(csv.DictReader(path.open(encoding="utf-8-sig")))
    return [row["text"] for row in rows], [row["label"] for row in rows]


def softmax(logits: Array) -> Array:
    """Return the softmax over the last axis."""
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True))


def frozen_head(vectors: Array, labels: NDArray[np.int64], asked: Array) -> Array:
    """Return the probabilities [q, classes] of multinomial logistic regression (C 30) on frozen vectors."""
    import torch

    x, y = torch.from_numpy(vectors), torch.from_numpy(labels)
    weight = torch.zeros(x.shape[1], int(labels.max()) + 1, requires_grad=True)
    bias = torch.zeros(weight.shape[1], requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=150)

    def loss() -> Any:
        optimizer.zero_grad()
        value = torch.nn.functional.cross_entropy(x @ weight + bias, y) + (weight**2).sum() / (60 * len(y))
        value.backward()
        return value

    optimizer.step(loss)
    with torch.no_grad():
        return np.asarray((torch.from_numpy(asked) @ weight + bias).softmax(1).numpy())


def once(encoder: OnnxTextEncoder, train: tuple[list[str], Array], test: list[str], run: dict[str, Any]) -> Any:
    """Tune once; return the logits of the test texts and what tuning cost."""
    texts, labels = train
    assert encoder.folder is not None
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        begun, used = time.perf_counter(), time.process_time()
        tune(folder, encoder, texts, labels, int(labels.max()) + 1, run["mode"], lambda *told: None,
             layers=run["layers"], seed=run["seed"])  # fmt: skip
        cost = {"s": round(time.perf_counter() - begun), "cpu_s": round(time.process_time() - used)}
        for file in encoder.folder.iterdir():
            if file.name not in TUNED_FILES:
                link(file, folder / file.name)
        found = OnnxTextEncoder(encoder.name, folder, threads=2)
        logits = classify(found, test).logits
        held = HeldOut.read(folder)
        if len(held.rows):
            cost["held_out"] = round(100 * float((held.logits.argmax(1) == labels[held.rows]).mean()), 2)
        return logits, cost | {f"{name}_ms": value for name, value in timed(found, test).items()}


def timed(encoder: OnnxTextEncoder, texts: list[str]) -> dict[str, float]:
    """Return the quantiles of the milliseconds that one text takes."""
    taken = []
    for text in texts[:TIMED]:
        begun = time.perf_counter()
        encoder.outputs([text], ("vector", "logits")[: 1 + bool(encoder.classes)], exactly=False)
        taken.append(1000 * (time.perf_counter() - begun))
    return quantiles(taken)


def main() -> None:
    """Run every mode with every number of layers and every seed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--train", type=Path, required=True)
    options.add_argument("--test", type=Path, required=True)
    options.add_argument("--encoder", default="all-MiniLM-L6-v2")
    options.add_argument("--modes", default="full,lora")
    options.add_argument("--layers", default="3")
    options.add_argument("--seeds", type=int, default=1)
    given = options.parse_args()
    texts, names = read(given.train)
    asked, wanted = read(given.test)
    classes = sorted(set(names))
    labels = np.array([classes.index(name) for name in names])
    truth = np.array([classes.index(name) if name in classes else -1 for name in wanted])
    encoder = load_text_encoder(given.encoder)
    assert isinstance(encoder, OnnxTextEncoder)
    frozen = frozen_head(encoder.encode(texts), labels, encoder.encode(asked))

    def share(probabilities: Array) -> float:
        return round(100 * float((probabilities.argmax(1) == truth).mean()), 2)

    runs = []
    for mode in given.modes.split(","):
        for layers in map(int, given.layers.split(",")):
            for seed in range(SEED, SEED + given.seeds):
                run = {"mode": mode, "layers": layers, "seed": seed}
                logits, cost = once(encoder, (texts, labels), asked, run)
                runs.append({**run, "tuned": share(logits), "mean": share(softmax(logits) + frozen), **cost})
    times = {f"{name}_ms": value for name, value in timed(encoder, asked).items()}
    show(
        "tuning",
        {"rows": len(texts), "classes": len(classes), "frozen": {"accuracy": share(frozen), **times}, "runs": runs},
    )


if __name__ == "__main__":
    main()
