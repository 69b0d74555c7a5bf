"""Importers and exporters of other persona formats, found by name and imported when they are asked for."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import BadInput

if TYPE_CHECKING:
    from .portable import Format

MODULES = {
    "png": "png",
    "charx": "charx",
    "card": "cards",
    "letta": "letta",
    "open-llm-vtuber": "open_llm_vtuber",
    "eliza": "eliza",
    "rasa": "rasa",
}
"""The formats, those that are told most surely first, with their modules."""
_HEAD = 65_536


def names() -> list[str]:
    """Return the names of the formats that are here."""
    here = Path(__file__).parent
    return [name for name, module in MODULES.items() if any(here.glob(f"{module}.py")) or (here / module).is_dir()]


def format_named(name: str) -> Format:
    """Return the format of a name; raise BadInput when there is none."""
    if name not in names():
        raise BadInput("unknown_format", f"There is no format {name!r}. There are: {', '.join(names())}.")
    found: Format = importlib.import_module(f".{MODULES[name]}", __package__).FORMAT
    return found


def recognise(path: Path) -> Format:
    """Return the format of a file or folder; raise BadInput with what would help when none fits."""
    head = b""
    if not path.is_dir():
        try:
            with path.open("rb") as file:
                head = file.read(_HEAD)
        except OSError as error:
            raise BadInput("unreadable", f"{path.name} cannot be read: {error.strerror}.") from None
    for name in names():
        found = format_named(name)
        if found.recognise(path, head):
            return found
    if path.suffix.lower() in (".json", ".af"):
        from .json_text import read_json
        from .portable import read_file

        read_json(read_file(path), path.name)
    what = "This folder" if path.is_dir() else path.name
    raise BadInput(
        "unknown_format",
        f"{what} is in no format that personac knows ({', '.join(names())}). If it is in one of them, name it: --from.",
    )
