"""The folder where personac keeps what it made or fetched once: exported models, converted weights, checked hashes.

Knows nothing of models. Everything is written aside and renamed into place, so a reader never sees half of a file,
two processes may write the same thing at once, and a full disk leaves nothing behind.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import Unavailable

OFFLINE = ("PERSONAC_OFFLINE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")


def root() -> Path:
    """Return the cache folder: PERSONAC_CACHE, else ~/.cache/personac."""
    return Path(os.environ.get("PERSONAC_CACHE") or Path.home() / ".cache" / "personac")


def offline() -> bool:
    """Return whether the environment forbids model hubs (PERSONAC_OFFLINE, HF_HUB_OFFLINE)."""
    return any(os.environ.get(key, "").lower() in {"1", "true", "yes", "on"} for key in OFFLINE)


def write(path: Path, data: bytes) -> None:
    """Write a file into the cache in one step; raise Unavailable when the disk does not take it."""
    with _disk(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".aside-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(aside, 0o644)
            os.replace(aside, path)
        finally:
            Path(aside).unlink(missing_ok=True)


def folder(path: Path, make: Callable[[Path], None]) -> Path:
    """Return the folder, made by `make` in a folder aside when it is not there yet.

    The path must name its content (a hash), since whoever renames first wins.
    """
    if path.is_dir():
        return path
    with _disk(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=path.parent, prefix=".aside-"))
        try:
            make(aside)
            aside.chmod(0o755)
            try:
                aside.rename(path)
            except OSError as error:
                if error.errno not in {errno.EEXIST, errno.ENOTEMPTY} or not path.is_dir():
                    raise
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    return path


def _full(path: Path) -> bool:
    """Return whether the disk is full: numpy's short writes say so by no number."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return shutil.disk_usage(path).free < 1 << 20


@contextmanager
def _disk(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT} or (error.errno is None and _full(path)):
            text = f"the disk is full: {path} can't be written; free some space, or name another folder in"
        else:
            text = f"{path} can't be written ({error.strerror or error}); make the folder writable, or name another in"
        raise Unavailable(f"{text} PERSONAC_CACHE") from error
