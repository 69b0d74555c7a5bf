"""Print a text, or write it to the file that was asked for."""

from __future__ import annotations

from pathlib import Path

import click


def write_text(text: str, out: Path | None) -> None:
    """Print a text that ends with a newline, or write it as UTF-8 to a file; say in one line when that fails."""
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_bytes(text.encode("utf-8"))
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}") from error
