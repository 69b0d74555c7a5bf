"""Measure how well slots are found and read: spans by F1 (micro; slot and borders as annotated), values by accuracy.

Rows are `{text, slots: [{slot, start, end, value?}]}`, or as NLU++ (Casanueva et al. 2022) has them:
`{text, slots: {name: {text, span, value?}}}`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import fmean, pstdev
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np

from ..compile.tagger import Annotated, learn, write
from ..errors import BadInput
from ..mind.slots.tagger import Span, Tagger, recognised
from ..mind.values.typed import KINDS, read
from .tables import Table, read_table

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Row:
    """Hold a text with its annotated spans and, by (slot, start, end), their values in normal form."""

    text: str
    spans: tuple[Span, ...]
    values: Mapping[tuple[str, int, int], Any]
    fold: str = ""


def evaluate_slots(
    train: Path,
    test: Path | None,
    *,
    folds: str | None = None,
    together: int = 1,
    today: date | None = None,
    progress: Progress,
) -> dict[str, Any]:
    """Return precision, recall and F1 of spans, and the accuracy of the values of spans that were found.

    With `folds`, the column of `train` that numbers its folds, each `together` folds are learnt from and the others
    measured on; figures are means over these runs. `today` is the day that relative dates count from.
    """
    rows = read_rows(train, folds)
    runs = _runs(rows, together) if folds else [(rows, read_rows(test, None) if test else [])]
    if not runs or not all(tested for _, tested in runs):
        raise BadInput("no_rows", f"{train}: nothing to measure on; give --test, or --folds with several values")
    found = []
    for number, (learnt, tested) in enumerate(runs):
        progress("runs", number, len(runs))
        found.append(measure(learnt, tested, today or date.today()))
    progress("runs", len(runs), len(runs))
    means = {name: fmean(run[name] for run in found) for name in ("f1", "precision", "recall", "value_accuracy")}
    slots = sorted({slot for run in found for slot in run["by_slot"]})
    return {
        **{name: round(value, 4) for name, value in means.items()},
        "f1_deviation": round(pstdev([run["f1"] for run in found]), 4),
        "runs": len(runs),
        "train_seconds": round(fmean(run["train_seconds"] for run in found), 2),
        "p50_ms": round(fmean(run["p50_ms"] for run in found), 3),
        "by_slot": {
            slot: {
                "f1": round(fmean(run["by_slot"].get(slot, {"f1": 0.0})["f1"] for run in found), 4),
                "spans": round(fmean(run["by_slot"].get(slot, {"spans": 0})["spans"] for run in found)),
            }
            for slot in slots
        },
    }


def measure(train: Sequence[Row], test: Sequence[Row], today: date) -> dict[str, Any]:
    """Return the figures of one run: learn from some rows, find and read the slots of others."""
    begun = perf_counter()
    kinds = kinds_of(train)
    with TemporaryDirectory() as folder:
        write(learn([Annotated(row.text, row.spans) for row in train], {}, _quiet), Path(folder))
        tagger = Tagger(Path(folder))
    seconds = perf_counter() - begun
    hits: Counter[str] = Counter()
    found: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    right = valued = 0
    spent = []
    for row in test:
        start = perf_counter()
        marked = set(tagger.mark(row.text))
        spent.append(perf_counter() - start)
        for span in marked:
            found[span.label] += 1
        for span in row.spans:
            wanted[span.label] += 1
            hits[span.label] += span in marked
            key = (span.label, span.start, span.end)
            if span in marked and key in row.values:
                valued += 1
                value = read(kinds.get(span.label, "text"), row.text[span.start : span.end], today)
                right += _same(value, row.values[key])
    by_slot = {
        slot: {"f1": _f1(hits[slot], found[slot], wanted[slot]), "spans": wanted[slot]} for slot in sorted(wanted)
    }
    return {
        "f1": _f1(hits.total(), found.total(), wanted.total()),
        "precision": hits.total() / max(1, found.total()),
        "recall": hits.total() / max(1, wanted.total()),
        "value_accuracy": right / max(1, valued),
        "train_seconds": seconds,
        "p50_ms": float(np.median(spent)) * 1000 if spent else 0.0,
        "by_slot": by_slot,
    }


def kinds_of(rows: Sequence[Row]) -> dict[str, str]:
    """Return what kind of value each slot holds: the one that its spans mostly are, text where they are none."""
    votes: dict[str, Counter[str]] = {}
    for row in rows:
        marks = recognised(row.text)
        for span in row.spans:
            own = votes.setdefault(span.label, Counter())
            own["text"] += 0
            over = [mark for mark in marks if mark.start < span.end and span.start < mark.end]
            for mark in over:
                kind = "date" if mark.label == "period" else mark.label
                own[kind] += 2 if (mark.start, mark.end) == (span.start, span.end) else 1
            own["text"] += not over
    return {
        slot: kind if kind in KINDS else "text" for slot, own in votes.items() for kind in [own.most_common(1)[0][0]]
    }


def read_rows(path: Path, folds: str | None) -> list[Row]:
    """Return the rows of a file; raise BadInput where one is not as it should be."""
    table = read_table(path, ("text", *([folds] if folds else [])))
    texts = table.texts("text")
    return [_row(table, number, text, folds) for number, text in enumerate(texts)]


def _row(table: Table, number: int, text: str, folds: str | None) -> Row:
    told = table.rows[number].get("slots") or []
    items = [{"slot": name, **item} for name, item in told.items()] if isinstance(told, Mapping) else told
    spans: list[Span] = []
    values: dict[tuple[str, int, int], Any] = {}
    for item in items:
        try:
            start, end = item["span"] if "span" in item else (item["start"], item["end"])
            span = Span(str(item["slot"]), int(start), int(end))
        except (KeyError, TypeError, ValueError):
            raise table.fault(number, "a slot needs its name and where it stands: slot, start, end") from None
        if not 0 <= span.start < span.end <= len(text):
            raise table.fault(number, f"the slot {span.label} stands outside of the text")
        spans.append(span)
        if item.get("value") is not None:
            values[span.label, span.start, span.end] = normal_form(item["value"])
    fold = str(table.rows[number].get(folds)) if folds else ""
    return Row(text, tuple(sorted(spans, key=lambda span: (span.start, -span.end))), values, fold)


def normal_form(value: Any) -> Any:
    """Return an annotated value as `mind.values` writes it; dates and times may be given by their parts."""
    if isinstance(value, Mapping) and {"day", "month", "year"} <= value.keys():
        return f"{value['year']:04}-{value['month']:02}-{value['day']:02}"
    if isinstance(value, Mapping) and {"hour", "minute"} <= value.keys():
        return f"{value['hour']:02}:{value['minute']:02}"
    if isinstance(value, Mapping) and value.get("currency") == "ambiguous":
        return {**value, "currency": None}
    return value


def _same(found: Any, wanted: Any) -> bool:
    if isinstance(found, str) and isinstance(wanted, str):
        return found.casefold() == wanted.casefold()
    return bool(found == wanted)


def _runs(rows: Sequence[Row], together: int) -> list[tuple[list[Row], list[Row]]]:
    names = list(dict.fromkeys(row.fold for row in rows))
    groups = [set(names[i : i + together]) for i in range(0, len(names) - together + 1, together)]
    return [
        ([row for row in rows if row.fold in group], [row for row in rows if row.fold not in group]) for group in groups
    ]


def _f1(hits: int, found: int, wanted: int) -> float:
    return 2 * hits / (found + wanted) if found + wanted else 0.0


def _quiet(done: int, total: int) -> None:
    return None
