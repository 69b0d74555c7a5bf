"""The master key: from the environment, else from a file beside the stores that is made with mode 0600.

Knows 32 bytes and where they lie, not what they lock. A key that is there and cannot be read is never replaced.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..errors import Unavailable

KEY, KEY_FILE = "PERSONAC_KEY", "PERSONAC_KEY_FILE"
FILE = "master.key"
RING = "keys.json"
BYTES = 32
HOW = "make one with `openssl rand -base64 32`"


@dataclass(frozen=True, slots=True, repr=False)
class MasterKey:
    """Hold a master key and where it came from, in words."""

    key: bytes
    origin: str
    path: Path | None = None  # of the file beside the stores, when it lies there


def find(folder: Path) -> MasterKey | None:
    """Return the master key of a folder of stores, None when there is none yet.

    Raise Unavailable for one that is named and cannot be used.
    """
    if os.environ.get(KEY):
        return MasterKey(parse(os.environ[KEY], f"the environment's {KEY}"), f"the environment's {KEY}")
    named = os.environ.get(KEY_FILE)
    if named:
        return MasterKey(read(Path(named)), f"{named} ({KEY_FILE})")
    path = folder / FILE
    return MasterKey(read(path), str(path), path) if path.exists() else None


def make(folder: Path) -> MasterKey:
    """Make the key file of a folder; when another process was first, theirs is returned."""
    path = folder / FILE
    write(folder, FILE, text(secrets.token_bytes(BYTES)), fresh=True)
    return MasterKey(read(path), str(path), path)


def replace(folder: Path, key: bytes) -> None:
    """Write another key into the key file of a folder: the old one or the new one is there, never half of one."""
    write(folder, FILE, text(key))


def parse(given: str, origin: str) -> bytes:
    """Return the key that is given in base64; raise Unavailable."""
    try:
        key = base64.b64decode(given.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != BYTES:
        raise Unavailable(
            f"{origin} holds no key of {BYTES} bytes in base64; {HOW}, or bring back the one that it held"
        )
    return key


def write(folder: Path, name: str, data: bytes, fresh: bool = False) -> None:
    """Write a file that only its owner reads, whole or not at all; a `fresh` one replaces none that is there.

    Raise Unavailable.
    """
    aside = folder / f".{name}.{secrets.token_hex(6)}"
    with _alone(folder):
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if fresh:
                try:
                    os.link(aside, folder / name)
                except FileExistsError:
                    return
            else:
                os.replace(aside, folder / name)
        finally:
            aside.unlink(missing_ok=True)
        sync(folder)


def clean(folder: Path) -> None:
    """Take away the copies of keys that a process left which was killed while it wrote them; raise Unavailable."""
    with _alone(folder):
        pass


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Be the only one who writes keys into a folder; raise Unavailable. What a killed process left goes first."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            for name in (FILE, RING):
                for left in folder.glob(f".{name}.*"):
                    left.unlink(missing_ok=True)
            yield
        finally:
            os.close(handle)
    except OSError as error:
        raise Unavailable(f"the keys in {folder} cannot be written: {error}; give another --store") from error


def sync(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def text(key: bytes) -> bytes:
    """Return what a key file holds."""
    return base64.b64encode(key) + b"\n"


def read(path: Path) -> bytes:
    """Return the key in a file; raise Unavailable."""
    try:
        held = path.read_text("ascii", errors="replace")  # `parse` tells of what is no text
    except OSError as error:
        raise Unavailable(f"the key in {path} cannot be read: {error}; bring it back from where you keep it") from error
    return parse(held, str(path))
