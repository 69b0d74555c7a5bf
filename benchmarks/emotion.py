"""Emotion from voices and words: EMO-DB with the speaker held out, MELD's text, and what each modality is worth.

    ../.venv/bin/python emotion.py --emodb FOLDER --meld FOLDER [--seeds 3] [--tune full] [--validate]

FOLDER of EMO-DB has labels.csv (file, emotion, speaker, text_de) and the recordings; of MELD train.csv, dev.csv and
test.csv (dialogue, utterance, speaker, text, emotion), of which test.csv is measured on, with --validate dev.csv. The
peer in the same run: ridge regression on the same states of Whisper, and on the same sentence vectors, without our
network.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from personac.core.compile.feeling import Feelings
from personac.core.evaluate.emotion import SEED, evaluate_emotion
from personac.core.evaluate.emotion_tokens import material_of
from personac.core.evaluate.metrics import accuracy, f1_scores
from personac.core.evaluate.tables import read_table

STRENGTH = 0.3  # of the ridge


def quiet(name: str, done: int, total: int) -> None:
    """Show no progress."""


def ridge(feelings: Feelings, token: str, learnt: NDArray[np.int64], held: NDArray[np.int64]) -> list[int]:
    """Return the labels of held-out rows by ridge regression on one standardised token."""
    rows = feelings.tokens[token]
    assert isinstance(rows, np.ndarray)
    centre, spread = rows[learnt].mean(0), rows[learnt].std(0) + 1e-6
    known, asked = ((rows[part] - centre) / spread / len(centre) ** 0.5 for part in (learnt, held))
    targets = np.eye(len(feelings.emotions))[feelings.labels[learnt]] - 1 / len(feelings.emotions)
    if len(learnt) > len(centre):
        weights = np.linalg.solve(known.T @ known + STRENGTH * np.eye(len(centre)), known.T @ targets)
    else:
        weights = known.T @ np.linalg.solve(known @ known.T + STRENGTH * np.eye(len(learnt)), targets)
    return [int(label) for label in (asked @ weights).argmax(1)]


def with_texts(folder: Path, aside: Path) -> Path:
    """Write EMO-DB's table with its German words as `text`; paths become absolute."""
    rows = list(csv.DictReader((folder / "labels.csv").open(encoding="utf-8")))
    table = aside / "emodb.jsonl"
    lines = [
        {"audio": str((folder / row["file"]).resolve()), "text": row["text_de"], "emotion": row["emotion"],
         "speaker": row["speaker"]}
        for row in rows
    ]  # fmt: skip
    table.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), "utf-8")
    return table


def emodb(folder: Path, seeds: int) -> dict[str, Any]:
    """Return the figures of EMO-DB, each speaker held out in turn."""
    with tempfile.TemporaryDirectory() as aside:
        path = with_texts(folder, Path(aside))
        ours = evaluate_emotion(path, folds="speaker", seeds=seeds)
        table = read_table(path)
        feelings = material_of([table], quiet).feelings
    speakers = np.array(table.texts("speaker"))
    found = np.zeros(len(speakers), np.int64)
    for speaker in sorted(set(speakers)):
        held = np.flatnonzero(speakers == speaker)
        found[held] = ridge(feelings, "speech", np.flatnonzero(speakers != speaker), held)
    return {
        "personac": ours,
        "ridge on the same states": {"accuracy": accuracy(feelings.labels.tolist(), found.tolist())},
    }


def meld(folder: Path, measured: str, seeds: int, tune: str) -> dict[str, Any]:
    """Return the figures of MELD's test or dev file, learnt from its train file."""
    paths = folder / "train.csv", folder / measured
    ours = evaluate_emotion(*paths, seeds=seeds, tune=tune)
    tables = [read_table(path) for path in paths]
    material = material_of(tables, quiet)
    feelings = material.feelings
    learnt = np.arange(len(tables[0]))
    held = np.arange(len(learnt), len(feelings.labels))
    found = ridge(feelings, material.modalities["words"][0], learnt, held)
    truth = [str(label) for label in feelings.labels[held]]
    return {"personac": ours, "ridge on the same sentence vectors": f1_scores(truth, [str(label) for label in found])}


def main() -> None:
    """Measure what is given and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--emodb", type=Path)
    parser.add_argument("--meld", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--tune", default="full", help="for MELD: none, lora or full")
    parser.add_argument("--validate", action="store_true", help="for MELD: measure on dev.csv")
    given = parser.parse_args()
    found: dict[str, Any] = {"first seed": SEED, "seeds": given.seeds}
    if given.emodb:
        found["EMO-DB"] = emodb(given.emodb, given.seeds)
    if given.meld:
        measured = "dev.csv" if given.validate else "test.csv"
        found[f"MELD {measured}"] = meld(given.meld, measured, given.seeds, given.tune)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
