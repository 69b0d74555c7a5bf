"""Cross-encoders: models that read a question together with a passage. Loaded with the first question; needs torch.

Knows texts and scores only.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import ModelDamaged, ModelMissing

BATCH = 16


class CrossEncoderReranker:
    """Score passages with a sentence-transformers cross-encoder, named by a hub's name or a folder."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = threading.Lock()
        self._model: Any = None

    def warm_up(self) -> None:
        """Load the model; raise ModelMissing or ModelDamaged."""
        with self._lock:
            if self._model is None:
                self._model = _load(self.name)

    def __call__(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return how well each text answers the question, higher is better; raise as `warm_up` does."""
        self.warm_up()
        pairs = [(question, text) for text in texts]
        scores = self._model.predict(pairs, batch_size=BATCH, show_progress_bar=False)
        return [float(score) for score in scores]


def _load(name: str) -> Any:
    try:
        from sentence_transformers import CrossEncoder
    except ModuleNotFoundError as error:
        raise ModelMissing(f"the package {error.name}", "pip install sentence-transformers") from error
    folder = Path(name)
    if folder.is_dir() and not (folder / "config.json").is_file():
        raise ModelDamaged(f"{name} has no config.json: it is no cross-encoder of sentence-transformers")
    try:
        model: Any = CrossEncoder(name, device="cpu")
    except Exception as error:  # a hub that can't be reached, a name that is not there, a damaged file: many kinds
        if folder.is_dir():
            raise ModelDamaged(f"{name} can't be loaded ({error})") from error
        command = f"huggingface-cli download {name} (or give the path of a folder)"
        raise ModelMissing(f"the cross-encoder {name}", command) from error
    if getattr(model, "num_labels", 1) != 1:
        raise ModelDamaged(f"{name} gives {model.num_labels} scores for a pair, not one")
    return model
