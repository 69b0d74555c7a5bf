"""personac docs: the reference of the language, as Markdown."""

from __future__ import annotations

from pathlib import Path

import click

from ..persona.reference import reference
from .writing import write_text


@click.command("docs")
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it to this file.")
def command(out: Path | None) -> None:
    """Print the reference of the persona language: each key, what it takes, and an example."""
    write_text(reference(), out)
