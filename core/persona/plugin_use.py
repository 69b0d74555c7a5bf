"""How a persona names its plugins: by name, or by the folder that one is written in, with settings or without.

Knows no plugin; of a folder it reads what the project file calls it.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

GROUP = "personac.plugins"
ISOLATE = "isolate"
"""The one setting that all plugins have: whether it runs in a process of its own."""


@dataclass(frozen=True, slots=True)
class PluginUse:
    """Name a plugin that a persona uses, its folder where it is not installed, and what the persona sets."""

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    folder: Path | None = None
    isolate: bool = False  # whether it runs in a process of its own


def plugin_use(written: str | Mapping[str, Any], root: Path) -> PluginUse:
    """Read one item of `plugins`; paths are those of folders below or beside `root`."""
    name, settings = (written, {}) if isinstance(written, str) else next(iter(written.items()))
    isolate = bool((settings or {}).get(ISOLATE))
    settings = {key: value for key, value in (settings or {}).items() if key != ISOLATE}
    if not is_path(name):
        return PluginUse(name, settings, None, isolate)
    folder = (root / name).resolve()
    return PluginUse(name_in(folder), settings, folder, isolate)


def is_path(written: str) -> bool:
    """Tell whether a plugin is named by its folder: ./weather, ../weather, /home/me/weather."""
    return written.startswith(".") or "/" in written or "\\" in written


def with_folders(plugins: Collection[Any], root: Path) -> tuple[Any, ...]:
    """Return the items of `plugins` with whole paths, so that they mean the same wherever they are read.

    A setting is a path when it begins with ./ or ../.
    """

    def whole(name: str) -> str:
        return str((root / name).resolve()) if is_path(name) else name

    def inside(value: Any) -> Any:
        if isinstance(value, str):
            own = value.startswith(("./", "../"))
            return os.path.abspath(root / value) if own else value  # links stay: ./.venv/bin/python is one
        if isinstance(value, Mapping):
            return {key: inside(one) for key, one in value.items()}
        return [inside(one) for one in value] if isinstance(value, list | tuple) else value

    return tuple(
        whole(written) if isinstance(written, str) else {whole(name): inside(block) for name, block in written.items()}
        for written in plugins
    )


def name_in(folder: Path) -> str:
    """Return the name of the plugin in a folder: what its project file calls it, else the folder's."""
    try:
        points = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"][GROUP]
        return str(next(iter(points)))
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        return folder.name
