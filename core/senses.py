"""The heavy models of a runtime, loaded when first needed or in the background, and the batches that turns share."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from .contracts import Encoder
from .errors import PersonacError
from .turn import Vector

T = TypeVar("T")
BATCH = 32


class Lazy(Generic[T]):
    """Make something heavy once, when it is first asked for; a failure is remembered and told to whoever asks."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._value: T | None = None
        self.failed: PersonacError | None = None

    @property
    def ready(self) -> bool:
        """Tell whether it is loaded."""
        return self._value is not None

    def get(self) -> T:
        """Return it, made now if need be; raise the PersonacError that making it raised."""
        with self._lock:
            if self.failed is not None:
                raise self.failed
            if self._value is None:
                try:
                    self._value = self._make()
                except PersonacError as error:
                    self.failed = error
                    raise
            return self._value


@dataclass(frozen=True, slots=True)
class _Waiting:
    text: str
    language: str
    work: Callable[[dict[str, Vector]], Any]
    future: asyncio.Future[Any]


@dataclass(frozen=True, slots=True)
class _Failed:
    error: BaseException


class SharedEncoders:
    """Encode texts off the event loop; turns that come at the same time share one batch."""

    def __init__(self, encoders: Sequence[Encoder]) -> None:
        self._encoders = tuple(encoders)
        self._thread = ThreadPoolExecutor(1, "encoders")
        self._waiting: list[_Waiting] = []
        self._running = False

    def warm_up(self) -> None:
        """Load all encoders, side by side, and run each once."""
        with ThreadPoolExecutor(len(self._encoders)) as pool:
            list(pool.map(lambda encoder: encoder.warm_up(), self._encoders))
        for encoder in self._encoders:
            encoder.encode(["warm up"])

    async def encode(self, text: str, language: str) -> dict[str, Vector]:
        """Return the vectors of a text by encoder, from those that cover its language (all, when none does)."""
        return await self.encode_and(text, language, lambda vectors: vectors)

    async def encode_and(self, text: str, language: str, work: Callable[[dict[str, Vector]], T]) -> T:
        """Encode a text, go on with its vectors on the same thread, and return what that gives."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._waiting.append(_Waiting(text, language, work, future))
        if not self._running:
            self._running = True
            self._start(loop)
        result: T = await future
        return result

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
        work = loop.run_in_executor(self._thread, self._run, batch)
        work.add_done_callback(lambda done: self._finish(loop, batch, done))

    def _run(self, batch: list[_Waiting]) -> list[Any]:
        results: list[Any] = []
        for waiting, vectors in zip(batch, self.encode_now([(w.text, w.language) for w in batch]), strict=True):
            try:
                results.append(waiting.work(vectors))
            except Exception as error:  # belongs to one turn of the batch only
                results.append(_Failed(error))
        return results

    def _finish(self, loop: asyncio.AbstractEventLoop, batch: list[_Waiting], done: asyncio.Future[list[Any]]) -> None:
        error = done.exception()
        for position, waiting in enumerate(batch):
            if waiting.future.cancelled():
                continue
            result = _Failed(error) if error is not None else done.result()[position]
            if isinstance(result, _Failed):
                waiting.future.set_exception(result.error)
            else:
                waiting.future.set_result(result)
        if self._waiting:
            self._start(loop)
        else:
            self._running = False

    def encode_now(self, batch: Sequence[tuple[str, str]]) -> list[dict[str, Vector]]:
        """Return the vectors of (text, language) pairs, on the calling thread."""
        found: list[dict[str, Vector]] = [{} for _ in batch]
        for encoder in self._encoders:
            rows = [i for i, (_, language) in enumerate(batch) if self._covers(encoder, language)]
            if rows:
                for i, vector in zip(rows, encoder.encode([batch[i][0] for i in rows]), strict=True):
                    found[i][encoder.name] = np.asarray(vector, np.float32)
        return found

    def _covers(self, encoder: Encoder, language: str) -> bool:
        base = language.split("-")[0]
        if encoder.languages is None or base in encoder.languages:
            return True
        return not any(e.languages is None or base in e.languages for e in self._encoders)

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def present(vectors: Mapping[str, Vector], names: Sequence[str]) -> dict[str, Vector]:
    """Return the vectors that a network of these token names reads."""
    return {name: vectors[name] for name in names if name in vectors}
