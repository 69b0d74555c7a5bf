"""Find every figure of a text: quantities, days of the week, months, "free", and numbers that measure nothing.

A number that no reader understands is still a figure, so that nothing numeric goes unseen. Knows nothing of which
text is to be believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from .numerals import DIGITS, NUMBER, WORDS, value_of
from .quantities import HALF_DAY, Quantity, comparable, quantities

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS_HAN = "一二三四五六日"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAME = (
    "january|february|march|april|may|june|july|august|september|october|november|december"
    "|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
)
_TO = r" ?(?:-|–|—|~|to|through|until|till|到|至) ?(?:次年|翌年|the )?"
_BETWEEN = r" ?(?:-|–|—|~|to|through|until|till|and|到|至) ?(?:次年|翌年|the )?"


def _day(name: str, han: str) -> str:
    return (
        rf"(?:\b(?P<{name}>mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:days?\b|\b\.?)"
        rf"|(?:周|星期|礼拜)(?P<{han}>[一二三四五六日天末])(?![次天个人]))"
    )


def _month(name: str, number: str) -> str:
    return (
        rf"(?:(?:early|mid|late)?[- ]?\b(?P<{name}>{_MONTH_NAME})\b\.?"
        rf"|(?P<{number}>\d{{1,2}}|[一二三四五六七八九十]{{1,2}}) ?月)"
    )


_WEEK = re.compile(
    rf"{_day('day', 'han')}(?:{_TO}(?:{_day('day2', 'han2')}|(?P<han3>[一二三四五六日天])(?![次天个人])))?"
    r"|(?P<weekdays>\bweekdays?\b|平日)|(?P<weekend>\bweekends?\b|周末|双休日)"
)
_SHORT_DAYS = {"wed", "sat", "sun", "mon", "fri", "thu", "tue"}  # words of their own unless written beside another day
_DAY_OF = r"(?:\d{1,2}(?:st|nd|rd|th)? (?:of )?)?"
_YEAR_PART = re.compile(
    rf"{_DAY_OF}{_month('month', 'han')}(?: ?\d{{1,2}}[日号]?)?(?:{_BETWEEN}{_DAY_OF}{_month('month2', 'han2')})?"
)
_IS_MONTH = re.compile(
    r"(?:\b(?:in|from|to|until|till|through|early|late|mid|and|between|of|by|since|every|during|next|last|or)[ -]"
    r"|\d ?)$"
)
_FREE = re.compile(
    r"(?<!feel )\bfree\b(?! (?:to|time|hand|video)\b)|\bno (?:charge|cost|fees?)\b|\bwithout (?:charge|cost|a fee)\b"
    r"|\b(?:costs?|charges?) nothing\b|免费|不收费|不要钱|不用钱|无需付费|免收"
)
_LOOSE = re.compile(
    rf"(?P<digits>{DIGITS})(?P<scale>[万亿千百]| ?(?:thousand|million|billion|k|m|bn)\b)?"
    rf"|\b(?P<words>{WORDS})\b|(?P<ordinal>\b(?:third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|twelfth)\b)"
    r"|(?P<han>[零〇一二两三四五六七八九十百千万亿]{2,}|(?<=[第号])[一二三四五六七八九十]"
    r"|[二两三四五六七八九](?=[倍折次岁号层路站楼环米分秒刻成项位名座条场件张]))"
)
_SCALE = {"百": 1e2, "千": 1e3, "万": 1e4, "亿": 1e8, "thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6,
          "billion": 1e9, "bn": 1e9}  # fmt: skip
_ORDINAL = {"third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
            "twelfth": 12}  # fmt: skip
_NO_NUMBER = {"千万", "万一", "万千", "百万千万", "一一", "十十", "千百", "一二"}  # by all means, just in case …
_FIRST = re.compile(NUMBER)
_PRICED = re.compile(r"(?:\b(?:cost|price|fee|charge|fare|pay|paid)\w*|票价|门票|收费|价格|费用)[^.;。；\d]{0,14}$")
_MERIDIEM = re.compile(r"[ap]\.?m")


@dataclass(frozen=True, slots=True)
class Span:
    """Hold days of the week (1 to 7) or months (1 to 12) that a text names in one place, a range as all its members."""

    start: int
    end: int
    members: frozenset[int]


@dataclass(frozen=True, slots=True)
class Figures:
    """Hold the figures of one text, in order: quantities, days of the week, months, and where it says "free".

    `raw` are the numbers as written, whatever they measure.
    """

    quantities: tuple[Quantity, ...]
    weekdays: tuple[Span, ...]
    months: tuple[Span, ...]
    free: tuple[Span, ...]
    raw: frozenset[float]

    def __bool__(self) -> bool:
        return bool(self.quantities or self.weekdays or self.months or self.free)

    def within(self, start: int, end: int) -> Figures:
        """Return the figures that begin in a stretch of the text."""

        def begin(spans: tuple[Span, ...]) -> tuple[Span, ...]:
            return tuple(span for span in spans if start <= span.start < end)

        inside = tuple(quantity for quantity in self.quantities if start <= quantity.start < end)
        return Figures(inside, begin(self.weekdays), begin(self.months), begin(self.free), self.raw)


@lru_cache(maxsize=2048)
def figures(text: str) -> Figures:
    """Return the figures of a text as `comparable` made it (see quantities); the latest texts are remembered."""
    found = quantities(text)
    taken = bytearray(len(text))
    for quantity in found:
        taken[quantity.start : quantity.end] = b"\1" * (quantity.end - quantity.start)
    weekdays = [span for span in _weekdays(text) if not any(taken[span.start : span.end])]
    months = list(_months(text))
    for span in (*weekdays, *months):
        taken[span.start : span.end] = b"\1" * (span.end - span.start)
    found = _sure(found)
    loose = [number for number in _numbers(text) if not any(taken[number.start : number.end])]
    raw = {number.value for number in loose}.union(*(_raw(quantity) for quantity in found))
    free = tuple(Span(match.start(), match.end(), frozenset()) for match in _FREE.finditer(text))
    ordered = sorted([*found, *loose], key=lambda quantity: quantity.start)
    return Figures(tuple(ordered), tuple(weekdays), tuple(months), free, frozenset(raw))


def in_text(text: str) -> Figures:
    """Return the figures of a text as it was written."""
    return figures(comparable(text))


def holds(source: Figures, wanted: Quantity) -> bool:
    """Tell whether a source states a quantity: the same value of the same kind and unit.

    A number that measures nothing may be any number of the source; one with a unit may stand there without it only
    where it counts things.
    """
    if any(equal(wanted, other) for other in source.quantities):
        return True
    if wanted.kind == "number":
        return any(abs(wanted.value - value) < 1e-9 for value in source.raw)
    if wanted.kind in ("count", "year"):
        return any(abs(wanted.value - value) < 1e-9 for value in source.raw) and not any(
            other.kind == "count" and other.unit == wanted.unit for other in source.quantities
        )
    return False


def equal(wanted: Quantity, known: Quantity) -> bool:
    """Tell whether a known quantity states a wanted one: one kind, unit and value, however it is written."""
    if wanted.kind == "price" and known.kind in ("money", "number", "price"):
        return _close(wanted.value, known.value)
    if wanted.kind != known.kind:
        return (
            wanted.kind in ("number", "year") and known.kind in ("number", "year") and _close(wanted.value, known.value)
        )
    if wanted.kind == "time":
        if wanted.value == known.value:
            return True
        return not (wanted.sure and known.sure) and wanted.value % HALF_DAY == known.value % HALF_DAY
    if wanted.kind in ("money", "phone") and wanted.unit != known.unit:
        return False
    if wanted.kind == "date" and wanted.unit and wanted.unit != known.unit:
        return False
    if wanted.kind == "count" and wanted.unit != known.unit and wanted.unit.isascii() == known.unit.isascii():
        return False
    if not wanted.sure and known.sure:  # 二十多 of 24
        return known.value / 1.5 <= wanted.value <= known.value
    return _close(wanted.value, known.value)


def _close(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-9 * max(abs(one), abs(other), 1.0)


def _raw(quantity: Quantity) -> set[float]:
    if quantity.kind in ("date", "phone"):
        return set()
    if quantity.kind == "time":
        return {quantity.value / 60, quantity.value / 60 % 12 or 12.0} if quantity.value % 60 == 0 else set()
    match = _FIRST.search(quantity.written)
    value = value_of(match[0]) if match else None
    return set() if value is None else {value}


def _sure(found: Iterable[Quantity]) -> list[Quantity]:
    """Take the times of a text by the 24-hour clock when one of them can be nothing else."""
    found = list(found)
    if any(
        q.kind == "time" and q.value >= 13 * 60 and ":" in q.written and not _MERIDIEM.search(q.written) for q in found
    ):
        return [replace(q, sure=True) if q.kind == "time" and ":" in q.written else q for q in found]
    return found


def _numbers(text: str) -> Iterator[Quantity]:
    for match in _LOOSE.finditer(text):
        value: float | None
        if match["digits"]:
            value = float(match["digits"].replace(",", "")) * _SCALE.get((match["scale"] or "").strip(), 1.0)
        elif match["ordinal"]:
            value = float(_ORDINAL[match["ordinal"]])
        elif match["words"]:
            value = value_of(match["words"])
            if value is None or value < 2:
                continue  # "one" is a pronoun too
        else:
            value = value_of(match["han"])
            if value is None or match["han"] in _NO_NUMBER:
                continue
        if value is None:
            continue
        kind = "price" if _PRICED.search(text, max(0, match.start() - 30), match.start()) else "number"
        yield Quantity(kind, value, "", match[0].strip(), match.start(), match.end())


def _weekdays(text: str) -> Iterator[Span]:
    for match in _WEEK.finditer(text):
        if match["weekdays"]:
            yield Span(match.start(), match.end(), frozenset({1, 2, 3, 4, 5}))
        elif match["weekend"] or match["han"] == "末":
            yield Span(match.start(), match.end(), frozenset({6, 7}))
        else:
            last = match["day2"] or match["han2"] or match["han3"]
            if match[0].strip(".") in _SHORT_DAYS and not last:
                continue
            first = _day_number(match["day"] or match["han"])
            end = _day_number(last) if last else first
            yield Span(match.start(), match.end(), _round(first, end, 7))


def _round(first: int, last: int, size: int) -> frozenset[int]:
    """Return the members of a range that may go over the turn: November to March."""
    return frozenset((first - 1 + step) % size + 1 for step in range((last - first) % size + 1))


def _day_number(written: str) -> int:
    if written in "一二三四五六日天":
        return 7 if written == "天" else _DAYS_HAN.index(written) + 1
    return next(number for number, name in enumerate(_DAYS, 1) if name.startswith(written))


def _months(text: str) -> Iterator[Span]:
    for match in _YEAR_PART.finditer(text):
        first = _month_number(match["month"], match["han"])
        last = _month_number(match["month2"], match["han2"]) if match["month2"] or match["han2"] else first
        if first is None or last is None:
            continue
        if match["month"] in ("may", "march", "mar", "dec", "sept", "jan") and not (match["month2"] or match["han2"]):
            bare = match.start("month")
            if not _IS_MONTH.search(text, 0, bare) and not re.match(r" ?\d", text[match.end("month") :]):
                continue  # a verb
        yield Span(match.start(), match.end(), _round(first, last, 12))


def _month_number(name: str | None, number: str | None) -> int | None:
    if name:
        return _MONTHS.index(name[:3]) + 1
    value = value_of(number) if number else None
    return int(value) if value is not None and 1 <= value <= 12 else None


__all__ = ["Figures", "Span", "equal", "figures", "holds", "in_text"]
