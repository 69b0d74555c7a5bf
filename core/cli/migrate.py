"""personac migrate: bring personas to the present version of the language."""

from __future__ import annotations

import difflib
import os
import tempfile
from pathlib import Path

import click

from ..diagnostics import render
from ..persona.check import check, find_persona
from ..persona.migrate import VERSION, Migration, migrate
from ..registry import connector_names, plugin_names
from . import persona_path
from .check import summary


@click.command("migrate")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--check", "only_check", is_flag=True, help="Change nothing; exit 1 when something would change.")
@click.option("--diff", "only_diff", is_flag=True, help="Change nothing; show what would change.")
@click.pass_context
def command(context: click.Context, paths: tuple[str, ...], only_check: bool, only_diff: bool) -> None:
    """Write personas of an older version of the language anew, in the present one.

    Comments, order, quotes and line ends stay as they are. The old file is kept beside the new one, as
    persona.yaml.v0.
    """
    failed = waiting = False
    for value in paths:
        file = find_persona(persona_path(value))
        made = migrate(file)
        if made.diagnostics:
            click.echo(render(made.diagnostics) + "\n", err=True)
        if made.new is None:
            failed = True
            click.echo(f"{file}: not migrated, and nothing was changed", err=True)
        elif not made.needed:
            click.echo(f"{file}: version {VERSION} already")
        else:
            waiting = True
            if only_diff:
                click.echo(_difference(made, file), nl=False)
            if only_check:
                click.echo(f"{file}: version {made.version}, would be migrated to {VERSION}")
            if not (only_check or only_diff):
                _write(made, file)
    if failed or (only_check and waiting):
        context.exit(1)


def _difference(made: Migration, file: Path) -> str:
    """Return what changes as a unified diff."""
    old, new = (text.removeprefix("\ufeff").splitlines(keepends=True) for text in (made.old, made.new or ""))
    lines = difflib.unified_diff(old, new, f"{file} (version {made.version})", str(file))
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _write(made: Migration, file: Path) -> None:
    """Keep the old text beside the file, put the new one in its place, and say what is left to do."""
    new, shown, file = made.new or "", file, file.resolve()
    try:
        kept = _keep(made.old, file, f".v{made.version}")
        handle, name = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
        with os.fdopen(handle, "wb") as aside:
            aside.write(new.encode("utf-8"))
        Path(name).chmod(file.stat().st_mode)
        Path(name).replace(file)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}") from error
    click.echo(f"{shown}: version {made.version} → {VERSION}; the old one is {kept.name}")
    found = check(shown, plugins=plugin_names(), connectors=connector_names()).diagnostics
    if found:
        click.echo(f"\n{render(found)}\n\n{summary(found, 1)}", err=True)


def _keep(text: str, file: Path, ending: str) -> Path:
    """Write the old text beside a file, under a name that is free; a file that already says the same will do."""
    data = text.encode("utf-8")
    number = 1
    while True:
        path = file.with_name(file.name + ending + (f".{number}" if number > 1 else ""))
        if not path.exists():
            path.write_bytes(data)
            return path
        if path.read_bytes() == data:
            return path
        number += 1
