"""personac data statistics: counts about users, with differential privacy."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click

from .audit import log_in
from .building import kept_folder


@click.command("statistics")
@click.option("--epsilon", type=float, required=True, help="How much may be learnt of one user: 0.1 little, 4 all.")
@click.option("--month", help="The month, as 2026-11; by default the one that runs.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--store", type=click.Path(path_type=Path), help="The folder that keeps conversations.")
def command(epsilon: float, month: str | None, as_json: bool, store: Path | None) -> None:
    """Print turns by day, intent, language and emotion, and opinions, with noise that hides each user.

    A month has a budget of epsilon; what was released is told again unchanged (docs/monitoring.md).
    """
    from ..monitor.book import SUFFIX, Book
    from ..monitor.statistics import BUDGET, LEAST_EPSILON, release
    from ..monitor.tallies import Tallies

    if not LEAST_EPSILON <= epsilon <= BUDGET:
        raise click.UsageError(f"--epsilon goes from {LEAST_EPSILON:g} to {BUDGET:g}")
    month = month or time.strftime("%Y-%m", time.gmtime())
    try:
        time.strptime(month, "%Y-%m")
    except ValueError:
        raise click.UsageError(f"{month!r} is no month; write it as 2026-11") from None
    if len(month) != 7 or month > time.strftime("%Y-%m", time.gmtime()):
        raise click.UsageError(f"{month!r} has not begun, or is not written as 2026-11")
    found: dict[str, dict[str, Any]] = {}
    folder = kept_folder(store)
    for file in sorted(folder.glob(f"*{SUFFIX}")):
        book = Book(file)
        try:
            told = found[file.stem] = release(Tallies(book), month, epsilon)
        finally:
            book.close()
        log_in(folder).write(
            "statistics", file.stem, {name: told[name] for name in ("month", "until", "epsilon", "spent")}
        )
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    if not found:
        click.echo("no persona was served with this store yet")
    for slug, told in found.items():
        click.echo(f"{slug}, {told['month']} until {told['until']}: epsilon {told['epsilon']:g} of {told['budget']:g}")
        click.echo(f"  each count is within {told['within']} of the true one (19 of 20); smaller ones are left out")
        for kind in ("days", "intents", "languages", "emotions", "feedback"):
            rows = told[kind]
            click.echo(f"  {kind}: " + (", ".join(f"{key} {n}" for key, n in rows.items()) or "all too small to tell"))
