"""Find the pictures that knowledge speaks of, and the captions beside pictures.

A picture's caption is the text file that has its whole name and `.txt`: `wall.png.txt`, or one for each language,
`wall.png.en.txt` and `wall.png.zh.txt`.
"""

from __future__ import annotations

import re
from pathlib import Path

from ..files import PICTURES, is_file
from ..schema import LANGUAGE_PATTERN


def find_picture(named: str, near: Path, root: Path) -> Path | None:
    """Return a picture that a file names, by its path from that file or from the persona's folder."""
    named = re.split(r"[?#]", named)[0]
    for folder in (near.parent, root):
        path = folder / named
        if path.suffix.lower() in PICTURES and is_file(path) and path.resolve().is_relative_to(root.resolve()):
            return root / path.resolve().relative_to(root.resolve())
    return None


def captions(picture: Path) -> list[Path]:
    """Return the files with a picture's caption."""
    found = sorted(picture.parent.glob(_escaped(picture.name) + "*.txt"))
    return [path for path in found if pictured(path) == picture]


def pictured(path: Path) -> Path | None:
    """Return the picture that a text file is the caption of."""
    if path.suffix.lower() != ".txt":
        return None
    name = path.name[: -len(".txt")]
    stem, _, code = name.rpartition(".")
    for candidate in (name, stem if re.match(LANGUAGE_PATTERN, code) else ""):
        if Path(candidate).suffix.lower() in PICTURES and is_file(path.with_name(candidate)):
            return path.with_name(candidate)
    return None


def _escaped(name: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", name)
