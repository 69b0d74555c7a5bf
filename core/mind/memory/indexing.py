"""Make a FAISS index for vectors: flat, or inverted lists (IVF) of half-precision vectors, by how many there are.

How broadly it must be searched is measured here on held-out rows and stored beside it. Knows no passages but their
numbers. The same vectors give the same bytes: an index depends on nothing that was made before it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from .index import Facts, Kind, Matrix, mark, on_gpu

FLAT = 25_000  # rows up to which every one is compared: a few milliseconds, exact, and nothing is learnt
SEED = 2026
RECALL = 0.985  # of the ten nearest, on held-out rows; questions lie further out, and are promised 0.95
HELD_OUT = 256
MANY = 50_000  # rows to learn from that are worth a second thread: small steps only wait for each other
ROWS_PER_LIST = 128  # at least; fewer than twice as many
PER_LIST = 32  # rows that each list learns its centre from
MOST_LISTS = 4096
BREADTHS = (4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)
ROUNDING = 1e-4  # of scores: what is as near counts as found


def kind_for(rows: int) -> Kind:
    """Return the kind of index for so many rows."""
    return "flat" if rows <= FLAT else "ivf"


def lists_for(rows: int) -> int:
    """Return the number of lists of IVF, a power of two, so that it seldom changes."""
    return int(min(MOST_LISTS, 2 ** max(0, (rows // ROWS_PER_LIST).bit_length() - 1)))


def learnt_from(vectors: Matrix) -> Matrix:
    """Return the rows that an index of these vectors learns from; none when it learns nothing.

    Which ones hangs on each row's own bytes, so a row more or less seldom changes them, and learning can be cached.
    """
    if kind_for(len(vectors)) != "ivf":
        return vectors[:0]
    wanted = PER_LIST * lists_for(len(vectors))
    odd = np.random.default_rng(SEED).integers(0, 2**63, vectors.shape[1], np.uint64) * 2 + 1
    hashes = np.concatenate(
        [
            np.ascontiguousarray(part).view(np.uint32) @ odd
            for part in np.array_split(vectors, len(vectors) // 10_000 + 1)
        ]
    )
    return vectors[np.sort(np.argsort(hashes, kind="stable")[:wanted])]


def learn(rows: int, sample: Matrix, path: Path) -> None:
    """Write an empty index for so many rows: the centres of its lists.

    Sivic and Zisserman, Video Google, 2003. Graphs (HNSW) take several times as long to make, and product quantisation
    with refinement is slow to load; both were measured and find no more.
    """
    dimension = sample.shape[1]
    with threads(1 if len(sample) < MANY else os.cpu_count() or 1):
        index: Any = faiss.index_factory(dimension, f"IVF{lists_for(rows)},SQfp16", faiss.METRIC_INNER_PRODUCT)
        index.cp.seed, index.cp.niter, index.cp.max_points_per_centroid = SEED, 8, PER_LIST
        index.cp.min_points_per_centroid = 1
        centres = on_gpu(faiss.IndexFlatIP(dimension))  # where there is one, it learns many times faster
        index.clustering_index = centres
        index.train(np.ascontiguousarray(sample, np.float32))
        index.clustering_index = None
        faiss.write_index(index, str(path))


def write_index(
    folder: Path,
    name: str,
    vectors: Matrix,
    passages: Sequence[int],
    model: str = "",
    queries: Matrix | None = None,
    learnt: Path | None = None,
) -> Facts:
    """Write an inner-product index of unit vectors [n, d], the passage of each row beside it, and how to search it.

    `model` names the content of the encoder. `queries` [m, d] are questions that it must answer well, besides the
    rows held out. `learnt` is what `learn` wrote for `learnt_from(vectors)`; without it that is done here.
    """
    vectors = np.ascontiguousarray(vectors, np.float32)
    kind = kind_for(len(vectors))
    held = _held_out(len(vectors)) if kind != "flat" else np.empty(0, np.int64)
    order = np.concatenate([np.setdiff1d(np.arange(len(vectors)), held, assume_unique=True), held])
    first = len(order) - len(held)
    path = folder / f"{name}.faiss"
    index = _empty(kind, vectors, learnt, path)
    with threads(os.cpu_count() or 1):
        _add(index, vectors, order[:first])
        breadth, recall = 0, 1.0
        if kind != "flat":
            asked = vectors[held] if queries is None or not len(queries) else np.vstack([vectors[held], queries])
            breadth, recall = _tuned(index, vectors, order[:first], asked, len(held))
            index.nprobe = breadth
        _add(index, vectors, order[first:])
        faiss.write_index(index, str(path))
    owners = folder / f"{name}.npy"
    np.save(owners, np.asarray(passages, np.int64)[order], allow_pickle=False)
    marks = {file.name: mark(file) for file in (path, owners)}
    facts = Facts(kind, len(vectors), int(vectors.shape[1]), model, breadth, round(recall, 4), marks)
    facts.write(folder / f"{name}.json")
    return facts


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Let FAISS use so many threads inside."""
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(count)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def _held_out(rows: int) -> NDArray[np.int64]:
    return np.sort(np.random.default_rng(SEED).choice(rows, min(HELD_OUT, rows // 10), replace=False))


def _empty(kind: Kind, vectors: Matrix, learnt: Path | None, path: Path) -> Any:
    dimension = int(vectors.shape[1])
    if kind == "flat":
        return faiss.IndexFlatIP(dimension)
    if learnt is None:
        learn(len(vectors), learnt_from(vectors), path)
    return faiss.read_index(str(learnt or path))


def _add(index: Any, vectors: Matrix, rows: NDArray[np.int64]) -> None:
    for start in range(0, len(rows), 50_000):
        index.add(vectors[rows[start : start + 50_000]])


def _tuned(index: Any, vectors: Matrix, rows: NDArray[np.int64], asked: Matrix, held: int) -> tuple[int, float]:
    """Return how many lists to look into so that recall@10 is reached, and the recall: the least of both sorts."""
    tenth = _exact(vectors, rows, asked)
    recall = 0.0
    for breadth in BREADTHS:
        index.nprobe = breadth
        _, found = index.search(asked, 10)
        near = np.einsum("qkd,qd->qk", vectors[rows[found]], asked) >= tenth[:, None] - ROUNDING
        hits = (near & (found >= 0)).mean(1)
        recall = float(min(part.mean() for part in (hits[:held], hits[held:]) if len(part)))
        if recall >= RECALL:
            break
    return breadth, recall


def _exact(vectors: Matrix, rows: NDArray[np.int64], asked: Matrix) -> Matrix:
    """Return the exact score of the tenth nearest row of each query."""
    best = np.full((len(asked), 10), -1.0, np.float32)
    for start in range(0, len(rows), 50_000):
        scores = asked @ vectors[rows[start : start + 50_000]].T
        both = np.hstack([best, scores])
        best = -np.partition(-both, 9, axis=1)[:, :10]
    tenth: Matrix = best.min(1)
    return tenth
