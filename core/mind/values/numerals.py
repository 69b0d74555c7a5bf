"""Read numbers as people write them: digits, English words and Chinese characters.

Knows nothing of what a number measures.
"""

from __future__ import annotations

import re

_ONES = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90
}  # fmt: skip
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_HAN = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_HAN_SCALES = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10_000, "亿": 100_000_000}

_UNIT_WORD = "|".join([*_ONES, *_TENS])
WORDS = rf"(?:(?:{_UNIT_WORD})(?:[ -](?:{_UNIT_WORD}|{'|'.join(_SCALES)}|and(?= (?:{_UNIT_WORD})\b)))*)"
DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
HAN = "(?:[零〇一二两三四五六七八九十百千]+(?:[万亿][零〇一二两三四五六七八九十百千]*)*|半)"
SCALED = rf"{DIGITS}(?:[万亿]| ?million\b)?"
NUMBER = rf"(?:(?<![a-z0-9.,_-]){SCALED}|\b{WORDS}\b|\bhalf an?\b|\ban(?= hour\b)|\ba(?= [a-z]+ and a half\b)|{HAN})"
"""A pattern of a number in any of the three writings; `an hour` and `half` count too."""


def value_of(written: str) -> float | None:
    """Return the value of a number; None when the signs make none."""
    text = written.strip().lower().replace(",", "")
    if text in ("a", "an"):
        return 1.0
    if text.startswith("half") or text == "半":
        return 0.5
    for mark, factor in (("亿", _LARGE["亿"]), ("万", _LARGE["万"])):
        head, found, tail = text.partition(mark)
        if found and tail and (high := value_of(head)) is not None and (low := value_of(tail)) is not None:
            return high * factor + low * (factor // 10 if len(tail) == 1 and tail in _HAN else 1)  # 三万五 is 35,000
    scale = 1
    for mark, factor in (*_LARGE.items(), ("million", 1_000_000)):
        if text.endswith(mark):
            text, scale = text.removesuffix(mark).strip(), factor
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text) * scale
    value = _chinese(text) if text and text[0] in "零〇一二两三四五六七八九十百千" else _english(text)
    return None if value is None else value * scale


def _english(text: str) -> float | None:
    total, current = 0, 0
    for word in re.split(r"[ -]+", text):
        if word in _ONES or word in _TENS:
            current += _ONES.get(word, _TENS.get(word, 0))
        elif word == "hundred":
            current = max(current, 1) * 100
        elif word in _SCALES:
            total, current = total + max(current, 1) * _SCALES[word], 0
        elif word != "and" or not total + current:
            return None
    return float(total + current)


def _chinese(text: str) -> float | None:
    if len(text) > 1 and all(char in _HAN for char in text):  # a row of digits: 二〇二四
        return float("".join(str(_HAN[char]) for char in text)) if len(text) > 2 else None
    total, digit = 0, 0
    last = 1
    for char in text:
        if char in _HAN:
            if digit:
                return None  # 六七十 is no number
            digit = _HAN[char]
            last = 1 if char in "零〇" else last
        elif char in _HAN_SCALES:
            last = _HAN_SCALES[char]
            total, digit = total + (digit or 1) * last, 0
        else:
            return None
    if digit and last >= 100 and "零" not in text and "〇" not in text:
        digit *= last // 10  # 一百五 is 150
    return float(total + digit)
