"""Sentence encoders: text in, vectors of length 1 out.

The fast path knows only a tokenizer and an ONNX file and never imports torch; `export.py` makes those two files
from a sentence-transformers model, `use.py` from the Universal Sentence Encoder.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..contracts import Encoder
from ..errors import ModelDamaged, ModelMissing
from .branches import ASKED, RISKS
from .catalog import find
from .extensions import extension
from .onnx import open_session

BATCH_SENTENCES = 32
BATCH_TOKENS = 4096
VECTOR = "vector"  # the output of every graph


Tokenize: TypeAlias = Callable[[list[str]], list[list[int]]]


class OnnxTextEncoder:
    """Encode texts with ONNX Runtime.

    `folder` holds encoder.json, tokenizer.json or unigram.json, and model.onnx with its data; a function is called
    for it in `warm_up`.
    """

    modality: Literal["text", "image"] = "text"

    def __init__(
        self,
        name: str,
        folder: Path | Callable[[], Path],
        *,
        languages: Iterable[str] | None = None,
        dimension: int = 0,
        threads: int = 2,
    ) -> None:
        self.name = name
        self.languages = None if languages is None else frozenset(languages)
        self.dimension = dimension
        self.folder: Path | None = None
        self.classes = 0  # of the head, in a tuned encoder (tuned.py)
        self._source = folder
        self._threads = threads
        self._lock = threading.Lock()
        self._session: Any = None
        self._asks = False  # whether the network has a branch that runs only where it is asked for
        self._tokenize: Tokenize = _nothing
        self._pad = 0

    def find(self) -> Path:
        """Return the folder of tokenizer and network, made now where it is not there; nothing is loaded."""
        with self._lock:
            return self._found()

    def warm_up(self) -> None:
        """Load tokenizer and network; raise ModelMissing, ModelDamaged or Unavailable."""
        with self._lock:
            if self._session is not None:
                return
            folder = self._found()
            facts = _facts(folder)
            self._tokenize = _tokenizer(folder, int(facts["max_length"]))
            self._pad = int(facts["pad_id"])
            self._session = open_session(folder / "model.onnx", self._threads)
            self._asks = any(one.name == ASKED for one in self._session.get_overridable_initializers())

    def _found(self) -> Path:
        if self.folder is None:
            folder = self._source() if callable(self._source) else self._source
            facts = _facts(folder)
            if self.dimension not in {0, facts["dimension"]}:
                raise ModelDamaged(
                    f"{folder} makes vectors of {facts['dimension']} numbers where {self.name} has {self.dimension}; "
                    "delete the folder and compile again"
                )
            self.dimension, self.folder = int(facts["dimension"]), folder
            self.classes = int(facts.get("classes", 0))
        return self.folder

    def encode(self, batch: Sequence[str]) -> NDArray[np.float32]:
        """Return [n, dimension], float32, rows of length 1."""
        return self.outputs(batch, (VECTOR,), exactly=False)[0]

    def encode_exactly(self, batch: Sequence[str]) -> NDArray[np.float32]:
        """Return what `encode` does, to the last bit the same for a text whatever else is in the batch.

        Only texts of equal length share a run, so that nothing is padded, and none runs alone: with one row the
        matrix products add in another order.
        """
        return self.outputs(batch, (VECTOR,), exactly=True)[0]

    @property
    def offers(self) -> list[str]:
        """Return the names of the graph's outputs; the encoder was warmed up."""
        return [output.name for output in self._session.get_outputs()]

    def outputs(self, batch: Sequence[str], names: Sequence[str], *, exactly: bool) -> list[NDArray[np.float32]]:
        """Return [n, width] of each of the graph's outputs of these names."""
        self.warm_up()
        ids = self._tokenize(_encodable(batch))
        widths = {output.name: int(output.shape[-1]) for output in self._session.get_outputs()}
        found = [np.zeros((len(batch), widths[name]), np.float32) for name in names]
        for rows in _equal(ids) if exactly else _alike(ids):
            twice = rows * 2 if exactly and len(rows) == 1 else rows
            for matrix, values in zip(found, self._run([ids[i] for i in twice], names)):
                matrix[rows] = values[: len(rows)]
        return found

    def _run(self, rows: list[list[int]], names: Sequence[str]) -> list[NDArray[np.float32]]:
        width = max(1, *map(len, rows))
        ids = np.full((len(rows), width), self._pad, np.int64)  # [b, t]
        mask = np.zeros((len(rows), width), np.int64)  # [b, t]
        for i, row in enumerate(rows):
            ids[i, : len(row)] = row
            mask[i, : len(row)] = 1
        feed: dict[str, NDArray[Any]] = {"input_ids": ids, "attention_mask": mask}
        if self._asks and any(name.startswith(RISKS) for name in names):
            feed[ASKED] = np.array(True)
        values: list[NDArray[np.float32]] = self._session.run(names, feed)
        return values


