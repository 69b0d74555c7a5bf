"""The artifact: a folder named by its content, written aside and renamed into place.

OUT/<slug>/<hash>/ holds one artifact; OUT/<slug>/latest names the newest.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import ArtifactInvalid, Unavailable

FORMAT = 1
MANIFEST = "manifest.json"
FACTS = {"compiler", "source", "inputs", "globs", "models", "report"}
LATEST = "latest"
FILES = "files"  # what plugins read of the persona
KEPT = 2  # artifacts of one persona that stay: the newest, and the one before it for servers that still read it


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of an artifact; raise ArtifactInvalid when there is none that this version can run."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ArtifactInvalid(f"{folder} is not a compiled persona ({error}); run: personac compile") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ArtifactInvalid(f"{folder} was compiled by another version of personac; compile the persona again")
    files = manifest.get("files")
    if (
        not isinstance(files, dict)
        or not {"compiler", "source", "inputs", "globs", "models", "report"} <= manifest.keys()
    ):
        raise ArtifactInvalid(f"{folder} is damaged: its manifest is not whole; compile the persona again")
    missing = [name for name in files if not (folder / name).is_file()]
    if missing:
        raise ArtifactInvalid(f"{folder} is damaged: {missing[0]} is missing; compile the persona again")
    for name, facts in files.items():
        if (folder / name).stat().st_size != facts["bytes"]:
            raise ArtifactInvalid(f"{folder} is damaged: {name} has another size; compile the persona again")
    return manifest


def latest(out: Path) -> Path | None:
    """Return the newest artifact below a persona's output folder, None when there is none."""
    try:
        name = (out / LATEST).read_text("utf-8").strip()
    except OSError:
        return None
    return out / name if name and (out / name / MANIFEST).is_file() else None


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Hold the persona's output folder; another compile of it waits here."""
    try:
        with disk(out):
            out.mkdir(parents=True, exist_ok=True)
            file = (out / ".lock").open("w")
    except OSError as error:
        raise Unavailable(f"{out} cannot be made ({error.strerror}); give another folder with -o") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        _sweep(out)  # what a compile that was killed left
        try:
            yield
        finally:
            _sweep(out)  # a folder may have been made just when somebody stopped this one
    finally:
        file.close()


def _sweep(out: Path) -> None:
    """Take away folders that were built in; none is while we hold the lock."""
    for left in out.glob(".aside-*"):
        shutil.rmtree(left, ignore_errors=True)


@contextmanager
def disk(path: Path) -> Iterator[None]:
    """Turn errors of the disk into a sentence that says what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            text = f"the disk is full, {path} was not written; free some space or give another folder with -o"
            raise Unavailable(text) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise Unavailable(f"{path} cannot be written ({error.strerror}); give another folder with -o") from error
        raise


@contextmanager
def aside(out: Path) -> Iterator[Path]:
    """Yield a folder to build in; it is gone afterwards unless `publish` renamed it."""
    with disk(out):
        folder = Path(tempfile.mkdtemp(prefix=".aside-", dir=out))
        folder.chmod(0o755)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def publish(folder: Path, out: Path, manifest: dict[str, Any], known: Mapping[Path, str] | None = None) -> Path:
    """Name a finished folder by its content, put it into place and point `latest` at it.

    `known` are hashes of files that need not be read again.
    """
    hashes = known or {}
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    manifest = {
        "format": FORMAT,
        **manifest,
        "files": {
            path.relative_to(folder).as_posix(): {
                "sha256": hashes.get(path) or sha256(path),
                "bytes": path.stat().st_size,
            }
            for path in files
        },
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    name = hashlib.sha256(text.encode()).hexdigest()[:16]
    with disk(out):
        (folder / MANIFEST).write_text(text, "utf-8")
        target = out / name
        if target.exists():
            try:
                read_manifest(target)
            except ArtifactInvalid:
                shutil.rmtree(target)
        if not target.exists():
            os.replace(folder, target)
        pointer = out / f".{LATEST}-{os.getpid()}"
        pointer.write_text(name + "\n", "utf-8")
        os.replace(pointer, out / LATEST)
    _forget_old(out, name)
    return target


def _forget_old(out: Path, newest: str) -> None:
    folders = [path.parent for path in out.glob(f"*/{MANIFEST}") if path.parent.name != newest]
    folders.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for folder in folders[KEPT - 1 :]:
        shutil.rmtree(folder, ignore_errors=True)


def link(source: Path, target: Path) -> None:
    """Put a file into an artifact, without a second copy on disk where the file system can."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source.resolve(), target)
    except OSError:
        shutil.copyfile(source, target)
