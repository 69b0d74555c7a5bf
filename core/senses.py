"""The heavy models of a runtime, loaded when first needed or in the background, and the batches that turns share."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

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


class SharedEncoders:
    """Encode texts off the event loop; turns that come at the same time share one batch."""

    def __init__(self, encoders: Sequence[Encoder]) -> None:
        self._encoders = tuple(encoders)
        self._thread = ThreadPoolExecutor(1, "encoders")
        self._waiting: list[tuple[str, str, asyncio.Future[dict[str, Vector]]]] = []
        self._running = False

    def warm_up(self) -> None:
        """Load all encoders, side by side, and run each once."""
        with ThreadPoolExecutor(len(self._encoders)) as pool:
            list(pool.map(lambda encoder: encoder.warm_up(), self._encoders))
        for encoder in self._encoders:
            encoder.encode(["warm up"])

    async def encode(self, text: str, language: str) -> dict[str, Vector]:
        """Return the vectors of a text by encoder, from those that cover its language (all, when none does)."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[dict[str, Vector]] = loop.create_future()
        self._waiting.append((text, language, future))
        if not self._running:
            self._running = True
            self._start(loop)
        return await future

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
        work = loop.run_in_executor(self._thread, self.encode_now, [(text, code) for text, code, _ in batch])
        work.add_done_callback(lambda done: self._finish(loop, batch, done))

    def _finish(
        self,
        loop: asyncio.AbstractEventLoop,
        batch: list[tuple[str, str, asyncio.Future[dict[str, Vector]]]],
        done: asyncio.Future[list[dict[str, Vector]]],
    ) -> None:
        error = done.exception()
        for position, (_, _, future) in enumerate(batch):
            if future.cancelled():
                continue
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(done.result()[position])
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