def _alike(ids: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Yield the positions of texts in batches of like length, the shortest first."""
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    start = 0
    while start < len(order):
        end = start + 1
        while end < len(order) and end - start < BATCH_SENTENCES:
            if len(ids[order[end]]) * (end + 1 - start) > BATCH_TOKENS:
                break
            end += 1
        yield order[start:end]
        start = end


def _equal(ids: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Yield the positions of texts in batches of equal length, the shortest first."""
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    for width, group in groupby(order, key=lambda i: len(ids[i])):
        rows = list(group)
        step = max(2, min(BATCH_SENTENCES, BATCH_TOKENS // max(1, width)))
        for start in range(0, len(rows), step):
            yield rows[start : start + step]


def load_text_encoder(
    name: str,
    *,
    languages: Iterable[str] | None = None,
    folder: str | Path | None = None,
    threads: int = 2,
) -> Encoder:
    """Return the encoder of that name in the catalogue, of a folder, or of a model hub; nothing is loaded yet.

    `folder` is an export made before (an artifact's), and then no source and no torch is needed. `languages` says
    what a model outside of the catalogue covers; None is every language.
    """
    own: Encoder | None = extension("encoders", name, "text", languages=tuple(languages or ()))
    if own is not None:
        return own
    model = find(name)
    if model is not None and model.kind != "text":
        raise ModelMissing(f"a text encoder {name}", "one of use-multilingual, all-MiniLM-L6-v2, a hub's or your own")
    if model is not None:
        name, covers, dimension = model.name, model.languages, model.dimension
    else:
        covers, dimension = (None if languages is None else frozenset(languages)), 0
    if folder is not None:
        return OnnxTextEncoder(name, Path(folder), languages=covers, dimension=dimension, threads=threads)
    if model is not None and name == "use-multilingual":
        from .use import exported_use

        return OnnxTextEncoder(name, exported_use, languages=covers, dimension=dimension, threads=threads)
    from .sentence import SentenceTransformerEncoder, exported

    def make() -> Path:
        return exported(name)

    if model is not None:
        return OnnxTextEncoder(name, make, languages=covers, dimension=dimension, threads=threads)
    return SentenceTransformerEncoder(name, languages=covers, threads=threads)


def _facts(folder: Path) -> dict[str, Any]:
    path = folder / "encoder.json"
    try:
        facts = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ModelMissing(str(path), "personac compile, which makes it again") from None
    except (OSError, ValueError) as error:
        raise ModelDamaged(f"{path} can't be read ({error}); delete the folder and compile again") from error
    if not isinstance(facts, dict) or not {"dimension", "max_length", "pad_id"} <= facts.keys():
        raise ModelDamaged(f"{path} does not describe an encoder; delete the folder and compile again")
    return facts


def _tokenizer(folder: Path, longest: int) -> Tokenize:
    own, other = folder / "unigram.json", folder / "tokenizer.json"
    path = own if own.is_file() else other
    if not path.is_file():
        raise ModelMissing(str(path), "personac compile, which makes it again")
    try:
        if path == own:
            from .unigram import Unigram

            return Unigram.load(own, longest).encode
        from tokenizers import Tokenizer

        tokenizer: Any = Tokenizer.from_file(str(other))
    except Exception as error:  # tokenizers raises plain Exception
        raise ModelDamaged(f"{path} is not a tokenizer ({error}); delete the folder and compile again") from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(longest)

    def tokenize(texts: list[str]) -> list[list[int]]:
        if len(texts) < 8:
            return [tokenizer.encode(text).ids for text in texts]
        return [encoding.ids for encoding in tokenizer.encode_batch_fast(texts)]

    return tokenize


def _encodable(texts: Sequence[str]) -> list[str]:
    """Return texts without lone surrogates."""
    return [text.encode("utf-8", "replace").decode() for text in texts]


def _nothing(texts: list[str]) -> list[list[int]]:
    return [[] for _ in texts]
