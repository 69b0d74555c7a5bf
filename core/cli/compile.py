"""personac compile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ..compile.compiler import Compiled
from . import persona_path
from .building import build

WEAK = 0.5  # of a topic's own examples


@click.command("compile")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Where artifacts go; by default PATH/build.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
def command(paths: tuple[str, ...], out: Path | None, as_json: bool, quiet: bool) -> None:
    """Compile personas into artifacts.

    What did not change is not built again.
    """
    reports = []
    for value in paths:
        compiled = build(persona_path(value), out, quiet, lint=True)
        reports.append(compiled.as_dict())
        if as_json:
            continue
        from ..diagnostics import render

        if compiled.diagnostics:
            click.echo(render(compiled.diagnostics, "full"), err=True)
        training = compiled.manifest["report"].get("training", {})
        accuracy = training.get("cross_validated_accuracy")
        how = f"compiled in {compiled.seconds:.1f} s" if compiled.fresh else "unchanged"
        click.echo(f"{compiled.slug}: {how} → {compiled.artifact}")
        if compiled.passes:
            click.echo(f"  passes: {_passes(compiled)}")
        own = _rules(compiled.artifact / "persona.json")
        for path, topic in compiled.manifest["report"].get("topics", {}).items():
            if path.partition("/")[0] not in own:
                continue
            if topic["examples_caught"] is None:
                click.echo(f"  the topic of {path} has no examples; some of what users say about it would help")
            elif topic["examples_caught"] < WEAK:
                click.echo(
                    f"  the topic of {path} catches {topic['examples_caught']:.0%} of its own examples when it has "
                    "not seen them; more of them, in other words, would help"
                )
        if not any(_for_crisis(rule) for rule in _rules(compiled.artifact / "rules.json").values()):
            click.echo("  no rule is for people in need: `ethics: {sets: [crisis]}` tells them where help is")
        if accuracy is not None and compiled.fresh:
            click.echo(f"  intents understood by cross-validation: {accuracy:.1%} of {training['examples']} examples")
            for pair in training["confused"][:3]:
                click.echo(f"  {pair['intent']} is taken for {pair['taken_for']}: “{pair['examples'][0]}”")
    if as_json:
        click.echo(json.dumps(reports[0] if len(reports) == 1 else reports, ensure_ascii=False, indent=1))


def _rules(file: Path) -> dict[str, Any]:
    """Return the rules in a file of an artifact, by id: all of them, or those that the author wrote."""
    found = json.loads(file.read_text("utf-8"))
    written = found if isinstance(found, list) else (found.get("ethics") or {}).get("rules") or []
    return {rule["id"]: rule for rule in written}


def _for_crisis(rule: dict[str, Any]) -> bool:
    """Tell whether a rule is one for people in need: it looks at self-harm, or tells people at once."""
    when = json.dumps(rule["when"])
    looks = '"self_harm"' in when or '"suicidal"' in when
    return rule.get("do") == "escalate" or rule["id"].startswith("crisis-") or looks


def _passes(compiled: Compiled) -> str:
    """Say which passes were run and which taken from the cache."""
    ran = [f"{run.name} {run.seconds:.1f} s" for run in compiled.passes if run.fresh]
    kept = [run.name for run in compiled.passes if not run.fresh]
    return ", ".join(ran or ["none"]) + (f" (unchanged: {', '.join(dict.fromkeys(kept))})" if kept else "")
