"""personac data: what is kept of a user."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ..store.sqlite import SQLiteStore
from .building import store_folder
from .statistics import command as statistics


@click.group("data")
def command() -> None:
    """Export or erase what is kept of a user."""


command.add_command(statistics)


@command.command()
@click.option("--user", required=True, help="Whose data.")
@click.option("--store", type=click.Path(path_type=Path), help="The folder that keeps conversations.")
def export(user: str, store: Path | None) -> None:
    """Print all that is kept of a user as JSON, by persona."""
    found = {}
    for file in _files(store):
        kept = SQLiteStore(file)
        found[file.stem] = kept.export(user)
        kept.close()
    click.echo(json.dumps(found, ensure_ascii=False, indent=1))


@command.command()
@click.option("--user", required=True, help="Whose data.")
@click.option("--store", type=click.Path(path_type=Path), help="The folder that keeps conversations.")
def erase(user: str, store: Path | None) -> None:
    """Delete all that is kept of a user."""
    rows = 0
    for file in _files(store):
        kept = SQLiteStore(file)
        rows += kept.erase(user).rows
        kept.close()
    click.echo(f"{rows} rows of {user} were deleted")


def _files(store: Path | None) -> list[Path]:
    """Return the stores of all personas."""
    return sorted(store_folder(store).glob("*.sqlite"))
