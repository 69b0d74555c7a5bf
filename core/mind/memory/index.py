"""Search the vectors of one encoder: a FAISS index mapped from disk, what was added since, without what was deleted.

Knows rows, their vectors and the passage that each row belongs to; knows no text. Made by indexing.py.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, cast

import faiss
import numpy as np
from numpy.typing import NDArray

from ...errors import ArtifactInvalid

Matrix = NDArray[np.float32]
Kind = Literal["flat", "ivf"]
_faiss: Any = faiss  # its Python layer takes keywords that its signatures do not show
FORMAT = 1
MAPPED = faiss.IO_FLAG_MMAP_IFC
ENDS = 65_536  # bytes at the beginning and at the end of a file that are compared before it is mapped
FEW = 4_000  # allowed rows that are compared one by one: sooner done than a search that passes over all the others


@dataclass(frozen=True, slots=True)
class Facts:
    """Hold what is stored beside an index: how it was made, how to search it, and the marks of its files.

    `breadth` is nprobe of IVF: into how many of its lists a search looks. `recall` is recall@10 against exact search
    on held-out rows.
    """

    kind: Kind
    rows: int
    dimension: int
    model: str
    breadth: int
    recall: float
    files: dict[str, str]
    format: int = FORMAT

    def write(self, path: Path) -> None:
        """Write the facts as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1, sort_keys=True) + "\n", "utf-8")


