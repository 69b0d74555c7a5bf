"""The map of an artifact: where each example and each passage lies, as the compiler wrote it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError
from safetensors.numpy import load_file

from ..errors import ArtifactInvalid

PLACES = "report/map.safetensors"
NAMES = "report/map.json"


@dataclass(frozen=True, slots=True)
class Point:
    """Hold one sentence of the map; `kind` is intent or knowledge, `label` the intent's or the file's name."""

    x: float
    y: float
    kind: str
    label: str
    text: str


def read_points(artifact: Path) -> list[Point]:
    """Return the points of an artifact's map, none when it has no map; raise ArtifactInvalid when it is damaged."""
    if not (artifact / NAMES).is_file():
        return []
    try:
        (places,) = load_file(str(artifact / PLACES)).values()
        names = json.loads((artifact / NAMES).read_text("utf-8"))
        return [
            Point(float(x), float(y), name["kind"], name["label"], name["text"])
            for (x, y), name in zip(places.tolist(), names, strict=True)
        ]
    except (SafetensorError, KeyError, TypeError, ValueError, OSError) as error:
        raise ArtifactInvalid(f"{artifact / NAMES} is damaged ({error}); compile the persona again") from error
