"""Memory measured on questions whose passages are known, by the same code that compiles and serves a persona.

Knows nothing of personas: the encoders are those that a persona in the languages of these texts would have.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..compile.memory import write_memory
from ..compile.passes import Passes
from ..compile.vectors import TextVectors, encoder_names
from ..mind.memory.index import Index
from ..mind.memory.lexical import Lexical
from ..mind.memory.retrieval import Memory
from ..models.language import LanguageDetector
from ..models.text import load_text_encoder
from ..senses import SharedEncoders
from ..turn import Passage
from .metrics import ndcg_at, recall_at, reciprocal_rank
from .tables import Table, read_table

DEPTH = 100  # passages that are looked for; mrr counts a later one as not found
LOOKED_AT = 200  # texts by which the languages are told
SHARE = 0.05  # of the texts that a language must have to be one of theirs
Progress = Callable[[str, int, int], None]
Query = tuple[str, str, list[str]]  # text, language, ids of the relevant passages


def evaluate_retrieval(
    passages: Path,
    queries: Path,
    *,
    encoders: Sequence[str] = ("auto",),
    parts: bool = False,
    progress: Progress = lambda name, done, total: None,
) -> dict[str, Any]:
    """Return recall@1, recall@5, recall@10, mrr, ndcg@10 and p50_ms of finding passages.

    Passages are {id, text} with title and language if they have them, queries {text, relevant: [id]}. p50_ms is one
    query from text to passages, its encoding included; search_p50_ms is without. `parts` adds each encoder alone and
    full-text search alone, in "parts". Passages that say the same all count, as only the id of one may be relevant.
    Raise BadInput for ids that come twice or are not there.
    """
    found = _passages(read_table(passages, ("id", "text")))
    asked = _queries(read_table(queries, ("text", "relevant")), {passage.id for passage in found})
    detector = _detector([p.text for p in found[:LOOKED_AT]] + [text for text, _ in asked[:LOOKED_AT]])
    found = [p if p.language else replace(p, language=_language(detector, p.text)) for p in found]
    questions: list[Query] = [(text, _language(detector, text), relevant) for text, relevant in asked]
    vectors = TextVectors.named(encoder_names(encoders, _languages(found, questions)), progress)
    with tempfile.TemporaryDirectory(prefix="personac-") as name, Passes() as passes:
        folder = Path(name)
        write_memory(folder, found, vectors, passes, progress)
        memory = Memory(folder, vectors.versions)
        shared = SharedEncoders([load_text_encoder(encoder.name) for encoder in vectors.encoders])
        try:
            shared.warm_up()
            memory.compare_aspects(shared.encode_now)
            result = _measured(memory, shared, questions, progress)
        finally:
            shared.close()
        result["passages"], result["queries"] = len(found), len(questions)
        result["encoders"] = [encoder.name for encoder in vectors.encoders]
        if parts:
            texts = [text for text, *_ in questions]
            result["parts"] = _parts(folder, found, questions, vectors.by_encoder(texts, "parts", progress))
    return result


def _measured(memory: Memory, shared: SharedEncoders, queries: Sequence[Query], progress: Progress) -> dict[str, Any]:
    ranked: list[list[str]] = []
    whole, searched = [], []
    for number, (text, language, _) in enumerate(queries):
        begun = time.perf_counter()
        vectors = shared.encode_now([(text, language)])[0]
        encoded = time.perf_counter()
        memory.search(vectors, None, text, language, 5)
        ended = time.perf_counter()
        whole.append(ended - begun)
        searched.append(ended - encoded)
        deep = memory.search(vectors, None, text, language, DEPTH, collapse=False)
        ranked.append([passage.id for passage in deep])
        progress("search", number + 1, len(queries))
    times = {"p50_ms": 1000 * float(np.median(whole)), "search_p50_ms": 1000 * float(np.median(searched))}
    return {**_figures(ranked, queries), **times}


def _parts(
    folder: Path, passages: Sequence[Passage], queries: Sequence[Query], vectors: Mapping[str, Any]
) -> dict[str, dict[str, float]]:
    """Return the figures of each search alone."""
    found: dict[str, dict[str, float]] = {}
    for name, matrix in vectors.items():
        index = Index.open(folder / "index", name.replace("/", "--"))
        _, owners = index.search(matrix, 2 * DEPTH)
        ranked = [[passages[i].id for i in dict.fromkeys(row.tolist()) if i >= 0] for row in owners]
        found[name] = _figures(ranked, queries)
    lexical = Lexical(folder / "lexical")
    words = [[passages[i].id for i in lexical.search(text, DEPTH)] for text, *_ in queries]
    return {**found, "full-text": _figures(words, queries)}


def _figures(ranked: Sequence[Sequence[str]], queries: Sequence[Query]) -> dict[str, float]:
    pairs = [(row, relevant) for row, (*_, relevant) in zip(ranked, queries, strict=True)]

    def mean(values: Sequence[float]) -> float:
        return sum(values) / max(1, len(values))

    figures = {f"recall@{k}": mean([recall_at(row, known, k) for row, known in pairs]) for k in (1, 5, 10)}
    figures["mrr"] = mean([reciprocal_rank(row, known) for row, known in pairs])
    return {**figures, "ndcg@10": mean([ndcg_at(row, known, 10) for row, known in pairs])}


def _passages(table: Table) -> list[Passage]:
    texts = table.filled("text")
    found: list[Passage] = []
    seen: set[str] = set()
    for number, row in enumerate(table.rows):
        identity = _identity(table, number, row["id"])
        if identity in seen:
            raise table.fault(number, f"id {identity!r} comes twice")
        seen.add(identity)
        title, language = row.get("title") or "", row.get("language") or ""
        if not isinstance(title, str) or not isinstance(language, str):
            raise table.fault(number, "title and language should be texts")
        source = f"{table.path.name}:{table.lines[number]}"
        found.append(Passage(identity, source, title.strip(), texts[number], language.strip().lower()))
    return found


def _queries(table: Table, known: set[str]) -> list[tuple[str, list[str]]]:
    texts = table.texts("text")
    found = []
    for number, row in enumerate(table.rows):
        relevant = row["relevant"]
        if not isinstance(relevant, list) or not relevant:
            raise table.fault(number, "relevant should be a list of ids of passages, with one at least")
        ids = [_identity(table, number, value) for value in relevant]
        strangers = [identity for identity in ids if identity not in known]
        if strangers:
            raise table.fault(number, f"no passage has the id {strangers[0]!r}")
        found.append((texts[number], list(dict.fromkeys(ids))))
    return found


def _identity(table: Table, number: int, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise table.fault(number, f"an id should be a text or a number, not {value!r}")
    return str(value)


def _detector(texts: Sequence[str]) -> LanguageDetector:
    """Return a detector of the languages that texts are in; of one alone it is the default."""
    wide = LanguageDetector(("en", "zh"))
    counts: dict[str, int] = {}
    for text in texts:
        language = wide.detect(text)
        counts[language] = counts.get(language, 0) + 1
    most = [language for language, count in counts.items() if count >= SHARE * len(texts)]
    return LanguageDetector(sorted(most, key=lambda language: (-counts[language], language)))


def _language(detector: LanguageDetector, text: str) -> str:
    """Return the language of a text, which is one of those that most are in."""
    found = detector.detect(text)
    return found if found in detector.languages else detector.languages[0]


def _languages(passages: Sequence[Passage], queries: Sequence[Query]) -> list[str]:
    return sorted({p.language for p in passages} | {language for _, language, _ in queries})
