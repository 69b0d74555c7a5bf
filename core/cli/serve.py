"""personac serve."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
import time
from pathlib import Path
from typing import Any

import click

from ..runtime import Runtime
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
    """Serve personas on their channels."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    runtimes = [open_persona(find_artifact(persona_path(value), out), store_folder(store)) for value in paths]
    try:
        serve(runtimes, host, port, background=not lazy)
    finally:
        for runtime in runtimes:
            runtime.close()


def serve(runtimes: list[Runtime], host: str, port: int, background: bool = True) -> None:
    """Serve running personas until interrupted."""
    from ..registry import connector_names, load_connector

    connector: Any = load_connector("web")(host, port)  # type: ignore[call-arg]
    taken = connector.bind()
    for runtime in runtimes:
        for name in sorted(set(runtime.persona.connectors) - connector_names()):
            click.echo(f"{runtime.profile.name}: the connector {name} is not installed; going on without it", err=True)
        path = "" if len(runtimes) == 1 else f"p/{runtime.profile.slug}/"
        click.echo(f"{runtime.profile.name} is at {connector.address}{path} (Ctrl-C ends)", err=True)
    threading.Thread(target=_forget_hourly, args=(runtimes,), name="retention", daemon=True).start()
    if background:

        def warm_up() -> None:
            for runtime in runtimes:
                runtime.warm_up()

        threading.Thread(target=warm_up, name="warm-up", daemon=True).start()
    gc.collect()
    gc.freeze()  # what is loaded now stays; collecting need not look at it again
    try:
        asyncio.run(connector.serve(runtimes, taken))
    except KeyboardInterrupt:
        pass


def _forget_hourly(runtimes: list[Runtime]) -> None:
    """Hold the personas' retention while they are served."""
    while True:
        time.sleep(3600)
        for runtime in runtimes:
            runtime.forget_old()
