"""personac data: what is kept of a user."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ..store.sqlite import SQLiteStore
from .building import store_path


@click.group("data")
def command() -> None:
    """Export or erase what is kept of a user."""


@command.command()
@click.option("--user", required=True, help="Whose data.")
@click.option("--store", type=click.Path(path_type=Path), help="The file that keeps conversations.")
def export(user: str, store: Path | None) -> None:
    """Print all that is kept of a user as JSON."""
    kept = SQLiteStore(store_path(store))
    click.echo(json.dumps(kept.export(user), ensure_ascii=False, indent=1))
    kept.close()


@command.command()
@click.option("--user", required=True, help="Whose data.")
@click.option("--store", type=click.Path(path_type=Path), help="The file that keeps conversations.")
def erase(user: str, store: Path | None) -> None:
    """Delete all that is kept of a user."""
    kept = SQLiteStore(store_path(store))
    click.echo(f"{kept.erase(user)} rows of {user} were deleted")
    kept.close()
