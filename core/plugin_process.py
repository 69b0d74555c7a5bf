"""The process of one isolated plugin: it lets go of what it need not have, imports the plugin and answers calls.

Reads lines of JSON on its input and writes them on its output. Knows the contract, and nothing of personas or turns.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from .errors import PersonacError
from .hosting.host import Host, Loaded
from .hosting.make import make
from .hosting.permissions import Permissions
from .hosting.wire import context_of, packed_result, packed_skill
from .persona.plugin_use import PluginUse
from .plugin import Manifest, Place
from .registry import class_of
from .turn import Passage

MEGABYTE = 1024 * 1024
FILE_BYTES = 64 * MEGABYTE
OPEN_FILES = 128
PASSAGE_SECONDS = 5.0


class Child:
    """Answer calls until the input ends."""

    def __init__(self, loaded: Loaded, lines: IO[bytes], out: IO[bytes]) -> None:
        self._host = Host({loaded.name: loaded})
        self._name = loaded.name
        self._lines, self._out = lines, out
        self._lock = threading.Lock()
        self._records: dict[str, Mapping[str, Any]] = {}
        self._waiting: dict[str, tuple[threading.Event, list[Any]]] = {}

    def send(self, **values: Any) -> None:
        """Write one line."""
        line = json.dumps(values, ensure_ascii=False).encode() + b"\n"
        with self._lock:
            self._out.write(line)
            self._out.flush()

    async def run(self) -> None:
        """Take calls, each as a task of its own."""
        loop = asyncio.get_running_loop()
        calls: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        reader = threading.Thread(target=self._read, args=(loop, calls), daemon=True)
        reader.start()
        running: set[asyncio.Task[None]] = set()
        while (call := await calls.get()) is not None:
            task = asyncio.create_task(self._call(call))
            running.add(task)
            task.add_done_callback(running.discard)

    def _read(self, loop: asyncio.AbstractEventLoop, calls: asyncio.Queue[dict[str, Any] | None]) -> None:
        for line in self._lines:
            values = json.loads(line)
            if "records" in values:
                self._records = values["records"]
            if "passage" in values:
                waiting = self._waiting.pop(values["of"], None)
                if waiting is not None:
                    waiting[1].append(values["passage"])
                    waiting[0].set()
            elif "skill" in values:
                loop.call_soon_threadsafe(calls.put_nowait, values)
        loop.call_soon_threadsafe(calls.put_nowait, None)

    async def _call(self, call: Mapping[str, Any]) -> None:
        number = call["id"]
        context = context_of(
            call["context"], self._records, lambda record, field: self._passage(number, record, field), lambda _: None
        )
        outcome = await self._host.run(
            f"{self._name}.{call['skill']}", context, lambda word: self.send(id=number, tell=word)
        )
        if outcome.state == "failed":
            self.send(id=number, error=f"{type(outcome.error).__name__}: {outcome.error}"[:4000])
        else:
            self.send(id=number, result=packed_result(outcome.result) if outcome.result else None)

    def _passage(self, number: int, record: str, field: str) -> Passage | None:
        """Ask the server for a passage, and wait for it."""
        key = f"{number}\0{record}\0{field}\0{len(self._waiting)}\0{threading.get_ident()}"
        done, found = threading.Event(), list[Any]()
        self._waiting[key] = (done, found)
        self.send(id=number, want=[record, field], of=key)
        done.wait(PASSAGE_SECONDS)
        return Passage(**found[0]) if found and found[0] is not None else None


def limit(megabytes: int) -> None:
    """Hold this process to memory, sizes of files and open files; no dump of its memory is written."""
    kinds = {
        resource.RLIMIT_AS: megabytes * MEGABYTE,
        resource.RLIMIT_FSIZE: FILE_BYTES,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in kinds.items():
        resource.setrlimit(kind, (most, most))
    os.nice(5)


def main() -> None:
    """Be the process: the first line says which plugin, with which settings and how much memory."""
    lines = os.fdopen(os.dup(0), "rb")
    out = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for own in (0, 1):  # what the plugin prints is not an answer
        os.dup2(nothing, own)
    first = json.loads(lines.readline())
    limit(int(first["megabytes"]))
    folder = Path(first["folder"]) if first["folder"] else None
    place = Place(Path(first["files"]), Path(first["data"]))
    permissions = Permissions([*([folder] if folder else []), place.files])
    permissions.install()
    try:
        found = class_of(PluginUse(first["name"], first["settings"], folder))
        manifest: Manifest = found.manifest
        permissions.declare(manifest.network, [*manifest.files, str(place.data)])
        loaded = make(found, first["name"], first["settings"], place)
    except PersonacError as error:
        out.write(json.dumps({"fault": str(error), "kind": type(error).__name__}).encode() + b"\n")
        out.flush()
        return
    child = Child(loaded, lines, out)
    told = {
        "version": manifest.version, "contract": manifest.contract, "summary": manifest.summary,
        "reads": list(loaded.manifest.reads), "network": list(manifest.network), "files": list(manifest.files),
    }  # fmt: skip
    child.send(manifest=told, skills={name: packed_skill(skill) for name, skill in loaded.skills.items()})
    asyncio.run(child.run())
    os._exit(0)  # threads of the plugin do not hold it up


if __name__ == "__main__":
    main()
