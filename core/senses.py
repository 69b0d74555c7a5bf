"""The heavy models of a runtime, loaded when first needed or in the background, and the batches that turns share."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

import numpy as np

from .chinese import as_learnt
from .contracts import Encoder
from .errors import PersonacError
from .models.branches import STAND_INS
from .models.text import OnnxTextEncoder
from .models.tuned import everything
from .turn import Vector

T = TypeVar("T")
BATCH = 8  # texts that are encoded at once; more gain nothing, and wait for one another
WORKERS = 2
CLOSING_SECONDS = 10.0  # that ending waits for the work at hand


def spare_cores() -> None:
    """Have matrix products run on the thread that asks for them, as turns have threads of their own.

    More threads would wait for one another by spinning on cores that encode: milliseconds for microseconds of work.
    """
    from threadpoolctl import threadpool_limits

    threadpool_limits(1, user_api="blas")


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
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]


class SharedEncoders:
    """Encode texts on threads of their own; turns that wait at the same time share a batch.

    One thread encodes while another goes on with the vectors that it made. A batch is of texts about as long as the one
    that waits longest: every text in it costs what the longest does.
    """

    def __init__(self, encoders: Sequence[Encoder]) -> None:
        self._encoders = tuple(encoders)
        self._waiting: list[_Waiting] = []
        self._kept: dict[tuple[str, str], dict[str, Vector]] | None = None
        self._choosing = threading.Lock()
        self._called: SimpleQueue[bool] = SimpleQueue()  # once for each text; False ends a thread
        self._threads = [threading.Thread(target=self._serve, name="encoders", daemon=True) for _ in range(WORKERS)]
        for thread in self._threads:
            thread.start()

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
        future: asyncio.Future[T] = loop.create_future()
        with self._choosing:
            self._waiting.append(_Waiting(text, language, work, loop, future))
        self._called.put(True)
        return await future

    def _serve(self) -> None:
        while self._called.get():
            if batch := self._batch():
                self._run(batch)

    def _batch(self) -> list[_Waiting]:
        """Take the text that waits longest, and those as long as it or nearest to that; none where others took all."""
        with self._choosing:
            waiting, self._waiting = self._waiting, []
            if len(waiting) <= BATCH:
                return waiting
            length = len(waiting[0].text)
            chosen = set(sorted(range(len(waiting)), key=lambda at: abs(len(waiting[at].text) - length))[:BATCH]) | {0}
            self._waiting = [one for at, one in enumerate(waiting) if at not in chosen]
            return [one for at, one in enumerate(waiting) if at in chosen]

    def _run(self, batch: list[_Waiting]) -> None:
        try:
            vectors = self.encode_now([(waiting.text, waiting.language) for waiting in batch])
        except Exception as error:
            for waiting in batch:
                _tell(waiting, None, error)
            return
        for waiting, own in zip(batch, vectors, strict=True):
            try:
                result = waiting.work(own)
            except Exception as error:  # belongs to one turn of the batch only
                _tell(waiting, None, error)
            else:
                _tell(waiting, result, None)

    @contextmanager
    def repeatable(self, known: Sequence[tuple[str, str]]) -> Iterator[None]:
        """Give a text the same vectors, to the last bit, whatever else waits, until the block ends.

        The (text, language) pairs that are `known` to come are encoded first, together; all are kept in memory.
        """
        self._kept = dict(zip(known, self._encoded(known, exactly=True)))
        try:
            yield
        finally:
            self._kept = None

    def encode_now(self, batch: Sequence[tuple[str, str]]) -> list[dict[str, Vector]]:
        """Return the vectors of (text, language) pairs, on the calling thread; tuned.py names what else there is."""
        if (kept := self._kept) is None:
            return self._encoded(batch)
        for one in batch:
            if one not in kept:
                kept[one] = self._encoded([one])[0]
        return [dict(kept[one]) for one in batch]

    def _encoded(self, batch: Sequence[tuple[str, str]], *, exactly: bool = False) -> list[dict[str, Vector]]:
        found: list[dict[str, Vector]] = [{} for _ in batch]
        for encoder in self._encoders:
            rows = [i for i, (_, language) in enumerate(batch) if self._covers(encoder, language)]
            if rows:
                texts = [as_learnt(batch[i][0]) for i in rows]
                if isinstance(encoder, OnnxTextEncoder):
                    judged = not all(self._stands_in(encoder, batch[i][1]) for i in rows)
                    made = everything(encoder, texts, exactly=exactly, judged=judged)
                else:
                    encode = getattr(encoder, "encode_exactly", encoder.encode) if exactly else encoder.encode
                    made = {encoder.name: np.asarray(encode(texts), np.float32)}
                for name, values in made.items():
                    for i, own in zip(rows, values, strict=True):
                        found[i][name] = own
        return found

    def _covers(self, encoder: Encoder, language: str) -> bool:
        base = language.split("-")[0]
        if encoder.languages is None or base in encoder.languages:
            return True
        return not any(e.languages is None or base in e.languages for e in self._encoders)

    def _stands_in(self, encoder: Encoder, language: str) -> bool:
        """Tell whether the judge of risks reads a language with the branch of another encoder instead."""
        other = STAND_INS.get(encoder.name)
        return any(e.name == other and self._covers(e, language) for e in self._encoders)

    def close(self) -> None:
        """End the threads when nothing waits; one that lives on when Python ends would abort the process."""
        for _ in self._threads:
            self._called.put(False)
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(CLOSING_SECONDS)


def _tell(waiting: _Waiting, result: Any, error: BaseException | None) -> None:
    try:
        waiting.loop.call_soon_threadsafe(_settle, waiting.future, result, error)
    except RuntimeError:  # the loop was closed meanwhile; nobody waits
        return


def _settle(future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if future.done():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)
