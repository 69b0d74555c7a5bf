"""An action package in an interpreter of its own: `python -m rasa_sdk` on a port of loopback, begun again when it ends.

The package runs unmodified, with the rasa-sdk and the libraries that are installed there. Knows processes; calls go
through webhook.py. The process ends with this one, however this one ends: it watches its input.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...core.errors import SettingsInvalid
from .server import ActionFault, Answer
from .webhook import WebhookServer, wait_for

log = logging.getLogger("personac.rasa")
START_SECONDS = 60.0
AGAIN_SECONDS = 5.0  # between two starts
END_SECONDS = 1.5
LAST_WORDS = 0.2  # seconds for what a process that has ended still has to say
LINE = 2_000  # characters of what it prints that are logged
HOLD = """
import os, runpy, signal, sys, threading
def watch():
    while os.read(0, 4096): pass
    os.killpg(0, signal.SIGKILL)
threading.Thread(target=watch, daemon=True).start()
sys.argv = ["rasa_sdk", *sys.argv[1:]]
runpy.run_module("rasa_sdk", run_name="__main__", alter_sys=True)
"""


class ChildServer:
    """Run an action package as a server of its own."""

    def __init__(self, python: str, package: str, folder: str, seconds: float, *, deflate: bool = False) -> None:
        self._python, self._package, self._seconds, self._deflate = python, package, seconds, deflate
        self._folder = Path(folder).expanduser()
        self._process: subprocess.Popen[bytes] | None = None
        self._webhook: WebhookServer | None = None
        self._began = -AGAIN_SECONDS
        self._lock = threading.Lock()
        self._last = ""  # what it printed last

    def actions(self) -> list[str]:
        """Return the names of all actions, of a process that is begun where there is none."""
        webhook = self._running()
        try:
            return wait_for(webhook, START_SECONDS, self._alive)
        except ActionFault as error:
            if self._alive():
                raise
            time.sleep(LAST_WORDS)
            raise ActionFault(
                f"the actions of {self._package} in {self._folder} ended when they began: {self._last}; "
                "`actions:` is a module there, `python:` an interpreter with rasa-sdk"
            ) from error

    async def run(self, call: Mapping[str, Any]) -> Answer:
        """Run an action; raise ActionFault, also when the process has ended and cannot be begun again yet."""
        if not self._alive():
            await asyncio.to_thread(self.actions)
        return await self._running().run(call)

    def close(self) -> None:
        """End the process, and those that it began."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            _end(process)

    def _alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _running(self) -> WebhookServer:
        with self._lock:
            if self._process is not None and self._process.poll() is not None:
                log.error("the actions of %s have ended (%s): %s", self._package, self._process.returncode, self._last)
                _end(self._process)
                self._process = None
            if self._process is None or self._webhook is None:
                if (wait := self._began + AGAIN_SECONDS - time.monotonic()) > 0:
                    raise ActionFault(
                        f"the actions of {self._package} ended right after they began; they are begun again in "
                        f"{wait:.0f} s. It said: {self._last}"
                    )
                self._process, self._webhook = self._begin()
            return self._webhook

    def _begin(self) -> tuple[subprocess.Popen[bytes], WebhookServer]:
        self._began, self._last = time.monotonic(), ""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("PERSONAC_", "PYTHON"))
        }
        environment["SANIC_HOST"] = "127.0.0.1"
        command = [self._python, "-c", HOLD, "--actions", self._package, "--port", str(port)]
        try:
            process = subprocess.Popen(
                command, cwd=self._folder, env=environment, start_new_session=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
        except OSError as error:
            raise SettingsInvalid(
                f"the actions {self._package} cannot be begun with {self._python} in {self._folder}: {error.strerror}; "
                "`python:` is an interpreter with rasa-sdk, `path:` the folder that the package lies in"
            ) from None
        threading.Thread(target=self._listen, args=(process,), daemon=True, name="rasa-log").start()
        url = f"http://127.0.0.1:{port}/webhook"
        return process, WebhookServer(url, self._seconds, deflate=self._deflate)

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        """Log what the process prints."""
        assert process.stdout is not None
        with suppress(ValueError), process.stdout as out:
            while line := out.readline(LINE):
                if text := line.decode("utf-8", "replace").strip():
                    self._last = text
                    log.info("%s: %s", self._package, text)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it began: asked first, then at once."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(END_SECONDS)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    with suppress(OSError):
        if process.stdin is not None:
            process.stdin.close()
