"""What every importer returns and every exporter takes: a persona as plain values, its files, and what was left out.

Knows no format. A format is a module beside this one that offers `FORMAT`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ...errors import BadInput
from ...turn import Passage

MAX_BYTES = 64_000_000
"""The most that an imported file may hold, unpacked."""


@dataclass(slots=True)
class Portable:
    """Hold a persona on its way between formats.

    `persona` is what `persona.yaml` says, by key; `files` are the others by their path in its folder, with slashes.
    `notes` are sentences for the author: what could not be carried over, and where it is kept. `passages` are what the
    persona knows, where it was read from a folder.
    """

    persona: dict[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)


class Format(NamedTuple):
    """Name a format with its three functions.

    `recognise` tells from a path and its first bytes; a folder has none. `read` raises BadInput with a sentence.
    `write` returns the files to be written, by path, and notes on what the format could not hold.
    """

    name: str
    title: str
    recognise: Callable[[Path, bytes], bool]
    read: Callable[[Path], Portable]
    write: Callable[[Portable], tuple[dict[str, bytes], list[str]]] | None


def read_file(path: Path, limit: int = MAX_BYTES) -> bytes:
    """Return what a file holds; raise BadInput when it cannot be read or is larger than `limit` bytes."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise BadInput("unreadable", f"{path.name} cannot be read: {error.strerror}.") from None
    if len(data) > limit:
        raise BadInput("too_large", f"{path.name} is larger than {limit // 1_000_000} MB.")
    return data


def file_name(name: str) -> str:
    """Return a name as one that files and folders can have everywhere."""
    letters = re.sub(r"[^\w]+", "_", unicodedata.normalize("NFC", name).strip().lower())
    short = letters.strip("_")[:60].strip("_") or "persona"
    reserved = re.fullmatch(r"(?:con|prn|aux|nul|com\d|lpt\d)", short) is not None
    return f"{short}_" if reserved else short


def left_out(persona: Mapping[str, Any], held: Collection[str], what: str) -> list[str]:
    """Return a note on the keys of a persona that a format has no place for."""
    missing = [key for key, value in persona.items() if key not in held and value not in (None, {}, [], "")]
    listed = ", ".join(f"`{key}`" for key in missing)
    return [f"{what} has no place for {listed}; they stay in persona.yaml."] if missing else []
