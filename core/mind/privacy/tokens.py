"""What the finder of names sees of a text: its words, and the features of each.

The trainer in `benchmarks/names` uses the same functions; knows no weights.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

LONGEST = 400  # words of a text that are looked at
_TOKEN = re.compile(
    r"[^\W\d_\u3040-\u30ff\u3400-\u9fff]+(?:['’](?!s(?![^\W\d_]))[^\W\d_\u3040-\u30ff\u3400-\u9fff]+)*|['’]s(?![^\W\d_])|\d+[a-z]?|\n+|\S",
    re.IGNORECASE,
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_PADDING = ("", "", "")


def words(text: str) -> list[tuple[int, int]]:
    """Return where the words stand: Latin words, runs of digits, single Chinese characters, signs, line ends."""
    return [match.span() for _, match in zip(range(LONGEST), _TOKEN.finditer(text), strict=False)]


def shape(word: str) -> str:
    """Return what a word looks like."""
    first = word[:1]
    if first.isdigit():
        return f"d{min(len(word), 6)}"
    if first.isalpha():
        if _HAN.match(word):
            return "zh"
        if word.isupper():
            return "X." if len(word) == 1 else "XX"
        if first.isupper():
            return "Xx"
        return "x"
    return first if first != "\n" else "nl"


def features(said: Sequence[str], lists: Sequence[str], common: Mapping[str, int]) -> list[list[str]]:
    """Return the features of each word; `lists` names the gazetteers that each word is in, as single letters.

    `common` are words that mean something by themselves; only their own forms count as context.
    """
    low = [word.lower() if not word.isspace() else "nl" for word in said]
    forms = [shape(word) for word in said]
    known = [word if word in common or not word[:1].isalpha() else "?" for word in low]
    known = ["", "", *known, "", ""]
    forms_around = ["^", "^", *forms, "$", "$"]
    lists_around = ["", "", *lists, "", ""]
    rows = []
    for i, word in enumerate(low):
        k = i + 2
        form, own, b1, a1 = forms[i], known[k], known[k - 1], known[k + 1]
        l0, lb, la = lists[i], lists_around[k - 1], lists_around[k + 1]
        fb, fa = forms_around[k - 1], forms_around[k + 1]
        row = [
            "b", f"s={form}", f"s={fb}|{form}", f"s={form}|{fa}", f"s={fb}|{form}|{fa}",
            f"-1={b1}", f"+1={a1}", f"-2={known[k - 2]}|{b1}", f"+2={a1}|{known[k + 2]}", f"-1+1={b1}|{a1}",
            f"l={l0}", f"l={l0}|{form}", f"l={lb}<{l0}", f"l={l0}>{la}", f"l={lb}<{l0}>{la}",
            f"-1l={b1}|{l0}|{form}", f"+1l={a1}|{l0}|{form}",
            f"-2l={known[k - 2]}|{b1}|{l0}", f"-3s={forms_around[k - 2]}|{fb}",
            f"w={own}",
        ]  # fmt: skip
        if form == "zh":
            before, behind = (low[i - 1] if i else "^"), (low[i + 1] if i + 1 < len(low) else "$")
            behind2 = low[i + 2] if i + 2 < len(low) else "$"
            before2 = low[i - 2] if i > 1 else "^"
            row += [
                f"c={word}", f"c-1={before}", f"c+1={behind}", f"c-2={before2}{before}", f"c+2={behind}{behind2}",
                f"cc-={before}{word}", f"cc+={word}{behind}", f"ccc={before}{word}{behind}", f"l2={l0}|{before}",
                f"l3={l0}|{behind}", f"l4={l0}|{behind2}",
            ]  # fmt: skip
        elif word[:1].isalpha():
            row += [
                f"e4={word[-4:]}",
                f"e3={word[-3:]}",
                f"e2={word[-2:]}|{form}",
                f"p3={word[:3]}",
                f"n={min(len(word), 9)}",
            ]
        rows.append(row)
    return rows
