"""Find what a text measures: money, times, durations, dates, percents, lengths, telephone numbers, counts.

English and Chinese writings of one quantity come out equal: `60 yuan`, `¥60` and `六十元`; `8:30 am` and `上午8点半`.
Knows nothing of what is measured.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from .. import privacy
from .numerals import DIGITS, HAN, NUMBER, SCALED, WORDS, value_of

HALF_DAY = 720  # minutes
BEFORE, AFTER = 24, 32  # characters around a number that can belong to it
_CURRENCIES = {
    "CNY": "yuan|rmb|cny|renminbi|人民币|元人民币|元|块钱|块",
    "USD": "us dollars?|dollars?|bucks?|usd|美元|美金",
    "GBP": "pounds?(?: sterling)?|gbp|quid|英镑",
    "EUR": "euros?|eur|欧元",
    "HKD": "hkd|hong kong dollars?|港币|港元",
    "JPY": "yen|jpy|日元|日圆",
    "pence": "pence",
    "cents": "cents?",
    "jiao": "角(?!度)|毛(?:钱|(?![\u4e00-\u9fff]))",
}
_SMALL = {"pence": ("GBP", 0.01), "cents": ("USD", 0.01), "jiao": ("CNY", 0.1)}
_SIGNS = {"¥": "CNY", "$": "USD", "£": "GBP", "€": "EUR"}
_UNITS: dict[str, tuple[str, float, str]] = {  # kind, factor, writings
    "second": ("duration", 1, "seconds?|secs?|秒钟?"),
    "minute": ("duration", 60, "minutes?|mins?|分钟"),
    "hour": ("duration", 3600, "hours?|hrs?|个?小时|个?钟头"),
    "working day": ("working days", 1, "(?:working|business)[ -]days?|个?工作日"),
    "day": ("duration", 86400, "days?|天"),
    "week": ("duration", 604800, "weeks?|周|个?星期|个?礼拜"),
    "month": ("months", 1, "months?|个月"),
    "year": ("months", 12, "years?|年(?!代)"),
    "kilometre": ("length", 1000, "kilomet(?:re|er)s?|kms?|公里|千米"),
    "metre": ("length", 1, "met(?:re|er)s?|m|米"),
    "centimetre": ("length", 0.01, "centimet(?:re|er)s?|cm|厘米"),
    "mile": ("length", 1609.34, "miles?|英里"),
    "kilogram": ("weight", 1, "kilograms?|kilos?|kgs?|公斤|千克"),
    "gram": ("weight", 0.001, "grams?|克"),
    "milligram": ("weight", 0.000001, "milligrams?|mg|毫克"),
    "degree": ("temperature", 1, "degrees?(?: celsius)?|°c?|℃|摄氏度|度"),
    "percent": ("percent", 1, "%|percent|per cent"),
}
_MONTHS = {
    "january": 1, "jan": 1, "february": 2, "feb": 2, "march": 3, "mar": 3, "april": 4, "apr": 4, "may": 5, "june": 6,
    "jun": 6, "july": 7, "jul": 7, "august": 8, "aug": 8, "september": 9, "sept": 9, "sep": 9, "october": 10,
    "oct": 10, "november": 11, "nov": 11, "december": 12, "dec": 12,
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_LINK = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\w+")
_RANGE = r"(?: ?(?:-|–|—|~|to|or|and|到|至|或) ?)"
_NOT_COUNTED = "is|as|was|its|his|this|has|does|times|plus|minus|series|hours|versus"


_ANCHOR = re.compile(
    r"[\d一二两三四五六七八九十百千半]|正午|午夜|\b(?:one|t(?:wo|hree|en|welve|hirteen|wenty|hirty)|f(?:our|ive|ifty|orty)"
    r"|s(?:ix|even)|eight|nine|eleven|hundred|half|an hour|noon|mid(?:day|night))"
)


def _end(pattern: str) -> str:
    """Return a pattern of units where Latin ones are whole words."""
    return rf"(?:(?:{pattern})(?![a-z]))"


_DATE = re.compile(
    rf"(?:(?P<year>\d{{4}}) ?年 ?)?(?P<month>\d{{1,2}}|{HAN}) ?月 ?(?P<day>\d{{1,2}}|{HAN}) ?[日号]"
    r"|(?P<iso>\d{4}-\d{1,2}-\d{1,2})"
    rf"|\b(?P<day2>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?(?P<month2>{_MONTH})\b\.?(?:,? (?P<year2>\d{{4}}))?"
    rf"|\b(?P<month3>{_MONTH})\.? (?P<day3>\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)(?:,? (?P<year3>\d{{4}}))?"
)
_DATED = re.compile(rf"月|\d-\d|\b(?:{_MONTH})\b")
_YEAR = re.compile(
    r"(?<![\d.,-])(?P<year>1\d{3}|20\d{2}) ?年|\b(?:in|since|until|by|from|of) (?P<year2>1\d{3}|20\d{2})\b(?![.,]\d)"
)
_EARLY, _LATE = "凌晨|清晨|早上|早晨|早|上午", "下午|傍晚|晚上|晚|夜里"
_CLOCK = re.compile(
    rf"(?P<part>{_EARLY}|中午|{_LATE})? ?(?<![\d:.])(?P<hour>\d{{1,2}})"
    r"(?:[:：](?P<minute>\d{2})(?!\d)|\.(?P<minute2>\d{2})(?= ?[ap]\.?m))?"
    r" ?(?P<half>(?<!\d\d:\d\d)(?<!\d:\d\d)[点时](?!间)(?:半|整|钟|(?P<minute3>\d{1,2})分?)?)?"
    r"(?: ?(?P<meridiem>[ap])(?:m\b|\.m\.?))?"
)
_HAN_CLOCK = re.compile(
    rf"(?P<part>{_EARLY}|中午|{_LATE})?(?P<hour>[一二两三四五六七八九十]{{1,3}})点(?P<rest>半|整|钟|一刻|三刻|{HAN}分)?"
)
_OCLOCK = re.compile(
    rf"(?<![\d:.])(?P<hour>\d{{1,2}}|\b{WORDS}) ?o['’]clock(?: in the (?P<part>morning|afternoon|evening))?"
)
_PAST = re.compile(rf"\b(?P<share>half|(?:a )?quarter) (?:past|(?P<to>to)) (?P<hour>\d{{1,2}}|{WORDS})\b(?![:.]\d)")
_TO = ("到", "至")
_AFTER = {"半": 30, "一刻": 15, "三刻": 45}
_NOON = re.compile(r"\b(?P<noon>noon|midday)\b|\b(?P<midnight>midnight)\b|(?P<noon2>正午)|(?P<midnight2>午夜)")
_PERCENT_HAN = re.compile(rf"百分之(?P<number>{HAN}|{DIGITS})")
_CODES = {
    "rmb": "CNY",
    "cny": "CNY",
    "usd": "USD",
    "us$": "USD",
    "gbp": "GBP",
    "eur": "EUR",
    "hkd": "HKD",
    "hk$": "HKD",
}
_MONEY_SIGN = re.compile(
    rf"(?:(?<![a-z])(?P<code>rmb|cny|us[d$]|gbp|eur|hk[d$])|(?P<sign>[¥$£€])) ?(?P<number>{DIGITS})"
    r"(?P<scale>[万亿]| ?million\b)?"
    rf"|(?<![\d.,])(?P<number2>{DIGITS})(?P<scale2>[万亿])? ?(?P<sign2>[¥$£€])(?! ?\d)"
)
_SPOKEN_YUAN = re.compile(
    rf"(?P<yuan>{DIGITS}|{HAN})块(?P<jiao>[一二两三四五六七八九1-9])(?:(?:毛|角)钱?|(?![\u4e00-\u9fff\d]))"
)
_CURRENCY = "|".join(f"(?P<{name}>{_end(pattern)})" for name, pattern in _CURRENCIES.items())
_MEASURE = "|".join(f"(?P<{name.replace(' ', '_')}>{_end(said)})" for name, (_, _, said) in _UNITS.items())
_MEASURED = re.compile(
    rf"(?P<low>{NUMBER})(?:{_RANGE}(?P<high>{SCALED}|{NUMBER}))?(?P<half>个半)?(?P<odd>[多几来余])?[ -]?"
    rf"(?:{_CURRENCY}|{_MEASURE})(?P<more>半| and a half\b)?"
)
_HOTLINE = re.compile(
    r"(?:call|dial|ring|phone|hotline|拨打?|打|热线|电话)[^\d]{0,12}(?<!\d)(?P<number>\d{3,6})(?![\d元])"
)
_COUNTED = re.compile(
    rf"(?<![\w.,-])(?P<number>{DIGITS}|\b{WORDS}\b)[ -]"
    rf"(?P<noun>(?!(?:{_NOT_COUNTED})\b)[a-z]{{2,}}s|people|children|women|men)\b"
)
_COUNTED_HAN = re.compile(
    rf"(?<![\d.:号第])(?P<number>\d+|{HAN})(?P<noun>(?:[个家张次位座间层站台支部处名件]|所|条)[\u4e00-\u9fff])"
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """Hold one measured thing: its kind, value and unit as they compare, its words, and its place in the text."""

    kind: str
    value: float
    unit: str
    written: str
    start: int
    end: int
    sure: bool = True  # False of a time that leaves open whether it is after noon, and of 二十多

    def same(self, other: Quantity) -> bool:
        """Tell whether two quantities of one kind can mean the same value."""
        if abs(self.value - other.value) <= 1e-3 * max(abs(self.value), abs(other.value)):
            return True
        if self.sure and other.sure:
            return False
        if self.kind == "time":
            return self.value % HALF_DAY == other.value % HALF_DAY
        return min(self.value, other.value) * 1.5 >= max(self.value, other.value)


def comparable(text: str) -> str:
    """Return a text as quantities are looked for: NFKC, lower case, links blanked; as long as its NFKC form."""
    folded = unicodedata.normalize("NFKC", text).lower()
    if "://" in folded or "www." in folded or "@" in folded:
        return _LINK.sub(lambda match: " " * len(match[0]), folded)
    return folded


def quantities(text: str) -> list[Quantity]:
    """Return what a text measures, in order; `text` is as `comparable` made it."""
    found: list[Quantity] = []
    for start, end in _windows(text):
        part = text[start:end]
        taken = bytearray(len(part))
        for read in _READERS:
            fresh = [quantity for quantity in read(part) if not any(taken[quantity.start : quantity.end])]
            for quantity in fresh:
                taken[quantity.start : quantity.end] = b"\1" * (quantity.end - quantity.start)
                found.append(replace(quantity, start=quantity.start + start, end=quantity.end + start))
    return sorted(found, key=lambda quantity: (quantity.start, quantity.value))


def _windows(text: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches around numbers, which hold all that measures something."""
    begin, end = 0, -1
    for match in _ANCHOR.finditer(text):
        if end < 0 or match.start() - BEFORE > end:
            if end >= 0:
                yield begin, end
            begin = max(0, match.start() - BEFORE)
            while begin and text[begin - 1].isascii() and not text[begin - 1].isspace():
                begin -= 1
        end = match.end() + AFTER
    if end >= 0:
        yield begin, min(end, len(text))


