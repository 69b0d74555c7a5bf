"""Grounding: which words of a passage answer, and whether a sentence keeps to its sources."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from ..turn import Passage
from .retrieval import terms

QUOTE_CHARACTERS = 320
_END = re.compile(r"(?<=[.!?])(?:[\"')\]]*)\s+(?=[\"'(\[]?[A-Z0-9\u00c0-\u024f])|(?<=[。！？；])(?=[^”’）」])|\n+")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-Z][\w’'-]+(?:\s+[A-Z][\w’'-]+)*")
_SPOKEN = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9", "ten": "10", "twelve": "12", "twenty": "20", "thirty": "30", "fifty": "50", "hundred": "100",
}  # fmt: skip


def sentences(text: str) -> list[str]:
    """Split text into sentences, Chinese or European."""
    return [piece.strip() for piece in _END.split(text) if piece and piece.strip()]


def sentences_so_far(text: str) -> list[str]:
    """Return the whole sentences of a text that still grows, and last what is not yet one (perhaps empty)."""
    parts = sentences(text)
    if not parts:
        return [text]
    return [*parts, ""] if text.rstrip() != text and text.rstrip()[-1:] in ".!?。！？" else parts


def pieces(text: str) -> list[str]:
    """Cut an answer into its sentences without losing a character."""
    cut: list[str] = []
    position = 0
    for sentence in sentences(text):
        end = text.index(sentence, position) + len(sentence)
        cut.append(text[position:end])
        position = end
    return [*cut, text[position:]] if position < len(text) else cut


def quote(passage: Passage, question: str) -> str:
    """Return the sentences of a passage that answer best: all of a short one, else the best run of three."""
    if len(passage.text) <= QUOTE_CHARACTERS:
        return passage.text
    parts = sentences(passage.text)
    wanted = set(terms(question))
    joiner = "" if passage.language in ("zh", "ja") else " "

    def overlap(start: int) -> tuple[int, int]:
        return len(wanted & set(terms(joiner.join(parts[start : start + 3])))), -start

    start = max(range(max(1, len(parts) - 2)), key=overlap)
    return joiner.join(parts[start : start + 3])


def _numbers(text: str) -> set[str]:
    found = set()
    for match in _NUMBER.findall(unicodedata.normalize("NFKC", text)):
        found.add(match.replace(",", "").rstrip(".:").lstrip("0") or "0")
    return found


def ungrounded(sentence: str, sources: Iterable[str]) -> list[str]:
    """Return the numbers and names of a sentence that none of its sources holds."""
    joined = unicodedata.normalize("NFKC", "\n".join(sources))
    lower = joined.lower()
    known = _numbers(joined) | {_SPOKEN[word] for word in re.findall(r"[a-z]+", lower) if word in _SPOKEN}
    missing = sorted(_numbers(sentence) - known)
    missing += [name for name in _NAME.findall(sentence) if name.lower() not in lower]
    return missing


def sources_of(passages: Sequence[Passage]) -> list[str]:
    """Return the texts that a sentence may draw on."""
    return [f"{passage.title}\n{passage.text}" for passage in passages]
