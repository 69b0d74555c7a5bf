"""personac serve."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from ..reload import Reloading, follow
from . import persona_path
from .building import find_artifact, open_persona, store_folder


@click.command("serve")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, help="The port; 0 takes a free one.")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Where artifacts go; by default PATH/build.")
@click.option("--store", type=click.Path(path_type=Path), help="The folder that keeps conversations.")
@click.option("--lazy", is_flag=True, help="Load speech, voice and pictures when first needed, not in the background.")
def command(paths: tuple[str, ...], host: str, port: int, out: Path | None, store: Path | None, lazy: bool) -> None:
    """Serve personas on their channels.

    When a persona is compiled again, the server takes the new artifact between two turns. An artifact that is named
    itself stays as it is.
    """
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    bots: list[Reloading] = []
    following: list[threading.Thread] = []
    stop = threading.Event()
    try:
        for value in paths:
            path = persona_path(value)
            artifact = find_artifact(path, out)
            bots.append(Reloading(open_persona(artifact, store_folder(store))))
            if artifact != path:
                watch = partial(follow, bots[-1], artifact, stop, partial(click.echo, err=True), warm=not lazy)
                following.append(threading.Thread(target=watch, name="follow", daemon=True))
                following[-1].start()
        serve(bots, host, port, background=not lazy)
    finally:
        stop.set()
        for thread in following:
            thread.join()
        for bot in bots:
            bot.close()


def serve(bots: Sequence[Reloading], host: str, port: int, background: bool = True) -> None:
    """Serve running personas until interrupted."""
    from ..registry import connector_names, load_connector

    connector: Any = load_connector("web")(host, port)  # type: ignore[call-arg]
    taken = connector.bind()
    for bot in bots:
        for name in sorted(set(bot.runtime.persona.connectors) - connector_names()):
            click.echo(f"{bot.profile.name}: the connector {name} is not installed; going on without it", err=True)
        path = "" if len(bots) == 1 else f"p/{bot.profile.slug}/"
        click.echo(f"{bot.profile.name} is at {connector.address}{path} (Ctrl-C ends)", err=True)
    threading.Thread(target=_forget_hourly, args=(bots,), name="retention", daemon=True).start()
    stop = threading.Event()

    def warm_up() -> None:
        for bot in bots if background else ():
            bot.warm_up(stop)

    warming = threading.Thread(target=warm_up, name="warm-up", daemon=True)
    warming.start()
    gc.collect()
    gc.freeze()  # what is loaded now stays; collecting need not look at it again
    try:
        asyncio.run(connector.serve(bots, taken))
    except KeyboardInterrupt:
        pass
    finally:
        stop.set()
        warming.join()  # a model that is being loaded must not be cut off


def _forget_hourly(bots: Sequence[Reloading]) -> None:
    """Hold the personas' retention while they are served."""
    while True:
        time.sleep(3600)
        for bot in bots:
            bot.forget_old()
