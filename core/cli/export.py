"""personac export: write a persona in the format of another program."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import BadInput
from ..persona.formats import format_named, names
from ..persona.formats.folder import is_safe, read_folder
from . import persona_path


@click.command("export")
@click.argument("path")
@click.option("--to", "name", required=True, type=click.Choice(names()), help="The format.")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="The new file or, for several files, folder; by default here."
)
def command(path: str, name: str, out: Path | None) -> None:
    """Write a persona as a character card, a Rasa project or another program's character.

    What was imported comes back: fields that nobody changed are as they were. Nothing is written over.
    """
    form = format_named(name)
    if form.write is None:
        raise click.UsageError(f"personac reads {form.title}, and does not write it.")
    files, notes = form.write(read_folder(persona_path(path)))
    for target in write_files(files, out):
        click.echo(f"{target} is {form.title}.")
    if notes:
        click.echo("\nWhat is not in it:")
        for note in dict.fromkeys(notes):
            click.echo(click.wrap_text(note, 110, "  - ", "    "))


def write_files(files: dict[str, bytes], out: Path | None) -> list[Path]:
    """Write one file as `out`, or into it when it is a folder; write several into it. Return what was made."""
    if any(not is_safe(name) for name in files):
        raise BadInput("bad_name", "The export has a file whose name leads elsewhere.")
    if len(files) == 1 and out is not None and not out.is_dir():
        targets = [out]
    else:
        targets = [(out or Path()) / name for name in files]
    for target in targets:
        if target.exists():
            raise BadInput("exists", f"There is already something at {target}; name another place with -o.")
    try:
        for target, data in zip(targets, files.values(), strict=True):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    except OSError as error:
        raise click.ClickException(f"{error.filename} cannot be written: {error.strerror}") from error
    return targets if len(targets) <= 5 else [out or Path()]