def _phones(text: str) -> Iterator[Quantity]:
    for start, end, _ in privacy.find(text, ["phone"]):
        digits = re.sub(r"\D", "", text[start:end])
        yield Quantity("phone", float(digits[-11:]), "", text[start:end], start, end)
    for match in _HOTLINE.finditer(text):
        start, end = match.span("number")
        yield Quantity("phone", float(match["number"]), "short", match["number"], start, end)


def _dates(text: str) -> Iterator[Quantity]:
    for match in _DATE.finditer(text) if _DATED.search(text) else ():
        groups = match.groupdict()
        if groups["iso"]:
            year, month, day = groups["iso"].split("-")
        else:
            year = groups["year"] or groups["year2"] or groups["year3"]
            month = groups["month"] or str(_MONTHS[groups["month2"] or groups["month3"]])
            day = groups["day"] or groups["day2"] or groups["day3"]
        number, of = value_of(day), value_of(month)
        if number is None or of is None or not (1 <= of <= 12 and 1 <= number <= 31):
            continue
        yield Quantity("date", of * 100 + number, year or "", match[0], match.start(), match.end())
    for match in _YEAR.finditer(text):
        name = "year" if match["year"] else "year2"
        yield Quantity("year", float(match[name]), "", match[name], match.start(name), match.end(name))


