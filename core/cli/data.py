"""personac data: what is kept of users."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from ..message import Erasure
from ..persona.schema import RETENTION_PATTERN, Privacy
from ..store.sqlite import SQLiteStore
from ..store.telling import Known
from .building import kept_folder, open_store
from .statistics import command as statistics

_STORE = click.option("--store", type=click.Path(path_type=Path), help="The folder that keeps conversations.")
_USER = click.option("--user", required=True, help="Whose data: the user's id on the channel, or a name from `list`.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("data")
def command() -> None:
    """List, export or erase what is kept of users, and change its keys."""


@command.command("list")
@_STORE
@_JSON
def list_(store: Path | None, as_json: bool) -> None:
    """List of whom something is kept, by keyed hash: ids are not kept where they could be read."""
    found: dict[str, list[Known]] = {}
    for file in _files(store):
        with _opened(file) as kept:
            found[file.stem] = kept.users()
    if as_json:
        facts = {name: [_facts(user) for user in users] for name, users in found.items()}
        click.echo(json.dumps(facts, indent=1))
        return
    for name, users in found.items():
        click.echo(f"{name}: {len(users)} users")
        for user in users:
            rows = ", ".join(f"{count} {part}" for part, count in user.rows.items())
            click.echo(f"  {user.user}  {_day(user.first)} to {_day(user.last)}  {rows}")


command.add_command(statistics)


@command.command()
@_USER
@_STORE
def export(user: str, store: Path | None) -> None:
    """Print all that is kept of a user as JSON, by persona. The id of an escalation names its user, too."""
    found = {}
    for file in _files(store):
        with _opened(file) as kept:
            mark = _mark(kept, user) or _escalated(kept, user, file)
            found[file.stem] = kept.export(user) if mark is None else {"user": mark, **kept.export_marked(mark)}
            kept.audit("export", file.stem, **({"user": user} if mark is None else {"mark": mark}))
    click.echo(json.dumps(found, ensure_ascii=False, indent=1))


@command.command()
@_USER
@_STORE
@_JSON
def erase(user: str, store: Path | None, as_json: bool) -> None:
    """Delete all that is kept of a user, and the user's keys.

    It is first written down in all stores, so that one that is stopped half-way is finished by the next command.
    """
    receipts, stays = {}, []
    with ExitStack() as opened:
        stores = {file: opened.enter_context(_opened(file)) for file in _files(store)}
        users = {file: {known.user for known in kept.users()} for file, kept in stores.items()}
        begun = []
        for file, kept in stores.items():
            mark = user if any(user in names for names in users.values()) else kept.mark(user)
            if mark in users[file]:
                begun.append((file.stem, kept, kept.begin(mark), mark))
            elif not kept.let_go(mark):
                stays.append(file.stem)
        for name, kept, id, mark in begun:
            receipts[name] = kept.go_on(id, mark)
    if as_json:
        click.echo(json.dumps({name: receipt.as_dict() for name, receipt in receipts.items()}, indent=1))
    elif receipts:
        click.echo(f"{sum(receipt.rows for receipt in receipts.values())} rows of {user} were deleted")
        for name, receipt in receipts.items():
            click.echo(f"  {name}: {receipt.rows} rows, receipt {receipt.id}{_left(receipt)}", err=True)
    elif not stays:
        click.echo(f"nothing is kept of {user}")
    if stays:
        raise click.ClickException(f"the monitor of {', '.join(stays)} could not let go of {user}; try again")


@command.command()
@click.option("--older-than", "age", required=True, help="An age as `retention` is written: 12h, 30d, 4w, 6m, 1y.")
@_STORE
def expire(age: str, store: Path | None) -> None:
    """Delete what is older than an age; a running server does so by itself, by its persona's retention."""
    if not re.fullmatch(RETENTION_PATTERN, age):
        raise click.UsageError(f"--older-than takes 12h, 30d, 4w, 6m or 1y, not {age}")
    seconds = Privacy(retention=age).seconds
    for file in _files(store) if seconds is not None else []:
        with _opened(file) as kept:
            click.echo(f"{file.stem}: {kept.expire(time.time() - (seconds or 0))} turns were deleted")


@command.command("rotate-key")
@click.option("--new-key-file", type=click.Path(path_type=Path, exists=True), help="The new master key, in base64.")
@_STORE
def rotate_key(new_key_file: Path | None, store: Path | None) -> None:
    """Give the stores another master key, and lock each user's key anew. No server may run meanwhile.

    One that is stopped half-way goes on when it is begun again; until it is done the old key opens the stores, too.
    """
    from ..store import keys, rotation

    folder = kept_folder(store)
    done = rotation.rotate(folder, keys.read(new_key_file) if new_key_file else None)
    click.echo(f"{done.users} users' keys in {done.stores} stores are locked with the new key")
    if done.damaged:
        raise click.ClickException(
            f"{done.damaged} users' keys are damaged, so the old keys stay; erase these users or bring back a backup, "
            "and rotate again"
        )


def _left(receipt: Erasure) -> str:
    """Return what of an erasure is not done yet, in words."""
    if receipt.waiting:
        return f"; {receipt.waiting} being answered by a server just now, gone once the answer is sent"
    if not receipt.done:
        return "; another process reads the file, or the disk is full: what was deleted is overwritten after that"
    return "" if receipt.recorded else "; it could not be written into the audit log yet, which follows"


@contextmanager
def _opened(file: Path) -> Iterator[SQLiteStore]:
    kept = open_store(file)
    try:
        yield kept
    finally:
        kept.close()


def _files(store: Path | None) -> list[Path]:
    """Return the stores of all personas."""
    return sorted(kept_folder(store).glob("*.sqlite"))


def _mark(kept: SQLiteStore, user: str) -> str | None:
    """Return a name that `list` prints as it is, None for an id on a channel."""
    return user if any(known.user == user for known in kept.users()) else None


def _escalated(kept: SQLiteStore, id: str, file: Path) -> str | None:
    """Return the name of the user whom the escalation of an id is about, None where there is none."""
    from ..monitor.book import Book, book_path

    path = book_path(file.parent, file.stem)
    if not path.exists():
        return None
    book = Book(path)
    try:
        escalation = book.escalation(id)
        if escalation is None:
            return None
        return next((known.user for known in kept.users() if book.mark(known.user) == escalation.user), None)
    finally:
        book.close()


def _facts(user: Known) -> dict[str, object]:
    return {"user": user.user, "first": user.first, "last": user.last, "consent": user.consent, "rows": user.rows}


def _day(at: float | None) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(at)) if at else "-"
