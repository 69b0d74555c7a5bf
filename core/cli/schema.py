"""personac schema: the JSON Schema of the language, for editors."""

from __future__ import annotations

from pathlib import Path

import click

from ..persona.json_schema import json_schema_text, tests_schema_text
from .writing import write_text


@click.command("schema")
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it to this file.")
@click.option("--tests", is_flag=True, help="The schema of conversation tests, tests/*.yaml.")
def command(out: Path | None, tests: bool) -> None:
    """Print the JSON Schema of the persona language, with which editors complete and check.

    A persona whose first line is `# yaml-language-server: $schema=persona.schema.json` is held against the file of
    that name beside it.
    """
    write_text(tests_schema_text() if tests else json_schema_text(), out)