def _times(text: str) -> Iterator[Quantity]:
    for match in _CLOCK.finditer(text):
        minute = match["minute"] or match["minute2"] or match["minute3"]
        if not (match["minute"] or match["half"] or match["meridiem"]):
            continue
        minutes = int(match["hour"]) * 60 + (30 if "半" in (match["half"] or "") else int(minute or 0))
        part = match["part"] or {"a": "早", "p": "晚"}.get(match["meridiem"] or "", "")
        if int(match["hour"]) <= 24 and int(minute or 0) < 60:
            yield _time(minutes, part, match[0], match.start(), match.end())
    for match in _HAN_CLOCK.finditer(text):
        rest, hour = match["rest"] or "", value_of(match["hour"])
        ranged = text[match.start() - 1 : match.start()] in _TO or text[match.end() : match.end() + 1] in _TO
        if hour is None or not 1 <= hour <= 24 or not (match["part"] or rest or ranged):
            continue  # 一点 is also "a little"
        after = value_of(rest[:-1]) if rest.endswith("分") else _AFTER.get(rest)
        yield _time(int(hour * 60 + (after or 0)), match["part"] or "", match[0], match.start(), match.end())
    for match in _OCLOCK.finditer(text):
        hour = value_of(match["hour"])
        if hour is not None and 1 <= hour <= 24:
            part = {"morning": "早", None: ""}.get(match["part"], "晚")
            yield _time(int(hour * 60), part, match[0], match.start(), match.end())
    for match in _PAST.finditer(text):
        hour = value_of(match["hour"])
        if hour is not None and 1 <= hour <= 24:
            after = 30 if match["share"] == "half" else 15
            yield _time(int(hour * 60 + (-after if match["to"] else after)), "", match[0], match.start(), match.end())
    for match in _NOON.finditer(text):
        at = HALF_DAY if match["noon"] or match["noon2"] else 0
        yield Quantity("time", at, "", match[0], match.start(), match.end())


