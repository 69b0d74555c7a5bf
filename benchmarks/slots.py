"""Slots of NLU++ by its own protocol: learn from one fold of twenty (or two), find in all others.

    python slots.py ../../shared/data/nlupp/hotels.jsonl [--together 2] [--runs 20]

The peer in the same run is what the recognisers alone find, each slot being given the kind of value that it holds.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from statistics import fmean

from personac.core.evaluate.slots import Row, kinds_of, measure, read_rows
from personac.core.mind.values.typed import find

TODAY = date(2022, 3, 15)  # the day that the annotations count from


def recognisers_alone(train: list[Row], test: list[Row]) -> float:
    """Return the F1 of giving every value of a kind to the slot that most often holds that kind."""
    kinds = kinds_of(train)
    count = {slot: sum(span.label == slot for row in train for span in row.spans) for slot in kinds}
    owner: dict[str, str] = {}
    for slot in sorted(kinds, key=lambda slot: count[slot]):
        owner[kinds[slot]] = slot
    hits = found = wanted = 0
    for row in test:
        gold = {(span.label, span.start, span.end) for span in row.spans}
        got = {(slot, v.start, v.end) for kind, slot in owner.items() for v in find(kind, row.text, TODAY)}
        hits, found, wanted = hits + len(gold & got), found + len(got), wanted + len(gold)
    return 2 * hits / max(1, found + wanted)


def main() -> None:
    """Print the figures of all runs and their means."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--together", type=int, default=1)
    parser.add_argument("--runs", type=int, default=20)
    told = parser.parse_args()
    rows = read_rows(told.rows, "fold")
    folds = list(dict.fromkeys(row.fold for row in rows))
    figures = []
    for i in range(0, min(len(folds), told.runs * told.together) - told.together + 1, told.together):
        own = set(folds[i : i + told.together])
        train, test = [r for r in rows if r.fold in own], [r for r in rows if r.fold not in own]
        run = measure(train, test, TODAY)
        figures.append((run["f1"], recognisers_alone(train, test), run["value_accuracy"], run["train_seconds"]))
        print(f"fold {','.join(sorted(own))}: " + "  ".join(f"{figure:.3f}" for figure in figures[-1]), flush=True)
    f1, alone, values, seconds = (fmean(column) for column in zip(*figures, strict=True))
    print(f"F1 {f1:.4f}  recognisers alone {alone:.4f}  values {values:.4f}  training {seconds:.1f} s")


if __name__ == "__main__":
    main()
