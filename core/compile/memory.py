"""Write what a persona's memory is searched by: an index for each encoder, full-text search, and how they are mixed.

Knows passages and encoders, not personas: evaluations write the memory of any passages with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..contracts import Encoder
from ..mind.memory.aspects import write_aspects
from ..mind.memory.indexing import learn, learnt_from, lists_for, write_index
from ..mind.memory.lexical import write_lexical
from ..mind.memory.passages import write_passages
from ..mind.memory.retrieval import texts_of, words_of
from ..turn import Passage
from .artifact import link
from .mixing import mix_of
from .order import Order
from .passes import Passes, outputs
from .vectors import Progress, TextVectors, covers

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
    around = np.zeros((2, len(passages)), np.uint8)
    own: dict[str, tuple[NDArray[np.float32], list[int]]] = {}
    for encoder in vectors.encoders:
        keys, owners = _keys(passages, encoder)
        matrix = vectors.of(encoder, keys, f"index ({encoder.name})", progress)
        own[encoder.name] = matrix, owners
        order = Order.of(matrix, owners, passages)
        matrix = order.in_context(matrix)
        around = np.maximum(around, order.around(len(passages)))
        questions = vectors.of(encoder, asked, "index", progress)
        name, version = encoder.name.replace("/", "--"), vectors.versions[encoder.name]
        write_index(folder / "index", name, matrix, owners, version, questions, _learnt(matrix, passes))
    texts = [words_of(passage) for passage in passages]

    def write(made: Path) -> None:
        write_lexical(made / "lexical", texts, around)

    made = passes.run("lexical", write, [*texts, around], LEXICAL_MODULES, ("pypinyin", "PyStemmer"))
    hashes = {}
    for file in outputs(made):
        target = folder / file.relative_to(made)
        link(file, target)
        hashes[target] = passes.hashes[file]
    mix = mix_of(vectors.encoders, passages, 2 * int(around.any(0).sum()) >= len(passages))
    mix.write(folder / "ranking.json")
    for name, (matrix, owners) in own.items():
        if mix.part(name).aspect:
            write_aspects(folder, name, matrix, owners, len(passages))
    write_passages(folder, passages)
    return hashes


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
