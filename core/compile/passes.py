"""Run each pass of a compile once for its inputs: what it wrote is kept in the cache under a hash of all it was given.

Knows no pass. What a pass wrote is checked against its hashes before it is used again, so a damaged cache costs time
and never the result.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

import numpy as np

from ..errors import Unavailable
from ..models import cache
from .artifact import sha256

LISTING = "pass.json"
LIMIT = 2_000_000_000  # bytes of all kept passes; the least recently used go first
Input: TypeAlias = str | bytes | np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Ran:
    """Tell of one pass whether its work was done now or taken from the cache, and how long that took."""

    name: str
    fresh: bool
    seconds: float


class Passes:
    """Hold the passes of one compile; what could not be cached lives until the end of it."""

    def __init__(self) -> None:
        self.ran: list[Ran] = []
        self.hashes: dict[Path, str] = {}
        self._spare: Path | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._spare is not None:
            shutil.rmtree(self._spare, ignore_errors=True)

    def run(
        self,
        name: str,
        make: Callable[[Path], None],
        inputs: Iterable[Input],
        modules: Iterable[str] = (),
        packages: Iterable[str] = (),
    ) -> Path:
        """Return the folder that `make` wrote for these inputs, now or in an earlier compile.

        `modules` (below personac.core) and `packages` are the code that decides about the result.
        """
        begun = time.perf_counter()
        folder = cache.root() / "passes" / name / _key(inputs, modules, packages)
        listed = self._whole(folder)
        if not listed:
            shutil.rmtree(folder, ignore_errors=True)
            folder = self._made(folder, make)
            self._whole(folder)
        else:
            os.utime(folder)
        self.ran.append(Ran(name, not listed, time.perf_counter() - begun))
        return folder

    def note(self, name: str, fresh: bool, begun: float) -> None:
        """Record a pass that keeps its own cache; `begun` is of time.perf_counter."""
        self.ran.append(Ran(name, fresh, time.perf_counter() - begun))

    def _made(self, folder: Path, make: Callable[[Path], None]) -> Path:
        def written(aside: Path) -> None:
            make(aside)
            files = sorted(path for path in aside.rglob("*") if path.is_file())
            listing = {path.relative_to(aside).as_posix(): sha256(path) for path in files}
            (aside / LISTING).write_text(json.dumps(listing, sort_keys=True), "utf-8")

        try:
            return cache.folder(folder, written)
        except Unavailable:
            self._spare = self._spare or Path(tempfile.mkdtemp(prefix="personac-"))
            spare = self._spare / folder.parent.name / folder.name
            spare.mkdir(parents=True)
            written(spare)
            return spare

    def _whole(self, folder: Path) -> bool:
        """Tell whether all that a pass wrote is there as it was written."""
        try:
            listing = json.loads((folder / LISTING).read_text("utf-8"))
            if any(sha256(folder / name) != digest for name, digest in listing.items()):
                return False
        except (OSError, ValueError, AttributeError):
            return False
        self.hashes |= {folder / name: str(digest) for name, digest in listing.items()}
        return True


def outputs(folder: Path) -> list[Path]:
    """Return the files that a pass wrote."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != LISTING)


def forget_old(limit: int = LIMIT) -> None:
    """Delete the kept passes that were not used for longest, until the rest fits."""
    folders = [path.parent for path in (cache.root() / "passes").glob(f"*/*/{LISTING}")]
    used: list[tuple[float, int, Path]] = []
    for folder in folders:
        try:
            size = sum(path.stat().st_size for path in folder.rglob("*"))
            used.append((folder.stat().st_mtime, size, folder))
        except OSError:
            continue  # another compile has just deleted it
    total = 0
    for _, size, folder in sorted(used, reverse=True):
        total += size
        if total > limit:
            shutil.rmtree(folder, ignore_errors=True)


def _key(inputs: Iterable[Input], modules: Iterable[str], packages: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for module in sorted(modules):
        spec = find_spec(f"..{module}", __package__)  # the file is hashed, not imported
        if spec is None or spec.origin is None:
            raise LookupError(f"there is no module {module}")
        digest.update(f"{module} {sha256(Path(spec.origin))}\n".encode())
    for package in sorted(packages):
        try:
            digest.update(f"{package}={version(package)}\n".encode())
        except PackageNotFoundError:
            continue
    for value in inputs:
        kind, data = type(value).__name__, value
        if isinstance(data, np.ndarray):
            kind, data = f"{data.dtype}{data.shape}", np.ascontiguousarray(data).tobytes()
        elif isinstance(data, str):
            data = data.encode("utf-8", "surrogatepass")
        digest.update(f"{kind} {len(data)}\n".encode())
        digest.update(data)
    return digest.hexdigest()[:32]
