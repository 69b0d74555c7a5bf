"""One thread that writes to SQLite, so that callers on an event loop wait for the disk together and not in turn.

Knows transactions and threads, not what is written. All changes that arrive while the disk is busy go into the next
transaction; when a change is acknowledged, it has been synchronised to the disk (WAL, synchronous = FULL).
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from ..errors import Unavailable
from .tables import own

Change: TypeAlias = Callable[[sqlite3.Connection], Any]
T = TypeVar("T")

MOST = 500  # changes in one transaction
IDLE_SECONDS = 2.0  # after which the write-ahead log, which still holds deleted rows, is emptied


class Writer:
    """Run changes of one database in the order in which they are given."""

    def __init__(self, path: Path | None, schema: str, lock: threading.Lock | None = None) -> None:
        """Open the file, made when it is not there; `lock` is held during a transaction, if others write there too.

        Raise Unavailable when it cannot be opened.
        """
        self._path = path
        self._schema = schema
        self._lock = lock or threading.Lock()
        self._waiting: queue.SimpleQueue[tuple[Change, Future[Any]] | None] = queue.SimpleQueue()
        self._closed = False
        self._unclean = False
        opened: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=(opened,), name="writer", daemon=True)
        self._thread.start()
        opened.result()

    def do(self, change: Callable[[sqlite3.Connection], T]) -> Future[T]:
        """Run a change in a transaction; the future is done when it is on the disk, or raises Unavailable."""
        future: Future[T] = Future()
        if self._closed:
            future.set_exception(Unavailable("the store is closed"))
        else:
            self._waiting.put((change, future))
        return future

    def close(self) -> None:
        """Write what was given, and end."""
        if not self._closed:
            self._closed = True
            self._waiting.put(None)
        self._thread.join()

    def _run(self, opened: Future[None]) -> None:
        try:
            database = self._open()
        except (sqlite3.Error, OSError) as error:
            opened.set_exception(Unavailable(f"{self._path} cannot be opened: {error}; give another --store"))
            return
        opened.set_result(None)
        with closing(database):
            while (batch := self._next(database)) is not None:
                self._write(database, batch)
            self._empty_log(database)

    def _open(self) -> sqlite3.Connection:
        if self._path is not None:
            own(self._path)
        database = sqlite3.connect(str(self._path or ":memory:"), isolation_level=None, timeout=30)
        for setting in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
            database.execute(f"PRAGMA {setting}")
        with self._lock:
            database.executescript(self._schema)
        return database

    def _next(self, database: sqlite3.Connection) -> list[tuple[Change, Future[Any]]] | None:
        """Return what waits, at least one change; None at the end."""
        while True:
            try:
                first = self._waiting.get(timeout=IDLE_SECONDS if self._unclean else None)
                break
            except queue.Empty:
                self._empty_log(database)
        if first is None:
            return None
        batch = [first]
        while len(batch) < MOST:
            try:
                more = self._waiting.get_nowait()
            except queue.Empty:
                break
            if more is None:
                self._waiting.put(None)
                break
            batch.append(more)
        return batch

    def _write(self, database: sqlite3.Connection, batch: Sequence[tuple[Change, Future[Any]]]) -> None:
        """Write a batch; when it fails, its changes are tried one by one, so that only the wrong one fails."""
        self._unclean = True
        try:
            with self._lock:
                results = self._transaction(database, [change for change, _ in batch])
        except Exception as error:  # whatever a change raises is its caller's; the thread goes on
            if len(batch) == 1:
                failed = error
                if isinstance(error, (sqlite3.Error, ValueError, TypeError)):
                    failed = Unavailable(f"the store could not be written: {error}; is the disk full?")
                with suppress(InvalidStateError):
                    batch[0][1].set_exception(failed)
            else:
                for one in batch:
                    self._write(database, [one])
            return
        for (_, future), result in zip(batch, results):
            with suppress(InvalidStateError):  # whoever waited for it may be gone
                future.set_result(result)

    @staticmethod
    def _transaction(database: sqlite3.Connection, changes: Sequence[Change]) -> list[Any]:
        database.execute("BEGIN IMMEDIATE")
        try:
            results = [change(database) for change in changes]
            database.execute("COMMIT")
        except BaseException:
            if database.in_transaction:
                database.execute("ROLLBACK")
            raise
        return results

    def _empty_log(self, database: sqlite3.Connection) -> None:
        self._unclean = False
        try:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error:
            self._unclean = True  # a reader holds it; the next pause tries again
