"""Text as it is spoken: without markup, links and emoji, cut into pieces that a voice can start with at once."""

from __future__ import annotations

import re

LONGEST = 240  # characters that a voice gets at once
QUICK = 60  # characters of the first piece, above which it is cut at a comma

_REWRITES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.MULTILINE | re.DOTALL), to)
    for pattern, to in (
        (r"```.*?(```|\Z)", " "),
        (r"!\[[^\[\]\n]{0,300}\]\([^()\n]{0,500}\)", " "),
        (r"\[([^\[\]\n]{1,300})\]\([^()\n]{0,500}\)", r"\1"),
        (r"\[\d+(?:\s*,\s*\d+)*\]", ""),  # citations
        (r"<?\b(?:https?://|www\.)[\w\-./?%&=#:@~+!$',;*()\[\]]+>?", " "),
        (r"<[a-zA-Z/][^<>]{0,200}>", " "),
        (r"^\s{0,3}#{1,6}\s+", ""),
        (r"^\s*(?:[-*+•·]|\d{1,2}[.)])\s+", ""),
        (r"^\s*>\s?", ""),
        (r"^\s*[-*_=|: ]{3,}$", ""),
        (r"\*\*|__|~~|`", ""),
        (r"(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)", ""),
        (r"\s*\|\s*", ", "),
        (
            "[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u2190-\u21ff\u2300-\u23ff\ufe0e\ufe0f\u200d\u20e3"
            "\U000e0020-\U000e007f\u3030\u303d]+",
            " ",
        ),
        (r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffd]", " "),
        (r"^[ \t]*,[, \t]*|[, \t]*,[ \t]*$", ""),
        (r"[ \t]+", " "),
        (r" +([,.!?;:，。！？；：、])", r"\1"),
    )
)
_END = re.compile(r"(?<=[.!?…])[\"')\]”’]*\s+|(?<=[。！？；])(?![。！？”’」』）])|(?<=[。！？][”’」』）])|\n+")
_SHORT_FORM = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|No|Nr|Jr|Sr|vs|etc|approx|e\.g|i\.e|a\.m|p\.m|U\.S|Inc|Ltd|Co|Fig|Ave|Mt)|\b[A-Z])\.$"
)
_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_EAST = {"zh", "yue", "ja", "ko"}
_PAUSE = re.compile(r"(?<=[,;:，；：、—])\s*")


def speakable(text: str) -> str:
    """Return the text without what a voice should not read out."""
    for pattern, to in _REWRITES:
        text = pattern.sub(to, text)
    return text.strip()


def pieces(text: str) -> list[str]:
    """Return what to speak, sentence by sentence, the first piece short; empty when nothing can be said."""
    sentences: list[str] = []
    for part in _END.split(speakable(text)):
        part = (part or "").strip()
        if sentences and _SHORT_FORM.search(sentences[-1]) and part:
            sentences[-1] += " " + part
        elif part:
            sentences.append(part)
    sentences = [s for s in sentences if any(char.isalnum() for char in s)]
    cut = [piece for sentence in sentences for piece in _cut(sentence, LONGEST)]
    if cut and _width(cut[0]) > QUICK:
        cut[:1] = _cut(cut[0], QUICK, once=True)
    return cut


def sayable(piece: str, language: str) -> str:
    """Return a piece without the characters that a voice of the language would spell out one by one."""
    return piece if language.split("-")[0] in _EAST else re.sub(r" {2,}", " ", _HAN.sub(" ", piece)).strip(" ()（）")


def mostly_chinese(piece: str) -> bool:
    """Return whether most of the words of a piece are Chinese."""
    return len(_HAN.findall(piece)) / 1.6 > len(re.findall(r"[^\W\d_\u3040-\uffdc]+", piece))


def _cut(sentence: str, limit: int, *, once: bool = False) -> list[str]:
    if _width(sentence) <= limit:
        return [sentence]
    parts = [part for part in _PAUSE.split(sentence) if part]
    space = " " if " " in sentence else ""
    if once:
        head = parts[0]
        rest = parts[1:]
        while rest and _width(head) < limit // 4:
            head, rest = head + space + rest[0], rest[1:]
        return [head, space.join(rest)] if rest else [head]
    found: list[str] = []
    for part in parts:
        for bit in _hard(part, limit):
            if found and _width(found[-1]) + _width(bit) < limit:
                found[-1] += space + bit
            else:
                found.append(bit)
    return found


def _hard(part: str, limit: int) -> list[str]:
    if _width(part) <= limit:
        return [part]
    words = part.split(" ") if " " in part else []
    if not words:
        step = max(1, limit * len(part) // _width(part))
        return [part[i : i + step] for i in range(0, len(part), step)]
    lines = [""]
    for word in words:
        if lines[-1] and _width(lines[-1]) + _width(word) > limit:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return [bit for line in lines for bit in (_hard(line, limit) if " " not in line else [line])]


def _width(text: str) -> int:
    """Return the length in Latin letters; a Chinese character takes as long to say as three."""
    return sum(3 if "\u3040" <= char <= "\uffdc" else 1 for char in text)
