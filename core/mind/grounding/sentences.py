"""Cut text into sentences, English and Chinese, whole or as it arrives.

Knows abbreviations, decimals, times and quotation marks; knows nothing of meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

_CLOSERS = "\"'”’)\\]）」』》】"
_END = re.compile(
    rf"(?P<latin>[.!?…]+[{_CLOSERS}*]*)(?=\s|[\u3400-\u9fff])"
    rf"|(?P<han>[。！？；…]+[{_CLOSERS}*]*)(?=\s|[^{_CLOSERS}。！？；…])"
    r"|(?P<line>[^\S\n]*\n)"
)
_BEFORE = re.compile(r"(?:^|(?<=[\s(\[“\"'‘（]))(?P<word>[^\s(\[“\"'‘（]*)$")
_NEVER = {  # nothing ends with these
    "dr", "mr", "mrs", "ms", "prof", "st", "mt", "ft", "gen", "col", "capt", "lt", "rev", "hon", "e.g", "i.e", "eg",
    "ie", "vs", "approx", "ca", "cf", "fig", "vol", "pp", "al", "viz", "incl", "excl", "tel", "ext", "dept", "est",
}  # fmt: skip
_SELDOM = {
    "a.m",
    "p.m",
    "am",
    "pm",
    "etc",
    "inc",
    "ltd",
    "co",
    "corp",
    "jr",
    "sr",
    "u.k",
    "u.s",
    "u.s.a",
    "ave",
    "rd",
    "blvd",
}
_NUMBERED = {"no", "nos", "p", "art", "para", "sec", "ch"}  # a number follows: No. 4


def ends(text: str) -> Iterator[int]:
    """Yield where sentences end that are certainly over: what follows has begun, or a line has ended."""
    begin = 0
    for match in _END.finditer(text):
        end = match.end()
        if match["line"] is not None:
            if text[begin:end].strip():
                yield end
            begin = end
            continue
        after = text[end:].lstrip(" \t") if len(text) - end < 80 else text[end : end + 80].lstrip(" \t")
        if not after:
            continue
        if match["latin"] is not None and not _is_end(text[begin : match.start()], match["latin"], after):
            continue
        yield end
        begin = end


def _is_end(before: str, mark: str, after: str) -> bool:
    """Tell whether a full stop, question or exclamation mark ends a sentence, by the words around it."""
    following = after.lstrip("\"'“‘([*")[:1]
    if mark.startswith((".", "…")):
        found = _BEFORE.search(before[-40:])
        word = (found["word"] if found else "").strip("*").lower()
        if word in _NEVER or (len(word) == 1 and word.isalpha() and word not in ("i", "a") and before[-1:].isupper()):
            return False
        if word in _NUMBERED and following.isdigit():
            return False
        if word in _SELDOM:
            return following.isupper()
        if word.isdigit() and before.strip(" *-•#") == word:
            return False  # 1. of a list
    return not following.islower()


def sentences(text: str) -> list[str]:
    """Split text into sentences, without the white space between them."""
    return [part.strip() for part in _cut(text) if part.strip()]


def sentences_so_far(text: str) -> list[str]:
    """Return the whole sentences of a text that still grows, and last what is not yet one (perhaps empty)."""
    *whole, rest = _cut(text)
    return [*(part.strip() for part in whole), rest.lstrip()]


def pieces(text: str) -> list[str]:
    """Cut an answer into its sentences without losing a character."""
    return [part for part in _cut(text) if part]


def _cut(text: str) -> list[str]:
    places = [0, *ends(text), len(text)]
    return [text[start:end] for start, end in pairwise(places)]
