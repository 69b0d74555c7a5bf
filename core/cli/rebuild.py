"""Keep a running persona as its author last saved it: watch the files, check, compile, and swap.

Knows nothing of terminals and channels: what there is to say goes through two functions.
"""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from ..compile.compiler import Installed, compile_persona, output_folder
from ..compile.preview import forget_previews, preview
from ..diagnostics import Diagnostic, has_errors, in_order, render
from ..errors import PersonacError, PersonaInvalid
from ..persona.check import Loaded, find_persona, load
from ..persona.plugin_use import plugin_use
from ..reload import Reloading, renew
from ..runtime import Runtime
from .building import installed
from .check import summary

TOGETHER = 400  # milliseconds within which saves count as one
PAUSE = 50  # milliseconds without a save that end it
_TEMPORARY = re.compile(r"~$|^#.*#$|\.(sw[a-z]|tmp|temp|part|bak|orig|crdownload)$|___jb_\w+___$|^4913$|^~\$", re.I)
Tell = Callable[[str], Awaitable[None]]
Show = Callable[[str], None]


class _Stopped(Exception):
    """End a compile in the middle of a pass."""


class Rebuild:
    """Hold a persona's running version and make the next one at each save."""

    def __init__(
        self, path: Path, out: Path | None, open_first: Callable[[Path], Runtime], tell: Tell, show: Show
    ) -> None:
        """Prepare; `open_first` assembles the first artifact, `show` gets what is being done right now."""
        self.bot: Reloading | None = None
        self.ready = asyncio.Event()  # there is a bot
        self._path, self._out = path, out
        self._open_first, self._tell, self._show = open_first, tell, show
        self._root = find_persona(path).parent.resolve()
        self._folders = (self._root, *_plugins_beside(path, self._root))
        self._ignored = (output_folder(path, out).resolve(), self._root / "build")
        self._found: list[Diagnostic] = []
        self._understood: list[Diagnostic] = []  # what the lints that need the models found last
        self._artifact: Path | None = None
        self._stop = threading.Event()
        self._building: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Build now and after each save, until cancelled; a save ends a build that is under way."""
        from watchfiles import awatch

        try:
            changes = awatch(
                *self._folders, watch_filter=lambda _, path: self.counts(Path(path)), debounce=TOGETHER, step=PAUSE
            )
            saved = asyncio.ensure_future(anext(changes))
            await asyncio.sleep(0)  # it watches from here on
            self._start(time.time())
            while True:
                assert self._building is not None
                waiting: set[asyncio.Future[Any]] = {saved, *([] if self._building.done() else [self._building])}
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                if self._building.done():
                    self._building.result()
                if saved.done():
                    batch = saved.result()
                    await self._halt()
                    self._start(_when(Path(path) for _, path in batch))
                    saved = asyncio.ensure_future(anext(changes))
        finally:
            saved.cancel()
            await asyncio.wait([saved])
            await self._halt()

    def counts(self, path: Path) -> bool:
        """Tell whether a file could be part of the persona: not hidden, not temporary, not built."""
        folder = next((folder for folder in self._folders if path.is_relative_to(folder)), None)
        if folder is None:
            return False
        parts = path.relative_to(folder).parts
        if any(path.is_relative_to(folder) for folder in self._ignored):
            return False
        return not any(part.startswith(".") or part == "__pycache__" or _TEMPORARY.search(part) for part in parts)

    def _start(self, saved: float) -> None:
        self._stop = threading.Event()
        self._building = asyncio.create_task(self._build(saved, self._stop))

    async def _halt(self) -> None:
        """End the build that is under way, at the next step of its pass."""
        if self._building is not None and not self._building.done():
            self._stop.set()
            await asyncio.wait([self._building])
        if self._building is not None:
            self._building.result()

    async def _build(self, saved: float, stop: threading.Event) -> None:
        self._show("checking")
        try:
            allowed = await asyncio.to_thread(installed)
            loaded = await asyncio.to_thread(allowed.check, self._path)
            await self._report([*loaded.diagnostics, *self._understood])
            if has_errors(loaded.diagnostics):
                await self._tell_blocked()
            elif not stop.is_set():
                await self._replace(saved, allowed, stop)
                await self._lint(loaded, stop)
        except _Stopped:
            return
        except PersonaInvalid as error:  # saved again in between
            await self._report(list(error.diagnostics))
        except PersonacError as error:
            await self._tell(click.style("not compiled: ", fg="red") + str(error))
        finally:
            self._show("")

    async def _lint(self, loaded: Loaded, stop: threading.Event) -> None:
        """Tell what examples and knowledge mean; until the next such look, these findings stand."""
        from ..compile.lints.run import lint_persona

        def progress(name: str, done: int, total: int) -> None:
            if stop.is_set():
                raise _Stopped

        self._show("checking what it means")
        self._understood = await asyncio.to_thread(lint_persona, self._path, loaded, progress)
        await self._report([*loaded.diagnostics, *self._understood])

    async def _replace(self, saved: float, allowed: Installed, stop: threading.Event) -> None:
        """Compile, and let the next turn run on the result when it is another one."""
        training, shown = asyncio.Event(), threading.Event()
        loop = asyncio.get_running_loop()

        def progress(name: str, done: int, total: int) -> None:
            if stop.is_set():
                raise _Stopped
            counted = f" {done:,} of {total:,}" if total > 1 else ""
            loop.call_soon_threadsafe(self._show, f"compiling: {name}{counted}")
            if name == "train" and not shown.is_set():
                loop.call_soon_threadsafe(training.set)
                shown.wait()  # the preview gets the processor first

        compiling = asyncio.create_task(
            asyncio.to_thread(compile_persona, self._path, self._out, allowed, progress)
        )  # fmt: skip
        waiting = asyncio.create_task(training.wait())
        try:
            await asyncio.wait([compiling, waiting], return_when=asyncio.FIRST_COMPLETED)
            if self._artifact is not None and not compiling.done():
                with suppress(_Stopped, PersonacError):  # which the compile meets too, and tells
                    await self._preview(saved, allowed, stop, self._artifact)
        finally:
            waiting.cancel()
            shown.set()
        compiled = await compiling
        if compiled.artifact == self._artifact:
            return
        ran = ", ".join(dict.fromkeys(step.name for step in compiled.passes if step.fresh)) or "none"
        await self._run(compiled.artifact, saved, f"passes that ran: {ran}")
        self._artifact = compiled.artifact
        forget_previews(self._path, self._out)

    async def _preview(self, saved: float, allowed: Installed, stop: threading.Event, network: Path) -> None:
        """Let the next turn run on all but what is still being trained."""

        def progress(name: str, done: int, total: int) -> None:
            if stop.is_set():
                raise _Stopped

        made = await asyncio.to_thread(preview, self._path, self._out, allowed, network, progress)
        if made is not None:
            await self._run(made, saved, "new examples count when the training has ended")

    async def _run(self, artifact: Path, saved: float, note: str) -> None:
        """Let the next turn run on an artifact."""
        self._show("loading")
        if self.bot is None:
            self.bot = Reloading(await asyncio.to_thread(self._open_first, artifact))
            self.ready.set()
            return
        self.bot.swap(await asyncio.to_thread(renew, self.bot.runtime, artifact))
        took = click.style(f"reloaded {time.time() - saved:.1f} s after the save", fg="green")
        await self._tell(took + click.style(f" ({note})", dim=True))

    async def _report(self, diagnostics: list[Diagnostic]) -> None:
        """Tell what is new among the findings, and what is left of the old ones."""
        found = in_order(diagnostics)
        before, now = {_same(finding) for finding in self._found}, {_same(finding) for finding in found}
        had, self._found = bool(self._found), found
        if now == before:
            return
        fresh = [finding for finding in found if _same(finding) not in before]
        left = [finding for finding in found if _same(finding) in before]
        parts = [render(fresh, "full")] if fresh else []
        if left:
            parts.append("still there:\n" + render(left, "concise"))
        if found:
            parts.append(click.style(summary(found, 1), bold=True))
        elif had:
            parts.append(click.style("all findings fixed", fg="green"))
        await self._tell("\n\n".join(parts))

    async def _tell_blocked(self) -> None:
        going_on = "the last good version answers on" if self.bot is not None else "it is compiled once they are fixed"
        errors = sum(finding.severity == "error" for finding in self._found)
        counted = f"{errors} error{'s' if errors != 1 else ''}"
        await self._tell(click.style("not compiled: ", fg="red") + f"{counted}; {going_on}")


def _plugins_beside(path: Path, root: Path) -> list[Path]:
    """Return the folders of plugins that a persona names and that lie outside of its own."""
    persona = load(path).persona
    uses = [plugin_use(written, root) for written in persona.plugins] if persona else []
    return [use.folder for use in uses if use.folder and use.folder.is_dir() and not use.folder.is_relative_to(root)]


def _same(finding: Diagnostic) -> tuple[str, str, str]:
    """Return what makes two findings one, wherever the lines above have moved it."""
    return finding.code, finding.span.path, finding.message


def _when(paths: Iterable[Path]) -> float:
    """Return when the latest of some files was saved; now, for files that are gone."""
    times = []
    for path in paths:
        try:
            times.append(path.stat().st_mtime)
        except OSError:
            continue
    return min(max(times, default=time.time()), time.time())
