"""Voices and encoders that other packages bring, by the entry-point groups `personac.voices` and `personac.encoders`.

Knows names and factories; what a factory makes is checked for what is called of it. Nothing is imported to list names.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal, TypeAlias

from ..errors import ExtensionInvalid

Kind: TypeAlias = Literal["voices", "encoders"]
_NEEDS = {"voices": ("name", "warm_up", "say"), "text": ("name", "dimension", "languages", "warm_up", "encode"),
          "image": ("name", "dimension", "warm_up", "encode"), "speech": ("name", "warm_up", "transcribe")}  # fmt: skip


@cache
def _points(kind: Kind) -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=f"personac.{kind}")}


def extension_names(kind: Kind) -> set[str]:
    """Return the names of what is installed."""
    return set(_points(kind))


def extension(kind: Kind, name: str, use: str, **options: Any) -> Any:
    """Make what an entry point names, None when there is no such; raise ExtensionInvalid for what does not fit.

    `use` is voices, text, image or speech: what it will be called for.
    """
    point = _points(kind).get(name)
    if point is None:
        return None
    try:
        made = point.load()(**options)
    except Exception as error:
        text = f"{name} ({point.value}) of the group personac.{kind} cannot be made: {type(error).__name__}: {error}"
        raise ExtensionInvalid(text) from error
    missing = [needed for needed in _NEEDS[use] if not hasattr(made, needed)]
    if missing:
        raise ExtensionInvalid(f"{name} ({point.value}) does not fit: it has no {', '.join(missing)}")
    return made
