"""The memory at run time: the passages that a message is about, best first.

Asks each encoder's index and full-text search (candidates.py), mixes what they find (ranking.py), and leaves out what
says the same twice. Every passage has one or more keys (its title with its text, its title); it is as near as its
nearest key. Does not know how a message was encoded, nor what is done with the passages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import ArtifactInvalid
from ...turn import Passage, Vector
from .candidates import Encode, Searches
from .changes import Changes, content
from .filters import Filter, allowed
from .index import Index
from .lexical import Lexical
from .likeness import Likeness
from .passages import Passages
from .ranking import Mix, mixed
from .terms import terms as terms

DEPTH = 50  # passages that each search brings, at least
RERANKED = 20  # passages that a cross-encoder reads
Rerank = Callable[[str, Sequence[str]], Sequence[float]]
Show = Callable[[Passage], Passage | None]
Floats = NDArray[np.float32]


def texts_of(passage: Passage) -> tuple[str, ...]:
    """Return the texts under which encoders find a passage."""
    return (f"{passage.title}. {passage.text}", passage.title) if passage.title else (passage.text,)


def words_of(passage: Passage) -> str:
    """Return the text under which full-text search finds a passage."""
    return f"{passage.title} {passage.text}"


class Memory:
    """Search the passages of one artifact."""

    def __init__(self, folder: Path, models: Mapping[str, str] | None = None, changes: Changes | None = None) -> None:
        """Map an artifact's memory; `models` are its encoders' contents by their names, `changes` what came after it.

        Raise ArtifactInvalid when a part is damaged or was made with other encoders.
        """
        self.passages = Passages(folder)
        self.rerank: Rerank | None = None  # scores of (question, texts); set where the persona names a cross-encoder
        self.show: Show | None = None  # a passage as it may be read, None for one that may not; asked once for each
        self._shown: dict[int, Passage | None] = {}
        self._indexes: dict[str, Index] = {}
        for path in sorted((folder / "index").glob("*.json")):
            name = path.stem.replace("--", "/")
            self._indexes[name] = Index.open(folder / "index", path.stem, models.get(name) if models else None)
        self._lexical = Lexical(folder / "lexical")
        if len(self._lexical) != len(self.passages):
            raise ArtifactInvalid(f"{folder / 'lexical'} is not of these passages; compile the persona again")
        self._mix = Mix.read(folder / "ranking.json")
        self._searches = Searches(folder, self._indexes, self._lexical, self._mix.with_aspects)
        self._removed: set[int] = set()
        self._allowed: dict[tuple[Filter, int], NDArray[np.bool_]] = {}
        self._changes = changes
        self._models = {} if models is None else dict(models)
        if changes is not None:
            self._restore(changes)

    def forget_questions(self) -> None:
        """Forget the questions that were asked lately; words of a user may be among them."""
        self._searches.forget_questions()

    def search(
        self,
        vectors: Mapping[str, Vector],
        fused: tuple[str, Vector] | None,
        text: str,
        language: str,
        count: int,
        *,
        only: Filter | None = None,
        collapse: bool = True,
    ) -> list[Passage]:
        """Find passages for a message, best first.

        `vectors` are by encoder name; `fused` is the fused query with the encoder in whose space it lies, one more
        search. `only` says which passages may be found; `collapse` leaves out what says the same as a better one.
        `score` is the best cosine of the frozen encoders, `matched` the mark that ranked it.
        """
        if not len(self.passages) or count < 1:
            return []
        kept = None if only is None or only.empty else self._fitting(only)
        depth = max(DEPTH, count)
        candidates = self._searches.candidates(vectors, fused, text, language, depth, kept)
        positions = candidates.positions
        marks = mixed(candidates, self._mix, self.passages.languages_of(positions), language)  # [n]
        order = np.lexsort((positions, -marks))
        if self.rerank is not None and text.strip():
            order = self._reranked(text, positions, order, max(RERANKED, count))
        frozen = [found.cosines for found in candidates.found if not found.fused]
        cosines = np.fmax.reduce([*frozen, np.full(len(positions), -1.0, np.float32)])
        cosines = np.where(cosines > -1.0, cosines, 0.0)
        return self._collect(positions[order], marks[order], cosines[order], language, count, collapse)

    def compare_aspects(self, encode: Encode) -> None:
        """Compare what a question asks about its subject too, where passages were found to need it.

        `encode` gives the vectors of (text, language) pairs by encoder; without it all of a question counts alike.
        """
        self._searches.encode = encode

    def add(self, passages: Sequence[Passage], vectors: Mapping[str, NDArray[np.float32]]) -> None:
        """Add passages; they are found at once, without a new compile, and after a restart where changes are kept.

        `vectors` are by encoder name, a row for each of the `texts_of` each passage, in order; an encoder that does not
        read them may be missing. Raise ValueError when an id is there already, or the rows do not fit.
        """
        ids = [passage.id for passage in passages]
        known = [id for id in ids if (at := self.passages.position(id)) is not None and at not in self._removed]
        if known or len(set(ids)) < len(ids):
            raise ValueError(f"there is a passage {known[0] if known else min(ids)!r} already")
        rows = sum(len(texts_of(passage)) for passage in passages)
        for name, matrix in vectors.items():
            if name not in self._indexes or matrix.shape != (rows, self._indexes[name].facts.dimension):
                raise ValueError(f"{name} with {matrix.shape} does not fit: {rows} texts; known: {[*self._indexes]}")
        if self._changes is not None:
            self._changes.add(_with_keys(passages, {self._models.get(name, ""): m for name, m in vectors.items()}))
        self._insert(passages, vectors)

    def _insert(self, passages: Sequence[Passage], vectors: Mapping[str, NDArray[np.float32]]) -> None:
        positions = [self.passages.append(passage) for passage in passages]
        owners = [position for position, one in zip(positions, passages, strict=True) for _ in texts_of(one)]
        self._lexical.add([words_of(passage) for passage in passages])
        for name, matrix in vectors.items():
            self._indexes[name].add(owners, np.ascontiguousarray(matrix, np.float32))
            if name in self._searches.aspects:
                self._searches.aspects[name].add(owners, matrix)
        self._allowed.clear()

    def remove(self, ids: Iterable[str]) -> int:
        """Find the passages with these ids no more; return how many there were."""
        found = {position for id in ids if (position := self.passages.position(id)) is not None} - self._removed
        if self._changes is not None and found:
            self._changes.delete([self.passages[position] for position in sorted(found)])
        self._forget(found)
        return len(found)

    def _forget(self, found: set[int]) -> None:
        self._lexical.remove(sorted(found))
        for index in self._indexes.values():
            index.delete(sorted(found))
        self._removed |= found

    def _restore(self, changes: Changes) -> None:
        """Do again what was changed since the artifact was compiled; what it has taken in already is left as it is."""
        names = {model: name for name, model in self._models.items() if name in self._indexes}
        gone = [(self.passages.position(id), said) for id, said in changes.deleted().items()]
        self._forget({at for at, said in gone if at is not None and content(self.passages[at]) == said})
        for passage, keys in changes.added():
            at = self.passages.position(passage.id)
            if at is not None and content(self.passages[at]) == content(passage):
                continue
            self._forget(set() if at is None else {at})
            self._insert([passage], {names[model]: part for model, part in keys.items() if model in names})

    def of_record(self, record: str, field: str, language: str) -> Passage | None:
        """Return the passage of one field of a record, in the language if there is one."""
        position = self.passages.of_record(record, field, language)
        if position is None or position in self._removed:
            position = self.passages.of_record(record, field)
        passage = None if position is None else self._passage(position)
        return None if passage is None else replace(passage, score=1.0, matched=1.0)

    def _passage(self, position: int) -> Passage | None:
        """Return a passage as it may be read."""
        if self.show is None:
            return self.passages[position]
        if position not in self._shown:
            if len(self._shown) >= SHOWN:
                self._shown = {}
            self._shown[position] = self.show(self.passages[position])
        return self._shown[position]

    def _reranked(
        self, text: str, positions: NDArray[np.int64], order: NDArray[np.int64], count: int
    ) -> NDArray[np.int64]:
        """Return the best passages in the order of the cross-encoder, the others behind them."""
        first = order[:count]
        if self.rerank is None or not len(first):
            return order
        texts = [words_of(self.passages[position]).strip() for position in positions[first].tolist()]
        best = np.argsort(-np.asarray(self.rerank(text, texts), np.float64), kind="stable")
        return np.concatenate([first[best], order[count:]])

    def _collect(
        self,
        positions: NDArray[np.int64],
        marks: Floats,
        cosines: Floats,
        language: str,
        count: int,
        collapse: bool,
    ) -> list[Passage]:
        found: list[Passage] = []
        taken: set[int] = set()
        said = Likeness()
        for row, position in enumerate(positions.tolist()):
            passage = self.passages[position]
            twin = position
            if passage.record and passage.field and passage.language != language:
                same = self.passages.of_record(passage.record, passage.field, language)
                twin = position if same is None or same in self._removed else same
            if twin in taken:
                continue
            taken.add(twin)
            shown = self._passage(twin)
            if shown is None or (collapse and said.known(shown)):
                continue
            found.append(replace(shown, score=float(cosines[row]), matched=float(marks[row])))
            if len(found) == count:
                break
        return found

    def _fitting(self, only: Filter) -> NDArray[np.bool_]:
        """Return which passages a filter lets through; looked through once for each filter."""
        key = (only, len(self.passages))
        fitting = self._allowed.get(key)
        if fitting is None:
            fitting = allowed(self.passages, only)
            if len(self._allowed) >= REMEMBERED:
                self._allowed.clear()
            self._allowed[key] = fitting
        return fitting


def _with_keys(
    passages: Sequence[Passage], vectors: Mapping[str, NDArray[np.float32]]
) -> Iterator[tuple[Passage, dict[str, NDArray[np.float32]]]]:
    at = 0
    for passage in passages:
        end = at + len(texts_of(passage))
        yield passage, {name: matrix[at:end] for name, matrix in vectors.items()}
        at = end


REMEMBERED = 32  # filters
SHOWN = 4096  # passages
