"""Encode the pictures of the persona's records for the artifact."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ..mind.memory.pictured import Pictured
from ..mind.understanding.fusion import PICTURE
from ..persona.schema import Persona
from .passes import Passes
from .vectors import Progress, look_at


def pictured(
    pictures: Mapping[str, str], root: Path, persona: Persona, passes: Passes, progress: Progress
) -> Pictured | None:
    """Return the vectors of records' pictures; `pictures` are paths below the persona's folder, by record.

    None when there are none, or when the persona sees nothing. Raise BadInput for one that cannot be read.
    """
    if not pictures or persona.encoders.image == "none":
        return None
    from ..models.choose import image_encoder

    encoder = image_encoder(persona.encoders.image)
    vectors = []
    for done, name in enumerate(pictures.values()):
        seen = look_at(root / name, encoder, passes)
        vectors.append(np.load(seen / f"{PICTURE}.npy", allow_pickle=False))
        progress("encode records' pictures", done + 1, len(pictures))
    return Pictured(list(pictures), np.stack(vectors).astype(np.float32))
