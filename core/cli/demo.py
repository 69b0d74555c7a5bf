"""personac demo: a persona's own demonstration turns in the terminal, then its web page."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import click
import yaml

from ..errors import PersonacError
from ..message import Media, Message
from ..reload import Reloading
from ..runtime import Runtime
from . import persona_path
from .building import find_artifact, open_persona, store_folder
from .chat import one_turn
from .serve import serve


@click.command("demo")
@click.argument("path")
@click.option("--serve", "serving", is_flag=True, help="Serve the web page afterwards.")
@click.option("--port", default=8000, show_default=True, help="The port of the page; 0 takes a free one.")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Where artifacts go; by default PATH/build.")
def command(path: str, serving: bool, port: int, out: Path | None) -> None:
    """Show a persona's demo/turns.yaml in the terminal."""
    logging.basicConfig(level=logging.ERROR)
    root = persona_path(path)
    runtime = open_persona(find_artifact(root, out), store_folder(None) if serving else None)
    turns = _turns((root if root.is_dir() else root.parent) / "demo" / "turns.yaml")
    try:
        asyncio.run(_play(runtime, turns))
        if serving:
            serve([Reloading(runtime)], "127.0.0.1", port)
    finally:
        runtime.close()


def _turns(file: Path) -> list[tuple[str, Message]]:
    try:
        data: list[dict[str, Any]] = yaml.safe_load(file.read_text("utf-8"))
        turns = []
        for turn in data:
            media = [
                Media(kind, (file.parent / turn[kind]).read_bytes(), name=turn[kind])
                for kind in ("audio", "image")
                if kind in turn
            ]
            shown = turn.get("say") or f"({' and '.join(m.kind for m in media)}: demo/{media[0].name})"
            turns.append((shown, Message(turn.get("say", ""), tuple(media), "demo", "demo")))
    except (OSError, yaml.YAMLError, TypeError, AttributeError, IndexError) as error:
        raise PersonacError(
            f"{file} cannot be played ({error}); it holds a list of turns with say, audio or image"
        ) from error
    return turns


async def _play(runtime: Runtime, turns: list[tuple[str, Message]]) -> None:
    profile = runtime.profile
    loading = asyncio.create_task(asyncio.to_thread(runtime.warm_up))
    click.echo(click.style(f"\n{profile.name}: ", bold=True) + profile.greeting[profile.languages[0]])
    for shown, message in turns:
        if message.media and not loading.done():
            click.echo(click.style("\n(loading speech and pictures, as the first such turn needs them)", dim=True))
            await loading
        click.echo(click.style("\nyou: ", bold=True) + shown)
        click.echo(click.style(f"{profile.name}: ", bold=True))
        await one_turn(runtime, message)
    await loading
    click.echo("")
