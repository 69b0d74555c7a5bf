"""The text in pictures: RapidOCR with PP-OCRv6, Chinese and English.

rapidocr and OpenCV are imported in `warm_up`.
"""

from __future__ import annotations

import logging
import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelDamaged, ModelMissing
from . import weights
from .catalog import MODELS

CONFIDENT = 0.6


class RapidOcrReader:
    """Read the lines of text in a picture, top to bottom, left to right."""

    name = "rapidocr"

    def __init__(self, *, confidence: float = CONFIDENT, threads: int = 2) -> None:
        self._confidence = confidence
        self._threads = threads
        self._lock = threading.Lock()
        self._engine: Any = None

    def warm_up(self) -> None:
        """Load the networks; raise ModelMissing or ModelDamaged."""
        with self._lock:
            if self._engine is not None:
                return
            paths = {part: weights.locate("rapidocr", f"{part}.onnx") for part in ("det", "cls", "rec")}
            try:
                from rapidocr import RapidOCR
            except ImportError as error:
                raise ModelMissing(f"the package {error.name}", MODELS["rapidocr"].command) from error
            logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
            settings = {
                "Global.log_level": "critical",
                "Global.text_score": self._confidence,
                "Global.max_side_len": 1600,
                "EngineConfig.onnxruntime.intra_op_num_threads": self._threads,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                **{f"{part.capitalize()}.model_path": str(path) for part, path in paths.items()},
            }
            try:
                engine = RapidOCR(params=settings)
                engine(np.full((64, 64, 3), 255, np.uint8))
            except Exception as error:  # rapidocr and onnxruntime raise many kinds
                raise ModelDamaged(f"rapidocr does not load ({error}); run: personac models get rapidocr") from error
            self._engine = engine

    def read(self, picture: NDArray[np.uint8]) -> list[str]:
        """Return the lines of text in an RGB picture [h, w, 3], in reading order; empty when there are none."""
        self.warm_up()
        if min(picture.shape[:2]) < 8:
            return []
        with self._lock:
            found = self._engine(np.ascontiguousarray(_padded(picture)[:, :, ::-1]))
        if found.boxes is None or found.txts is None:
            return []
        kept = [
            (np.asarray(box, np.float32), text.strip())
            for box, text, score in zip(found.boxes, found.txts, found.scores)
            if score >= self._confidence and text.strip()
        ]
        return _lines(kept)


def _padded(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture at most twice as long as wide: the shorter side is scaled to 736, and the longer follows."""
    height, width = picture.shape[:2]
    down, right = max(0, width // 2 - height), max(0, height // 2 - width)
    return np.pad(picture, ((0, down), (0, right), (0, 0)), mode="edge")


def _lines(boxes: list[tuple[NDArray[np.float32], str]]) -> list[str]:
    """Return texts as lines: boxes [4, 2] whose middles are level are one line, from left to right."""
    rows: list[list[tuple[float, str]]] = []
    middle, height = 0.0, 0.0
    for box, text in sorted(boxes, key=lambda item: float(item[0][:, 1].mean())):
        y, tall = float(box[:, 1].mean()), float(np.ptp(box[:, 1]))
        if rows and abs(y - middle) < 0.5 * min(tall, height):
            rows[-1].append((float(box[:, 0].min()), text))
        else:
            rows.append([(float(box[:, 0].min()), text)])
            middle, height = y, tall
    return [" ".join(text for _, text in sorted(row)) for row in rows]
