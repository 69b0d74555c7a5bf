"""sentence-transformers models: run with torch, or exported to ONNX for the runtime.

Everything that needs torch is imported inside.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelDamaged, ModelMissing, PersonacError
from . import branches, cache, torch_onnx, weights
from .branches import SUFFIX
from .text import VECTOR, OnnxTextEncoder

log = logging.getLogger(__name__)

CHECKED = (
    "Hello!",
    "When does the Forbidden City open in winter, and how much is a ticket for two adults and one child?",
    "故宫几点开门？我想带两个孩子去。",
    "I lost my card yesterday. Please block it, then tell me what it costs to get a new one sent to my address. " * 3,
    "",
)
AGREEMENT = 0.9999
_VERSIONS = ("torch", "onnxscript", "transformers", "sentence-transformers")


class ExportFailed(PersonacError):
    """Report a model that could not be exported, or whose export does not agree with it."""


class SentenceTransformerEncoder:
    """Encode texts with any sentence-transformers model, named by a hub's name or a folder.

    It runs from its ONNX export where it can be exported; where not, a warning says why and torch runs it.
    """

    modality: Literal["text", "image"] = "text"

    def __init__(
        self, name: str, *, languages: Iterable[str] | None = None, threads: int = 2, export: bool = True
    ) -> None:
        self.name = name
        self.languages = None if languages is None else frozenset(languages)
        self.dimension = 0
        self.folder: Path | None = None  # of the export
        self._threads = threads
        self._export = export
        self._lock = threading.Lock()
        self._encode: Callable[[Sequence[str]], NDArray[np.float32]] | None = None
        self._exactly: Callable[[Sequence[str]], NDArray[np.float32]] | None = None

    def warm_up(self) -> None:
        """Load the model; raise ModelMissing, ModelDamaged or Unavailable."""
        with self._lock:
            if self._encode is not None:
                return
            if self._export:
                try:
                    fast = OnnxTextEncoder(self.name, exported(self.name), threads=self._threads)
                    fast.warm_up()
                    self.dimension, self.folder = fast.dimension, fast.folder
                    self._encode, self._exactly = fast.encode, fast.encode_exactly
                    return
                except ExportFailed as error:
                    log.warning("%s", error)
            import torch

            torch.set_num_threads(self._threads)
            model = load(weights.folder(self.name))
            self.dimension, self._encode = int(model.get_embedding_dimension()), _in_torch(model)

    def encode(self, batch: Sequence[str]) -> NDArray[np.float32]:
        """Return [n, dimension], float32, rows of length 1."""
        self.warm_up()
        if self._encode is None or not len(batch):
            return np.zeros((0, self.dimension), np.float32)
        return self._encode(batch)

    def encode_exactly(self, batch: Sequence[str]) -> NDArray[np.float32]:
        """Return what `encode` does, the same for a text in every batch where the export runs; torch may differ."""
        self.warm_up()
        return self.encode(batch) if self._exactly is None or not len(batch) else self._exactly(batch)


def _in_torch(model: Any) -> Callable[[Sequence[str]], NDArray[np.float32]]:
    def encode(batch: Sequence[str]) -> NDArray[np.float32]:
        texts = [text.encode("utf-8", "replace").decode() for text in batch]
        vectors = model.encode(texts, normalize_embeddings=True, show_progress_bar=False, batch_size=32)
        return np.asarray(vectors, np.float32)

    return encode


def load(folder: Path) -> Any:
    """Return the SentenceTransformer of a folder, on the CPU; raise ModelDamaged or ModelMissing."""
    try:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging
    except ImportError as error:
        raise ModelMissing(f"the package {error.name}", "pip install sentence-transformers") from error
    transformers_logging.disable_progress_bar()
    try:
        model = SentenceTransformer(
            str(folder), device="cpu", local_files_only=True, model_kwargs={"attn_implementation": "eager"}
        )
    except Exception as error:  # the loaders below raise many kinds
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelDamaged(f"{folder} does not load as a sentence-transformers model: {first}") from error
    return model.eval()


def exported(name: str) -> Path:
    """Return the folder with the ONNX export of a model, made now unless the cache has it."""
    folder, branch = weights.folder(name), branches.shipped(name)
    return export_text_encoder(folder, cache.root() / "exports" / key(folder, branch), branch)


def key(folder: Path, branch: Path | None = None) -> str:
    """Return what names an export: a hash of the model's files, its branch, and the versions that export it."""
    skip = {".md", ".gitattributes", ".onnx", ".py", ".h5", ".ot", ".msgpack"}
    files = [
        file
        for file in folder.rglob("*")
        if file.is_file() and file.suffix not in skip and not file.name.startswith(".")
    ]
    content = weights.fingerprint(folder, files) + (weights.digest(branch) if branch else "")
    return hashlib.sha256(f"2 {content} {weights.installed_version(*_VERSIONS)}".encode()).hexdigest()[:32]


