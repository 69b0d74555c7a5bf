"""personac eval: measure understanding, memory, hearing and guards on files of your own."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from ..diagnostics import has_errors, render
from ..persona.expectations import SWAPS
from .building import progress_bars

File = click.Path(path_type=Path)  # whether it is there, and what is like it, is said by the reader
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
_QUIET = click.option("-q", "--quiet", is_flag=True, help="Show no progress.")


@click.group("eval")
def command() -> None:
    """Measure a persona's parts on files of your own: CSV, TSV, JSON Lines or JSON."""
    logging.basicConfig(level=logging.ERROR)


@command.command("intents")
@click.option("--train", type=File, required=True, help="Rows to learn from: text, label (several: a|b).")
@click.option("--test", type=File, help="Rows to measure on: text, label.")
@click.option("--folds", metavar="COLUMN", help="Instead of --test: learn from each fold and measure on the others.")
@click.option("--together", type=click.IntRange(1), default=1, show_default=True, help="How many folds to learn from.")
@click.option("--oos", type=File, help="Messages that no label fits: text.")
@click.option("--shots", type=click.IntRange(1), help="Learn from so many examples of each label.")
@click.option("--seeds", type=click.IntRange(1, 100), default=1, show_default=True, help="Runs to take the mean of.")
@click.option("--tune", type=click.Choice(["auto", "none", "lora", "full"]), default="auto", show_default=True,
              help="Whether the text encoder itself is tuned.")  # fmt: skip
@_QUIET
@_JSON
def intents(
    train: Path, test: Path | None, folds: str | None, together: int, oos: Path | None, shots: int | None, seeds: int,
    tune: str, quiet: bool, as_json: bool,
) -> None:  # fmt: skip
    """Learn labels from one file and find them in another."""
    from ..evaluate.intents import evaluate_intents

    _one_of(test, folds)
    with progress_bars(quiet) as progress:
        found = evaluate_intents(
            train, test, oos=oos, shots=shots, seeds=seeds, tune=tune, folds=folds, together=together, progress=progress
        )
    show(found, as_json)


