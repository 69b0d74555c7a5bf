"""Split texts into terms: the words that are compared as written, and the ones that are searched for.

English is stemmed, Chinese becomes pairs of characters, and pinyin finds the characters that it spells. Knows no index.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise

import Stemmer

CHARACTERS = 20_000  # of a message that are looked at
READING = "~"  # before a term of pinyin, so that it is no English word
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
_INITIALS = "b p m f d t n l g k h j q x zh ch sh r z c s y w"
_FINALS = "a o e i u v ai ei ao ou an en ang eng ong ia ie iu ian in iang ing iong iao ua uo ui uai uan un uang ue ve"
_ALONE = ("a", "ai", "an", "ang", "ao", "e", "ei", "en", "er", "ou")
_ASKING = re.compile(  # what Chinese questions are made of: rare in passages, and telling nothing apart
    "请问|你好|您好|什么|怎么|怎样|哪里|哪儿|哪个|多少|是否|有没有|能不能|可不可以|可以|知道|了解|介绍|一下|告诉我|"
    "想问|听说过|吗|呢|吧|啊|呀|我|你|您|？"
)
_LONGEST = 6  # letters of a syllable: zhuang
_LETTERS = 40  # of a word that may be pinyin
_STOP = (
    "a about an and any are as at be been but by can could did do does for from had has have he her his how i if in "
    "into is it its may me my of on or our she should so some than that the their them then there these they this "
    "those to too us was we were what when where which who why will with would you your"
)
STOP = frozenset(_STOP.split())


def terms(text: str) -> list[str]:
    """Split text into terms: lower-case words, and overlapping pairs of Chinese characters."""
    if text.isascii():
        return _WORD.findall(text.lower())
    found: list[str] = []
    for word in _WORD.findall(unicodedata.normalize("NFKC", text).lower()):
        position = 0
        for han in _HAN.finditer(word):
            found += [word[position : han.start()]] if han.start() > position else []
            found += _pairs(han.group())
            position = han.end()
        found += [word[position:]] if position < len(word) else []
    return found


def search_terms(text: str) -> list[str]:
    """Return the terms under which a text is indexed: without stop words, English words by their stem."""
    return [_stem(term) for term in terms(text) if term not in STOP]


def query_terms(text: str) -> list[str]:
    """Return the terms that a question is searched by, as often as it says them: `search_terms`, and pinyin in it."""
    words = terms(_ASKING.sub(" ", text[:CHARACTERS])) or terms(text[:CHARACTERS])
    found = [_stem(word) for word in words if word not in STOP] or [_stem(word) for word in words]
    syllables: list[str] = []
    for word in [*words, ""]:
        spelt = _syllables(word) if word.isascii() and word.isalpha() and word not in STOP else ()
        if not spelt:
            found += _spelt(syllables)
            syllables = []
        syllables += spelt
    return found


def readings(text: str) -> list[str]:
    """Return the terms of how the Chinese in a text is read; needs pypinyin, which is loaded with the first."""
    found: list[str] = []
    for han in _HAN.finditer(text):
        found += _spelt([_plain(syllable) for syllable in _read(han.group())])
    return found


def _read(han: str) -> list[str]:
    from pypinyin import lazy_pinyin

    return [str(syllable) for syllable in lazy_pinyin(han, errors="ignore")]


def _plain(syllable: str) -> str:
    return syllable.replace("ü", "v")


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)] or [run]


def _spelt(syllables: list[str]) -> list[str]:
    """Return the pairs of syllables, so that gu gong and gugong are the same."""
    return [f"{READING}{first}{second}" for first, second in pairwise(syllables)]


@lru_cache(maxsize=65_536)
def _stem(word: str) -> str:
    return str(_own.english.stemWord(word)) if word.isascii() else word


class _Own(threading.local):
    """Hold a thread's own stemmer: PyStemmer's may not be shared."""

    def __init__(self) -> None:
        self.english = Stemmer.Stemmer("english")


_own = _Own()


@cache
def _known_syllables() -> frozenset[str]:
    return frozenset({*_ALONE, *(first + last for first in _INITIALS.split() for last in _FINALS.split())})


@lru_cache(maxsize=4_096)
def _syllables(word: str) -> tuple[str, ...]:
    """Return a word as syllables of pinyin, the longest first; none when it is not pinyin."""
    return next(_cuts(word, 0, set()), ()) if len(word) <= _LETTERS else ()


def _cuts(word: str, start: int, dead: set[int]) -> Iterator[tuple[str, ...]]:
    if start == len(word):
        yield ()
        return
    for end in range(min(len(word), start + _LONGEST), start, -1):
        if word[start:end] in _known_syllables() and end not in dead:
            for rest in _cuts(word, end, dead):
                yield (word[start:end], *rest)
                return
            dead.add(end)
