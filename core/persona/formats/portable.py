"""What every importer returns and every exporter takes: a persona as plain values, its files, and what was left out.

Knows no format. A format is a module beside this one with `NAME`, `recognise`, `read` and `write`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

MAX_BYTES = 64_000_000
"""The most that an imported file may hold, unpacked."""


@dataclass(slots=True)
class Portable:
    """Hold a persona on its way between formats.

    `persona` is what `persona.yaml` says, by key; `files` are the others by their path in its folder, with slashes.
    `notes` are sentences for the author: what could not be carried over, and where it is kept.
    """

    persona: dict[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


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
