"""Which names a sentence uses, and whether a source knows them, in another language too.

A name is known where it is written, where the persona's records give it another name (Forbidden City, 故宫), or where
its letters are the pinyin of Chinese characters. Knows no lists of names of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

LONGEST = 12  # words, or Chinese characters, of a record's name
_HAN = re.compile("[\u3400-\u9fff]+")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_CAPITAL = re.compile(
    r"(?<![\w’'-])[A-ZÀ-Þ][\w’'-]*(?:[ ·-](?:(?:of|the|de|di|la|le|van|von)[ ])?[A-ZÀ-Þ0-9][\w’'-]*)*", re.UNICODE
)
_LATIN = re.compile(r"[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ'’-]+")
_SENTENCE_BEGINS = re.compile(r"(?:^|[.!?:•*\n\"“”(\[—–-]\s*|[。！？：])$")
_NO_NAMES = {
    "i", "im", "ill", "ive", "id", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december", "am", "pm", "ok", "english", "chinese", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "jan",
    "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "yes", "no", "faq",
}  # fmt: skip
_KINDS = {"station", "line", "street", "road", "park", "city", "bus", "metro", "subway", "app", "district", "airport"}
_OPENERS = {
    "the", "a", "an", "in", "on", "at", "for", "from", "to", "it", "its", "if", "when", "you", "your", "we", "our",
    "they", "this", "that", "these", "those", "there", "as", "and", "but", "so", "or", "with", "by", "of", "is",
    "are", "yes", "no", "please", "also", "however", "most", "all", "some", "both", "each", "every", "visitors",
    "tickets",
}  # fmt: skip


def folded(text: str) -> str:
    """Return the words of a text for comparing: lower case, no possessive s, single spaces around each."""
    words = [_bare(word) for word in _WORD.findall(unicodedata.normalize("NFKC", text).lower())]
    return f" {' '.join(words)} "


def _bare(word: str) -> str:
    return word.replace("’", "'").removesuffix("'s").replace("'", "")


def _is_no_name(word: str) -> bool:
    bare = _bare(word.lower())
    return bare in _NO_NAMES or bare.removesuffix("s") in _NO_NAMES


def names(sentence: str) -> list[str]:
    """Return the names that capitals mark in a sentence; a single word that begins it is not taken for one."""
    text = unicodedata.normalize("NFKC", sentence)
    found = []
    for match in _CAPITAL.finditer(text):
        words = match[0].split(" ")
        if _SENTENCE_BEGINS.search(text, 0, match.start()):
            if len(words) == 1 and not _HAN.search(text):
                continue
            if words[0].lower() in _OPENERS:
                words = words[1:]
                while words and words[0].islower():
                    words = words[1:]
        while words and _is_no_name(words[0]):
            words = words[1:]
        while words and (_is_no_name(words[-1]) or words[-1].isdigit()):
            words = words[:-1]
        if words:
            found.append(" ".join(words))
    return found


class Aliases:
    """Know which names mean the same thing, from the persona's records."""

    def __init__(self, records: Iterable[Mapping[str, Any]]) -> None:
        self._groups: dict[str, set[int]] = {}
        for number, record in enumerate(records):
            written = record.get("name")
            said = list(written.values()) if isinstance(written, Mapping) else [written]
            aliases = record.get("aliases")
            for name in [*said, *(aliases if isinstance(aliases, list | tuple) else ())]:
                if isinstance(name, str) and (key := self._key(name)):
                    self._groups.setdefault(key, set()).add(number)
        self._initials = {key.split(" ")[0] if key.isascii() else key[0] for key in self._groups}

    @staticmethod
    def _key(name: str) -> str:
        return folded(name).strip()

    def find(self, text: str) -> dict[str, frozenset[int]]:
        """Return the known names in a text, longest first where they overlap, with what they may mean."""
        if not self._groups:
            return {}
        found: dict[str, frozenset[int]] = {}
        words = folded(text).split()
        at = 0
        while at < len(words):
            step = 1
            if words[at] in self._initials:
                for count in range(min(LONGEST, len(words) - at), 0, -1):
                    key = " ".join(words[at : at + count])
                    if key in self._groups:
                        found[key] = frozenset(self._groups[key])
                        step = count
                        break
            at += step
        for run in _HAN.findall(text):
            found.update(self._in_chinese(run))
        return found

    def _in_chinese(self, run: str) -> dict[str, frozenset[int]]:
        found: dict[str, frozenset[int]] = {}
        at = 0
        while at < len(run):
            step = 1
            if run[at] in self._initials:
                for count in range(min(LONGEST, len(run) - at), 1, -1):
                    key = run[at : at + count]
                    if key in self._groups:
                        found[key] = frozenset(self._groups[key])
                        step = count
                        break
            at += step
        return found


class NamesOf:
    """Know the names of one source."""

    def __init__(self, text: str, aliases: Aliases) -> None:
        self._text = unicodedata.normalize("NFKC", text)
        self._folded = folded(text)
        self._words = frozenset(self._folded.split())
        self._aliases = aliases
        self._meant = frozenset().union(*aliases.find(text).values())

    def unknown(self, sentence: str) -> list[str]:
        """Return the names of a sentence that the source does not know."""
        known = self._aliases.find(sentence)
        missing = [name for name, meant in known.items() if not self._writes(name) and not meant & self._meant]
        spelled = f" {' '.join(name for name in known if name not in missing)} "
        written = names(sentence)
        if _HAN.search(sentence):  # any Latin word stands out in Chinese
            written += [word for word in _LATIN.findall(sentence) if not any(word in name for name in written)]
        for name in written:
            key = folded(name)
            if not key.strip() or any(key.strip() in other for other in missing):
                continue
            words = key.split()
            begins = len(words) > 1 and sentence.startswith(name)  # its first word may be capital for that
            if not (
                self._writes(key.strip())
                or key in spelled
                or self._spells(words, spelled.split())
                or (begins and self._spells(words[1:], spelled.split()))
            ):
                missing.append(name)
        return missing

    def _writes(self, name: str) -> bool:
        return f" {name} " in self._folded or (not name.isascii() and name in self._text)

    def _spells(self, words: list[str], others: list[str]) -> bool:
        """Tell whether each word of a name is a word of the source, of a known name, or pinyin of its characters."""
        rest = [
            word
            for word in words
            if not {word, word.removesuffix("s")} & self._words and word not in others and word not in _KINDS
        ]
        if not rest:
            return True
        runs = _HAN.findall(self._text)
        return bool(runs) and all(_is_pinyin(word, tuple(runs)) for word in rest)


@lru_cache(maxsize=1024)
def _syllables(run: str) -> tuple[str, ...]:
    from pypinyin import lazy_pinyin

    return tuple(lazy_pinyin(run))


def _is_pinyin(word: str, runs: tuple[str, ...]) -> bool:
    """Tell whether a word is the pinyin of whole characters that stand side by side."""
    if len(word) < 3:
        return False
    for run in runs:
        syllables = _syllables(run)
        for start in range(len(syllables)):
            spelled = ""
            for syllable in syllables[start:]:
                spelled += syllable
                if len(spelled) >= len(word):
                    break
            if spelled == word:
                return True
    return False