@command.command("slots")
@click.option("--train", type=File, required=True, help="Rows to learn from: text, slots.")
@click.option("--test", type=File, help="Rows to measure on.")
@click.option("--folds", metavar="FIELD", help="Instead of --test: learn from each fold and measure on the others.")
@click.option("--together", type=click.IntRange(1), default=1, show_default=True, help="How many folds to learn from.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="What day it is in the texts.")
@_QUIET
@_JSON
def slots(
    train: Path, test: Path | None, folds: str | None, together: int, today: datetime | None, quiet: bool, as_json: bool
) -> None:
    """Learn slots from one file and find them in another."""
    from ..evaluate.slots import evaluate_slots

    _one_of(test, folds)
    day = today.date() if today else None
    with progress_bars(quiet) as progress:
        found = evaluate_slots(train, test, folds=folds, together=together, today=day, progress=progress)
    show(found, as_json)


@command.command("emotion")
@click.option("--train", type=File, required=True, help="Rows to learn from: text or audio (a file) or both, emotion.")
@click.option("--test", type=File, help="Rows to measure on.")
@click.option("--folds", metavar="COLUMN", help="Instead of --test: hold out each value of this column in turn.")
@click.option("--seeds", type=click.IntRange(1, 100), default=3, show_default=True, help="Runs to take the mean of.")
@click.option("--tune", type=click.Choice(["none", "lora", "full"]), default="none", show_default=True,
              help="How the text encoder itself is tuned.")  # fmt: skip
@_QUIET
@_JSON
def emotion(
    train: Path, test: Path | None, folds: str | None, seeds: int, tune: str, quiet: bool, as_json: bool
) -> None:
    """Learn emotions from words and voices of one file and find them in another."""
    from ..evaluate.emotion import evaluate_emotion

    _one_of(test, folds)
    with progress_bars(quiet) as progress:
        found = evaluate_emotion(train, test, folds=folds, seeds=seeds, tune=tune, progress=progress)
    show(found, as_json)


@command.command("retrieval")
@click.option("--passages", type=File, required=True, help="What is searched: id, text.")
@click.option("--queries", type=File, required=True, help="What is asked: text, relevant (a list of ids).")
@_QUIET
@_JSON
def retrieval(passages: Path, queries: Path, quiet: bool, as_json: bool) -> None:
    """Search passages and compare with those that are relevant."""
    from ..evaluate.retrieval import evaluate_retrieval

    with progress_bars(quiet) as progress:
        found = evaluate_retrieval(passages, queries, progress=progress)
    show(found, as_json)


@command.command("speech")
@click.option("--clips", type=File, required=True, help="Recordings: file (beside the table), text, lang.")
@click.option("--model", default="auto", show_default=True, help="The recogniser, as in a persona's encoders.speech.")
@_QUIET
@_JSON
def speech(clips: Path, model: str, quiet: bool, as_json: bool) -> None:
    """Transcribe recordings and compare with what was said."""
    from ..evaluate.speech import evaluate_speech

    with progress_bars(quiet) as progress:
        found = evaluate_speech(clips, model=model, progress=progress)
    show(found, as_json)


@command.command("safety")
@click.argument("path")
@click.option("--prompts", type=File, required=True, help="What people say: prompt, label (safe or unsafe).")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Where artifacts go; by default PATH/build.")
@_QUIET
@_JSON
def safety(path: str, prompts: Path, out: Path | None, quiet: bool, as_json: bool) -> None:
    """Say each prompt to a persona and count what its rules refuse."""
    from ..evaluate.safety import evaluate_safety, read_prompts
    from . import persona_path
    from .building import find_artifact, open_persona

    rows = read_prompts(prompts)
    runtime = open_persona(find_artifact(persona_path(path), out, quiet or as_json), None)
    try:
        with progress_bars(quiet) as progress:
            found = evaluate_safety(runtime, rows, progress=progress)
    finally:
        runtime.close()
    show(found, as_json)


@command.command("fairness")
@click.argument("path")
@click.option("--swap", "attributes", type=click.Choice(SWAPS), multiple=True,
              help="What is swapped; everything, if not given. May be repeated.")  # fmt: skip
@click.option("--pairs", type=click.IntRange(1, 5000), default=200, show_default=True,
              help="Counterfactual pairs of each kind in each language.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, help="Which sentences, names and places are drawn.")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Where artifacts go; by default PATH/build.")
@_QUIET
@_JSON
def fairness(
    path: str, attributes: tuple[str, ...], pairs: int, seed: int, out: Path | None, quiet: bool, as_json: bool
) -> None:
    """Say a persona's own examples and tests as people of different groups would, and compare the answers."""
    from ..evaluate.fairness.fairlearns import require
    from ..evaluate.fairness.run import evaluate_fairness
    from ..evaluate.fairness.show import as_dict, print_report
    from . import persona_path
    from .building import find_artifact, open_persona
    from .suites import read_suites

    require()
    (suite, *_), diagnostics = read_suites([persona_path(path)])
    if has_errors(diagnostics):
        raise click.UsageError(f"the test files have mistakes:\n{render(diagnostics, 'concise')}")
    runtime = open_persona(find_artifact(persona_path(path), out, quiet or as_json), None)
    try:
        with progress_bars(quiet) as progress:
            found = evaluate_fairness(
                runtime, suite.root, suite.conversations, attributes=attributes or SWAPS, pairs=pairs, seed=seed,
                progress=progress,
            )  # fmt: skip
    finally:
        runtime.close()
    if as_json:
        show(as_dict(found), True)
    else:
        print_report(found)


@command.command("privacy")
@click.option("--spans", type=File, required=True, help="Texts in .jsonl or .json: text, spans (start, end, type).")
@_JSON
def privacy(spans: Path, as_json: bool) -> None:
    """Look for personal data in texts and compare with where it stands."""
    from ..evaluate.privacy import evaluate_privacy

    show(evaluate_privacy(spans), as_json)


@command.command("diagnosis")
@click.option("--train", type=File, required=True, help="Cases to learn from: exp_sxs, imp_sxs, label.")
@click.option("--test", type=File, required=True, help="Cases to measure on.")
@click.option("--turns", type=click.IntRange(0), default=10, show_default=True, help="How many questions may be asked.")
@_JSON
def diagnosis(train: Path, test: Path, turns: int, as_json: bool) -> None:
    """Learn causes from findings, such as diseases from symptoms, and find them in other cases."""
    from ..evaluate.diagnosis import evaluate_diagnosis

    show(evaluate_diagnosis(train, test, turns=turns), as_json)


def _one_of(test: Path | None, folds: str | None) -> None:
    if (test is None) == (folds is None):
        raise click.UsageError("give either --test or --folds")


def show(found: Mapping[str, Any], as_json: bool) -> None:
    """Print figures: as one JSON object, where nan is null, or as tables for people."""
    if as_json:
        click.echo(json.dumps(_plain(found), ensure_ascii=False, indent=1))
        return
    from rich.console import Console
    from rich.table import Table

    console = Console()
    whole = Table(box=None, show_header=False, pad_edge=False)
    whole.add_column(no_wrap=True, style="bold")
    whole.add_column(justify="right", overflow="fold")
    for name, value in found.items():
        if not isinstance(value, Mapping) and not _is_table(value):
            whole.add_row(name.replace("_", " "), _cell(value))
    console.print(whole)
    parts = {name: value for name, value in found.items() if isinstance(value, Mapping) and value}
    flat = {name: part for name, part in parts.items() if not any(isinstance(row, Mapping) for row in part.values())}
    if flat:
        console.print(_part("of which", {name.replace("_", " "): part for name, part in flat.items()}))
    for name, part in parts.items():
        if name not in flat:
            console.print(_part(name, part))
    for name, value in found.items():
        if _is_table(value):
            console.print(_part(name, {str(number): row for number, row in enumerate(value, 1)}))


def _part(name: str, rows: Mapping[str, Mapping[str, Any]]) -> Any:
    """Return a table with a row for each language, type or run."""
    from rich.table import Table

    columns = dict.fromkeys(column for row in rows.values() for column in row)
    table = Table(box=None, header_style="bold", pad_edge=False, title=name.replace("_", " "), title_justify="left")
    table.add_column("", no_wrap=True)
    for column in columns:
        table.add_column(column.replace("_", " "), justify="right", overflow="fold")
    for key, row in rows.items():
        table.add_row(key, *(_cell(row.get(column, "")) for column in columns))
    return table


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, Mapping) for row in value)


def _cell(value: Any) -> str:
    from rich.markup import escape

    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, float):
        return f"{value:.4f}" if abs(value) < 10 else f"{value:,.1f}"
    if isinstance(value, list | tuple):
        return escape(", ".join(str(item) for item in value)) or "none"
    return escape(str(value))


def _plain(value: Any) -> Any:
    """Return a value as strict JSON can say it."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "item") and not isinstance(value, str):
        value = value.item()  # a number of numpy's
    return None if isinstance(value, float) and not math.isfinite(value) else value