class Index:
    """Find the nearest rows by inner product; what it adds and deletes lives in memory (changes.py keeps it)."""

    def __init__(self, index: faiss.Index, owners: NDArray[np.int64], facts: Facts) -> None:
        """`owners` is the passage of each row."""
        self.facts = facts
        self._cpu = cast(Any, index)
        self._index = on_gpu(index)
        self._mapped_rows = int(index.ntotal)  # asked of FAISS once: a question costs as much as a small search
        self._fresh_rows = 0
        self._owners = owners
        self._flat: Matrix | None = None  # the mapped rows of a flat index
        if facts.kind == "flat" and self._mapped_rows:
            shape = (self._mapped_rows, facts.dimension)
            self._flat = _faiss.rev_swig_ptr(self._cpu.get_xb(), shape[0] * shape[1]).reshape(shape)
        self._by_passage: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None  # rows and owners, by owner
        self._fresh = faiss.IndexFlatIP(facts.dimension)
        self._fresh_owners = np.empty(0, np.int64)
        self._dead: frozenset[int] = frozenset()
        self._living: NDArray[np.bool_] | None = None  # by mapped row, once there are dead ones
        self._lock = threading.Lock()  # FAISS may not search what it adds to

    @classmethod
    def open(cls, folder: Path, name: str, model: str | None = None) -> Index:
        """Map an index; raise ArtifactInvalid when it is damaged or of another `model` (the encoder's content)."""
        facts = _facts(folder / f"{name}.json")
        if model is not None and facts.model != model:
            text = f"{folder / name} was made with another version of the encoder; compile the persona again"
            raise ArtifactInvalid(text)
        for file, expected in facts.files.items():
            if mark(folder / file) != expected:  # looked at before it is mapped: a torn file can end the process
                raise ArtifactInvalid(f"{folder / file} is damaged; compile the persona again")
        try:
            index = faiss.read_index(str(folder / f"{name}.faiss"), MAPPED)
            owners: NDArray[np.int64] = np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False))
        except (RuntimeError, ValueError, OSError) as error:
            raise ArtifactInvalid(f"{folder / name} cannot be read; compile the persona again") from error
        if (index.d, index.ntotal) != (facts.dimension, facts.rows) or owners.shape != (facts.rows,):
            raise ArtifactInvalid(f"{folder / name} does not fit its list of passages; compile the persona again")
        return cls(index, owners, facts)

    @property
    def rows(self) -> int:
        """Return how many rows there are, deleted ones included."""
        return self._mapped_rows + self._fresh_rows

    def search(
        self, queries: Matrix, count: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[Matrix, NDArray[np.int64]]:
        """Return the scores and the passages of the nearest rows, [queries, count] each, best first.

        A passage comes as often as it has rows among them; where there are fewer rows the passage is -1. `allowed`
        tells by passage which may be found. Raise ValueError when the queries have another dimension.
        """
        if queries.ndim != 2 or queries.shape[1] != self.facts.dimension:
            raise ValueError(f"queries are {queries.shape}, the index has {self.facts.dimension} dimensions")
        faiss.omp_set_num_threads(1)  # a turn has one query: more threads would only wait, on cores that encode
        scores, owners = self._mapped(queries, min(count, self._mapped_rows), allowed)
        if self._fresh_rows:
            with self._lock:
                more, of = self._search_fresh(queries, min(count, self._fresh_rows), allowed)
            scores, owners = np.hstack([scores, more]), np.hstack([owners, of])
            order = np.argsort(-scores, axis=1, kind="stable")[:, :count]
            scores, owners = np.take_along_axis(scores, order, 1), np.take_along_axis(owners, order, 1)
        return scores, owners

    def cosines(self, queries: Matrix, passages: NDArray[np.int64]) -> Matrix:
        """Return the inner products [q, n] of queries [q, d] with the nearest row of each of n passages.

        It is nan where a passage has no row.
        """
        found = np.full((len(queries), len(passages)), np.nan, np.float32)
        if self._mapped_rows:
            if self._by_passage is None:
                order = np.argsort(self._owners, kind="stable")
                self._by_passage = order, self._owners[order]
            order, owners = self._by_passage
            start = np.searchsorted(owners, passages)
            counts = np.searchsorted(owners, passages, "right") - start
            known = counts > 0
            first = np.concatenate([[0], np.cumsum(counts[known])[:-1]]).astype(np.int64)
            rows = order[np.repeat(start[known] - first, counts[known]) + np.arange(counts.sum())]
            if len(rows):
                found[:, known] = np.maximum.reduceat(queries @ self._vectors(rows).T, first, axis=1)
        if self._fresh_rows:
            with self._lock:
                owners, vectors = self._fresh_owners, self._fresh.reconstruct_n(0, self._fresh_rows)
            scores = queries @ vectors.T
            for row, passage in enumerate(passages.tolist()):
                of = scores[:, owners == passage]
                found[:, row] = np.fmax(found[:, row], of.max(1)) if of.size else found[:, row]
        return found

    def add(self, passages: Sequence[int], vectors: Matrix) -> None:
        """Add rows; they are found at once."""
        if vectors.ndim != 2 or vectors.shape != (len(passages), self.facts.dimension):
            raise ValueError(f"{vectors.shape} vectors for {len(passages)} rows of {self.facts.dimension} dimensions")
        with self._lock:
            self._fresh_owners = np.concatenate([self._fresh_owners, np.asarray(passages, np.int64)])
            self._fresh.add(np.ascontiguousarray(vectors, np.float32))
            self._fresh_rows = len(self._fresh_owners)

    def delete(self, passages: Sequence[int]) -> None:
        """Delete all rows of passages; they are not found from now on, and gone at the next compile."""
        if not len(passages):
            return
        with self._lock:
            self._dead = self._dead.union(passages)
            self._living = ~np.isin(self._owners, list(self._dead))

    def _kept(self, allowed: NDArray[np.bool_] | None) -> NDArray[np.bool_] | None:
        """Return which mapped rows may be found, None for all."""
        living = self._living
        if allowed is None:
            return living
        kept: NDArray[np.bool_] = allowed[self._owners]
        return kept if living is None else kept & living

    def _mapped(
        self, queries: Matrix, count: int, allowed: NDArray[np.bool_] | None
    ) -> tuple[Matrix, NDArray[np.int64]]:
        if count < 1:
            return np.empty((len(queries), 0), np.float32), np.empty((len(queries), 0), np.int64)
        kept = self._kept(allowed)
        if kept is None:
            scores, rows = self._index.search(queries, count)
            return scores, self._of(rows)
        few = int(np.count_nonzero(kept))
        if few <= FEW:
            return self._one_by_one(queries, count, np.flatnonzero(kept))
        scores, rows = self._cpu.search(queries, count, params=self._parameters(kept))
        return scores, self._of(rows)

    def _of(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        if any(row[-1] < 0 for row in rows):  # what was not found stands last
            return np.where(rows < 0, -1, self._owners[rows])
        return self._owners.take(rows)

    def _one_by_one(self, queries: Matrix, count: int, rows: NDArray[np.int64]) -> tuple[Matrix, NDArray[np.int64]]:
        if not len(rows):
            return np.full((len(queries), 0), -1, np.float32), np.empty((len(queries), 0), np.int64)
        scores = queries @ self._vectors(rows).T
        order = np.argsort(-scores, axis=1, kind="stable")[:, :count]
        return np.take_along_axis(scores, order, 1), self._owners[rows[order]]

    def _vectors(self, rows: NDArray[np.int64]) -> Matrix:
        if self._flat is not None:
            return self._flat[rows]
        with self._lock:
            self._cpu.make_direct_map()  # where each row lies; nothing is done the second time
        vectors: Matrix = self._cpu.reconstruct_batch(rows)
        return vectors

    def _search_fresh(
        self, queries: Matrix, count: int, allowed: NDArray[np.bool_] | None
    ) -> tuple[Matrix, NDArray[np.int64]]:
        owners = self._fresh_owners
        if allowed is None and not self._dead:
            scores, rows = self._fresh.search(queries, count)
        else:
            kept = ~np.isin(owners, list(self._dead))
            if allowed is not None:
                kept &= (owners < len(allowed)) & np.append(allowed, False)[np.minimum(owners, len(allowed))]
            scores, rows = self._fresh.search(queries, count, params=_faiss.SearchParameters(sel=_selector(kept)))
        return scores, np.where(rows < 0, -1, owners[rows])

    def _parameters(self, kept: NDArray[np.bool_]) -> Any:
        selector, facts = _selector(kept), self.facts
        if facts.kind == "flat":
            return _faiss.SearchParameters(sel=selector)
        return _faiss.SearchParametersIVF(sel=selector, nprobe=facts.breadth)


def on_gpu(index: faiss.Index) -> faiss.Index:
    """Return the index on the first GPU, or as it is where there is none or FAISS has no such form for it."""
    if not getattr(faiss, "get_num_gpus", int)():
        return index
    try:
        return faiss.index_cpu_to_gpu(faiss.StandardGpuResources(), 0, index)
    except RuntimeError:
        return index


def mark(path: Path) -> str:
    """Return a file's length with a hash of both its ends, empty when it cannot be read."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            digest = hashlib.sha256(file.read(ENDS))
            file.seek(max(0, size - ENDS))
            digest.update(file.read(ENDS))
    except OSError:
        return ""
    return f"{size}-{digest.hexdigest()[:32]}"


def _selector(kept: NDArray[np.bool_]) -> Any:
    return _faiss.IDSelectorBitmap(np.packbits(kept, bitorder="little"))


def _facts(path: Path) -> Facts:
    try:
        facts = Facts(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise ArtifactInvalid(f"{path} is missing or damaged; compile the persona again") from error
    if facts.format != FORMAT:
        raise ArtifactInvalid(f"{path} is of another version of personac; compile the persona again")
    return facts
