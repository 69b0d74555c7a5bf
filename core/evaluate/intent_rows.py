"""Rows of messages with the labels they belong to, read from a table and parted into what is learnt and what is asked.

A row has one label, several (`a|b`, or a list in JSON), or none. Knows nothing of how labels are learnt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import BadInput
from .tables import Table, read_table

OUTSIDE = ("oos", "out_of_scope")
COLUMNS = ("label", "intent", "labels", "intents")
SEPARATOR = "|"


@dataclass(frozen=True, slots=True)
class Rows:
    """Hold messages, the labels of each, none for what is out of scope, and the fold of each where there are folds."""

    texts: list[str]
    labels: list[tuple[str, ...]]
    folds: list[str] = field(default_factory=list)

    @property
    def several(self) -> bool:
        """Tell whether a row belongs to several labels."""
        return any(len(labels) > 1 for labels in self.labels)

    @property
    def names(self) -> list[str]:
        """Return the labels in alphabetical order."""
        return sorted({label for labels in self.labels for label in labels})

    def some(self, rows: Sequence[int]) -> Rows:
        """Return some of the rows."""
        folds = [self.folds[i] for i in rows] if self.folds else []
        return Rows([self.texts[i] for i in rows], [self.labels[i] for i in rows], folds)


def read_rows(path: Path, folds: str | None = None, several: bool = False) -> Rows:
    """Return the rows of a file; raise BadInput at one without a label, unless here or elsewhere rows have several.

    The labels stand in the first of COLUMNS that there is; `oos` and `out_of_scope` are the names of none.
    """
    table = read_table(path, ("text", *([folds] if folds else [])))
    column = next((name for name in COLUMNS if any(name in row for row in table.rows)), None)
    if column is None:
        table = read_table(path, ("text", COLUMNS[0]))  # says what is missing
    labels = [_labels(table, number, row.get(column or "")) for number, row in enumerate(table.rows)]
    listed = any(isinstance(row.get(column or ""), list) for row in table.rows)
    rows = Rows(
        table.texts("text"),
        [tuple(label for label in own if label not in OUTSIDE) for own in labels],
        [str(row[folds]) for row in table.rows] if folds else [],
    )
    if not (rows.several or several or listed):
        for number, own in enumerate(labels):
            if not own:
                raise table.fault(number, f"{column} is empty; write oos where none fits")
    return rows


def _labels(table: Table, number: int, value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    parts = value.split(SEPARATOR) if isinstance(value, str) else value
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise table.fault(number, "the labels should be a text, or a list of texts")
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def drawn(rows: Rows, shots: int | None, seed: int) -> Rows:
    """Return so many rows of each label, drawn with the seed; all of what is out of scope."""
    taken: dict[str, int] = {}
    kept = []
    for i in np.random.default_rng(seed).permutation(len(rows.texts)).tolist():
        own = rows.labels[i]
        if shots is None or not own or min(taken.get(label, 0) for label in own) < shots:
            kept.append(i)
            for label in own:
                taken[label] = taken.get(label, 0) + 1
    return rows.some(kept)


def by_folds(rows: Rows, together: int, path: Path) -> list[tuple[Rows, Rows]]:
    """Return, for each `together` folds, these rows and all others; raise BadInput where there is only one fold."""
    names = list(dict.fromkeys(rows.folds))
    groups = [set(names[i : i + together]) for i in range(0, len(names) - together + 1, together)]
    everything = range(len(rows.texts))
    runs = [
        (
            rows.some([i for i in everything if rows.folds[i] in group]),
            rows.some([i for i in everything if rows.folds[i] not in group]),
        )
        for group in groups
    ]
    if not runs or not all(asked.texts for _, asked in runs):
        raise BadInput("no_rows", f"{path}: nothing to measure on; --folds needs a column with several values")
    return runs
