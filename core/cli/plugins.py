"""personac plugins."""

from __future__ import annotations

import click

from ..registry import load_plugin, plugin_names


@click.group("plugins")
def command() -> None:
    """List the plugins."""


@command.command("list")
def list_() -> None:
    """List the installed plugins with their skills."""
    for name in sorted(plugin_names()):
        click.echo(f"{name}: {', '.join(sorted(load_plugin(name).skills()))}")
