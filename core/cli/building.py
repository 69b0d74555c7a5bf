"""What several commands share: compile a persona if it needs it, with progress bars, and open it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..compile.artifact import MANIFEST, locked
from ..compile.compiler import Compiled, Installed, compile_persona, output_folder, unchanged
from ..compile.vectors import Progress
from ..models.engines import voice_engines
from ..registry import connector_names, plugin_facts, plugin_names

if TYPE_CHECKING:
    from ..runtime import Runtime
    from ..store.sqlite import SQLiteStore


def installed() -> Installed:
    """Return the extensions that personas may use here."""
    return Installed(plugin_names(), None, connector_names(), voice_engines(), plugin_facts)


@contextmanager
def progress_bars(quiet: bool) -> Iterator[Progress]:
    """Show one bar for each pass on the error stream; plain lines where that is no terminal."""
    if quiet:
        yield lambda name, done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars
    from rich.text import Text

    class RateColumn(ProgressColumn):
        """Show how many are done in a second."""

        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text(f"{speed:,.0f}/s" if speed and task.total != 1 else "", style="progress.data.speed")

    console = Console(stderr=True)
    if not console.is_terminal:
        seen: set[str] = set()

        def tell(name: str, done: int, total: int) -> None:
            if done >= total and name not in seen:
                seen.add(name)
                print(f"  {name}: {total}", file=sys.stderr, flush=True)

        yield tell
        return
    columns = (TextColumn("{task.description:28}"), BarColumn(), MofNCompleteColumn(), RateColumn())
    with Bars(*columns, TimeRemainingColumn(elapsed_when_finished=True), console=console) as bars:
        tasks: dict[str, int] = {}

        def draw(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=max(total, 1))
            bars.update(tasks[name], completed=done if total else 1, total=max(total, 1))  # type: ignore[arg-type]

        yield draw


def build(path: Path, out: Path | None, quiet: bool = False, lint: bool = False) -> Compiled:
    """Compile a persona unless its newest artifact still fits."""
    with progress_bars(quiet) as progress:
        return compile_persona(path, out, installed(), progress, lint)


def find_artifact(path: Path, out: Path | None, quiet: bool = False) -> Path:
    """Return the artifact of a persona, or the artifact itself when the path is one; compile when it is stale."""
    if (path / MANIFEST).is_file():
        return path
    source = path / "persona.yaml" if path.is_dir() else path
    folder = output_folder(path, out)
    if folder.is_dir():
        with locked(folder):
            artifact = unchanged(source, folder, plugin_facts)
        if artifact is not None:
            return artifact
    return build(path, out, quiet).artifact


def store_folder(given: Path | None) -> Path:
    """Return where conversations are kept, a file for each persona: --store, PERSONAC_DATA or the user's own."""
    return given or Path(os.environ.get("PERSONAC_DATA") or Path.home() / ".local" / "share" / "personac")


def kept_folder(given: Path | None) -> Path:
    """Return the folder of stores that is there already; raise a usage error when there is none."""
    folder = store_folder(given)
    if not folder.is_dir():
        raise click.UsageError(f"there is no folder {folder}; give the one that keeps conversations with --store")
    return folder


def open_store(file: Path) -> SQLiteStore:
    """Open a persona's store; what its monitor has to tell and counts of a user goes with each erasure."""
    from ..monitor.book import Book, book_path
    from ..monitor.tallies import Tallies
    from ..store.sqlite import SQLiteStore

    book = book_path(file.parent, file.stem)

    def let_go(mark: str) -> None:
        if book.exists():
            with closing(Book(book)) as opened:
                Tallies(opened).forget(mark)
                opened.forget(mark)

    return SQLiteStore(file, let_go=let_go)


def open_persona(artifact: Path, store: Path | None) -> Runtime:
    """Assemble a persona with its store in a folder; without one nothing outlives the process."""
    from ..assemble import assemble
    from ..compile.artifact import read_manifest
    from ..store.sqlite import SQLiteStore

    kept, data = None, None
    if store is not None:
        slug = read_manifest(artifact)["persona"]
        kept, data = open_store(store / f"{slug}.sqlite"), store / "plugins" / slug
    runtime = assemble(artifact, kept or SQLiteStore(None), data=data)
    runtime.forget_old()
    return runtime
