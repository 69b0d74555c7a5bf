"""An action package in this process: the rasa-sdk that is installed beside personac runs it, on a loop of its own.

Knows rasa-sdk's executor. Actions share that loop as in rasa-sdk's own server; one that holds it is left behind with
it, and the next call gets a new one.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from types import ModuleType
from typing import Any

from ...core.errors import SettingsInvalid
from .server import ActionFault, Answer, DomainWanted, NotThere, Rejected, answer_of

MISSING = (
    "plugins: rasa: rasa-sdk is not installed beside personac; install it there, or name an interpreter that has it "
    "with `python:`, or a running server with `url:`"
)


class HereServer:
    """Run an action package in this process."""

    def __init__(self, package: str, folder: str, seconds: float) -> None:
        self._package, self._seconds = package, seconds
        self._folder = str(Path(folder).expanduser().resolve())
        self._executor: Any = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()

    def actions(self) -> list[str]:
        """Return the names of the package's actions, imported when this is first asked for."""
        return list(self._loaded().actions)

    async def run(self, call: Mapping[str, Any]) -> Answer:
        """Run an action; raise ActionFault."""
        action = str(call["next_action"])
        executor = self._loaded()
        if action not in executor.actions:
            raise NotThere(f"the package {self._package} has no action {action}")
        loop = self._running()
        future: Future[Any] = asyncio.run_coroutine_threadsafe(self._called(executor, call, action), loop)
        try:
            async with asyncio.timeout(self._seconds):
                result = await asyncio.wrap_future(future)
        except TimeoutError:
            self._leave(loop)
            raise ActionFault(f"the action {action} took more than {self._seconds:g} s") from None
        return answer_of(result, action)

    def close(self) -> None:
        """Let go of the loop."""
        if self._loop is not None:
            self._leave(self._loop)

    @staticmethod
    async def _called(executor: Any, call: Mapping[str, Any], action: str) -> Any:
        """Return what an action gave, as it would be sent; what it raises becomes a fault."""
        sdk: Any = importlib.import_module("rasa_sdk.interfaces")
        try:
            result = await executor.run(dict(call))
        except sdk.ActionExecutionRejection as error:
            raise Rejected(f"the action {action} refused to run: {error}") from None
        except sdk.ActionNotFoundException as error:
            raise NotThere(str(error)) from None
        except sdk.ActionMissingDomainException as error:
            raise DomainWanted(str(error)) from None
        except (Exception, SystemExit) as error:
            raise ActionFault(f"the action {action} raised {type(error).__name__}: {error}") from error
        return None if result is None else result.model_dump()

    def _loaded(self) -> Any:
        """Return rasa-sdk's executor with the actions that the package has or names, and no others of the process."""
        with self._lock:
            if self._executor is None:
                if importlib.util.find_spec("rasa_sdk") is None:
                    raise SettingsInvalid(MISSING)
                if self._folder not in sys.path:
                    sys.path.insert(0, self._folder)
                executor = importlib.import_module("rasa_sdk.executor").ActionExecutor()
                try:
                    executor.register_package(self._package)
                except SystemExit:
                    raise SettingsInvalid(
                        f"plugins: rasa: the package {self._package!r} cannot be imported from {self._folder}; "
                        "`path:` is the folder that it lies in"
                    ) from None
                except Exception as error:
                    text = f"plugins: rasa: importing {self._package!r} raised {type(error).__name__}: {error}"
                    raise SettingsInvalid(text) from error
                own = self._named()
                for name in [name for name, run in executor.actions.items() if type(run.__self__) not in own]:
                    del executor.actions[name]
                self._executor = executor
            return self._executor

    def _named(self) -> set[type[Any]]:
        """Return the classes that the modules of the package define or import."""
        prefix = f"{self._package}."
        modules = [m for name, m in list(sys.modules.items()) if name == self._package or name.startswith(prefix)]
        return {
            value for m in modules if isinstance(m, ModuleType) for value in vars(m).values() if isinstance(value, type)
        }

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None or self._loop.is_closed():
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=_run, args=(self._loop,), daemon=True, name="rasa-actions").start()
            return self._loop

    def _leave(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let a loop end as soon as what runs on it lets it."""
        with self._lock:
            if self._loop is loop:
                self._loop = None
        loop.call_soon_threadsafe(loop.stop)


def _run(loop: asyncio.AbstractEventLoop) -> None:
    """Run a loop until it is stopped, end what is left on it, and close it."""
    asyncio.set_event_loop(loop)
    loop.run_forever()
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.wait(left, timeout=1.0))
    loop.close()
