"""Numbers in what travellers say, with their limits and units: at least 4.5 points, 100 to 150 yuan, two hours.

Knows no fields and no records.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_DIGITS = {sign: number for number, sign in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_TENS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
_ABOUT = 0.2  # how far "about" reaches to both sides
_NUMBER = r"(?:\d[\d,]*(?:\.\d+)?|[零〇一二两三四五六七八九十百千万]+(?:点[零〇一二三四五六七八九]+)?半?|半)"
UNITS = {
    "money": r"元钱?|块钱?|人民币|圆|yuan|rmb|cny|dollars?|euros?|pounds?",
    "points": r"分|颗?星级?|points?|stars?",
    "hours": r"个?(?:小时|钟头)|hours?|hrs?",
    "days": r"天|日(?!\w)|days?",
    "minutes": r"分钟|min(?:ute)?s?",
    "km": r"公里|千米|km|kilomet(?:re|er)s?",
}
_UNITS = "(?:" + "|".join(pattern for pattern in (UNITS["minutes"], *UNITS.values())) + ")"
_WHICH = [(name, re.compile(UNITS[name], re.IGNORECASE)) for name in ("minutes", *(n for n in UNITS if n != "minutes"))]
_BEFORE_LEAST = r"至少|不低于|不少于|大于|高于|超过|最低|起码|at least|over|above|more than|no less than|from|minimum"
_BEFORE_MOST = (
    r"不超过|不高于|不多于|最多|最高|低于|小于|少于"
    r"|under|below|at most|less than|no more than|up to|within|cheaper than"
)
_AFTER_LEAST = r"(?:及|或者?)?(?:以上|之上|起)|or (?:more|above|better|higher|up)|and (?:above|up|over)|\+|plus"
_AFTER_MOST = r"(?:及|或者?)?(?:以下|以内|之内|之下|内)|or (?:less|under|below|cheaper)|and (?:under|below)"
_FIGURE = re.compile(
    rf"(?P<least>{_BEFORE_LEAST})?(?P<most>{_BEFORE_MOST})?(?P<about>大概|大约|差不多|about|around|roughly)?"
    rf"\s*(?:between\s*)?[¥￥$]?\s*(?P<low>{_NUMBER})\s*(?P<unit1>{_UNITS})?"
    rf"(?:(?:\s*(?:-|–|—|~|～|到|至|and|to)|(?<=\d)、)\s*[¥￥$]?\s*(?P<high>{_NUMBER})\s*(?P<unit2>{_UNITS})?)?"
    rf"\s*(?:之间)?\s*(?P<after_least>{_AFTER_LEAST})?(?P<after_most>{_AFTER_MOST})?(?P<after_about>左右|上下)?",
    re.IGNORECASE,
)
_HOURS = {"minutes": 1 / 60, "hours": 1.0, "days": 24.0}


@dataclass(frozen=True, slots=True)
class Figure:
    """Hold a range that was said, where it stands, and its unit: money, points, hours, km or nothing."""

    low: float
    high: float
    unit: str
    start: int
    end: int

    @property
    def is_bound(self) -> bool:
        """Tell whether it is more than one plain number."""
        return self.low != self.high

    def holds(self, value: float) -> bool:
        """Tell whether a value lies within."""
        return self.low <= value <= self.high


def figures(text: str) -> Iterator[Figure]:
    """Yield the figures of a text in their order; durations are in hours."""
    for match in _FIGURE.finditer(text):
        low, unit = number(match["low"]), _unit(match["unit2"] or match["unit1"])
        if low is None or not (unit or _is_counted(match)):
            continue
        high = low if match["high"] is None else number(match["high"])
        if high is None:
            continue
        first = _unit(match["unit1"]) or unit
        if unit in _HOURS:
            low, high, unit = low * _HOURS.get(first, 1.0), high * _HOURS[unit], "hours"
        if match["least"] or match["after_least"]:
            high = float("inf")
        elif match["most"] or match["after_most"]:
            low = float("-inf")
        elif match["about"] or match["after_about"]:
            low, high = low * (1 - _ABOUT), high * (1 + _ABOUT)
        if low <= high:
            yield Figure(low, high, unit, match.start(), match.end())


def number(written: str) -> float | None:
    """Return 1200 for 1,200 and 一千二, 4.5 for 四点五, 0.5 for 半; None for what is none."""
    if written[0].isdigit():
        return float(written.replace(",", ""))
    half = 0.5 if written.endswith("半") else 0.0
    whole, _, part = written.removesuffix("半").partition("点")
    total, digit, last = 0, 0, 1
    for sign in whole:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
        elif sign == "万":
            total, digit, last = (total + digit) * 10_000, 0, 10_000
        else:
            total, digit, last = total + max(digit, 1) * _TENS[sign], 0, _TENS[sign]
    total += digit * (last // 10 if last > 10 and whole[-2:-1] != "零" else 1)
    fraction = float("0." + "".join(str(_DIGITS[sign]) for sign in part)) if part else 0.0
    return total + fraction + half


def _is_counted(match: re.Match[str]) -> bool:
    """Tell whether a number without a unit is a figure all the same: a range or a limit in digits."""
    marks = ("least", "most", "about", "high", "after_least", "after_most", "after_about")
    return match["low"][0].isdigit() and any(match[mark] for mark in marks)


def _unit(written: str | None) -> str:
    return next((name for name, pattern in _WHICH if pattern.fullmatch(written)), "") if written else ""
