"""personac init: begin a persona, by five questions or by flags."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import click

from ..diagnostics import render
from ..persona.check import check
from ..persona.starter.files import starter_files
from ..persona.starter.wishes import DOMAINS, LANGUAGES, TONES, Wishes, folder_of, name_fault, texts
from ..registry import connector_names, plugin_names
from .questions import Interview, author_language


@click.command("init")
@click.argument("name", required=False)
@click.option("--name", "other_name", hidden=True)
@click.option("--summary", help="What it is for, in a sentence.")
@click.option(
    "--language",
    "languages",
    multiple=True,
    metavar="en|zh",
    help="A language that it speaks; may be given twice, the first is the default.",
)
@click.option("--tone", type=click.Choice(TONES), help="How it speaks.")
@click.option("--domain", type=click.Choice(DOMAINS), help="Begin with the examples of this domain.")
@click.option(
    "--know",
    "faq",
    nargs=2,
    multiple=True,
    metavar="QUESTION ANSWER",
    help="A question and its answer, in quotes; may be given again.",
)
@click.option("--into", default=".", type=click.Path(path_type=Path), help="The folder to write the persona's into.")
@click.option("-y", "--yes", is_flag=True, help="Ask nothing; take defaults for what no flag says.")
def command(
    name: str | None,
    other_name: str | None,
    summary: str | None,
    languages: tuple[str, ...],
    tone: str | None,
    domain: str | None,
    faq: tuple[tuple[str, str], ...],
    into: Path,
    yes: bool,
) -> None:
    """Begin a persona: a folder with a persona that works, its knowledge, its face and its tests.

    In a terminal, five questions are asked for what no flag says. Texts and comments are in the first language.
    """
    name = other_name if name is None else name
    spoken = _languages(languages)
    asking = not yes and sys.stdin.isatty()
    interview = Interview(spoken[0] if spoken else author_language(name or "", os.environ))
    if name is None and not asking:
        raise click.UsageError("a persona needs a name: personac init NAME")
    fault = _fault(name, into, interview.language) if name is not None else None
    if fault:
        raise click.ClickException(fault)
    if asking:
        interview.begin()
        name = interview.name(name, lambda given: _fault(given, into, interview.language))
        summary = interview.summary(summary)
        spoken = interview.languages(spoken)
        faq, domain = interview.knowledge(faq, domain)
        tone = interview.tone(tone)
    spoken = spoken or (author_language(name or "", os.environ),)
    wishes = Wishes((name or "").strip(), spoken, (summary or "").strip(), tone or TONES[0], domain, _rows(faq))
    folder = into / folder_of(wishes.name)
    _write(starter_files(wishes), folder)
    found = check(folder, plugins=plugin_names(), connectors=connector_names()).diagnostics
    if found:
        click.echo(render(found), err=True)
    click.echo(Interview(wishes.language).ready(folder))


def _languages(given: tuple[str, ...]) -> tuple[str, ...]:
    codes = tuple(dict.fromkeys(code for item in given for code in item.replace(",", " ").split()))
    for code in codes:
        if code not in LANGUAGES:
            raise click.UsageError(
                f"init writes personas in {' and '.join(LANGUAGES)}, not in {code}. For another language begin with "
                f"en, change `languages`, and translate the texts: personac check names each that is missing."
            )
    return codes


def _rows(faq: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    rows = tuple((question.strip(), answer.strip()) for question, answer in faq)
    if any(not (question and answer) for question, answer in rows):
        raise click.UsageError("--know needs a question and its answer, each in quotes")
    return rows


def _fault(name: str, into: Path, language: str) -> str | None:
    """Return in a sentence why a persona of this name cannot begin here, or None."""
    fault = name_fault(name, language)
    folder = into / folder_of(name)
    if fault is None and folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        return str(texts()["faults"][language]["taken"]).format(folder=folder)
    return fault


def _write(files: Mapping[str, str], folder: Path) -> None:
    """Write the files aside and move them into place, so that no half of a persona is ever left."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=".personac-", dir=folder.parent))
        try:
            for name, text in files.items():
                target = aside / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(text.encode("utf-8"))
            aside.chmod(0o755)
            if folder.exists():
                folder.rmdir()
            aside.rename(folder)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be written: {error.strerror}") from error
