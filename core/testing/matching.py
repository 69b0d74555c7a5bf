"""Hold texts against what is wanted of them. Knows nothing of turns and replies."""

from __future__ import annotations

import difflib
import re
import unicodedata

import regex
from rapidfuzz import fuzz

PATTERN_SECONDS = 1.0
_NEAR = 60.0  # of 100: what is less like the wanted text is not shown
_QUOTES = str.maketrans("‘’‛“”„«»「」『』", "''''" + '"' * 8)
_ALIKE = 0.5  # of 1: texts less alike than this are not compared word by word
_WORD = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|[^\W\u3400-\u9fff]+(?:[.,:'’][^\W\u3400-\u9fff]+)*")
_PIECES = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|\w+|\s+|.", re.DOTALL)


def even(text: str) -> str:
    """Return a text for comparing: NFKC, lower case, straight quotes, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text.translate(_QUOTES)).casefold().split())


def holds(text: str, wanted: str) -> bool:
    """Tell whether a text holds another; digits at its ends are whole numbers, so 60 is not in 160 or 60.5."""
    text, wanted = even(text), even(wanted)
    start = text.find(wanted)
    while start >= 0:
        if _whole(text, start, start + len(wanted)):
            return True
        start = text.find(wanted, start + 1)
    return False


def _whole(text: str, start: int, end: int) -> bool:
    before = re.search(r"\d[.,]?$", text[max(0, start - 2) : start])
    after = re.match(r"[.,]?\d", text[end : end + 2])
    return not (text[start].isdigit() and before) and not (text[end - 1].isdigit() and after)


def fits(text: str, pattern: str) -> bool:
    """Tell whether a regular expression is found in a text, whatever the case; one that takes too long is not."""
    try:
        return regex.search(pattern, text, regex.IGNORECASE, timeout=PATTERN_SECONDS) is not None
    except TimeoutError:
        return False


def nearest_part(text: str, wanted: str) -> str | None:
    """Return the run of words in a text that is most like a wanted one, if any is like it."""
    words = list(_WORD.finditer(text))
    size = len(_WORD.findall(wanted))
    best, score = None, _NEAR
    for start in range(len(words)):
        for end in range(start + max(1, size - 1), min(start + size + 1, len(words)) + 1):
            part = text[words[start].start() : words[end - 1].end()]
            ratio = fuzz.ratio(even(wanted), even(part), score_cutoff=score)
            if ratio > score:
                best, score = part, ratio
    return best


def marked(wanted: str, text: str) -> str:
    """Return a text with what differs from the wanted one marked as [-wanted-] and {+found+}, by words.

    A text that has little in common with the wanted one is returned as it is.
    """
    old, new = _PIECES.findall(wanted), _PIECES.findall(text)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return text
    shown = []
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            shown += new[c:d]
            continue
        shown += [f"[-{''.join(old[a:b])}-]"] if b > a else []
        shown += [f"{{+{''.join(new[c:d])}+}}"] if d > c else []
    return "".join(shown)
