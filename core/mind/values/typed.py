"""Find what a message says in numbers: numbers, money, dates, times, durations, in one form for English and Chinese.

`find` searches a message; `read` takes a text that is known to be such a value and so may be shorter: 5, the 16th, 800.
Knows no slots and no persona.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from ...chinese import in_place
from .. import privacy
from .clock import bare_time, times
from .dates import Day, bare_day, days
from .numerals import DIGITS, HAN, WORDS, value_of
from .quantities import quantities

LONGEST = 4000  # characters of a message that are searched
_SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9, "dozen": 12.0}
_COUNTED = "[个個位人名张间套件次天晚夜岁只条杯份碗瓶斤公层站台辆]"
_LATIN = re.compile(
    rf"(?<![\w.,:])(?P<digits>-?{DIGITS})(?: ?(?P<scale>k|m|bn|thousand|million|billion)\b)?(?![\w:]|[.,]\d)"
    rf"|(?<![a-z-])(?:an? )?(?P<words>{WORDS}|hundred|thousand|million|dozen)(?: (?P<scale2>million|dozen)\b)?"
    r"(?![a-z-])"
)
_IN_HAN = re.compile(
    rf"(?<![a-z\d.,:])-?{DIGITS}(?:[万亿]|(?=[\u4e00-\u9fff]))|(?<=[\u4e00-\u9fff]){DIGITS}[万亿]?(?![\d:]|[.,]\d)"
)
_HAN = re.compile(
    rf"(?<!第){HAN}(?={_COUNTED}|$|[,.!?;、吧呢啊 。])|[一二两三四五六七八九]?[十百千]{HAN}"
    r"|[二三四五六七八九]?[十百千万]"
)
_FEW = re.compile(r"(?<![a-z])(?:(?P<two>a couple)|(?P<none>no|none|without)|(?P<one>an?|one|another))(?![a-z])")
_NO_COUNT = re.compile(r"\b(?:no|any|every|some|this|that|which|new|other|last|the|\w+(?:st|nd|rd|th)) $")  # … one
_UNITS = {
    "TM": ("minutes?|mins?", "分钟"), "TH": ("hours?|hrs?", "个?(?:小时|钟头)"),
    "D": ("days?|nights?", "天|晚(?![上点饭])|夜"), "W": ("weeks?", "个?(?:星期|礼拜)|周(?![一二三四五六日末])"),
    "M": ("months?", "个月"), "Y": ("years?", "年(?![\\d初底级代])"),
}  # fmt: skip
_SOME = r"(?:an?|(?:a )?(?:couple|few)(?: of)?|half an?)"
_DURATION = re.compile(
    rf"(?<![\w.])(?P<number>{DIGITS}|{_SOME}|{WORDS})(?P<half> and a half)?[ -]?"
    rf"(?:{'|'.join(f'(?P<{unit}>{en})' for unit, (en, _) in _UNITS.items())})(?![a-z])(?P<more> and a half)?"
)
_HAN_DURATION = re.compile(
    rf"(?P<number>{DIGITS}|{HAN})(?P<half>个半)?"
    rf"(?:{'|'.join(f'(?P<{unit}>{zh})' for unit, (_, zh) in _UNITS.items())})(?P<more>半)?"
)
_ENDLESS = re.compile(r"\d{40,}|[零〇一二两三四五六七八九十百千万亿]{30,}")  # no number, and slow to search
_NOT_LONG = re.compile(r"(?:[ ]?(?:ago|later|from (?:now|today))\b|之?[前后]|以[前后])")


@dataclass(frozen=True, slots=True)
class Value:
    """Hold a value that a text says: its kind, its normal form for JSON, its words, and where they stand.

    number: an int or float. money: {amount, currency}; the currency is None when it was not said. date: 2026-12-04, or
    {from, to}. time: 18:35. duration: as ISO 8601 has it, P3D, PT90M. email, phone: as written.
    """

    kind: str
    value: Any
    text: str
    start: int
    end: int

    def json(self) -> dict[str, Any]:
        """Return the value as it stands among a reply's slots."""
        return {"value": self.value, "text": self.text, "span": [self.start, self.end]}


def folded(text: str) -> str:
    """Return a text of the same length for searching: half-width, lower case, in simplified characters."""
    forms = ((char, unicodedata.normalize("NFKC", char).lower()) for char in text)
    plain = in_place("".join(form if len(form) == 1 else char for char, form in forms))
    return _ENDLESS.sub(lambda run: " " * len(run[0]), plain)


