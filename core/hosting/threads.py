"""Where the skills of one plugin run: coroutines on an event loop of the plugin's own, plain functions on threads.

Code that blocks its loop, or a thread that does not end, is told to end by an exception; what does not hear it is left
behind, and the plugin goes on with another loop. Knows no contract and no turns.
"""

from __future__ import annotations

import asyncio
import contextvars
import ctypes
import itertools
import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import Any

log = logging.getLogger("personac")
BLOCKED_SECONDS = 1.0  # without a sign of life, after which a loop counts as blocked
LOOK_SECONDS = 0.25  # between two looks at a call that runs
_numbers = itertools.count(1)


class CutOff(Exception):
    """End code of a plugin that took too long; raised inside of it."""


class Loop:
    """Run coroutines on one event loop in a thread of its own."""

    def __init__(self, name: str) -> None:
        self.retired = False  # nothing new is begun on it
        self._closed = False
        self._loop = asyncio.new_event_loop()
        self._beat = time.monotonic()
        self._asked = 0.0
        self.thread = threading.Thread(target=self._run, name=f"plugin-{name}-{next(_numbers)}", daemon=True)
        self.thread.start()

    def submit(self, make: Callable[[], Coroutine[Any, Any, Any]]) -> tuple[Future[Any], list[asyncio.Task[Any]]]:
        """Start a coroutine in the caller's context; return the future of its result, and its task once it began."""
        future: Future[Any] = Future()
        tasks: list[asyncio.Task[Any]] = []
        context = contextvars.copy_context()

        def begin() -> None:
            if not future.set_running_or_notify_cancel():
                return
            task = self._loop.create_task(_without_exit(make), context=context)
            tasks.append(task)
            task.add_done_callback(lambda done: _pass_on(done, future))

        self._loop.call_soon_threadsafe(begin)
        return future, tasks

    def cancel(self, task: asyncio.Task[Any]) -> None:
        """Cancel a task."""
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(task.cancel)

    def is_blocked(self) -> bool:
        """Ask for a sign of life; tell whether the last one asked for is overdue."""
        now = time.monotonic()
        if self._beat >= self._asked:
            self._asked = now
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._alive)
            return False
        return now - self._asked > BLOCKED_SECONDS

    def running(self) -> asyncio.Task[Any] | None:
        """Return the task that holds the loop right now."""
        return asyncio.current_task(self._loop)

    def retire(self) -> None:
        """Tell what blocks the loop to end; the loop goes once the tasks that it still has are done."""
        interrupt(self.thread)
        if not self.retired:
            self.retired = True
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._wind_down)

    def close(self) -> None:
        """End the loop, unless it is blocked; then it ends with the process."""
        self.retired = self._closed = True
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._loop.stop)

    def _wind_down(self) -> None:
        if asyncio.all_tasks(self._loop):
            self._loop.call_later(1.0, self._wind_down)
        else:
            self.close()

    def _alive(self) -> None:
        self._beat = time.monotonic()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            while not self._closed:
                with suppress(
                    CutOff, SystemExit, KeyboardInterrupt
                ):  # between two tasks, or by a task of a skill's own
                    self._loop.run_forever()
        finally:
            with suppress(CutOff, RuntimeError):
                left = asyncio.all_tasks(self._loop)
                for task in left:
                    task.cancel()
                if left:
                    self._loop.run_until_complete(asyncio.wait(left, timeout=1.0))
                self._loop.close()


async def _without_exit(make: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Run a coroutine; one that ends the process ends itself only."""
    try:
        return await make()
    except (SystemExit, KeyboardInterrupt) as error:
        raise RuntimeError(f"it called for the end of the process ({error!r})") from error


def on_thread(name: str, function: Callable[[], Any]) -> tuple[Future[Any], threading.Thread]:
    """Run a function on a new thread, which does not keep the process from ending, in the caller's context."""
    future: Future[Any] = Future()
    future.set_running_or_notify_cancel()
    context = contextvars.copy_context()

    def run() -> None:
        try:
            result = context.run(function)
        except BaseException as error:  # SystemExit and CutOff too: they end the call, not the process
            _end(future, None, error)
        else:
            _end(future, result, None)

    thread = threading.Thread(target=run, name=f"plugin-{name}-{next(_numbers)}", daemon=True)
    thread.start()
    return future, thread


def interrupt(thread: threading.Thread) -> None:
    """Raise CutOff in a thread, at its next step in Python."""
    if thread.ident is not None and thread.is_alive():
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(CutOff))


def where(thread: threading.Thread) -> str:
    """Return what a thread is doing, as a trace."""
    frame = sys._current_frames().get(thread.ident or 0)
    return "".join(traceback.format_stack(frame)) if frame is not None else "it has ended"


def _pass_on(task: asyncio.Task[Any], future: Future[Any]) -> None:
    if task.cancelled():
        _end(future, None, CutOff())
    else:
        error = task.exception()
        _end(future, None if error else task.result(), error)


def _end(future: Future[Any], result: Any, error: BaseException | None) -> None:
    with suppress(InvalidStateError):  # whoever waited has gone
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)
