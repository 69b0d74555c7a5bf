"""Write a persona as a Rasa project: a new one, or the one that it was imported from, changed where it was changed."""

from __future__ import annotations

from ...writing import dump
from ..portable import Portable
from .build import build, documents
from .persona import languages
from .project import kept_files
from .shapes import a_text
from .update import update


def write(portable: Portable) -> tuple[dict[str, bytes], list[str]]:
    """Return the files of a project, by path, and notes on what it cannot hold."""
    kept = kept_files(portable.files)
    if kept:
        return update(portable, kept)
    built = build(portable)
    codes = languages(portable.persona)
    name = a_text(portable.persona.get("name")) or "assistant"
    found = documents(built, codes, name)
    return {path: dump(value).encode() for path, value in found.items()}, built.notes
