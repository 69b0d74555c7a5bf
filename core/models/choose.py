"""Which recogniser and picture encoder a persona means by the names in its `encoders`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..contracts import Encoder, Recognizer
from .extensions import extension

if TYPE_CHECKING:
    from collections.abc import Callable

FASTER = "faster-whisper"


def recognizer(name: str, languages: Sequence[str]) -> Recognizer:
    """Return a recogniser, not loaded yet: auto, a Whisper by name, or faster-whisper[/NAME]."""
    own: Recognizer | None = extension("encoders", name, "speech", languages=tuple(languages))
    if own is not None:
        return own
    from .speech import load_recognizer

    engine, model = "whisper", name
    if name.split("/")[0] == FASTER:
        engine, model = FASTER, name.partition("/")[2]
    return load_recognizer("whisper-base" if model in ("", "auto") else model, languages=languages, engine=engine)


def image_encoder(name: str) -> Encoder:
    """Return a picture encoder, not loaded yet: auto, or any vision model of transformers by name or path."""
    own: Encoder | None = extension("encoders", name, "image", languages=())
    if own is not None:
        return own
    from .image import load_image_encoder

    load: Callable[..., Encoder] = load_image_encoder
    return load() if name == "auto" else load(name)
