"""Rasa projects (Rasa 3): domain, NLU data, rules, stories and responses become a persona, and a persona a project."""

from __future__ import annotations

from pathlib import Path

from ....errors import BadInput
from ..portable import Format, Portable
from .convert import convert
from .project import is_project, read_folder
from .write import write

_NAMES = ("domain.yml", "domain.yaml", "config.yml", "config.yaml")


def recognise(path: Path, head: bytes) -> bool:
    """Tell whether a folder, or the domain file in it, is a Rasa project."""
    if path.is_dir():
        return is_project(path)
    return path.name in _NAMES and is_project(path.parent)


def read(path: Path) -> Portable:
    """Read a project, given by its folder or by its domain file."""
    folder = path if path.is_dir() else path.parent
    if not is_project(folder):
        raise BadInput(
            "no_project", f"{path} is no Rasa project: it has no domain.yml, or neither data/ nor config.yml beside it."
        )
    return convert(read_folder(folder)).portable


FORMAT = Format("rasa", "a Rasa project", recognise, read, write)
