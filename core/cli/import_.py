"""personac import: make a persona of a character from another program."""

from __future__ import annotations

from pathlib import Path

import click

from ..diagnostics import has_errors, render
from ..persona.check import check
from ..persona.formats import format_named, names, recognise
from ..persona.formats.folder import write_folder
from ..persona.formats.portable import Portable, file_name
from ..registry import connector_names, plugin_facts, plugin_names
from .check import summary


@click.command("import")
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path, exists=True))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="The new folder; by default the character's name.")
@click.option("--from", "given", type=click.Choice(names()), help="The format, where it is not recognised.")
@click.pass_context
def command(context: click.Context, source: Path, out: Path | None, given: str | None) -> None:
    """Make a persona of a character card, a Rasa project or another program's character, in a new folder.

    Nothing is written over. What cannot be carried over is told, and kept for `personac export`.
    """
    form = format_named(given) if given else recognise(source)
    portable = form.read(source)
    target = out or Path(file_name(str(portable.persona["name"])))
    header = f"Imported from {source.name}, {form.title}."
    write_folder(portable, target, header)
    click.echo(f"{source.name} is {form.title}. The persona is in {target}:")
    for line in carried(portable):
        click.echo(f"  {line}")
    if portable.notes:
        click.echo("\nWhat could not be carried over as it is:")
        for note in dict.fromkeys(portable.notes):
            click.echo(click.wrap_text(note, 110, "  - ", "    "))
    found = check(target, plugins=plugin_names(), connectors=connector_names(), facts=plugin_facts).diagnostics
    click.echo("")
    if found:
        click.echo(render(found) + "\n")
    click.echo(summary(found, 1))
    if has_errors(found):
        context.exit(1)
    click.echo(f"talk with it: personac chat {target}")


def carried(portable: Portable) -> list[str]:
    """Return what was carried over, a line for each part of the persona."""
    persona = portable.persona
    lines = [f"name: {persona['name']}", f"languages: {', '.join(persona.get('languages') or ['en'])}"]
    tone = persona.get("tone") or {}
    if tone.get("greeting"):
        lines.append("greeting")
    if tone.get("instructions"):
        lines.append(f"instructions for a language model: {len(tone['instructions']):,} characters")
    if face := (persona.get("face") or {}).get("image"):
        lines.append(f"face: {face}")
    for source in persona.get("knowledge") or []:
        lines.append(f"knowledge: {source['path']}")
    if intents := persona.get("intents") or []:
        named = ", ".join(str(intent["name"]) for intent in intents[:8])
        lines.append(f"intents: {named}{', …' if len(intents) > 8 else ''}")
    for key, what in (("voice", "voice"), ("plugins", "plugins"), ("connectors", "connectors"), ("model", "model")):
        if persona.get(key):
            lines.append(what)
    return lines
