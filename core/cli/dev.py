"""personac dev: talk with a persona while it is written; what is saved is what answers next."""

from __future__ import annotations

import asyncio
import logging
import threading
from pathlib import Path

import click

from ..errors import PersonacError
from ..message import Message
from ..reload import Reloading
from ..runtime import Runtime
from . import persona_path
from .building import open_persona
from .chat import attachments, hand_over, one_turn
from .rebuild import Rebuild
from .terminal import Screen, Terminal, open_terminal


@click.command("dev")
@click.argument("path")
@click.option("--serve", "serving", is_flag=True, help="Serve the web page too.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address of the page.")
@click.option("--port", type=int, help="The port of the page, which is served then; 0 takes a free one.")
@click.option("--user", default="local", help="Who is talking.", show_default=True)
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Where artifacts go; by default PATH/build.")
@click.option("--store", type=click.Path(path_type=Path), help="Keep conversations in this folder; else nowhere.")
def command(
    path: str, serving: bool, host: str, port: int | None, user: str, out: Path | None, store: Path | None
) -> None:
    """Talk with a persona while you write it.

    Its files are checked and compiled at each save. The conversation goes on with the new version; while there are
    errors, the last good one answers. /new begins a new conversation, /image FILE and /audio FILE send files, Ctrl-D
    ends.
    """
    logging.basicConfig(level=logging.ERROR)
    served = (host, 8000 if port is None else port) if serving or port is not None else None
    try:
        asyncio.run(_develop(persona_path(path), out, store, user, served))
    except KeyboardInterrupt:
        click.echo("")


async def _develop(path: Path, out: Path | None, store: Path | None, user: str, served: tuple[str, int] | None) -> None:
    """Run the watcher, the conversation and the page side by side; the first that ends, ends all."""
    terminal = open_terminal(f"{path}: what you save is what answers next · Ctrl-D ends")

    def open_first(artifact: Path) -> Runtime:
        return open_persona(artifact, store)

    rebuild = Rebuild(path, out, open_first, terminal.tell, terminal.show)
    tasks = [asyncio.create_task(rebuild.run())]
    try:
        waiting = asyncio.create_task(rebuild.ready.wait())
        await asyncio.wait([tasks[0], waiting], return_when=asyncio.FIRST_COMPLETED)
        if rebuild.bot is not None:
            tasks.append(asyncio.create_task(_converse(rebuild.bot, terminal, user, served is not None)))
            if served is not None:
                tasks.append(asyncio.create_task(_serve(rebuild.bot, *served)))
        waiting.cancel()
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        if rebuild.bot is not None:
            rebuild.bot.close()


async def _serve(bot: Reloading, host: str, port: int) -> None:
    from ..registry import load_site

    connector = load_site()(host, port)
    taken = connector.bind()
    click.echo(f"{bot.profile.name} is at {connector.address}")
    stop = threading.Event()
    warming = asyncio.create_task(asyncio.to_thread(bot.warm_up, stop))
    try:
        await connector.serve([bot], taken)
    finally:
        stop.set()
        await asyncio.wait([warming])


async def _converse(bot: Reloading, terminal: Terminal, user: str, served: bool) -> None:
    """Talk until Ctrl-D; where a page is served and nobody sits at the terminal, go on without words."""
    await terminal.tell(click.style(f"{bot.profile.name}: ", bold=True) + _greeting(bot))
    number = 1
    while (line := await terminal.ask()) is not None:
        if line.strip() == "/new":
            number += 1
            await terminal.tell(_greeting(bot))
        elif line.strip():
            async with terminal.turn():
                await _turn(bot, line.strip(), f"terminal-{user}-{number}", user)
    if served and not isinstance(terminal, Screen):
        await asyncio.Event().wait()


def _greeting(bot: Reloading) -> str:
    return bot.profile.greeting[bot.profile.languages[0]]


async def _turn(bot: Reloading, line: str, conversation: str, user: str) -> None:
    try:
        text, media = attachments(line)
        click.echo(click.style(f"{bot.profile.name}: ", bold=True), nl=False)
        hand_over(bot, await one_turn(bot, Message(text, tuple(media), conversation, user, "terminal")), user)
    except OSError as error:
        click.echo(f"that file cannot be read: {error}")
    except PersonacError as error:
        click.echo(str(error))
