"""What counts as the same when a transcript is compared with what was said.

Knows text only. Case, punctuation and the writing of numbers do not count; English goes through the normaliser that
Whisper's own figures were made with, so that error rates can be compared with published ones.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from functools import cache
from typing import Any

import regex

from ..mind.values.numerals import value_of

_SCRIPT = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"  # written without blanks
_UNIT = regex.compile(rf"{_SCRIPT}|[\p{{L}}\p{{M}}\p{{N}}']+")
_GLUED = regex.compile(rf"(?<={_SCRIPT})(?=[\p{{L}}\p{{N}}])|(?<=[\p{{L}}\p{{N}}])(?={_SCRIPT})")
_HAN_NUMBER = re.compile("[零〇一二两三四五六七八九十百千万亿]+")
_HAN_DIGITS = dict(zip("零〇一二三四五六七八九", "00123456789"))


def normalised(text: str, language: str) -> str:
    """Return a text in small letters without punctuation, its numbers in digits (English and Chinese)."""
    text = unicodedata.normalize("NFKC", text)
    if language.split("-")[0] == "en":
        return str(_english()(text))
    text = regex.sub(r"[’‘`´]", "'", text.casefold())
    if language.split("-")[0] == "zh":
        text = _HAN_NUMBER.sub(_in_digits, text)
    return " ".join(regex.sub(r"(?<!\w)'|'(?!\w)|[^\p{L}\p{M}\p{N}']+", " ", text).split())


def words(text: str, language: str) -> list[str]:
    """Return what the word error rate counts: words; characters in scripts without blanks, and digits among them."""
    return [unit for part in _parts(normalised(text, language)) for unit in part]


def characters(text: str, language: str) -> list[str]:
    """Return what the character error rate counts, blanks left out."""
    return list(normalised(text, language).replace(" ", ""))


def _parts(text: str) -> list[list[str]]:
    found = []
    for chunk in text.split():
        pieces = [piece for piece in _GLUED.split(chunk) if piece]
        if len(pieces) > 1:  # digits between Chinese characters are as many characters as they have
            pieces = [sign for piece in pieces for sign in (piece if piece.isdigit() else [piece])]
        elif regex.match(_SCRIPT, chunk) is None:
            pieces = [chunk]
        found.append([unit for piece in pieces for unit in _UNIT.findall(piece)])
    return found


def _in_digits(match: re.Match[str]) -> str:
    run = match.group()
    if all(sign in _HAN_DIGITS for sign in run):
        return "".join(_HAN_DIGITS[sign] for sign in run)
    value = value_of(run)
    if value is not None and value == int(value):
        return str(int(value))
    return "".join(_HAN_DIGITS.get(sign, "10" if sign == "十" else sign) for sign in run)


@cache
def _english() -> Any:
    from whisper.normalizers import EnglishTextNormalizer

    with warnings.catch_warnings():  # it leaves a file to the garbage collector
        warnings.simplefilter("ignore", ResourceWarning)
        return EnglishTextNormalizer()
