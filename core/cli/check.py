"""personac check: find all faults of personas."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import cast

import click

from ..diagnostics import FORMATS, Diagnostic, Format, has_errors, in_order, render
from ..errors import ModelDamaged, ModelMissing
from ..explain.pages import texts
from ..models.engines import voice_engines
from ..persona.check import FILE_NAME, Loaded, check
from ..registry import connector_faults, connector_names, plugin_facts, plugin_names

PATIENCE = 3.0  # seconds after which the check tells what it is at
_NAMED = 3  # how many codes the hint names


@click.command("check")
@click.argument("paths", metavar="PATH…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--format", "format_", type=click.Choice(FORMATS), default="full", show_default=True, help="How to show findings."
)
@click.option("--fast", is_flag=True, help="Leave out what takes the models: what examples and knowledge mean.")
@click.pass_context
def check_command(context: click.Context, paths: tuple[Path, ...], format_: str, fast: bool) -> None:
    """Check personas: folders with a persona.yaml, files, or a folder of such folders. Exit 1 on errors."""
    personas = [persona for path in paths for persona in personas_at(path)]
    plugins, connectors, voices = plugin_names(), connector_names(), voice_engines()
    found: list[Diagnostic] = []
    for path in personas:
        loaded = check(
            path,
            plugins=plugins,
            connectors=connectors,
            voices=voices,
            settings=connector_faults,
            facts=plugin_facts,
        )
        found += loaded.diagnostics if fast else in_order([*loaded.diagnostics, *understood(path, loaded)])
    shown = render(found, cast(Format, format_), pages=texts() if format_ == "sarif" else None)
    if shown:
        click.echo(shown)
    if format_ in ("full", "concise"):
        click.echo(("\n" if found and format_ == "full" else "") + summary(found, len(personas)))
    if found and format_ == "full":
        click.echo(hint(found))
    if has_errors(found):
        context.exit(1)


def understood(path: Path, loaded: Loaded) -> list[Diagnostic]:
    """Return what the lints find; nothing, with a word about it, when the models are not there."""
    if loaded.persona is None:
        return []
    from ..compile.lints.run import lint_persona

    begun = time.monotonic()
    told = 0.0

    def tell(what: str, done: int, total: int) -> None:
        nonlocal told
        now = time.monotonic()
        if now - begun > PATIENCE and now - told > PATIENCE and done < total:
            told = now
            click.echo(f"  {what}: {done} of {total}", err=True)

    try:
        return lint_persona(path, loaded, tell)
    except (ModelMissing, ModelDamaged) as error:
        click.echo(f"what examples and knowledge mean is not checked: {error}", err=True)
        return []


def personas_at(path: Path) -> list[Path]:
    """Return the path itself, or the personas in a folder of personas."""
    if path.is_dir() and not (path / FILE_NAME).exists():
        inside = sorted(file.parent for file in path.glob(f"*/{FILE_NAME}"))
        if inside:
            return inside
    return [path]


def summary(found: Collection[Diagnostic], personas: int) -> str:
    """Return how much was found, as `2 errors, 1 warning in 1 persona`."""
    errors = sum(diagnostic.severity == "error" for diagnostic in found)
    counted = ", ".join(
        f"{number} {what}{'s' if number != 1 else ''}"
        for number, what in ((errors, "error"), (len(found) - errors, "warning"))
        if number
    )
    return f"{counted or 'no findings'} in {personas} persona{'s' if personas != 1 else ''}"


def hint(found: Sequence[Diagnostic]) -> str:
    """Return how to read more about what was found, the errors first."""
    errors_first = sorted(found, key=lambda diagnostic: diagnostic.severity != "error")
    codes = list(dict.fromkeys(diagnostic.code for diagnostic in errors_first))
    return f"for more: personac explain {' '.join(codes[:_NAMED])}"