def find(kind: str, text: str, today: date) -> list[Value]:
    """Return the values of a kind in a message, in order; none of a kind that is no value."""
    finder = _FINDERS.get(kind)
    if finder is None:
        return []
    text = text[:LONGEST]
    plain = folded(text)
    if kind not in PRIVATE:
        plain = privacy.MARK.sub(lambda mark: " " * len(mark[0]), plain)  # the 1 of [email 1] is no number
    found = sorted(finder(plain, today), key=lambda item: (item[1] - item[2], item[1]))
    kept: list[Value] = []
    for value, start, end in found:
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        if all(end <= other.start or other.end <= start for other in kept):
            said = text[start:end]
            kept.append(Value(kind, said if isinstance(value, _AsWritten) else value, said, start, end))
    return sorted(kept, key=lambda value: value.start)


def read(kind: str, text: str, today: date) -> Any:
    """Return the normal form of a text that is a value of a kind, None when it can't be read as one."""
    if kind not in _FINDERS:
        return text.strip() or None
    found = find(kind, text, today)
    if found:
        return max(found, key=lambda value: value.end - value.start).value
    plain = folded(text)
    if kind == "time":
        time = bare_time(plain)
        return time.written if time else None
    if kind == "date":
        day = bare_day(plain, today)
        return day.first.isoformat() if day else None
    if kind == "money":
        number = read("number", text, today)
        return None if number is None else {"amount": number, "currency": None}
    if kind == "number" and (few := _FEW.search(plain)):
        return {"two": 2, "none": 0, "one": 1}[few.lastgroup or "one"]
    return None


Item = tuple[Any, int, int]  # a normal form, and from where to where it is written


MOST = 1e15  # larger numbers are no amounts that people say


def _plain(number: float) -> int | float:
    return int(number) if number == int(number) else round(number, 6)


def _numbers(text: str, today: date) -> Iterator[Item]:
    for match in _LATIN.finditer(text):
        value = value_of(match["digits"].removeprefix("-") if match["digits"] else match["words"])
        if match["words"] == "one" and _NO_COUNT.search(text[max(0, match.start() - 12) : match.start()]):
            continue
        if value is None:
            value = _SCALES.get(match["words"]) if match["words"] else None
            value = 100.0 if match["words"] == "hundred" else value
        if value is not None and value <= MOST:
            value *= _SCALES.get(match["scale"] or match["scale2"] or "", 1.0)
            yield _plain(-value if (match["digits"] or "").startswith("-") else value), match.start(), match.end()
    for pattern in (_IN_HAN, _HAN):
        for match in pattern.finditer(text):
            value = value_of(match[0].removeprefix("-"))
            if value is not None and value <= MOST and match[0] != "半":
                yield _plain(value), match.start(), match.end()


def _money(text: str, today: date) -> Iterator[Item]:
    for found in quantities(text):
        if found.kind == "money" and found.value <= MOST:
            yield {"amount": _plain(found.value), "currency": found.unit}, found.start, found.end


def _dates(text: str, today: date) -> Iterator[Item]:
    for day in days(text, today):
        yield _day(day), day.start, day.end


def _day(day: Day) -> str | dict[str, str]:
    if not day.period:
        return day.first.isoformat()
    return {"from": day.first.isoformat(), "to": day.last.isoformat()}


def _times(text: str, today: date) -> Iterator[Item]:
    for time in times(text):
        yield time.written, time.start, time.end


def _durations(text: str, today: date) -> Iterator[Item]:
    for pattern in (_DURATION, _HAN_DURATION):
        for match in pattern.finditer(text):
            if _NOT_LONG.match(text, match.end()):
                continue
            written = match["number"]
            number = 2.0 if "couple" in written else 3.0 if "few" in written else value_of(written)
            unit = next((name for name in _UNITS if match[name]), "D")
            if (
                number is None
                or number > MOST
                or (unit == "Y" and number >= 1000)
                or (written == "一" and match[0] in ("一天", "一晚"))
            ):
                continue
            number += 0.5 if match["half"] or match["more"] else 0.0
            yield _duration(number, unit), match.start(), match.end()


_SMALLER = {"TH": (60, "TM"), "D": (24, "TH"), "W": (7, "D"), "Y": (12, "M")}


def _duration(number: float, unit: str) -> str:
    if number != int(number) and unit in _SMALLER:
        factor, unit = _SMALLER[unit]
        number = round(number * factor)
    return f"P{unit[:-1]}{_plain(number)}{unit[-1]}"


class _AsWritten:
    """Stand for a value whose normal form is its words."""


def _private(kind: str) -> Callable[[str, date], Iterator[Item]]:
    def search(text: str, today: date) -> Iterator[Item]:
        for start, end, _ in privacy.find(text, [kind]):
            yield _AsWritten(), start, end
        for mark in privacy.MARK.finditer(text):  # what was masked before slots are filled
            if mark[1] == kind:
                yield _AsWritten(), *mark.span()

    return search


_FINDERS: dict[str, Callable[[str, date], Iterator[Item]]] = {
    "number": _numbers, "money": _money, "date": _dates, "time": _times, "duration": _durations,
    "email": _private("email"), "phone": _private("phone"),
}  # fmt: skip
KINDS = tuple(_FINDERS)
PRIVATE = ("email", "phone")
