"""personac audit: what happened to users' data and to rules, in a log that cannot be changed unseen."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click

from ..store import keyring
from ..store.audit import AuditLog
from .building import store_folder

_STORE = click.option("--store", type=click.Path(path_type=Path), help="The folder that keeps conversations.")


@click.group("audit")
def command() -> None:
    """Show the audit log, or verify that nobody changed it."""


@command.command()
@_STORE
@click.option("--json", "as_json", is_flag=True, help="Print JSON, an event a line.")
@click.option("--event", help="Only events of this kind.")
def show(store: Path | None, as_json: bool, event: str | None) -> None:
    """Print the events, oldest first. Users are keyed hashes, as in `personac data list`."""
    log = _log(store)
    for entry in log.entries():
        if event in (None, entry.get("event")):
            told = json.dumps(entry, ensure_ascii=False) if as_json else _line(entry)
            click.echo(told.encode("utf-8", "replace").decode())  # whoever tampers may put in half a character
    if damaged := log.damaged():
        click.echo(f"{_entries(damaged)} could not be read: run `personac audit verify`", err=True)


@command.command()
@_STORE
@click.option("--since", metavar="SIGNATURE", help="The last signature of an earlier check: it must be in the log.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify(store: Path | None, since: str | None, as_json: bool) -> None:
    """Check each entry's signature, that none is missing, and that the end was not cut off.

    Prints the last signature; kept elsewhere and given with --since, it shows, too, whether log and head were replaced
    by older ones. The exit status is 1 when the chain is broken.
    """
    log = _log(store)
    good, signed, broken = log.verify()
    line, why = (broken.line, broken.why) if broken else (None, None)
    if broken is None and since is not None and all(entry.get("signed") != since for entry in log.entries()):
        line, why = good + 1, "the signature given with --since is not in it: the log was replaced by an older one"
    if as_json:
        click.echo(json.dumps({"good": good, "signed": signed, "line": line, "why": why}))
    elif why is None:
        click.echo(f"{_entries(good)}, all as they were written; the last is signed {signed}")
    else:
        click.echo(f"{log.path}:{line}: {why}", err=True)
        click.echo(f"before it: {_entries(good)}, all as they were written", err=True)
    if why is not None:
        raise SystemExit(1)


def _log(store: Path | None) -> AuditLog:
    folder = store_folder(store)
    if not _sealed(folder):
        raise click.UsageError(f"there is no store in {folder}; give its folder with --store")
    return log_in(folder)


def log_in(folder: Path) -> AuditLog:
    """Return the audit log of a folder of stores; its keys are made where there is no store yet."""
    return AuditLog(folder, keyring.open_keyring(folder, _sealed(folder)).log)


def _sealed(folder: Path) -> bool:
    return (folder / keyring.FILE).exists() or any(folder.glob("*.sqlite"))


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"


def _line(entry: dict[str, Any]) -> str:
    facts = {k: v for k, v in entry.items() if k not in ("n", "at", "event", "persona", "signed")}
    told = " ".join(f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in facts.items())
    number, event = str(entry.get("n", "?")), str(entry.get("event", "?"))
    return f"{number:>6}  {_when(entry.get('at')):19}  {event:16}  {entry.get('persona', '')}  {told}".rstrip()


def _when(at: Any) -> str:
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(float(at or 0)))
    except (TypeError, ValueError, OverflowError, OSError):  # an entry that was put in
        return "?"
