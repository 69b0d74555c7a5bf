"""Write what a persona's memory is searched by: an index for each encoder, full-text search, and how they are mixed.

Knows passages and encoders, not personas: evaluations write the memory of any passages with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..contracts import Encoder
from ..mind.memory.indexing import learn, learnt_from, lists_for, write_index
from ..mind.memory.lexical import write_lexical
from ..mind.memory.passages import write_passages
from ..mind.memory.retrieval import texts_of, words_of
from ..turn import Passage
from .artifact import link
from .mixing import mix_of
from .passes import Passes, outputs
from .vectors import Progress, TextVectors, covers

NEIGHBOURS = 4  # on each side
CONTEXT = 0.2  # of a neighbour with cosine 1
LEXICAL_MODULES = ("mind.memory.lexical", "mind.memory.terms")


def write_memory(
    folder: Path,
    passages: Sequence[Passage],
    vectors: TextVectors,
    passes: Passes,
    progress: Progress,
    asked: Sequence[str] = (),
) -> dict[Path, str]:
    """Write the memory of passages (mind/memory), and return the hashes of those files whose hash is known.

    `asked` are questions that an index must answer well, besides passages held out.
    """
    (folder / "index").mkdir(parents=True, exist_ok=True)
    for encoder in vectors.encoders:
        keys, owners = _keys(passages, encoder)
        matrix = vectors.of(encoder, keys, f"index ({encoder.name})", progress)
        matrix = in_context(matrix, owners, passages)
        questions = vectors.of(encoder, asked, "index", progress)
        name, version = encoder.name.replace("/", "--"), vectors.versions[encoder.name]
        write_index(folder / "index", name, matrix, owners, version, questions, _learnt(matrix, passes))
    texts = [words_of(passage) for passage in passages]

    def write(made: Path) -> None:
        write_lexical(made / "lexical", texts)

    made = passes.run("lexical", write, texts, LEXICAL_MODULES, ("pypinyin", "PyStemmer"))
    hashes = {}
    for file in outputs(made):
        target = folder / file.relative_to(made)
        link(file, target)
        hashes[target] = passes.hashes[file]
    mix_of(vectors.encoders, passages).write(folder / "ranking.json")
    write_passages(folder, passages)
    return hashes


def in_context(matrix: NDArray[np.float32], owners: Sequence[int], passages: Sequence[Passage]) -> NDArray[np.float32]:
    """Return the vectors [n, d] of keys, those of passages without a title drawn to their neighbours in the same file.

    A piece of a document leaves out what it is about when the pieces around it say so. Each neighbour counts by its
    cosine, so where a file's order means nothing, little changes.
    """
    untitled = np.array([not passages[owner].title for owner in owners], np.bool_)
    if not untitled.any():
        return matrix
    files = [passages[owner].source.rpartition(":")[0] for owner in owners]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(files))}
    file = np.array([numbers[name] for name in files])
    around = np.zeros_like(matrix)
    for distance in range(1, min(NEIGHBOURS, len(matrix) - 1) + 1):
        cosine = np.einsum("nd,nd->n", matrix[distance:], matrix[:-distance])
        both = (file[distance:] == file[:-distance]) & untitled[distance:] & untitled[:-distance]
        weight = np.where(both, np.maximum(cosine, 0.0), 0.0)[:, None].astype(np.float32)
        around[distance:] += weight * matrix[:-distance]
        around[:-distance] += weight * matrix[distance:]
    drawn = matrix + CONTEXT * around
    norm = np.maximum(np.linalg.norm(drawn, axis=1, keepdims=True), 1e-6)
    return np.ascontiguousarray(np.where(untitled[:, None], drawn / norm, matrix), np.float32)


def _keys(passages: Sequence[Passage], encoder: Encoder) -> tuple[list[str], list[int]]:
    """Return under which texts passages are found, and whose each is."""
    keys: list[str] = []
    owners: list[int] = []
    for position, passage in enumerate(passages):
        if covers(encoder, passage.language):
            texts = texts_of(passage)
            keys += texts
            owners += [position] * len(texts)
    return keys, owners


def _learnt(vectors: NDArray[np.float32], passes: Passes) -> Path | None:
    """Return what an index of vectors learns from them, None when they are few; it seldom changes with them."""
    sample = learnt_from(vectors)
    if not len(sample):
        return None
    rows = len(vectors)
    made = passes.run(
        "lists",
        lambda folder: learn(rows, sample, folder / "learnt.faiss"),
        [str(lists_for(rows)), sample],
        ("mind.memory.indexing",),
        ("faiss-cpu",),
    )
    return made / "learnt.faiss"
