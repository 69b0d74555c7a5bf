"""personac inspect."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ..compile.artifact import MANIFEST, latest
from ..compile.compiler import output_folder
from ..persona.check import find_persona
from . import persona_path


@click.command("inspect")
@click.argument("path", metavar="ARTIFACT|PERSONA")
@click.option(
    "--verify", is_flag=True, help="Read every file and compare it with what was compiled; exit 1 if damaged."
)
@click.option(
    "--plots", type=click.Path(path_type=Path, file_okay=False), help="Write pictures and a page to this folder."
)
@click.option(
    "--persona", "origin", type=click.Path(path_type=Path, exists=True), help="Where an artifact was built from."
)
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Where artifacts are; by default PERSONA/build.")
@click.option("--json", "as_json", is_flag=True, help="Print all facts as one JSON object.")
@click.pass_context
def command(
    context: click.Context,
    path: str,
    verify: bool,
    plots: Path | None,
    origin: Path | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Show what is in an artifact, what it was built from and what it has learnt.

    Of a persona it is the newest artifact; nothing is compiled.
    """
    from ..report.facts import gather

    artifact, root = _artifact(persona_path(path), out)
    facts = gather(artifact, root if origin is None else find_persona(origin).parent, verify=verify)
    written = [] if plots is None else draw(facts, artifact, plots)
    if as_json:
        click.echo(json.dumps(facts | ({"plots": [str(file) for file in written]} if written else {}),
                              ensure_ascii=False, indent=1))  # fmt: skip
    else:
        from ..report.text import report

        click.echo(report(facts))
        for file in written:
            click.echo(f"wrote {file}", err=True)
    if facts.get("damaged"):
        click.echo("the artifact is damaged: compile the persona again with: personac compile PERSONA", err=True)
        context.exit(1)


def _artifact(path: Path, out: Path | None) -> tuple[Path, Path | None]:
    """Return an artifact and the folder of its persona, when that is known."""
    if (path / MANIFEST).is_file():
        above = path.resolve().parents
        near = above[2] if len(above) > 2 and above[1].name == "build" else None  # PERSONA/build/<slug>/<hash>
        return path, near
    newest = latest(output_folder(path, out)) or latest(path)
    if newest is None:
        source = find_persona(path)
        what = f"it is not compiled yet; run: personac compile {path}" if source.is_file() else _strange(path)
        raise click.ClickException(f"there is no artifact of {path}: {what}")
    return newest, find_persona(path).parent if find_persona(path).is_file() else None


def _strange(path: Path) -> str:
    return f"a persona has a persona.yaml and an artifact has a {MANIFEST}" if path.is_dir() else "it is no folder"


def draw(facts: Mapping[str, Any], artifact: Path, folder: Path) -> list[Path]:
    """Write the pictures and the page; return the files."""
    from ..report.fonts import NO_CHINESE, lacks_chinese
    from ..report.page import page
    from ..report.plots import confusion, semantic_map
    from ..report.points import read_points

    points = read_points(artifact)
    figures = {}
    training = facts["training"]
    if training is not None and training["confusion"]:
        figures["confusion"] = confusion(training)
    if points:
        figures["map"] = semantic_map(points)
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for name, figure in figures.items():
        for ending in (".png", ".svg"):
            figure.write(folder / f"{name}{ending}")
            written.append(folder / f"{name}{ending}")
    missing = {"confusion": "there are no examples of intents", "map": "the artifact has no map"}
    for name in missing.keys() - figures.keys():
        click.echo(f"no {name}: {missing[name]}", err=True)
    labels = [*(training or {}).get("labels", ()), *(point.label for point in points)]
    if lacks_chinese(labels):
        click.echo(NO_CHINESE, err=True)
    shown = {name: (figure, folder / f"{name}.png") for name, figure in figures.items()}
    (folder / "report.html").write_text(page(facts, shown, points), "utf-8")
    return [*written, folder / "report.html"]
