"""The command line: one small file for each command, imported when it is asked for."""

from __future__ import annotations

import importlib
import keyword
import os
import sys
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import click

COMMANDS = {
    "init": "Begin a persona.",
    "check": "Find the faults of personas.",
    "explain": "Say more about a finding.",
    "migrate": "Bring a persona to the present version of the language.",
    "schema": "Print the JSON Schema of the language, for editors.",
    "docs": "Print the reference of the language.",
    "compile": "Compile personas into artifacts.",
    "dev": "Talk with a persona while you write it.",
    "inspect": "Show what is in an artifact and what it was built from.",
    "test": "Run the conversation tests of personas.",
    "eval": "Measure understanding, memory, hearing and guards.",
    "chat": "Talk with a persona in the terminal.",
    "serve": "Serve personas on their channels.",
    "deliveries": "List what waits and what could not be sent, and send it again.",
    "demo": "Show a persona's demonstration turns.",
    "models": "List, get and verify the models.",
    "voice": "Tell whether speech was made in the voice of a person.",
    "plugins": "List the plugins.",
    "import": "Make a persona of a character from another program.",
    "export": "Write a persona in the format of another program.",
    "data": "List, export or erase what is kept of users, and change its keys.",
    "audit": "Show the audit log, or verify that nobody changed it.",
}


def _brought() -> dict[str, EntryPoint]:
    """Return the commands of plugins, which are not imported; no plugin takes the name of one of ours."""
    return {point.name: point for point in entry_points(group="personac.commands") if point.name not in COMMANDS}


def _owner(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value


def _loaded(point: EntryPoint) -> click.Command:
    try:
        found = point.load()
    except Exception as error:
        text = f"the command {point.name!r} of {_owner(point)} cannot be loaded: {type(error).__name__}: {error}"
        raise click.ClickException(text) from error
    if not isinstance(found, click.Command):
        raise click.ClickException(
            f"the command {point.name!r} of {_owner(point)} is a {type(found).__name__}; expected a click.Command"
        )
    return found


class _Commands(click.Group):
    """Know the names of all commands without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS, *sorted(_brought())]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            point = _brought().get(cmd_name)
            return None if point is None else _loaded(point)
        module = importlib.import_module(f".{cmd_name}{'_' * keyword.iskeyword(cmd_name)}", __package__)
        for value in vars(module).values():
            if isinstance(value, click.Command) and value.name == cmd_name:
                return value
        raise LookupError(f"{module.__name__} has no command named {cmd_name}")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))
        if brought := _brought():
            with formatter.section("Commands of plugins"):
                formatter.write_dl([(name, f"from {_owner(point)}") for name, point in sorted(brought.items())])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, 1)
            hint = f"Did you mean '{near[0]}'?" if near else f"There are: {', '.join(COMMANDS)}."
            raise click.UsageError(f"{error.message} {hint}", ctx) from None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="personac")
def cli() -> None:
    """Compile chat-bot personas and run them."""


def main() -> None:
    """Run the command line; errors made on purpose are one sentence, not a traceback."""
    from ..errors import PersonacError, PersonaInvalid

    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, str(min(2, os.cpu_count() or 1)))
    try:
        sys.exit(cli(standalone_mode=False) or 0)
    except click.exceptions.Abort:
        click.echo("stopped", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except PersonaInvalid as error:
        from ..diagnostics import render

        click.echo(render(error.diagnostics, "full"), err=True)
        click.echo(f"error: {error}; nothing was compiled", err=True)
        sys.exit(1)
    except PersonacError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def persona_path(value: str) -> Path:
    """Return the path of a persona's folder or file; raise a usage error when there is none."""
    path = Path(value)
    if not path.exists():
        near = ", ".join(sorted(str(p.parent) for p in Path().glob("*/*/persona.yaml"))[:5])
        raise click.UsageError(f"there is no persona at {value}." + (f" Here are: {near}" if near else ""))
    return path
