"""Cut text into sentences, Chinese and European, without losing a character.

A sentence does not end inside of quotes or brackets, nor at an abbreviation, an initial or a decimal point. Rules,
not a model: the same text is cut the same way everywhere.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable
from functools import partial

from .blocks import weight

_PAIRS = {
    "“": "”",
    "「": "」",
    "『": "』",
    "（": "）",
    "(": ")",
    "【": "】",
    "《": "》",
    "[": "]",
    "〈": "〉",
    "〔": "〕",
}
_PARENTHESES = re.compile("[" + re.escape("".join(_PAIRS) + "".join(_PAIRS.values())) + '"]')
_CLOSERS = "”’」』）】》〉〕\"')\\]"
_END = re.compile(rf"(?P<sign>[。！？｡．…؟۔।!?]+|\.+)[{_CLOSERS}]*|\n")
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uff00-\uffef\u3001-\u301f]")
_GOES_ON = re.compile("[，、；：,;:的地得了]|(?:[他她它我你]们?)?[说道问答喊叫]")
_NOT_AN_END = frozenset({
    "mr", "mrs", "ms", "dr", "prof", "st", "mt", "fr", "rev", "gen", "col", "capt", "sen", "rep", "hon", "vs",
    "e.g", "i.e", "cf", "al", "ca", "fig", "figs", "eq", "sec", "viz", "resp", "dept", "jan", "feb", "mar", "apr",
    "jun", "jul", "aug", "sept", "sep", "oct", "nov", "dec", "u.s", "u.k", "u.n", "d.c",
})  # fmt: skip
_BEFORE_NUMBERS = frozenset({
    "no", "nos", "p", "pp", "art", "para", "ch", "vol", "approx", "max", "min", "nr", "tel", "ext",
})  # fmt: skip
_MAY_END = frozenset({"a.m", "p.m"})
_WORD = re.compile(r"[^\s()\[\]“”\"'（）「」\u3000-\u303f\u3400-\u9fff]+\Z")
_OPENERS = re.compile(r"\s*[\"'“‘(\[]*")
_SOFTER = (re.compile(r"[；;]+"), re.compile(r"[，、：]|[,:](?=\s)"), re.compile(r"\s+"))


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text, each with the blanks that follow it; put together they are the text."""
    return _cut(text, _ends(text, _enclosed(text)))


def split_long(text: str, limit: float) -> list[str]:
    """Cut a sentence that weighs more than `limit`: where one ends inside of it, else at ；, a comma or a blank."""
    parts = _packed(text, partial(_ends, enclosed=[]), limit)
    for sign in _SOFTER:
        parts = [piece for part in parts for piece in _packed(part, partial(_after, sign), limit)]
    return [piece for part in parts for piece in _by_characters(part, limit)]


def _after(sign: re.Pattern[str], text: str) -> Iterable[int]:
    return (match.end() for match in sign.finditer(text))


def _packed(text: str, ends: Callable[[str], Iterable[int]], limit: float) -> list[str]:
    """Cut a text at some of the ends, so that each part but the indivisible weighs at most `limit`."""
    if weight(text) <= limit:
        return [text]
    packed, heavy = [""], 0.0
    for piece in _cut(text, ends(text)):
        weighs = weight(piece)
        if packed[-1] and heavy + weighs > limit:
            packed.append("")
            heavy = 0.0
        packed[-1] += piece
        heavy += weighs
    return packed


def _by_characters(text: str, limit: float) -> list[str]:
    if weight(text) <= limit:
        return [text]
    parts, start, heavy = [], 0, 0.0
    for position, character in enumerate(text):
        heavy += weight(character)
        if heavy > limit:
            parts.append(text[start:position])
            start, heavy = position, weight(character)
    return [*parts, text[start:]]


def _cut(text: str, ends: Iterable[int]) -> list[str]:
    parts, start = [], 0
    for end in ends:
        while end < len(text) and text[end].isspace():
            end += 1
        if end > start:
            parts.append(text[start:end])
            start = end
    return [*parts, text[start:]] if start < len(text) else parts


def _enclosed(text: str) -> list[tuple[int, int]]:
    """Return where quotes and brackets open and close, the outermost only, in order."""
    waiting: list[tuple[str, int]] = []
    pairs: list[tuple[int, int]] = []
    for match in _PARENTHESES.finditer(text):
        sign, position = match[0], match.start()
        if sign in _PAIRS:
            waiting.append((_PAIRS[sign], position))
        elif sign == '"' and not any(closer == '"' for closer, _ in waiting[-8:]):
            before, after = text[position - 1 : position], text[position + 1 : position + 2]
            if (not before or before.isspace() or before in _PAIRS or _HAN.match(before)) and not after.isspace():
                waiting.append(('"', position))
        else:
            depth = next((n for n, (closer, _) in enumerate(reversed(waiting[-8:]), 1) if closer == sign), 0)
            if depth:
                pairs.append((waiting[-depth][1], position))
                del waiting[-depth:]
    merged: list[tuple[int, int]] = []
    for start, end in sorted(pairs):
        if not merged or start > merged[-1][1]:
            merged.append((start, end))
    return merged


def _ends(text: str, enclosed: list[tuple[int, int]]) -> Iterable[int]:
    """Yield the positions after sentences."""
    closing = [end for _, end in enclosed]
    started = 0
    for match in _END.finditer(text):
        if match["sign"] is not None:
            around = bisect_left(closing, match.end())
            if around < len(enclosed) and enclosed[around][0] < match.start():
                continue
            if not _is_end(text, match, started):
                continue
        started = match.end()
        yield started


def _is_end(text: str, match: re.Match[str], started: int) -> bool:
    end, sign = match.end(), match["sign"]
    after = text[end : end + 1]
    if not after:
        return True
    if after in "，、；：,;:" or (match[0] != sign and _GOES_ON.match(text, end)):
        return False
    if sign[-1] not in ".!?…":
        return True
    before = text[match.start() - 1 : match.start()]
    if _HAN.match(after) or (before and _HAN.match(before) and sign != "."):
        return not before.isdigit() or sign != "."
    if not after.isspace():
        return False
    opened = _OPENERS.match(text, end)
    upcoming = text[opened.end() : opened.end() + 1] if opened else ""
    if upcoming.islower():
        return False
    return sign != "." or _ends_at_point(text, match.start(), started, upcoming)


def _ends_at_point(text: str, point: int, started: int, upcoming: str) -> bool:
    """Tell whether a full stop, with a blank and no small letter after it, ends a sentence."""
    found = _WORD.search(text[max(started, point - 24) : point])
    word = found[0] if found else ""
    if word.isdigit() and not text[started : point - len(word)].strip():
        return False  # the number of an item
    form = word.casefold().lstrip("-–—")
    if form in _MAY_END:
        return True
    if form in _NOT_AN_END or (form in _BEFORE_NUMBERS and upcoming.isdigit()):
        return False
    return not (len(word) == 1 and word.isupper()) and not re.fullmatch(r"(?:[a-z]\.)+[a-z]", form)