def export_text_encoder(source: str | Path, target: Path, branch: Path | None = None) -> Path:
    """Export a sentence-transformers model into the folder `target`, unless it is there, and return the folder.

    Pooling and scaling to length 1 are part of the graph; batch and length are free. The export is kept only when
    its vectors have a cosine above 0.9999 with torch's on a few sentences; else ExportFailed. `branch` is
    the file of a second branch.
    """
    if target.is_dir():
        return target
    folder = Path(source) if Path(source).is_dir() else weights.folder(str(source))
    return cache.folder(target, lambda aside: _export(folder, aside, branch))


def _export(source: Path, aside: Path, branch: Path | None) -> None:
    import torch

    model = load(source)
    tokenizer = model.tokenizer
    if not hasattr(tokenizer, "backend_tokenizer"):
        raise ExportFailed(f"{source} has no fast tokenizer, so it can't be exported; it runs in torch")
    longest = min(int(model.max_seq_length or 512), 8192)
    sample = tokenizer(["a few words of text", "two"], padding=True, return_tensors="pt")
    inputs = {name: sample[name] for name in ("input_ids", "attention_mask")}
    try:
        axes = {0: "batch", 1: "tokens"}
        torch_onnx.export(_pipeline(model), inputs, VECTOR, aside / "model.onnx", dynamic=[axes, axes])
    except OSError:
        raise
    except Exception as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ExportFailed(f"{source} can't be exported to ONNX, so it runs in torch: {first}") from error
    tokenizer.backend_tokenizer.save(str(aside / "tokenizer.json"))
    with torch.inference_mode():
        wanted = model.encode(list(CHECKED), normalize_embeddings=True, show_progress_bar=False)
    facts = {"dimension": int(wanted.shape[1]), "max_length": longest, "pad_id": int(tokenizer.pad_token_id or 0)}
    (aside / "encoder.json").write_text(json.dumps(facts, sort_keys=True) + "\n", "utf-8")
    check(aside, CHECKED, np.asarray(wanted, np.float32), AGREEMENT)
    if branch is not None:
        _add(branch, model, aside)


def _add(branch: Path, model: Any, folder: Path) -> None:
    """Give an export the second branch of a file, and check it against the model with its weights."""
    import onnx
    import torch

    output = branches.output(branch)
    before = {name: np.asarray(value.detach().numpy()) for name, value in model.named_parameters()}
    after = branches.applied(branch, before)
    proto = onnx.load(str(folder / "model.onnx"), load_external_data=False)
    new, used = branches.replaced(proto.graph, folder, {name: before[name] for name in after}, after)
    nodes = branches.doubled(proto.graph, new, VECTOR, SUFFIX, output)
    if used != after.keys() or not nodes:
        raise ExportFailed(f"the export in {folder} has no place for the branch {branch.name}")
    with branches.Data(folder / "risks.data") as data:
        proto.graph.initializer.extend(data.tensor(name + SUFFIX, new[name]) for name in sorted(new))
    branches.add_asked(proto.graph, nodes, VECTOR, output)
    (folder / "model.onnx").write_bytes(proto.SerializeToString(deterministic=True))
    model.load_state_dict({name: torch.from_numpy(value) for name, value in after.items()}, strict=False)
    with torch.inference_mode():
        wanted = model.encode(list(CHECKED), normalize_embeddings=True, show_progress_bar=False)
    check(folder, CHECKED, np.asarray(wanted, np.float32), AGREEMENT, output)


def check(
    folder: Path, texts: Sequence[str], wanted: NDArray[np.float32], agreement: float, output: str = VECTOR
) -> None:
    """Raise ExportFailed when an output of an exported encoder is not the wanted vectors, of length 1."""
    (got,) = OnnxTextEncoder("export", folder).outputs(texts, (output,), exactly=False)
    said = ~(np.linalg.norm(wanted, axis=1) < 0.5)  # a text without tokens may have no direction
    worst = float((got * wanted).sum(axis=1)[said].min(initial=1.0)) if got.shape == wanted.shape else -1.0
    if not worst > agreement:
        raise ExportFailed(f"the export in {folder} does not agree with its model (cosine {worst:.4f}); not kept")


def _pipeline(model: Any) -> Any:
    import torch

    class Pipeline(torch.nn.Module):
        """The whole model: ids and mask [b, t] in, vectors [b, d] of length 1 out."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            features = self.model({"input_ids": input_ids, "attention_mask": attention_mask})
            return torch.nn.functional.normalize(features["sentence_embedding"], dim=-1)

    return Pipeline()
