"""Mark the words of a message that fill slots: BIO tags from a small conditional random field.

Its evidence is the words, their shapes, what the recognisers of values and of names found, and the states of a sentence
encoder where there are some. Runs what the compiler trained; knows no intents, and does not read the values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..values.clock import dayparts
from ..values.typed import find, folded

if TYPE_CHECKING:
    from .entities import EntityFinder

KINDS = ("number", "money", "date", "time", "duration", "email", "phone")
TOKENS = 256  # of a message that are tagged
OUTSIDE = "O"
_TOKEN = re.compile(r"[^\W\d_\u3040-\u30ff\u3400-\u9fff]+(?:['’][^\W\d_]+)*|\d+|\S")
_DAY = date(2024, 5, 15)  # any day does: only where values stand is used, not what they are
_NEVER = -1e4
Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Span:
    """Hold a part of a message that a recogniser or the tagger marks."""

    label: str
    start: int
    end: int


def words(text: str) -> list[tuple[int, int]]:
    """Return where the words of a text stand: Latin words, runs of digits, single Chinese characters, signs."""
    return [match.span() for match in _TOKEN.finditer(text)][:TOKENS]


def recognised(text: str, names: Mapping[str, EntityFinder] = {}) -> list[Span]:
    """Return what the recognisers find: values of all kinds, parts of the day, names of entities by slot."""
    found = []
    for kind in KINDS:
        for value in find(kind, text, _DAY):
            period = kind == "date" and isinstance(value.value, dict)
            found.append(Span("period" if period else kind, value.start, value.end))
    found += [Span("daypart", start, end) for start, end in dayparts(folded(text))]
    for slot, finder in names.items():
        found += [Span(f"name:{slot}", mention.start, mention.end) for mention in finder.mentions(text)]
    return found


def features(text: str, places: Sequence[tuple[int, int]], found: Sequence[Span]) -> list[list[str]]:
    """Return the sparse features of each word, as texts."""
    plain = folded(text)
    said = [plain[start:end] for start, end in places]
    around = ["<2", "<1", *said, ">1", ">2"]
    rows: list[list[str]] = []
    for i, word in enumerate(said):
        before2, before, after, after2 = around[i], around[i + 1], around[i + 3], around[i + 4]
        rows.append(
            [
                "bias", f"w={word}", f"w-1={before}", f"w+1={after}", f"w-2={before2}", f"w+2={after2}",
                f"w-1w={before}|{word}", f"ww+1={word}|{after}", f"w-2w-1={before2}|{before}",
                f"w+1w+2={after}|{after2}",
                f"s={_shape(text[places[i][0] : places[i][1]])}", f"s-1={_shape(before)}", f"s+1={_shape(after)}",
                f"suffix={word[-3:]}", f"prefix={word[:3]}",
            ]
        )  # fmt: skip
    seen: dict[str, int] = {}
    for span in sorted(found, key=lambda span: span.start):
        inside = [i for i, (start, end) in enumerate(places) if start < span.end and end > span.start]
        if not inside:
            continue
        first, last = inside[0], inside[-1]
        order = seen[span.label] = seen.get(span.label, -1) + 1
        before, after = around[first + 1], around[last + 3]
        near = {stem(word) for word in said[max(0, first - 2) : last + 3] if word.isalpha()}
        for i in inside:
            place = "B" if i == first else "I"
            mark = f"{span.label}:{place}"
            rows[i] += [
                mark, f"{mark}{'L' if i == last else ''}", f"{mark}#{min(order, 2)}", f"{mark}<{before}",
                f"{mark}>{after}", f"{mark}<<{around[first]}|{before}", f"{mark}>>{after}|{around[last + 4]}",
                f"{mark}={said[i]}", f"{mark}..{said[last]}", f"{mark}^{said[first]}",
                f"{mark}~{len(said) == len(inside)}",
            ]  # fmt: skip
            rows[i] += [f"{mark}~near={word}" for word in sorted(near)]
        if first:
            rows[first - 1].append(f"before:{span.label}")
        if last + 1 < len(said):
            rows[last + 1].append(f"after:{span.label}")
    return rows


def stem(word: str) -> str:
    """Return a word without the s of a plural."""
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


def _shape(word: str) -> str:
    if word.isdigit():
        return f"d{min(len(word), 5)}"
    if word[:1].isalpha():
        return "zh" if not word.isascii() else "Xx" if word[:1].isupper() else "x"
    return word


def spans(tags: Sequence[str], places: Sequence[tuple[int, int]]) -> list[Span]:
    """Return the marked parts of a tagged text."""
    found: list[Span] = []
    for tag, (start, end) in zip(tags, places, strict=True):
        if tag.startswith("B-"):
            found.append(Span(tag[2:], start, end))
        elif tag.startswith("I-") and found:
            found[-1] = Span(found[-1].label, found[-1].start, end)
    return found


def allowed(tags: Sequence[str]) -> NDArray[np.bool_]:
    """Return [tags + 1, tags]: whether a tag may follow another; the last row is the beginning of a text."""
    rows = [
        [not tag.startswith("I-") or (before[:1] in ("B", "I") and before[2:] == tag[2:]) for tag in tags]
        for before in [*tags, OUTSIDE]
    ]
    return np.array(rows, np.bool_)


def viterbi(emissions: Array, transitions: Array) -> list[int]:
    """Return the best sequence of tags; emissions [t, tags], transitions [tags + 1, tags], the last from the start."""
    score = emissions[0] + transitions[-1]
    back = []
    for row in emissions[1:]:
        total = score[:, None] + transitions[:-1]  # [from, to]
        back.append(total.argmax(0))
        score = total.max(0) + row
    best = [int(score.argmax())]
    for step in reversed(back):
        best.append(int(step[best[-1]]))
    return best[::-1]


class Tagger:
    """Mark slots with what the compiler trained: tagger.json, tagger.onnx."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime

        told = json.loads((folder / "tagger.json").read_text("utf-8"))
        self.tags: list[str] = told["tags"]
        self.slots = frozenset(tag[2:] for tag in self.tags if tag != OUTSIDE)
        self._rows: dict[str, int] = {name: row for row, name in enumerate(told["features"], start=1)}
        self._transitions = np.array(told["transitions"], np.float32)
        self._transitions[~allowed(self.tags)] = _NEVER
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(folder / "tagger.onnx"), options, providers=["CPUExecutionProvider"]
        )

    def mark(self, text: str, names: Mapping[str, EntityFinder] = {}) -> list[Span]:
        """Return the parts of a text that fill slots, in order."""
        places = words(text)
        if not places:
            return []
        ids = rows_of(features(text, places, recognised(text, names)), self._rows)
        (emissions,) = self._session.run(["emissions"], {"features": ids})
        return spans([self.tags[i] for i in viterbi(emissions, self._transitions)], places)


def rows_of(found: Sequence[Sequence[str]], known: Mapping[str, int]) -> NDArray[np.int64]:
    """Return [words, most features] of the rows of known features, padded with 0."""
    rows = [[known[name] for name in names if name in known] for names in found]
    table = np.zeros((len(rows), max(1, *map(len, rows))), np.int64)
    for i, row in enumerate(rows):
        table[i, : len(row)] = row
    return table
