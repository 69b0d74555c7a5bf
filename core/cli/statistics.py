"""personac data statistics: counts about users, with differential privacy."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click

from ..errors import Unavailable
from .audit import log_in
from .building import kept_folder


@click.command("statistics")
@click.option("--epsilon", type=float, required=True, help="How much may be learnt of one user: 0.1 little, 4 all.")
@click.option("--month", help="The month, as 2026-11; by default the one that runs.")
@click.option("--persona", "personas", multiple=True, metavar="NAME", help="Only this one; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--store", type=click.Path(path_type=Path), help="The folder that keeps conversations.")
def command(epsilon: float, month: str | None, personas: tuple[str, ...], as_json: bool, store: Path | None) -> None:
    """Print turns by day, intent, language and emotion, and opinions, with noise that hides each user.

    A month of a persona has a budget of epsilon; what was released is told again unchanged (docs/monitoring.md). Where
    one persona's cannot be told, the others' are, and the exit status is 1.
    """
    from ..monitor.statistics import BUDGET, LEAST_EPSILON, BudgetSpent, NotServedYet

    if not LEAST_EPSILON <= epsilon <= BUDGET:
        raise click.UsageError(f"--epsilon goes from {LEAST_EPSILON:g} to {BUDGET:g}")
    month = _month(month)
    folder = kept_folder(store)
    files = _books(folder, personas)
    found: dict[str, dict[str, Any]] = {}
    failed = False
    for slug, file in files.items():
        try:
            found[slug] = _released(folder, slug, file, month, epsilon)
        except NotServedYet as error:
            click.echo(f"{slug}: {error}", err=True)
        except (BudgetSpent, Unavailable) as error:
            failed = True
            click.echo(f"error: {slug}: {error}", err=True)
        else:
            if not as_json:
                _print(slug, found[slug])
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    elif not files:
        click.echo("no persona was served with this store yet")
    if failed:
        raise SystemExit(1)


def _month(given: str | None) -> str:
    running = time.strftime("%Y-%m", time.gmtime())
    month = given or running
    try:
        time.strptime(month, "%Y-%m")
    except ValueError:
        raise click.UsageError(f"{month!r} is no month; write it as 2026-11") from None
    if len(month) != 7 or month > running:
        raise click.UsageError(f"{month!r} has not begun, or is not written as 2026-11")
    return month


def _books(folder: Path, personas: tuple[str, ...]) -> dict[str, Path]:
    """Return the monitors' files by persona, of some personas only where these are named."""
    from ..monitor.book import SUFFIX

    files = {file.stem: file for file in sorted(folder.glob(f"*{SUFFIX}"))}
    for name in personas:
        if name not in files:
            known = ", ".join(files) or "none"
            raise click.UsageError(f"no persona {name!r} was served with this store; there are: {known}")
    return {slug: file for slug, file in files.items() if not personas or slug in personas}


def _released(folder: Path, slug: str, file: Path, month: str, epsilon: float) -> dict[str, Any]:
    from ..monitor.book import Book
    from ..monitor.statistics import release
    from ..monitor.tallies import Tallies

    book = Book(file)
    try:
        told = release(Tallies(book), month, epsilon)
    finally:
        book.close()
    log_in(folder).write("statistics", slug, {name: told[name] for name in ("month", "until", "epsilon", "spent")})
    return told


def _print(slug: str, told: dict[str, Any]) -> None:
    click.echo(f"{slug}, {told['month']} until {told['until']}: epsilon {told['epsilon']:g} of {told['budget']:g}")
    click.echo(
        f"  in 19 releases of 20, each count is within {told['within']} of the true one; counts up to that are left out"
    )
    for kind in ("days", "intents", "languages", "emotions", "feedback"):
        rows = told[kind]
        click.echo(f"  {kind}: " + (", ".join(f"{key} {n}" for key, n in rows.items()) or "all too small to tell"))
