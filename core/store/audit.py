"""The audit log of a folder of stores: one JSON object on a line, each signed together with the one before it.

Knows events and signatures (HMAC-SHA256 with the keyring's `log` key: who cannot read the keys cannot make the chain
anew). `audit.head` says, signed too, how far the log goes, so that a cut at its end shows. Several processes may write.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from ..errors import Unavailable
from . import keys

FILE, HEAD = "audit.log", "audit.head"
RECENT = 65_536  # bytes at the log's end that a look at the start of a server checks
START = "0" * 64
LOST = "head_lost"  # in an entry that was written when nothing told any more how far the log went
RESERVED = ("n", "at", "event", "persona", "signed")
DEEPEST = 20  # levels of an entry; one that nests deeper was not written here


@dataclass(frozen=True, slots=True)
class Broken:
    """Tell where a chain breaks: `line` counts from 1, and what is wrong there."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class _Head:
    n: int
    signed: str
    size: int  # bytes of the log up to and with this entry


class AuditLog:
    """Write and check the log of a folder."""

    def __init__(self, folder: Path, key: bytes, clock: Callable[[], float] = time.time) -> None:
        self.path = folder / FILE
        self._folder = folder
        self._key = key
        self._clock = clock

    def write(self, event: str, persona: str, what: dict[str, Any]) -> None:
        """Append an event and bring it to the disk; raise Unavailable."""
        with self._opened() as file:
            head = self._newest(file)
            if self._head() is None:
                if head.size:
                    what = {**what, LOST: True}
                else:
                    self._write_head(head)  # so that a kill after the first line loses no head
            facts = {k: v for k, v in what.items() if k not in RESERVED}
            entry = {"n": head.n + 1, "at": round(self._clock(), 3), "event": event, "persona": persona, **facts}
            signed = self._sign(head.signed, entry)
            self._append(file, _line({**entry, "signed": signed}), _Head(head.n + 1, signed, 0))

    def entries(self) -> Iterator[dict[str, Any]]:
        """Yield the events, oldest first, without checking them; a line that is none is passed over.

        Raise Unavailable.
        """
        for line in self._lines():
            entry = _parsed(line)
            if entry is not None:
                yield entry

    def damaged(self) -> int:
        """Return how many lines are no entry, as `entries` passes them over; raise Unavailable."""
        return sum(_parsed(line) is None for line in self._lines())

    def recent(self) -> str | None:
        """Return what is wrong with the newest entries, None when nothing is; `verify` checks all of them.

        Raise Unavailable.
        """
        head = self._head()
        if not self.path.exists():
            return "the log is missing" if head is not None and head.n else None
        with self._opened() as file:
            head, size = self._head(), file.seek(0, os.SEEK_END)
            if head is None:
                return f"{HEAD} is missing or damaged" if size else None
            if size < head.size:
                return "its end was cut off"
            start = max(0, head.size - RECENT)
            file.seek(start)
            lines = file.read().splitlines(keepends=True)
        if lines and not lines[-1].endswith(b"\n"):
            lines.pop()  # a process was killed while it wrote it
        signed, known = (START if start == 0 else None), head.n == 0
        for line in lines[1 if start else 0 :]:  # the first one was cut by where the look begins
            entry = _parsed(line)
            if entry is None or _line(entry) != line:
                return "an entry was changed or cut off"
            given = str(entry.pop("signed", ""))
            if signed is not None and not _same(given, self._sign(signed, entry)):
                return "an entry was changed, taken out or put in"
            signed = given
            known = known or (entry.get("n"), signed) == (head.n, head.signed)
        return None if known else f"its last entry is not the one that {HEAD} knows"

    def knows(self, event: str, id: str) -> bool:
        """Tell whether an event of this kind with this `id` was written; raise Unavailable."""
        return any((entry.get("event"), entry.get("id")) == (event, id) for entry in self.entries())

    def verify(self) -> tuple[int, str, Broken | None]:
        """Return the number of good entries, the signature of the last of them, and where the chain breaks.

        Raise Unavailable.
        """
        signed, n = START, 0
        head = self._head()
        if not self.path.exists():
            gone = head is not None and head.n > 0
            return 0, START, Broken(1, "the log is missing") if gone else None
        with self._opened() as file:
            head = self._head()
            file.seek(0)
            for line in file:
                entry = _parsed(line)
                if entry is None:
                    if not line.endswith(b"\n") and head is not None and head.n <= n:
                        break  # a process was killed while it wrote it; the next entry takes its place
                    return n, signed, Broken(n + 1, "it is no entry: it was changed or cut off")
                if _line(entry) != line:
                    return n, signed, Broken(n + 1, "it was changed: its bytes are not those that were written")
                given = str(entry.pop("signed", ""))
                if entry.get("n") != n + 1:
                    return n, signed, Broken(n + 1, _displaced(entry.get("n"), n))
                if not _same(given, self._sign(signed, entry)):
                    return n, signed, Broken(n + 1, "it was changed, or the entry before it was")
                signed, n = given, n + 1
                if entry.get(LOST):
                    return n, signed, Broken(n, f"{HEAD} was missing when it was written: entries before may be gone")
                if head is not None and head.n == n and head.signed != signed:
                    return n, signed, Broken(n, "it is not the one that audit.head knows")
        if head is None and n:
            return n, signed, Broken(n, f"{HEAD} is missing or damaged, so nothing tells whether the end was cut off")
        if head is not None and head.n > n:
            missing = "1 entry is" if head.n - n == 1 else f"{head.n - n} entries are"
            return n, signed, Broken(n + 1, f"the end was cut off: {missing} missing")
        return n, signed, None

    @contextmanager
    def _opened(self) -> Iterator[IO[bytes]]:
        """Open the log for one process at a time; raise Unavailable."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            with os.fdopen(handle, "r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield file
        except OSError as error:
            raise Unavailable(f"{self.path} cannot be read or written: {error}; is the disk full?") from error

    def _lines(self) -> Iterator[bytes]:
        try:
            with self.path.open("rb") as file:
                yield from file
        except FileNotFoundError:
            return
        except OSError as error:
            raise Unavailable(f"{self.path} cannot be read: {error}") from error

    def _append(self, file: IO[bytes], line: bytes, head: _Head) -> None:
        """Write a line and the head that knows it; when that fails, the line is not there."""
        start = file.seek(0, os.SEEK_END)
        head = replace(head, size=start + len(line))
        try:
            while line:
                line = line[os.write(file.fileno(), line) :]
            os.fsync(file.fileno())
            self._write_head(head)
        except OSError:
            if self._head() != head:
                os.ftruncate(file.fileno(), start)
            raise

    def _newest(self, file: IO[bytes]) -> _Head:
        """Return the entry to go on from; a line that a killed process did not finish is taken away."""
        head = self._head() or _Head(0, START, 0)
        file.seek(0, os.SEEK_END)
        if file.tell() <= head.size:
            return head  # what was cut off is not made good: the gap must show
        file.seek(head.size)
        for line in file.read().splitlines(keepends=True):  # written, and killed before the head was
            entry = _parsed(line)
            if entry is None:
                if not line.endswith(b"\n"):
                    file.truncate(head.size)
                break
            given = str(entry.pop("signed", ""))
            if entry.get("n") != head.n + 1 or not _same(given, self._sign(head.signed, entry)):
                break
            head = _Head(head.n + 1, given, head.size + len(line))
        return head

    def _head(self) -> _Head | None:
        try:
            held = json.loads((self._folder / HEAD).read_bytes())
            head = _Head(int(held["n"]), str(held["signed"]), int(held["size"]))
            right = _same(str(held["by"]), self._by(head))
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return None
        return head if right else None

    def _write_head(self, head: _Head) -> None:
        held = {"n": head.n, "signed": head.signed, "size": head.size, "by": self._by(head)}
        aside = self._folder / f".{HEAD}.new"  # under the lock of the log
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(json.dumps(held).encode())
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, self._folder / HEAD)
        keys.sync(self._folder)

    def _sign(self, before: str, entry: dict[str, Any]) -> str:
        told = json.dumps(entry, ensure_ascii=True, sort_keys=True)
        return hmac.new(self._key, _bytes(f"entry {before} {told}"), hashlib.sha256).hexdigest()

    def _by(self, head: _Head) -> str:
        return hmac.new(self._key, _bytes(f"head {head.n} {head.signed} {head.size}"), hashlib.sha256).hexdigest()


def _line(entry: Mapping[str, Any]) -> bytes:
    """Return the line of an entry: its only form."""
    return _bytes(json.dumps(entry, ensure_ascii=False)) + b"\n"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _same(given: str, right: str) -> bool:
    """Compare signatures; what stands in a file may hold any character."""
    return hmac.compare_digest(_bytes(given), _bytes(right))


def _displaced(number: object, before: int) -> str:
    """Tell what happened to a line whose entry does not have the next number."""
    if not isinstance(number, int):
        return "it was changed: its entry has no number"
    if number == before:
        return f"entry {number} stands there a second time"
    if number < before:
        return f"entry {number} follows entry {before}: it was moved, or put in again"
    after = f"follows entry {before}" if before else "is the first"
    return f"entry {number} {after}: some were taken out or moved"


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    is_whole = isinstance(entry, dict) and line.endswith(b"\n") and _is_flat(entry, DEEPEST)
    return entry if is_whole else None


def _is_flat(value: object, levels: int) -> bool:
    """Tell whether a value can be written again: nested no deeper than some levels."""
    if not isinstance(value, dict | list):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_is_flat(one, levels - 1) for one in inner)
