"""Emotions learnt from words and voices of one table and found in another, and what each modality is worth.

The network, its tokens and their making are those of a persona; which encoders read the words is chosen as for a
persona that speaks the languages of the table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import BadInput
from .metrics import accuracy, f1_scores, mean_of_runs
from .tables import Table, read_table

if TYPE_CHECKING:
    from ..compile.feeling import Feelings

SEED = 20_26
Progress = Callable[[str, int, int], None]
Rows = NDArray[np.int64]


def evaluate_emotion(
    train: Path,
    test: Path | None = None,
    *,
    folds: str | None = None,
    seeds: int = 3,
    progress: Progress = lambda name, done, total: None,
) -> dict[str, Any]:
    """Return accuracy, weighted_f1 and macro_f1 of emotions, the means over seeds, and the same by modality.

    The columns are emotion (or label), text, and audio (or file, relative to the table), of the last two at least one;
    with dialogue and utterance, what was said before in a dialogue is one more modality. `folds` names a column: each
    of its values is held out in turn, and figures are of all held-out rows together. Under by_modality stand each
    modality `alone`, trained without the others, and the whole network with one of them missing, `without` it. Raise
    BadInput.
    """
    tables = [_read(path) for path in (train, test) if path is not None]
    parts, total = _parts(tables, folds), sum(len(table) for table in tables)
    from ..compile.feeling import fit, judge
    from .emotion_tokens import feelings_of

    feelings, modalities = feelings_of(tables, progress)
    names = np.array(feelings.emotions)
    truth = names[feelings.labels].tolist()
    runs: dict[str, list[dict[str, float]]] = {}
    attention: list[dict[str, float]] = []
    plans: list[tuple[str, list[str]]] = [("", list(feelings.tokens))]
    if len(modalities) > 1:
        plans += [(f"{name} alone", tokens) for name, tokens in modalities.items()]
    work, done = len(plans) * seeds * len(parts), 0
    for number in range(seeds):
        for plan, tokens in plans:
            own = feelings.only(tokens)
            left_out: dict[str, list[str]] = {"": []} | (
                {f"without {m}": t for m, t in modalities.items()} if not plan and len(plans) > 1 else {}
            )
            found = {name: np.full((total, len(names)), 1 / len(names), np.float32) for name in left_out}
            weights = []
            for learnt, held in parts:
                network = fit(own, _with_any(own, learnt), SEED + number)
                for name, missing in left_out.items():
                    found[name][held], weight = judge(network, own, held, missing)
                    if not name:
                        weights.append(weight)
                done += 1
                progress("train", done, work)
            rows = np.concatenate([held for _, held in parts])
            for name, probabilities in found.items():
                guessed = names[probabilities[rows].argmax(1)].tolist()
                runs.setdefault(plan or name, []).append(_figures([truth[row] for row in rows], guessed))
            if not plan:
                attention.append(dict(zip(tokens, np.concatenate(weights).mean(0).tolist(), strict=True)))
    by_modality = {name: mean_of_runs(figures) for name, figures in runs.items() if name}
    result = {
        **mean_of_runs(runs[""]),
        "rows": sum(len(held) for _, held in parts),
        "attention": mean_of_runs(attention),
    }
    return {**result, "by_modality": by_modality} if by_modality else result


def _figures(truth: list[str], found: list[str]) -> dict[str, float]:
    scores = f1_scores(truth, found)
    return {"accuracy": accuracy(truth, found), **{name: scores[name] for name in ("weighted_f1", "macro_f1")}}


def _read(path: Path) -> Table:
    """Return a table whose columns have their first names."""
    table = read_table(path)
    for name, other in (("emotion", "label"), ("audio", "file")):
        for row in table.rows:
            if name not in row and other in row:
                row[name] = row[other]
    if "emotion" not in table.rows[0]:
        read_table(path, ("emotion",))
    if not {"text", "audio"} & set(table.rows[0]):
        read_table(path, ("text",))
    table.filled("emotion")
    return table


def _parts(tables: Sequence[Table], folds: str | None) -> list[tuple[Rows, Rows]]:
    """Return the rows to learn from and those held out, of all tables behind each other."""
    first = tables[0]
    if len(tables) == 2:
        if folds is not None:
            raise BadInput("emotion_folds", "give a table to test on, or a column for folds, not both")
        known = set(first.filled("emotion"))
        for number, emotion in enumerate(tables[1].filled("emotion")):
            if emotion not in known:
                raise tables[1].fault(number, f"the emotion {emotion!r} has no row to learn from in {first.path.name}")
        return [(np.arange(len(first)), np.arange(len(first), len(first) + len(tables[1])))]
    if folds is None:
        raise BadInput("emotion_folds", "give a table to test on, or a column for folds")
    read_table(first.path, (folds,))
    values = np.array([str(row[folds]) for row in first.rows])
    if len(set(values)) < 2:
        raise BadInput("emotion_folds", f"{first.path}: {folds!r} has one value only; folds need two")
    return [(np.flatnonzero(values != value), np.flatnonzero(values == value)) for value in sorted(set(values))]


def _with_any(feelings: Feelings, rows: Rows) -> Rows:
    """Return the rows that have at least one token."""
    kept = rows[np.any([present[rows] for present in feelings.present.values()], axis=0)]
    if not len(kept):
        raise BadInput("emotion_rows", "no row to learn from has a text that an encoder reads, or a voice")
    return kept
