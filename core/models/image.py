"""Picture encoders: RGB arrays in, vectors of length 1 out, and the names of what is seen.

EfficientNet-lite0 runs with ONNX Runtime from an export that is made once; any vision model of transformers runs in
torch. Decoding files is `picture.py`.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..contracts import Encoder
from ..errors import ModelDamaged, ModelMissing
from . import cache, torch_onnx, weights
from .catalog import find
from .onnx import open_session
from .picture import decode_picture
from .sentence import ExportFailed

BATCH = 16
NORM = 15.0  # the usual length of EfficientNet's features, which the classifier expects and unit vectors lost
SEEN = 5  # labels for a picture
_VERSIONS = ("torch", "onnxscript")


class ImageEncoder:
    """Encode pictures with EfficientNet-lite0 [1280] and name what they show (1,000 classes of ImageNet)."""

    name = "efficientnet-lite0"
    modality: Literal["text", "image"] = "image"
    dimension = 1280
    languages: frozenset[str] | None = None

    def __init__(self, folder: Path | Callable[[], Path] | None = None, *, threads: int = 2) -> None:
        self.folder: Path | None = None
        self._source: Path | Callable[[], Path] = folder or exported
        self._threads = threads
        self._lock = threading.Lock()
        self._session: Any = None
        self._weight: NDArray[np.float32] | None = None
        self._bias: NDArray[np.float32] | None = None
        self._names: list[str] = []

    def warm_up(self) -> None:
        """Load the network and the names; raise ModelMissing, ModelDamaged or Unavailable."""
        with self._lock:
            if self._session is not None:
                return
            folder = self._source() if callable(self._source) else self._source
            from safetensors.numpy import load_file

            try:
                classifier = load_file(folder / "classifier.safetensors")
                self._weight, self._bias = classifier["weight"], classifier["bias"]
            except FileNotFoundError:
                raise ModelMissing(str(folder / "classifier.safetensors"), "personac compile, which makes it") from None
            except Exception as error:  # safetensors raises plain Exception
                raise ModelDamaged(f"{folder} is damaged ({error}); delete it and compile again") from error
            self._names = resources.files(__package__).joinpath("imagenet.txt").read_text("utf-8").splitlines()
            self._session, self.folder = open_session(folder / "model.onnx", self._threads), folder

    def encode(self, batch: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Return [n, 1280], float32, rows of length 1, of RGB pictures [h, w, 3]."""
        self.warm_up()
        vectors = np.zeros((len(batch), self.dimension), np.float32)
        for start in range(0, len(batch), BATCH):
            inputs = np.stack([prepare(picture) for picture in batch[start : start + BATCH]])
            (vectors[start : start + BATCH],) = self._session.run(None, {"pictures": inputs})
        return vectors

    def label(self, vectors: NDArray[np.float32]) -> list[list[tuple[str, float]]]:
        """Return for each row of [n, 1280] the five likeliest classes with their probabilities, best first."""
        self.warm_up()
        if self._weight is None or self._bias is None:
            return [[] for _ in vectors]
        logits = vectors * NORM @ self._weight.T + self._bias  # [n, 1000]
        logits = np.exp(logits - logits.max(axis=1, keepdims=True))
        chances = logits / logits.sum(axis=1, keepdims=True)
        best = np.argsort(-chances, axis=1)[:, :SEEN]
        return [[(self._names[i], float(row[i])) for i in top] for row, top in zip(chances, best)]


