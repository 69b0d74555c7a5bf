"""What a clause affirms and what it denies, in English and Chinese: "not open" against "open".

A matter of single words close to a negation; knows no grammar.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

SCOPE = 3  # words after a negation that it denies
SCOPE_HAN = 4  # characters
_WORD = re.compile(r"[a-zà-ÿ]+(?:['’][a-z]+)?|[\u3400-\u9fff]+")
_NOT = {
    "not", "no", "never", "without", "cannot", "nor", "neither", "none", "nobody", "nothing", "hardly", "isn't",
    "aren't", "wasn't", "weren't", "don't", "doesn't", "didn't", "can't", "couldn't", "won't", "wouldn't",
    "shouldn't", "mustn't", "needn't", "hasn't", "haven't", "hadn't",
}  # fmt: skip
_NOT_HAN = re.compile("不(?!同|过|错|少|仅|但|管)|没有?|无(?!论)|[勿未]|别(?![的墅处])|禁止")
_DENIES = {  # a word that says the contrary of another
    "closed": "open", "closes": "open", "close": "open", "closing": "open", "shut": "open", "shuts": "open",
    "forbidden": "allow", "prohibited": "allow", "banned": "allow", "impossible": "possible",
    "unavailable": "available", "unable": "able", "optional": "requir", "unlimited": "limit", "unpaid": "paid",
    "illegal": "legal", "unsafe": "safe",
}  # fmt: skip
_OPEN_HAN = frozenset({"开门", "开馆", "营业", "开放"})
_CLOSED_HAN = frozenset({"关门", "闭馆", "关闭", "停业"})
_LITTLE = {
    "a", "an", "the", "of", "to", "in", "on", "at", "by", "for", "from", "with", "as", "is", "are", "was", "were",
    "be", "been", "it", "its", "this", "that", "there", "you", "we", "i", "they", "he", "she", "will", "would",
    "shall", "should", "may", "might", "must", "do", "does", "did", "has", "have", "had", "can", "could", "any",
    "your", "our", "their", "and", "or", "but", "so", "also", "then", "than",
}  # fmt: skip


def polarity(clause: str) -> dict[str, frozenset[bool]]:
    """Return the words of a clause (lower case) with whether it affirms them, denies them, or both."""
    found: dict[str, set[bool]] = {}
    denied = 0
    for word in _WORD.findall(clause):
        if word[0] >= "\u3400":
            _chinese(word, found)
            continue
        word = word.replace("’", "'")
        if word in _NOT:
            denied = SCOPE
        elif word not in _LITTLE:
            affirmed = denied <= 0
            denied -= 1
            if word in _DENIES:
                word, affirmed = _DENIES[word], not affirmed
            found.setdefault(_stem(word), set()).add(affirmed)
    return {word: frozenset(signs) for word, signs in found.items()}


def _chinese(run: str, found: dict[str, set[bool]]) -> None:
    denied = [match.end() for match in _NOT_HAN.finditer(run)]
    for at in range(len(run) - 1):
        pair = run[at : at + 2]
        affirmed = not any(end <= at < end + SCOPE_HAN - 1 for end in denied)
        if pair in _OPEN_HAN or pair in _CLOSED_HAN:
            pair, affirmed = "open", affirmed == (pair in _OPEN_HAN)
        found.setdefault(pair, set()).add(affirmed)


def contradict(one: Mapping[str, frozenset[bool]], other: Mapping[str, frozenset[bool]]) -> bool:
    """Tell whether one clause denies a word that the other affirms."""
    return any(not signs & other[word] for word, signs in one.items() if word in other)


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return word.removesuffix(ending).rstrip("e")
    return word.rstrip("e")
