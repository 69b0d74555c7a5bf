"""personac deliveries: what is on its way, and what could not be sent."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click

from ..compile.artifact import MANIFEST, read_manifest
from ..compile.compiler import slug_of
from ..store.deliveries import Delivery
from . import persona_path
from .building import open_store, store_folder


@click.command("deliveries")
@click.argument("path")
@click.option("--retry", metavar="ID|all", help="Try one that was given up again, or all; a running server takes it.")
@click.option("--sent", is_flag=True, help="List what was sent in the last week, too.")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
@click.option("--store", type=click.Path(path_type=Path), help="The folder that keeps conversations.")
def command(path: str, retry: str | None, sent: bool, as_json: bool, store: Path | None) -> None:
    """List messages that wait and answers that could not be sent, and try these again.

    No words of a message are shown. Without a running server, what is to be tried again is sent at its next start.
    """
    file = store_folder(store) / f"{_slug(persona_path(path))}.sqlite"
    ids = _ids(retry)
    if not file.is_file():
        rows: list[Delivery] = []
        done = 0
    else:
        kept = open_store(file)
        deliveries = kept.deliveries()
        try:
            done = deliveries.retry(ids).result() if retry else 0
            rows = deliveries.listed(sent).result()
        finally:
            deliveries.close()
            kept.close()
    if ids and not done:
        raise click.UsageError(f"no delivery {ids[0]} was given up; `personac deliveries {path}` lists them")
    if as_json:
        click.echo(json.dumps([_facts(row) for row in rows], indent=1))
        return
    if retry:
        click.echo(f"{done} {'is' if done == 1 else 'are'} tried again", err=True)
    for row in rows:
        click.echo(_line(row))
    if not rows:
        click.echo("nothing waits and nothing was given up", err=True)


def _slug(path: Path) -> str:
    return str(read_manifest(path)["persona"]) if (path / MANIFEST).is_file() else slug_of(path)


def _ids(retry: str | None) -> list[int] | None:
    if retry is None or retry == "all":
        return None
    if not retry.isdigit():
        raise click.UsageError("--retry takes the number of a delivery, or all")
    return [int(retry)]


def _facts(row: Delivery) -> dict[str, Any]:
    return {
        "id": row.id,
        "state": row.state,
        "channel": row.incoming.channel,
        "key": row.incoming.key,
        "conversation": row.incoming.conversation,
        "user": row.incoming.user,
        "taken": row.at,
        "tries": row.tries,
        "next_at": row.next_at or None,
        "reason": row.error or None,
    }


def _line(row: Delivery) -> str:
    taken = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(row.at))
    why = f"  {row.error}" if row.error else ""
    tries = f"  {row.tries} tries" if row.tries else ""
    return f"{row.id:>8}  {row.state:8}  {row.incoming.channel:10}  {taken}  {row.incoming.conversation}{tries}{why}"
