"""Public collections through `personac eval`, split as their authors do.

understanding_data.py medical FOLDER       dxy_train.jsonl, dxy_test.jsonl, mz4_…, mz10_…: `eval diagnosis`
understanding_data.py phrasebank FILE      sentences with text,label: `eval intents` on five stratified splits of 80/20
understanding_data.py nlupp FOLDER         banking.jsonl, hotels.jsonl, ontology.json: several intents a message

NLU++ has several intents in one message, which `eval intents` does not measure. There a ridge regression for each
intent reads the sentence encoders of a compiled persona and pieces of words; each intent's name and description are
rows of training too. Threshold and scale come from leaving out each row of the training folds; the folds measured on
are not looked at.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from common import show
from numpy.typing import NDArray
from personac.core.evaluate.diagnosis import evaluate_diagnosis
from personac.core.evaluate.metrics import deviation_of_runs, mean_of_runs, multilabel_f1

Array = NDArray[np.float64]
ENCODERS = ("use-multilingual", "all-MiniLM-L6-v2")
RIDGE, PIECES, NAMED = 0.1, 0.5, 0.2  # penalty; weight of word pieces; weight of likeness to an intent's name


def quiet(name: str, done: int, total: int) -> None:
    """Show no progress."""


def medical(folder: Path) -> dict[str, Any]:
    """Return the figures of each collection in the folder."""
    names = [path.name.removesuffix("_train.jsonl") for path in sorted(folder.glob("*_train.jsonl"))]
    return {n: evaluate_diagnosis(folder / f"{n}_train.jsonl", folder / f"{n}_test.jsonl") for n in names}


def phrasebank(file: Path, tune: str, splits: int, validate: bool) -> dict[str, Any]:
    """Return the means over random splits of 80/20, each label split alike.

    `validate` measures on a quarter of each split's training part instead, which is left out of it; the test part is
    not looked at.
    """
    from personac.core.evaluate.intents import evaluate_intents

    with file.open(encoding="utf-8", newline="") as lines:
        rows = [(row["text"], row["label"]) for row in csv.DictReader(lines)]
    labels = [label for _, label in rows]
    runs = []
    for seed in range(splits):
        learnt, asked = _stratified(list(range(len(rows))), labels, 0.2, seed)
        if validate:
            learnt, asked = _stratified(learnt, labels, 0.25, 100 + seed)
        with tempfile.TemporaryDirectory() as name:
            for part, taken in (("train", learnt), ("test", asked)):
                with (Path(name) / f"{part}.csv").open("w", encoding="utf-8", newline="") as lines:
                    csv.writer(lines).writerows([("text", "label"), *(rows[row] for row in taken)])
            found = evaluate_intents(
                Path(name) / "train.csv", Path(name) / "test.csv", oos=None, shots=None, seeds=1, tune=tune,
                progress=quiet,
            )  # fmt: skip
        runs.append({key: float(found[key]) for key in ("accuracy", "macro_f1", "train_seconds")})
        print(f"split {seed}: {runs[-1]}", file=sys.stderr, flush=True)
    return {"mean": mean_of_runs(runs), "deviation": deviation_of_runs(runs), "runs": runs}


def _stratified(rows: list[int], labels: list[str], share: float, seed: int) -> tuple[list[int], list[int]]:
    """Return the rows left and a share of each label's rows, both in the file's order."""
    random = np.random.default_rng(seed)
    taken: set[int] = set()
    for label in sorted(set(labels)):
        own = random.permutation([row for row in rows if labels[row] == label])
        taken.update(own[: round(share * len(own))].tolist())
    return [row for row in rows if row not in taken], sorted(taken)


def nlupp(folder: Path) -> dict[str, Any]:
    """Return micro and macro F1 of intents, learnt from one fold of 20 and from two, measured on the others."""
    from personac.core.compile.vectors import TextVectors

    vectors = TextVectors()
    for name in ENCODERS:
        vectors._add(name)
    ontology = json.loads((folder / "ontology.json").read_text("utf-8"))["intents"]
    found = {}
    for domain in ("banking", "hotels"):
        rows = [json.loads(line) for line in (folder / f"{domain}.jsonl").read_text("utf-8").splitlines()]
        intents = [name for name, facts in ontology.items() if {"general", domain} & set(facts["domain"])]
        names = [intent.replace("_", " ") for intent in intents]
        about = [re.sub(r"^is the intent|\?$", "", ontology[intent]["description"]).strip() for intent in intents]
        texts = [row["text"] for row in rows] + names + about
        matrices = [vectors.of(encoder, texts, domain, quiet) for encoder in vectors.encoders]
        matrix = np.concatenate([m / np.linalg.norm(m, axis=1, keepdims=True) for m in matrices], 1).astype(np.float64)
        fold = np.array([row["fold"] for row in rows])
        for together, split in ((1, "20-fold"), (2, "10-fold")):
            runs = [
                _one_split(texts, matrix, rows, intents, (fold >= first) & (fold < first + together))
                for first in range(0, 20, together)
            ]
            found[f"{domain} {split}"] = mean_of_runs(runs)
    return found


def _one_split(
    texts: list[str], matrix: Array, rows: list[dict[str, Any]], intents: list[str], learnt: NDArray[np.bool_]
) -> dict[str, float]:
    count, wide = len(rows), len(intents)
    truth = np.array([[intent in row.get("intents", ()) for intent in intents] for row in rows])
    train = np.concatenate([np.flatnonzero(learnt), np.arange(count, len(texts))])
    target = np.concatenate([truth[learnt], np.eye(wide), np.eye(wide)]).astype(np.float64)
    named = matrix[:count] @ (matrix[count : count + wide] + matrix[count + wide :]).T
    named = (named - named[learnt].mean()) / named[learnt].std()
    features = np.concatenate([matrix, np.sqrt(PIECES) * _pieces(texts, train)], 1)
    known = features[train]
    inverse = np.linalg.inv(known @ known.T + RIDGE * np.eye(len(train)))
    mean = target.mean(0)
    duals = inverse @ (target - mean)
    left_out = (target - duals / np.diag(inverse)[:, None])[: learnt.sum()]
    scale = left_out.std()
    inside = left_out / scale + NAMED * named[learnt]
    scores = (features[:count][~learnt] @ known.T @ duals + mean) / scale + NAMED * named[~learnt]
    steps = np.quantile(inside, np.linspace(0.85, 0.995, 120))
    right = truth[learnt]
    f1 = [2 * (right & (inside > step)).sum() / (right.sum() + (inside > step).sum()) for step in steps]
    chosen = scores > steps[int(np.argmax(f1))]
    return multilabel_f1(_labels(truth[~learnt]), _labels(chosen))


def _labels(flags: NDArray[np.bool_]) -> list[list[str]]:
    return [[str(place) for place in np.flatnonzero(row)] for row in flags]


def _pieces(texts: list[str], train: NDArray[np.int64]) -> Array:
    """Return unit rows of words, pairs of words and pieces of 3 to 5 letters, weighed by rarity in training."""
    bags = []
    for text in texts:
        words = re.findall(r"[a-z']+|\d", text.lower())
        marked = [f"^{word}$" for word in words]
        parts = [m[i : i + n] for m in marked for n in (3, 4, 5) for i in range(len(m) - n + 1)]
        bags.append(Counter([*words, *map(" ".join, itertools.pairwise(words)), *parts]))
    spread = Counter(part for row in train for part in bags[row])
    place = {part: number for number, part in enumerate(sorted(spread))}
    matrix = np.zeros((len(texts), len(place)))
    for row, bag in enumerate(bags):
        for part, times in bag.items():
            if part in place:
                matrix[row, place[part]] = (1 + np.log(times)) * (1 + np.log((1 + len(train)) / (1 + spread[part])))
    return matrix / np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-9)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", choices=["medical", "phrasebank", "nlupp"])
    parser.add_argument("path", type=Path)
    parser.add_argument("--tune", default="full", help="for phrasebank: auto, none, lora or full")
    parser.add_argument("--splits", type=int, default=5, help="for phrasebank: how many splits")
    parser.add_argument("--validate", action="store_true", help="for phrasebank: on a part of each training part")
    given = parser.parse_args()
    if given.which == "medical":
        found = medical(given.path)
    elif given.which == "nlupp":
        found = nlupp(given.path)
    else:
        found = phrasebank(given.path, given.tune, given.splits, given.validate)
    show(f"understanding_data {given.which}", found)


if __name__ == "__main__":
    main()
