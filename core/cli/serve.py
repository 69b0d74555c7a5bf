"""personac serve."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import threading
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from ..delivery.logs import set_up
from ..delivery.post import Post
from ..delivery.server import GRACE_SECONDS, DeliveryServer
from ..errors import PersonacError
from ..persona.schema import Limits
from ..persona.source import resolve_environment
from ..reload import Reloading, follow
from ..store.sqlite import SQLiteStore
from . import persona_path
from .audit import log_in
from .building import find_artifact, open_persona, store_folder

log = logging.getLogger("personac")


@click.command("serve")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, help="The port; 0 takes a free one.")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Where artifacts go; by default PATH/build.")
@click.option("--store", type=click.Path(path_type=Path), help="The folder that keeps conversations.")
@click.option("--grace", default=GRACE_SECONDS, show_default=True, help="Seconds that running turns get at the end.")
@click.option("--log", "kind", type=click.Choice(["text", "json"]), default="text", show_default=True, help="The log.")
@click.option("--log-level", "level", type=click.Choice(["debug", "info", "warning", "error"]), help="What is logged.")
@click.option("--lazy", is_flag=True, help="Load speech, voice and pictures when first needed, not in the background.")
def command(
    paths: tuple[str, ...],
    host: str,
    port: int,
    out: Path | None,
    store: Path | None,
    grace: float,
    kind: str,
    level: str | None,
    lazy: bool,
) -> None:
    """Serve personas on their channels.

    A message is written down before its platform is told that it arrived, and answered once, also after a crash;
    `personac deliveries` lists what could not be sent. SIGTERM finishes the running turns, then ends.

    When a persona is compiled again, the server takes the new artifact between two turns. An artifact that is named
    itself stays as it is.
    """
    set_up(kind, level or ("info" if kind == "json" else "warning"))
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
        if why := log_in(store_folder(store)).recent():
            log.warning("the audit log is broken: %s; run `personac audit verify`", why)
        serve(bots, host, port, not lazy, grace, store_folder(store))
    finally:
        stop.set()
        for thread in following:
            thread.join()
        for bot in bots:
            bot.close()


def serve(
    bots: Sequence[Reloading],
    host: str,
    port: int,
    background: bool = True,
    grace: float = GRACE_SECONDS,
    folder: Path | None = None,
) -> None:
    """Serve running personas on their channels until SIGTERM or SIGINT; the monitor's books are in a folder."""
    from ..monitor.watch import watch
    from ..registry import load_site

    page = load_site()(host, port)
    taken = page.bind()
    server = DeliveryServer()
    settings: dict[str, Any] = {}
    for bot in bots:
        path = "" if len(bots) == 1 else f"p/{bot.profile.slug}/"
        click.echo(f"{bot.profile.name} is at {page.address}{path} (Ctrl-C ends)", err=True)
        store = bot.runtime.parts.store
        assert isinstance(store, SQLiteStore)
        post = server.add(bot, store, partial(_limits, bot))
        settings[bot.profile.slug] = _open_channels(server, post, bot, page.address)
    watch(server, bots, folder)
    threading.Thread(target=_forget_hourly, args=(bots,), name="retention", daemon=True).start()
    stop = threading.Event()

    def warm_up() -> None:
        for bot in bots if background else ():
            bot.warm_up(stop)

    async def site(wrap: Any, desks: Any) -> None:
        await page.serve(bots, taken, settings=settings, desks=desks, wrap=wrap)

    warming = threading.Thread(target=warm_up, name="warm-up", daemon=True)
    warming.start()
    gc.collect()
    gc.freeze()  # what is loaded now stays; collecting need not look at it again
    try:
        asyncio.run(server.run(site, grace))
    except KeyboardInterrupt:
        pass
    finally:
        stop.set()
        warming.join()  # a model that is being loaded must not be cut off


def _limits(bot: Reloading) -> Limits:
    return bot.runtime.persona.limits


def _open_channels(server: DeliveryServer, post: Post, bot: Reloading, address: str) -> dict[str, Any]:
    """Open the channels that a persona names; one that cannot be opened is told, and the others go on.

    Return the settings of the page.
    """
    from ..registry import SITE, connector_names, load_connector

    own: dict[str, Any] = {}
    for name, written in bot.runtime.persona.connectors.items():
        if name not in connector_names():
            reason = f"the connector {name} is not installed"
        else:
            try:
                settings = resolve_environment(written, os.environ)
                if name == SITE:
                    own = settings
                    continue
                channel = server.open(post, load_connector(name)(), settings)
                if channel.app is not None:
                    said = f"{bot.profile.name} takes {name} at {address}p/{post.slug}/{name}/"
                    click.echo(said, err=True)
                continue
            except PersonacError as error:
                reason = str(error)
        server.off(post, name, reason)
        click.echo(f"{bot.profile.name}: {reason}; going on without {name}", err=True)
    return own


def _forget_hourly(bots: Sequence[Reloading]) -> None:
    """Hold the personas' retention while they are served."""
    while True:
        time.sleep(3600)
        for bot in bots:
            try:
                bot.forget_old()
            except PersonacError as error:
                log.error("%s: %s; it is tried again in an hour", bot.profile.name, error)
