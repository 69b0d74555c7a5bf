"""How well a rule's topic catches what its author did not think of, and what it catches by mistake.

    topics.py CLINC150

CLINC150 is a folder with train.csv and test.csv, columns text and intent. Some of its intents stand for topics: the
intent's name and a few of its training questions are what an author writes. The persona's own sentences are questions
of twenty other intents. Measured on test questions: of the topic; of the persona's own intents; of all intents that the
persona knows nothing of (some of which mean nearly the same as the topic). Beside it what is often done: the cosine
with the nearest example, from a threshold that as many of the same harmless sentences stay below.
"""

from __future__ import annotations

import argparse
import csv
import random
from pathlib import Path
from typing import Any

import numpy as np
from common import SEED, show
from numpy.typing import NDArray
from personac.core.compile.risks.build import everyday
from personac.core.compile.rules import HARMLESS_KEPT, topics_of
from personac.core.compile.vectors import TextVectors, encoder_names
from personac.core.persona.schema import Condition

TOPICS, OTHERS, OF_EACH = 40, 20, 10
EXAMPLES = (4, 8, 16)
Rows = NDArray[np.float32]


def questions(path: Path) -> dict[str, list[str]]:
    """Return the questions of each intent."""
    found: dict[str, list[str]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["intent"], []).append(row["text"])
    return found


def quiet(name: str, done: int, total: int) -> None:
    """Show no progress."""


def main(folder: Path) -> dict[str, Any]:
    """Return for each number of examples the shares that are caught."""
    train, test = questions(folder / "train.csv"), questions(folder / "test.csv")
    vectors = TextVectors.named(encoder_names(("auto",), ["en"]), quiet)

    def encode(texts: Any) -> dict[str, Rows]:
        return {encoder.name: vectors.of(encoder, texts, "topics", quiet) for encoder in vectors.encoders}

    daily = [row.text for row in everyday() if row.language == "en"]
    chance = random.Random(SEED)
    results: dict[str, Any] = {}
    topics = chance.sample(sorted(train), TOPICS)
    for count in EXAMPLES:
        shares: dict[str, list[list[float]]] = {"topic": [], "cosine": []}
        for name in topics:
            rest = [other for other in sorted(train) if other != name]
            own = chance.sample(rest, OTHERS)
            harmless = [text for other in own for text in chance.sample(train[other], OF_EACH)]
            examples = chance.sample(train[name], count)
            condition = Condition(topic=name.replace("_", " "), examples=examples)
            found, _ = topics_of([(name, condition)], harmless, daily, encode)
            topic, near = found[name], encode([name.replace("_", " "), *examples])
            limit = np.quantile(nearest(encode([*harmless, *daily]), near), HARMLESS_KEPT)
            tried = (
                test[name],
                [text for other in own for text in test[other]],
                [text for other in rest if other not in own for text in test[other][:3]],
            )
            caught, beside = [], []
            for texts in tried:
                made = encode(texts)
                each = [{encoder: rows[at] for encoder, rows in made.items()} for at in range(len(texts))]
                caught.append(float(np.mean([topic.covers(own_vectors) for own_vectors in each])))
                beside.append(float(np.mean(nearest(made, near) > limit)))
            shares["topic"].append(caught)
            shares["cosine"].append(beside)
        for kind, rows in shares.items():
            of_topic, of_own, of_others = np.mean(rows, axis=0).round(4).tolist()
            results[f"{count} examples, {kind}"] = {"topic": of_topic, "own": of_own, "unknown": of_others}
    return results


def nearest(made: dict[str, Rows], near: dict[str, Rows]) -> Rows:
    """Return for each text [n] the cosine with the nearest example, the mean over encoders."""
    return np.asarray(np.mean([made[name] @ near[name].T for name in made], axis=0).max(1), np.float32)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    show("topics", main(parser.parse_args().folder))
