"""A plugin in a process of its own: without the server's environment, files and secrets, and held to what it declared.

Knows the lines that go to and fro (wire.py); the process is core/plugin_process.py. A process that ends, or does not
answer, is replaced at the next call; only the calls that were in it fail.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from functools import partial
from typing import Any

from ..errors import ExtensionInvalid, SettingsInvalid
from ..persona.plugin_use import PluginUse
from ..plugin import Manifest, Place, SkillContext, SkillResult
from .host import Loaded
from .wire import packed_context, result_of, skill_of

log = logging.getLogger("personac")
MEGABYTES = 1024  # of address space; Python with its libraries takes about 300
START_SECONDS = 30.0
GRACE_SECONDS = 3.0  # after a skill's own time, in which its process must have said so
LINE_BYTES = 32 * 1024 * 1024
COMMAND = (sys.executable, "-I", "-m", "personac.core.plugin_process")
_KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR")


class Failed(Exception):
    """Report what a skill raised in its process, or that the process ended."""


def isolate(use: PluginUse, settings: Mapping[str, Any], place: Place) -> Loaded:
    """Return a plugin whose skills run in a process of its own; raise ExtensionInvalid or SettingsInvalid."""
    first = _first(use, settings, place)
    with tempfile.TemporaryDirectory() as empty:
        try:
            done = subprocess.run(
                COMMAND, input=first, capture_output=True, env=_environment(), cwd=empty, timeout=START_SECONDS
            )
        except subprocess.TimeoutExpired:
            raise ExtensionInvalid(f"the plugin {use.name!r} did not start within {START_SECONDS:g} s") from None
    try:
        told = json.loads(done.stdout.splitlines()[0])
    except (ValueError, IndexError):
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
        raise ExtensionInvalid(f"the plugin {use.name!r} cannot be loaded in its own process: {last[0]}") from None
    if "fault" in told:
        raise (SettingsInvalid if told["kind"] == "SettingsInvalid" else ExtensionInvalid)(told["fault"])
    process = _Process(use.name, first)
    skills = {}
    for name, values in told["skills"].items():
        described = skill_of(values, partial(process.call, name))
        skills[name] = replace(described, seconds=described.seconds + GRACE_SECONDS)
    return Loaded(use.name, Manifest(name=use.name, **told["manifest"]), process, skills, process.close)


def _first(use: PluginUse, settings: Mapping[str, Any], place: Place) -> bytes:
    folder = str(use.folder) if use.folder is not None else None
    values = {
        "name": use.name, "folder": folder, "settings": dict(settings), "megabytes": MEGABYTES,
        "files": str(place.files.resolve()), "data": str(place.data.resolve()),
    }  # fmt: skip
    return json.dumps(values, ensure_ascii=False).encode() + b"\n"


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # each thread's stack counts as memory


class _Process:
    """Hold the process, on the event loop of the plugin's skills."""

    def __init__(self, name: str, first: bytes) -> None:
        self._name, self._first = name, first
        self._numbers = itertools.count(1)
        self._process: asyncio.subprocess.Process | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._starting: asyncio.Lock | None = None
        self._reader: asyncio.Task[None] | None = None
        self._calls: dict[int, tuple[asyncio.Future[Any], SkillContext]] = {}
        self._records: Any = None

    async def call(self, skill: str, context: SkillContext) -> SkillResult | None:
        """Run a skill in the process, and return what it answers; raise Failed."""
        process = await self._running()
        number = next(self._numbers)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._calls[number] = (answer, context)
        line: dict[str, Any] = {"id": number, "skill": skill, "context": packed_context(context)}
        if self._records is not context.records:
            self._records = context.records
            line["records"] = dict(context.records)
        try:
            await self._write(process, line)
            result = await answer
        except asyncio.CancelledError:
            self._kill()  # it was told to end by the host in the process, and did not
            raise
        finally:
            self._calls.pop(number, None)
        return None if result is None else result_of(result)

    def close(self) -> None:
        """End the process, and wait until it has."""
        self._kill()
        if self._reader is not None and self._loop is not None and self._loop.is_running():
            ended = asyncio.run_coroutine_threadsafe(asyncio.wait([self._reader], timeout=1.0), self._loop)
            ended.result(timeout=1.5)

    async def _running(self) -> asyncio.subprocess.Process:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._kill()
            self._loop, self._starting, self._process = loop, asyncio.Lock(), None
        assert self._starting is not None
        async with self._starting:
            if self._process is None or self._process.returncode is not None:
                self._records = None
                self._process = await asyncio.create_subprocess_exec(
                    *COMMAND,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env=_environment(),
                    cwd=tempfile.gettempdir(),
                    limit=LINE_BYTES,
                    start_new_session=True,
                )
                assert self._process.stdin is not None
                self._process.stdin.write(self._first)
                self._reader = asyncio.create_task(self._read(self._process))
            return self._process

    async def _write(self, process: asyncio.subprocess.Process, line: Mapping[str, Any]) -> None:
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
            await process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            raise Failed("its process has ended") from None

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        """Pass on what the process says; when it ends, or says what makes no sense, its calls fail."""
        assert process.stdout is not None
        why = "its process has ended"
        try:
            while line := await process.stdout.readline():
                await self._take(process, json.loads(line))
        except Exception as error:  # whatever it said: it is not asked again
            why = f"its process said what cannot be read ({type(error).__name__})"
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            log.info("the process of the plugin %s is gone: %s (%s)", self._name, why, process.returncode)
            for answer, _ in list(self._calls.values()):
                if not answer.done():
                    answer.set_exception(Failed(f"{why} ({process.returncode})"))

    async def _take(self, process: asyncio.subprocess.Process, said: Mapping[str, Any]) -> None:
        known = self._calls.get(said.get("id", 0))
        if known is None:
            return
        answer, context = known
        if "tell" in said:
            context.tell(said["tell"])
        elif "want" in said:
            record, field = said["want"]
            passage = context.passage_of(record, field)
            found = asdict(passage) if passage is not None else None
            await self._write(process, {"passage": found, "of": said["of"]})
        elif not answer.done():
            if "error" in said:
                answer.set_exception(Failed(str(said["error"])))
            else:
                answer.set_result(said["result"])

    def _kill(self) -> None:
        process = self._process
        if process is not None and process.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(process.pid, 9)