def _time(minutes: int, part: str, written: str, start: int, end: int) -> Quantity:
    late = bool(re.fullmatch(_LATE, part))
    if late and minutes < HALF_DAY:
        minutes += HALF_DAY
    elif part and not late and part != "中午" and minutes >= HALF_DAY:
        minutes -= HALF_DAY  # 12 am
    return Quantity("time", minutes % (2 * HALF_DAY), "", written.strip(), start, end, bool(part) or minutes >= 13 * 60)


def _spoken_yuan(text: str) -> Iterator[Quantity]:
    for match in _SPOKEN_YUAN.finditer(text):
        value, tenths = value_of(match["yuan"]), value_of(match["jiao"])
        if value is not None and tenths is not None:
            yield Quantity("money", value + tenths / 10, "CNY", match[0], match.start(), match.end())


def _amounts(text: str) -> Iterator[Quantity]:
    for match in _MONEY_SIGN.finditer(text):
        value = value_of((match["number"] or match["number2"]) + (match["scale"] or match["scale2"] or ""))
        currency = _CODES[match["code"]] if match["code"] else _SIGNS[match["sign"] or match["sign2"]]
        if value is not None:
            yield Quantity("money", value, currency, match[0], match.start(), match.end())
    for match in _PERCENT_HAN.finditer(text):
        value = value_of(match["number"])
        if value is not None:
            yield Quantity("percent", value, "", match[0], match.start(), match.end())
    for match in _MEASURED.finditer(text):
        yield from _measured(match)


def _measured(match: re.Match[str]) -> Iterator[Quantity]:
    unit = next(
        name for name, said in match.groupdict().items() if said and name not in ("low", "high", "half", "odd", "more")
    ).replace("_", " ")
    for name in ("low", "high"):
        value = value_of(match[name]) if match[name] else None
        if value is None:
            continue
        if match["more"] or match["half"]:
            value += 0.5
        start, end = match.span(name)
        end = match.end() if name == "high" or not match["high"] else end
        written = match.string[start:end]
        if unit in _UNITS:
            kind, factor, _ = _UNITS[unit]
            if unit == "year" and 1000 <= value <= 2200:
                yield Quantity("year", value, "", written, start, end)
            else:
                yield Quantity(kind, value * factor, "", written, start, end, not match["odd"])
        else:
            currency, factor = _SMALL.get(unit, (unit, 1.0))
            yield Quantity("money", value * factor, currency, written, start, end, not match["odd"])


def _counts(text: str) -> Iterator[Quantity]:
    for pattern in (_COUNTED, _COUNTED_HAN):
        for match in pattern.finditer(text):
            value = value_of(match["number"])
            if value is not None and value > 1:
                noun = match["noun"].removesuffix("s") if pattern is _COUNTED else match["noun"]
                yield Quantity("count", value, noun, match[0], match.start(), match.end())


_READERS: tuple[Callable[[str], Iterator[Quantity]], ...] = (_phones, _dates, _times, _spoken_yuan, _amounts, _counts)
