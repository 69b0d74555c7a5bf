"""personac plugins."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ..errors import ExtensionInvalid
from ..hosting.project import name_fault, write_project
from ..persona.plugin_use import PluginUse
from ..plugin import Manifest
from ..registry import load_plugin, plugin_facts, plugin_names


@click.group("plugins")
def command() -> None:
    """List plugins, and begin new ones."""


@command.command("new")
@click.argument("name")
@click.option("--into", default=".", type=click.Path(path_type=Path), help="The folder to write the project's into.")
def new(name: str, into: Path) -> None:
    """Begin a plugin: a package with a skill, tests that pass, and a persona to try it with."""
    if fault := name_fault(name):
        raise click.ClickException(fault)
    folder = into / name
    try:
        write_project(name, folder)
    except FileExistsError:
        raise click.ClickException(f"{folder} is there already; choose another name or another --into") from None
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be written: {error}") from error
    click.echo(f"{folder} is there. Next:\n  cd {folder}\n  pytest\n  personac dev example")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(as_json: bool) -> None:
    """List the installed plugins: their skills, what they read and what they may do."""
    told = [_told(name) for name in sorted(plugin_names())]
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    click.echo("\n\n".join(_shown(plugin) for plugin in told) or "no plugins are installed")


def _told(name: str) -> dict[str, Any]:
    try:
        manifest: Manifest = load_plugin(name).manifest
    except ExtensionInvalid as error:
        return {"name": name, "fault": str(error)}
    facts = plugin_facts(PluginUse(name))
    return {
        "name": name,
        "version": manifest.version,
        "contract": manifest.contract,
        "summary": manifest.summary,
        "skills": sorted(facts.skills) if facts.skills is not None else None,
        "slot_types": sorted(facts.slot_types or ()),
        "rules": [rule.id for rule in facts.rules],
        "facts": len(facts.knowledge),
        "reads": list(manifest.reads),
        "network": list(manifest.network),
        "files": list(manifest.files),
        "programs": list(manifest.programs),
        "settings": list(manifest.settings.model_fields),
    }


def _shown(plugin: Mapping[str, Any]) -> str:
    if "fault" in plugin:
        return f"{click.style(plugin['name'], bold=True)}: {click.style('cannot be used', fg='red')}\n{plugin['fault']}"
    skills = plugin["skills"]
    rows = {
        "skills": "known when its settings are" if skills is None else ", ".join(skills) or "none",
        "reads": ", ".join(plugin["reads"]) or "nothing",
        "network": ", ".join(plugin["network"]) or "none",
        "files": ", ".join(plugin["files"]) or "none",
        "programs": ", ".join(plugin["programs"]) or "none",
        "settings": ", ".join(plugin["settings"]) or "none",
    }
    brought = {
        "types": ", ".join(plugin["slot_types"]),
        "rules": ", ".join(plugin["rules"]),
        "knows": f"{plugin['facts']:,} facts" if plugin["facts"] else "",
    }
    rows |= {key: said for key, said in brought.items() if said}
    head = f"{click.style(plugin['name'], bold=True)} {plugin['version']}"
    return "\n".join([f"{head}: {plugin['summary']}", *(f"  {key:9}{said}" for key, said in rows.items())])
