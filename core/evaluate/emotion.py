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
from .metrics import accuracy, deviation_of_runs, f1_scores, mean_of_runs
from .tables import Table, read_table

if TYPE_CHECKING:
    from .emotion_judges import Tuning
    from .emotion_tokens import Material

SEED = 20_26
JUDGE = "by "  # before a judge's name, to tell it from a modality's
Progress = Callable[[str, int, int], None]
Rows = NDArray[np.int64]
Array = NDArray[np.float32]


def evaluate_emotion(
    train: Path,
    test: Path | None = None,
    *,
    folds: str | None = None,
    seeds: int = 3,
    tune: str = "none",
    progress: Progress = lambda name, done, total: None,
) -> dict[str, Any]:
    """Return accuracy, weighted_f1 and macro_f1 of emotions, the means over seeds, and the same by judge and modality.

    The columns are emotion (or label), text, and audio (or file, relative to the table), of the last two at least one;
    with dialogue and utterance, what was said before in a dialogue is one more modality. `folds` names a column: each
    of its values is held out in turn, and figures are of all held-out rows together. `tune` is none, lora or full: how
    a text encoder is tuned, as one more judge. Under by_modality stands the network with each modality `alone`, trained
    without the others, and with one of them missing, `without` it. Raise BadInput or CannotTune.
    """
    tables = [_read(path) for path in (train, test) if path is not None]
    parts, total = _parts(tables, folds), sum(len(table) for table in tables)
    from ..compile.feeling import FEW, fit, judge
    from .emotion_judges import POOLED, judged, with_any
    from .emotion_tokens import material_of

    material = material_of(tables, progress)
    feelings, modalities = material.feelings, material.modalities
    if tune != "none" and min(len(learnt) for learnt, _ in parts) < FEW:
        raise BadInput("emotion_rows", f"an encoder is tuned on emotions from {FEW} rows on; leave out --tune")
    tuning = _tuning(material, parts, tune)
    names = np.array(feelings.emotions)
    truth = names[feelings.labels].tolist()
    rows = np.concatenate([held for _, held in parts])
    plans = list(modalities.items()) if len(modalities) > 1 else []
    work, done = (1 + len(plans)) * seeds * len(parts), 0
    runs: dict[str, list[dict[str, float]]] = {}
    attention: list[dict[str, float]] = []

    def kept(found: dict[str, Array], place: Rows, own: dict[str, Array]) -> None:
        for name, values in own.items():
            found.setdefault(name, np.zeros((total, len(names)), np.float32))[place] = values

    for number in range(seeds):
        found: dict[str, Array] = {}
        weights = []
        for learnt, held in parts:
            whole = judged(material, learnt, held, SEED + number, tuning, progress)
            kept(found, held, {f"{JUDGE}{name}": values for name, values in whole.opinions.items()})
            if plans:
                kept(found, held, {f"without {name}": values for name, values in whole.without.items()})
            weights.append(whole.attention)
            for name, tokens in plans:
                own = feelings.only(tokens)
                alone = fit(own, with_any(own, learnt), SEED + number)
                kept(found, held, {f"{name} alone": judge(alone, own, held)[0]})
            done += 1 + len(plans)
            progress("train", done, work)
        for name, values in found.items():
            guessed = names[values[rows].argmax(1)].tolist()
            runs.setdefault(name, []).append(_figures([truth[row] for row in rows], guessed))
        attention.append(dict(zip(feelings.tokens, np.concatenate(weights).mean(0).tolist(), strict=True)))
    means = {name: mean_of_runs(figures) for name, figures in runs.items()}
    pooled = runs[f"{JUDGE}{POOLED}"]
    result: dict[str, Any] = {**mean_of_runs(pooled), "rows": len(rows), "attention": mean_of_runs(attention)}
    if seeds > 1:
        result["std"] = deviation_of_runs(pooled)
    judges = {name.removeprefix(JUDGE): value for name, value in means.items() if name.startswith(JUDGE)}
    by_judge = {name: value for name, value in judges.items() if name != POOLED}
    if len(by_judge) > 1:
        result["by_judge"] = by_judge
    if plans:
        result["by_modality"] = {name: value for name, value in means.items() if not name.startswith(JUDGE)}
    return result


def _tuning(material: Material, parts: Sequence[tuple[Rows, Rows]], tune: str) -> Tuning | None:
    """Return the encoder to tune, None where none is; raise CannotTune."""
    if tune == "none":
        return None
    from ..models.tuned import CannotTune
    from .emotion_judges import Tuning

    if material.tunable is None:
        raise CannotTune(f"no encoder that can be tuned reads these texts ({', '.join(material.feelings.tokens)})")
    rows = np.unique(np.concatenate([learnt for learnt, _ in parts]))
    return Tuning(material, rows, material.tunable, tune)


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
