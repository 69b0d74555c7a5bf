"""Read dates as people say them, in English and Chinese, counted from a given day: one day or the days of a period.

`next Friday` is the Friday of next week and `Friday` the coming one; so are 下周五 and 周五. A day without a year is
the next one to come. Knows nothing of the time of day.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from .numerals import HAN, value_of

_MONTH_NAMES = (
    "jan(?:uary)?", "feb(?:ruary)?", "mar(?:ch)?", "apr(?:il)?", "may", "june?", "july?", "aug(?:ust)?",
    "sept?(?:ember)?", "oct(?:ober)?", "nov(?:ember)?", "dec(?:ember)?",
)  # fmt: skip
_DAY_NAMES = ("mon", "tues?", "wed(?:nes)?", "thu(?:rs?)?", "fri", "sat(?:ur)?", "sun")
_HAN_DAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
_MONTH = rf"(?:{'|'.join(_MONTH_NAMES)})"
_WEEKDAY = rf"(?:(?:{'|'.join(_DAY_NAMES)})(?:day)?s?)"
_ORDINAL = r"(?:\d{1,2}(?:st|nd|rd|th))"
_WORD_ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
]
_NUMBER = (
    r"(?:\d{1,4}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:a )?(?:couple|few)(?: of)?)"
)
_SEVERAL = {"couple": 2, "few": 3}
_PART = r"(?:[ ,]+(?:morning|afternoon|evening|night))?"
_HAN_NUMBER = rf"(?:\d{{1,4}}|{HAN})"
_UNIT_DAYS = {"day": 1, "night": 1, "week": 7, "fortnight": 14, "天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7}
_UNIT_MONTHS = {"month": 1, "quarter": 3, "year": 12, "月": 1, "年": 12, "季度": 3}
_FIXED = {
    "christmas eve": (12, 24), "christmas day": (12, 25), "christmas": (12, 25), "boxing day": (12, 26),
    "new year's eve": (12, 31), "new years eve": (12, 31), "new year's day": (1, 1), "new years day": (1, 1),
    "new year's": (1, 1), "valentine's day": (2, 14), "valentines day": (2, 14), "halloween": (10, 31),
    "independence day": (7, 4), "may day": (5, 1), "元旦": (1, 1), "情人节": (2, 14), "妇女节": (3, 8),
    "劳动节": (5, 1), "五一": (5, 1), "儿童节": (6, 1), "国庆节": (10, 1), "国庆": (10, 1), "平安夜": (12, 24),
    "圣诞节": (12, 25), "圣诞": (12, 25),
}  # fmt: skip
_TO = r" ?(?:-|–|—|~|to|till?|until|through|and|到|至) ?(?:the )?"


@dataclass(frozen=True, slots=True)
class Day:
    """Hold a date that a text names, first to last day, and where; `period` tells a week from one day."""

    first: date
    last: date
    start: int
    end: int
    period: bool = False


def days(text: str, today: date) -> list[Day]:
    """Return the dates that a folded text names, in order; of readings that overlap the longest stays."""
    found = [day for read in _READERS for day in read(text, today)]
    found.sort(key=lambda day: (day.start - day.end, day.start))
    kept: list[Day] = []
    for day in found:
        if all(day.end <= other.start or other.end <= day.start for other in kept):
            kept.append(day)
    return sorted(kept, key=lambda day: day.start)


def bare_day(text: str, today: date) -> Day | None:
    """Return the date of a text that is nothing but the number of a day: 5, 16th, the first, 5号."""
    match = re.fullmatch(rf"\s*(?:on )?(?:the )?(?:(\d{{1,2}}|{HAN})(?:st|nd|rd|th|号|日)?|(\w+))\s*", text)
    if match is None:
        return None
    number = value_of(match[1]) if match[1] else None
    if match[2] in _WORD_ORDINALS:
        number = _WORD_ORDINALS.index(match[2]) + 1
    first = _coming(today, None, int(number)) if number is not None else None
    return Day(first, first, match.start(), match.end()) if first else None


def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z\d])(?:{pattern})(?![a-z\d])")


def _named(written: str, names: tuple[str, ...]) -> int:
    """Return the position of a month's or a weekday's name."""
    short = re.sub(r"days?$|s$", "", written) if names is _DAY_NAMES else written
    return next(i for i, name in enumerate(names) if re.fullmatch(name, short) or re.fullmatch(name, written))


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _coming(today: date, month: int | None, day: int) -> date | None:
    """Return the next such day from today on, of a month or of any."""
    for ahead in range(49 if month else 13):
        year, of = divmod(today.year * 12 + today.month - 1 + ahead, 12)
        found = _made(year, of + 1, day) if month in (None, of + 1) else None
        if found is not None and found >= today:
            return found
    return None


def _later(day: date, months: int) -> date:
    """Return the same day some months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _month(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _year_of(written: str | None) -> int | None:
    year = value_of(written) if written else None
    if year is None:
        return None
    return int(year) if year > 99 else 2000 + int(year)


_YEAR = r"(?:,? (?:of )?(?P<year>(?:19|20)\d\d))?"
_DATE = _whole(
    rf"(?:{_WEEKDAY},? (?:the )?)?(?:(?P<day>{_ORDINAL}|\d{{1,2}}) (?:of )?(?P<month>{_MONTH})\b\.?"
    rf"|(?P<month2>{_MONTH})\b\.? (?:the )?(?P<day2>{_ORDINAL}|\d{{1,2}})(?!:)){_YEAR}"
)
_RANGE_BEFORE = re.compile(
    rf"(?<![a-z\d])(?P<day>{_ORDINAL}|\d{{1,2}}){_TO}(?=(?:{_ORDINAL}|\d{{1,2}}) (?:of )?(?P<month>{_MONTH})\b)"
)
_ISO = re.compile(
    r"(?<!\d)(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)|(?<!\d)(\d{1,2})([/.])(\d{1,2})\6(\d{4}|\d\d)(?!\d)"
)
_HAN_DATE = re.compile(
    rf"(?:(?P<year>\d{{4}}|\d\d|[零〇一二三四五六七八九]{{4}}) ?年|(?P<near>今年|明年|去年|后年))? ?"
    rf"(?:(?P<month>\d{{1,2}}|{HAN}) ?月份?|(?P<of>[上下本这]个?月)的?) ?(?:(?P<day>\d{{1,2}}|{HAN}) ?[日号])?"
)
_HAN_BARE = re.compile(r"(?<![\d月线路楼号])(?P<day>\d{1,2}|[一二三四五六七八九十]{1,3})号(?![线楼院店厅房门馆码])")
_BARE = _whole(rf"(?P<day>{_ORDINAL})(?! (?:floor|street|avenue|century|time|room|place|one|of {_MONTH}))")


def _calendar(text: str, today: date) -> Iterator[Day]:
    for match in _DATE.finditer(text):
        month = _named(match["month"] or match["month2"], _MONTH_NAMES) + 1
        number = int(re.sub(r"\D", "", match["day"] or match["day2"]))
        year = _year_of(match["year"])
        found = _made(year, month, number) if year else _coming(today, month, number)
        if found:
            yield Day(found, found, *match.span())
    for match in _RANGE_BEFORE.finditer(text):
        found = _coming(today, _named(match["month"], _MONTH_NAMES) + 1, int(re.sub(r"\D", "", match["day"])))
        if found:
            yield Day(found, found, *match.span("day"))
    for match in _ISO.finditer(text):
        if match[1]:
            found = _made(int(match[1]), int(match[3]), int(match[4]))
        else:
            first, second, year = int(match[5]), int(match[7]), _year_of(match[8]) or 0
            found = _made(year, second, first) or _made(year, first, second)  # the day first, where both can be
        if found:
            yield Day(found, found, *match.span())
    for match in _BARE.finditer(text):
        found = _coming(today, None, int(match["day"][:-2]))
        if found:
            yield Day(found, found, *match.span())


def _han_calendar(text: str, today: date) -> Iterator[Day]:
    for match in _HAN_DATE.finditer(text):
        near = {"今": 0, "明": 1, "去": -1, "后": 2}.get((match["near"] or " ")[0])
        year = today.year + near if near is not None else _year_of(match["year"])
        if match["of"]:
            ahead = {"上": -1, "下": 1}.get(match["of"][0], 0)
            base = _later(today.replace(day=1), ahead)
            year, month = base.year, base.month
        else:
            month = int(value_of(match["month"]) or 0)
        number = value_of(match["day"]) if match["day"] else None
        if not 1 <= month <= 12 or (match["month"] and text[match.end() : match.end() + 1] in ("前", "后")):
            continue
        if number is not None:
            found = _made(year, month, int(number)) if year else _coming(today, month, int(number))
            if found:
                yield Day(found, found, *match.span())
        else:
            yield Day(*_month(year or today.year + (month < today.month), month), *match.span(), period=True)
    for match in _HAN_BARE.finditer(text):
        found = _coming(today, None, int(value_of(match["day"]) or 0))
        if found:
            yield Day(found, found, *match.span())


_RELATIVE = _whole(
    rf"(?P<after>(?:the )?day after tomorrow)|(?P<before>(?:the )?day before yesterday)|(?P<tomorrow>tomorrow{_PART})"
    rf"|(?P<yesterday>yesterday{_PART}|last night)"
    r"|(?P<today>today|tonight|this (?:morning|afternoon|evening)|right now)"
)
_OFFSETS = {"after": 2, "before": -2, "tomorrow": 1, "yesterday": -1, "today": 0}
_HAN_RELATIVE = re.compile(
    r"(?P<day>大前天|大后天|前天|昨天|昨日|今天|今日|明天|明日|后天)|(?P<part>[昨今明后][早晚])(?!报)|(?P<now>当天|当日)"
)
_HAN_OFFSETS = {"大前": -3, "前": -2, "昨": -1, "今": 0, "明": 1, "后": 2, "大后": 3}
_WEEKDAYS = _whole(
    rf"(?:(?P<which>this|next|last|coming|previous|past) )?(?P<day>{_WEEKDAY})"
    rf"(?: (?P<week>next|this|last) week| in (?P<weeks>{_NUMBER}) weeks?)?{_PART}"
)
_HAN_WEEKDAYS = re.compile(
    r"(?P<which>上上个?|下下个?|上个?|下个?|这个?|本)?(?P<week>周|星期|礼拜)(?P<day>[一二三四五六日天末])(?!年|期)"
)
_AWAY = _whole(
    rf"(?P<ahead>in )(?P<number>{_NUMBER}) (?P<unit>day|week|fortnight|month|year)s?(?:'? time)?"
    rf"|(?P<number2>{_NUMBER}) (?P<unit2>day|week|fortnight|month|year)s? (?P<back>ago|from (?:now|today)|later)"
    r"|(?P<number3>a) (?P<unit3>week|fortnight) today"
)
_HAN_AWAY = re.compile(
    rf"(?P<number>{_HAN_NUMBER})(?:个|多)?(?P<unit>天|日|周|星期|礼拜|月|年)(?P<way>之?[前后]|以[前后])"
)


def _relative(text: str, today: date) -> Iterator[Day]:
    for match in _RELATIVE.finditer(text):
        found = today + timedelta(days=_OFFSETS[match.lastgroup or "today"])
        yield Day(found, found, *match.span())
    for match in _HAN_RELATIVE.finditer(text):
        name = (match["day"] or match["part"] or "今天")[:-1]
        found = today + timedelta(days=_HAN_OFFSETS[name])
        yield Day(found, found, *match.span())


def _weekdays(text: str, today: date) -> Iterator[Day]:
    monday = today - timedelta(days=today.weekday())
    for match in _WEEKDAYS.finditer(text):
        if match["day"] in ("sat", "sun", "mon", "wed", "weds") and not (match["which"] or match["week"]):
            continue  # "the sun", "she sat"
        day = monday + timedelta(days=_named(match["day"], _DAY_NAMES))
        which = match["which"] or match["week"]
        if which in ("last", "previous", "past"):
            day -= timedelta(days=7 * (day >= today) or 0) if match["which"] else timedelta(days=7)
        elif which == "next":
            day += timedelta(days=7)
        elif day <= today and not match["week"]:
            day += timedelta(days=7 if day < today or which != "this" else 0)
        if match["weeks"]:
            day += timedelta(days=7 * _count(match["weeks"]))
        yield Day(day, day, *match.span())
    for match in _HAN_WEEKDAYS.finditer(text):
        which = match["which"] or ""
        week = monday + timedelta(days=7 * (which.count("下") - which.count("上")))
        if match["day"] == "末":
            yield Day(week + timedelta(days=5), week + timedelta(days=6), *match.span(), period=True)
            continue
        day = week + timedelta(days=_HAN_DAYS[match["day"]])
        yield Day(day := day if which or day >= today else day + timedelta(days=7), day, *match.span())


def _count(written: str) -> int:
    for word, value in _SEVERAL.items():
        if word in written:
            return value
    return int(value_of(written) or 1)


def _away(text: str, today: date) -> Iterator[Day]:
    for pattern in (_AWAY, _HAN_AWAY):
        for match in pattern.finditer(text):
            groups = match.groupdict()
            number = groups["number"] or groups.get("number2") or groups.get("number3") or "1"
            unit = groups["unit"] or groups.get("unit2") or groups.get("unit3") or "day"
            back = "ago" in (groups.get("back") or "") or "前" in (groups.get("way") or "")
            yield _moved(today, -1 if back else 1, number, unit, *match.span())


def _moved(today: date, sign: int, number: str, unit: str, start: int, end: int) -> Day:
    count = 0.5 if number == "半" else min(_count(number), 4000)
    if unit in _UNIT_DAYS:
        day = today + timedelta(days=round(sign * count * _UNIT_DAYS[unit]))
    elif count == 0.5:
        day = today + timedelta(days=sign * 15) if unit == "月" else _later(today, sign * 6)
    else:
        day = _later(today, int(sign * count * _UNIT_MONTHS[unit]))
    return Day(day, day, start, end)


_PERIOD = _whole(
    r"(?:the )?(?P<which>this|next|last|previous|current|coming|past) (?P<unit>week(?:end)?|month|quarter|year)"
    rf"|(?:the )?(?P<way>last|past|next|coming|previous) (?P<number>{_NUMBER}) (?P<unit2>day|night|week|month|year)s?"
    rf"|(?:the )?(?P<end>weekend)|(?P<month>{_MONTH})\b(?: (?:of )?(?P<year>(?:19|20)\d\d))?"
)
_HAN_PERIOD = re.compile(
    r"(?P<which>上上|下下|上|下|这|本)(?:一|个)?(?P<unit>周|星期|礼拜|季度)(?![一二三四五六日天末])"
    rf"|(?P<way>最近|过去|未来|接下来|近)的?(?P<number>{_HAN_NUMBER})个?(?P<unit2>天|日|周|星期|月|年)"
    r"|(?P<year>今年|明年|去年|前年|后年)"
)
_HAN_YEARS = {"前": -2, "去": -1, "今": 0, "明": 1, "后": 2}


def _periods(text: str, today: date) -> Iterator[Day]:
    for match in _PERIOD.finditer(text):
        if match["month"]:
            if match["month"] in ("may", "mar", "march") and not _in_date(text, match.start()):
                continue
            month = _named(match["month"], _MONTH_NAMES) + 1
            year = _year_of(match["year"]) or today.year + (month < today.month)
            yield Day(*_month(year, month), *match.span(), period=True)
        elif match["way"]:
            yield _stretch(today, match["way"] in ("next", "coming"), match["number"], match["unit2"], *match.span())
        else:
            ahead = {"next": 1, "coming": 1, "last": -1, "previous": -1, "past": -1}.get(match["which"] or "", 0)
            yield _period(today, ahead, match["unit"] or "weekend", *match.span())
    for match in _HAN_PERIOD.finditer(text):
        if match["year"]:
            year = today.year + _HAN_YEARS[match["year"][0]]
            yield Day(date(year, 1, 1), date(year, 12, 31), *match.span(), period=True)
        elif match["way"]:
            yield _stretch(today, match["way"] in ("未来", "接下来"), match["number"], match["unit2"], *match.span())
        else:
            ahead = match["which"].count("下") - match["which"].count("上")
            yield _period(today, ahead, match["unit"], *match.span())


def _in_date(text: str, start: int) -> bool:
    """Tell whether a word that is also a verb stands where a month does."""
    return bool(re.search(r"(?:\b(?:in|until|till?|since|by|of|for|from|next|last|this|to) )$", text[:start]))


def _stretch(today: date, ahead: bool, number: str, unit: str, start: int, end: int) -> Day:
    other = _moved(today, 1 if ahead else -1, number, unit if unit != "night" else "day", start, end).first
    return Day(*((today, other) if ahead else (other, today)), start, end, period=True)


def _period(today: date, ahead: int, unit: str, start: int, end: int) -> Day:
    monday = today - timedelta(days=today.weekday() - 7 * ahead)
    if unit == "weekend":
        return Day(monday + timedelta(days=5), monday + timedelta(days=6), start, end, period=True)
    if unit in ("week", "周", "星期", "礼拜"):
        return Day(monday, monday + timedelta(days=6), start, end, period=True)
    if unit == "month":
        base = _later(today.replace(day=1), ahead)
        return Day(*_month(base.year, base.month), start, end, period=True)
    if unit == "year":
        return Day(date(today.year + ahead, 1, 1), date(today.year + ahead, 12, 31), start, end, period=True)
    base = _later(date(today.year, (today.month - 1) // 3 * 3 + 1, 1), 3 * ahead)
    last = _later(base, 2)
    return Day(base, _month(last.year, last.month)[1], start, end, period=True)


_HOLIDAY = re.compile(
    "|".join(rf"\b{re.escape(name)}\b" if name.isascii() else name for name in sorted(_FIXED, key=len, reverse=True))
    .join(("(?P<name>", r")(?: (?P<year>(?:19|20)\d\d))?"))
)  # fmt: skip


def _holidays(text: str, today: date) -> Iterator[Day]:
    for match in _HOLIDAY.finditer(text):
        month, number = _FIXED[match["name"]]
        year = _year_of(match["year"])
        found = _made(year, month, number) if year else _coming(today, month, number)
        if found:
            yield Day(found, found, *match.span())


_READERS: tuple[Callable[[str, date], Iterator[Day]], ...] = (
    _calendar, _han_calendar, _relative, _weekdays, _away, _periods, _holidays,
)  # fmt: skip
