"""Guess which of a persona's languages a written text is in, by its script.

Languages of one script (English and French) are not told apart here: the first that is promised is taken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .schema import base

_SCRIPTS = {
    "kana": re.compile("[\u3040-\u30ff]"),
    "hangul": re.compile("[\uac00-\ud7af\u1100-\u11ff]"),
    "han": re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f]"),
    "cyrillic": re.compile("[\u0400-\u04ff]"),
    "arabic": re.compile("[\u0600-\u06ff]"),
}
_SCRIPT_OF = {
    "zh": "han", "yue": "han", "ja": "kana", "ko": "hangul", "ru": "cyrillic", "uk": "cyrillic", "bg": "cyrillic",
    "ar": "arabic", "fa": "arabic", "ur": "arabic",
}  # fmt: skip
_LETTER = re.compile(r"[^\W\d_]")
_NOT_LATIN = re.compile(
    "[\u0400-\u04ff\u0600-\u06ff\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003134f]"
)


def guess_language(text: str, languages: Sequence[str]) -> str:
    """Return the first of the languages whose script the text is in, else the first of all."""
    script = script_of(text)
    return next((code for code in languages if _SCRIPT_OF.get(base(code), "latin") == script), languages[0])


def script_of(text: str) -> str:
    """Return the script of a text; a fifth of Han among Latin letters makes it Chinese, any kana Japanese."""
    if text.isascii() or not _NOT_LATIN.search(text):
        return "latin"
    letters = len(_LETTER.findall(text))
    counts = {name: len(pattern.findall(text)) for name, pattern in _SCRIPTS.items()}
    if counts["kana"] and counts["kana"] * 10 >= counts["han"]:
        return "kana"
    for name, count in counts.items():
        if count and count * 5 >= letters:
            return name
    return "latin"


def is_language_map(keys: Sequence[str]) -> bool:
    """Tell whether the keys of a block are all language codes of two letters, with or without a region."""
    return bool(keys) and all(re.fullmatch(r"[a-z]{2}(-[A-Za-z]{2,4}){0,2}", key) for key in keys)


def script_of_language(language: str) -> str:
    """Return the script that a language is written in."""
    return _SCRIPT_OF.get(base(language), "latin")
