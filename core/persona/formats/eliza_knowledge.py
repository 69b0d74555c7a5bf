"""The knowledge of a character of ElizaOS: sentences, and files that it names, which are read if they are beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from ..files import PICTURES, READABLE
from .folder import is_safe
from .portable import MAX_BYTES

KINDS = tuple(kind for kind in READABLE if kind not in (".csv", ".yaml", ".yml", ".json", *PICTURES))
MAX_FILES = 500
MAX_FILE = 20_000_000
_PATH = re.compile(r"[^\s<>\"|?*][^<>\"|?*\n]{0,250}\.[A-Za-z0-9]{2,5}")


@dataclass(slots=True)
class Referred:
    """Hold sentences with their places in the list, and files: by their path in the persona, the original and bytes."""

    facts: list[str] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def facts_and_files(value: Any, folder: Path | None, known: Mapping[str, tuple[str, bytes]] | None = None) -> Referred:
    """Return what a character knows; files are looked for in `folder` only, or are those that are known."""
    found = Referred(files=dict(known or {}))
    missing: list[str] = []
    for place, item in enumerate(value if isinstance(value, list) else [value]):
        path, is_folder = _path(item)
        if path is None:
            if isinstance(item, str) and item.strip():
                found.facts.append(" ".join(item.split()))
                found.places.append(place)
        elif folder is not None and not _add(found, path, is_folder, folder):
            missing.append(path)
    if missing:
        listed = ", ".join(f"`{path[:80]}`" for path in missing[:8])
        found.notes.append(
            f"Knowledge that is not beside the character, or of a kind that cannot be read, was left out: {listed}; "
            "put it into knowledge/ and name it under `knowledge:`."
        )
    return found


def _path(item: Any) -> tuple[str | None, bool]:
    """Return the path that an item names, None when it is a sentence, and whether it is a folder's."""
    if isinstance(item, dict):
        told = item.get("item") if isinstance(item.get("item"), dict) else item
        given = told if isinstance(told, dict) else {}
        for key in ("path", "directory"):
            if isinstance(given.get(key), str):
                return given[key], key == "directory"
        value = given.get("value")
        return (value, given.get("case") == "directory") if isinstance(value, str) else ("", False)
    if isinstance(item, str) and _PATH.fullmatch(item.strip()) and not re.search(r"[.!?。！？]\s|\s\S+\s\S+\s", item):
        return item.strip(), False
    return None, False


def _add(found: Referred, path: str, is_folder: bool, folder: Path) -> bool:
    """Add a file or the files of a folder; tell whether there was any."""
    added = False
    for base in (folder, folder / "knowledge"):
        if not _is_below(path) or not path:
            break
        for file in _files(base / path, is_folder):
            original = _beside(file, folder)
            if original is None or file.suffix.lower() not in KINDS or len(found.files) >= MAX_FILES:
                continue
            name = "knowledge/files/" + re.sub(r"[^\w./-]+", "_", original).removeprefix("knowledge/")
            data = _content(file, sum(len(data) for _, data in found.files.values()))
            if data is not None and is_safe(name):
                found.files[name] = (original, data)
                added = True
        if added:
            break
    return added


def _is_below(path: str) -> bool:
    pure = PurePosixPath(path.replace("\\", "/"))
    return (
        not pure.is_absolute() and ".." not in pure.parts and path[1:2] != ":" and "\0" not in path and path[:1] != "~"
    )


def _files(place: Path, is_folder: bool) -> Iterator[Path]:
    try:
        if is_folder and place.is_dir():
            yield from sorted(path for path in place.rglob("*") if path.is_file())[: MAX_FILES * 4]
        elif place.is_file():
            yield place
    except (OSError, ValueError):
        return


def _beside(file: Path, folder: Path) -> str | None:
    """Return a file's path below the folder; None where a link leads out of it."""
    try:
        inside = file.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):
        return None
    return file.relative_to(folder).as_posix() if inside else None


def _content(file: Path, so_far: int) -> bytes | None:
    """Return what a file holds; None when it is too large or, for a text, no UTF-8."""
    try:
        if file.stat().st_size > min(MAX_FILE, MAX_BYTES - so_far):
            return None
        data = file.read_bytes()
    except OSError:
        return None
    if file.suffix.lower() in (".md", ".txt"):
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            return None
    return data