class TransformersImageEncoder:
    """Encode pictures with any vision model of transformers (CLIP, ViT, DINO, …), by a hub's name or a folder."""

    modality: Literal["text", "image"] = "image"
    languages: frozenset[str] | None = None

    def __init__(self, name: str, *, threads: int = 2) -> None:
        self.name = name
        self.dimension = 0
        self._threads = threads
        self._lock = threading.Lock()
        self._model: Any = None
        self._processor: Any = None

    def warm_up(self) -> None:
        """Load the model; raise ModelMissing, ModelDamaged or Unavailable."""
        with self._lock:
            if self._model is not None:
                return
            folder = weights.folder(self.name)
            try:
                import torch
                from transformers import AutoModel
                from transformers.utils import logging as transformers_logging
            except ImportError as error:
                raise ModelMissing(f"the package {error.name}", "pip install transformers torch") from error
            transformers_logging.disable_progress_bar()
            torch.set_num_threads(self._threads)
            try:
                self._processor = _processor(folder)
                self._model = AutoModel.from_pretrained(str(folder), local_files_only=True).eval()
            except Exception as error:  # the loaders below raise many kinds
                self._model = None
                first = (str(error).strip() or type(error).__name__).splitlines()[0]
                raise ModelDamaged(f"{folder} does not load as a vision model: {first}") from error
            self.dimension = int(self._run([np.zeros((32, 32, 3), np.uint8)]).shape[1])

    def encode(self, batch: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Return [n, dimension], float32, rows of length 1, of RGB pictures [h, w, 3]."""
        self.warm_up()
        rows = [self._run(batch[start : start + BATCH]) for start in range(0, len(batch), BATCH)]
        return np.concatenate(rows) if rows else np.zeros((0, self.dimension), np.float32)

    def _run(self, batch: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        import torch
        from PIL import Image

        inputs = self._processor(images=[Image.fromarray(picture) for picture in batch], return_tensors="pt")
        with torch.inference_mode():
            if hasattr(self._model, "get_image_features"):
                out = self._model.get_image_features(pixel_values=inputs["pixel_values"])
            else:
                out = self._model(pixel_values=inputs["pixel_values"])
            if not isinstance(out, torch.Tensor):
                pooled = getattr(out, "pooler_output", None)
                out = out.last_hidden_state[:, 0] if pooled is None else pooled
            out = out.flatten(1).float()
            return np.asarray(torch.nn.functional.normalize(out, dim=-1).numpy(), np.float32)


def load_image_encoder(
    name: str = "efficientnet-lite0", *, folder: str | Path | None = None, threads: int = 2
) -> Encoder:
    """Return the picture encoder of that name, not loaded yet; `folder` is an export made before."""
    model = find(name)
    if model is None:
        return TransformersImageEncoder(name, threads=threads)
    if model.kind != "image":
        raise ModelMissing(f"a picture encoder {name}", "efficientnet-lite0, or a hub's or your own vision model")
    return ImageEncoder(None if folder is None else Path(folder), threads=threads)


def prepare(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the middle of an RGB picture as EfficientNet-lite wants it: [3, 224, 224], about -1 to 1."""
    from PIL import Image

    height, width = picture.shape[:2]
    side = max(1.0, min(height, width) * 224 / 256)
    left, top = (width - side) / 2, (height - side) / 2
    middle = Image.fromarray(picture).resize(
        (224, 224), Image.Resampling.BICUBIC, box=(left, top, left + side, top + side), reducing_gap=3.0
    )
    return ((np.asarray(middle, np.float32) - 127.0) / 128.0).transpose(2, 0, 1)


def exported() -> Path:
    """Return the folder with EfficientNet-lite0's export, made now unless the cache has it."""
    source = weights.locate("efficientnet-lite0", "efficientnet-lite0.pth")
    content = f"1 {weights.digest(source)} {weights.installed_version(*_VERSIONS)}"
    key = hashlib.sha256(content.encode()).hexdigest()[:32]
    return cache.folder(cache.root() / "exports" / key, lambda aside: _export(source, aside))


def _export(source: Path, aside: Path) -> None:
    import torch
    from safetensors.numpy import save

    from . import efficientnet

    try:
        network = efficientnet.load(source)
    except Exception as error:  # torch.load raises many kinds
        raise ModelDamaged(f"{source} does not load: {error}") from error

    class Unit(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, pictures: Any) -> Any:
            return torch.nn.functional.normalize(self.network(pictures), dim=-1)

    pictures = torch.from_numpy(np.random.default_rng(0).uniform(-1, 1, (2, 3, 224, 224)).astype(np.float32))
    torch_onnx.export(Unit(), {"pictures": pictures}, "vectors", aside / "model.onnx", dynamic=[{0: "batch"}])
    classifier = {"weight": network._fc.weight.detach().numpy(), "bias": network._fc.bias.detach().numpy()}
    (aside / "classifier.safetensors").write_bytes(save(classifier))
    (aside / "encoder.json").write_text(json.dumps({"dimension": 1280}) + "\n", "utf-8")
    with torch.inference_mode():
        wanted = Unit().eval()(pictures).numpy()
    (got,) = open_session(aside / "model.onnx").run(None, {"pictures": pictures.numpy()})
    worst = float((got * wanted).sum(axis=1).min())
    if not worst > 0.9999:
        raise ExportFailed(f"the export of EfficientNet-lite0 does not agree with it (cosine {worst:.4f}); not kept")


def _processor(folder: Path) -> Any:
    from transformers import AutoImageProcessor

    return AutoImageProcessor.from_pretrained(str(folder), local_files_only=True)


__all__ = ["ImageEncoder", "TransformersImageEncoder", "decode_picture", "load_image_encoder"]
