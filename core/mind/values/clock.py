"""Read the time of day as people say it, in English and Chinese: 25 to 7 p.m., half past nine, 下午三点半, 差五分九点.

Knows nothing of dates. A time without morning or evening is taken as it is written: 5 is 05:00.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .numerals import value_of

DAY = 1440  # minutes
HALF = DAY // 2
_SMALL = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_MINUTES = rf"(?:\d{{1,2}}|{_SMALL}|fifteen|twenty(?:[ -]five)?|thirty|forty(?:[ -]five)?|fifty(?:[ -]five)?)"
_HOUR = rf"(?:\d{{1,2}}|{_SMALL})"
_PART = (
    r"(?:,? ?(?:(?P<half>[ap])\.? ?m\b\.?|(?:in the |at |of the |this |tomorrow )?"
    r"(?P<part>morning|afternoon|evening|night)\b"
    r"|o'? ?clock\b(?: (?:in the |at )?(?P<part2>morning|afternoon|evening|night)\b)?))"
)
_SPOKEN = re.compile(
    rf"(?<![\w.:])(?P<past>{_MINUTES}|a quarter|quarter|half)(?: minutes?)? (?P<way>past|to|before|after) "
    rf"(?P<hour>{_HOUR})(?![\w:]|\.\d)(?! (?:people|persons|[a-z]+s\b)){_PART}?"
)
_WRITTEN = re.compile(rf"(?<![\w.:])(?P<hour>\d{{1,2}}) ?[:.h] ?(?P<minute>[0-5]\d)(?:[:.]\d\d)?(?!\w|\.\d|:){_PART}?")
_SPACED = re.compile(rf"(?<![\w.:])(?P<hour>\d{{1,2}}) (?P<minute>[0-5]\d)(?![\w:]|\.\d){_PART}")
_HOURS = re.compile(rf"(?<![\w.:])(?P<hour>{_HOUR})(?:ish)?{_PART}")
_WORDS = re.compile(
    rf"(?<![\w.:-])(?P<hour>{_SMALL}) (?P<minute>fifteen|thirty|forty[ -]five|oh five|twenty|forty|fifty)(?!\w| ?%)"
    rf"{_PART}?"
)
_NAMED = re.compile(r"\b(?:(?P<noon>noon|midday)|(?P<midnight>midnight))\b|(?P<noon2>正午)|(?P<midnight2>午夜|零点整?)")
_HAN_NUMBER = r"(?:\d{1,2}|二?十[一二三四五六七八九]?|[一二三四五六七八九两零])"
_HAN_PART = "凌晨|清晨|清早|早上|早晨|今早|明早|早|上午|中午|下午|午后|傍晚|今晚|明晚|晚上|晚|夜里|夜晚|半夜|深夜"
_HAN = re.compile(
    rf"(?P<part>{_HAN_PART})?的? ?(?P<less>差(?:(?P<missing>{_HAN_NUMBER})分|一刻))?(?<![\d:.])(?P<hour>{_HAN_NUMBER})"
    rf" ?(?:(?P<dot>点钟?|时)(?!间|候|儿|[东西])"
    rf"(?P<rest>半|整|一刻|三刻|(?P<minute>{_HAN_NUMBER}|[二三四五]十[一二三四五六七八九]?)分?(?!钟))?"
    r"|[::：](?P<minute2>[0-5]\d)(?!\d))"
)
_QUARTERS = {"half": 30, "quarter": 15, "a quarter": 15, "半": 30, "一刻": 15, "三刻": 45}
_DAYPARTS = re.compile(
    r"\b(?:(?:this |tomorrow |in the |the )?(?P<en>morning|afternoon|evening|night)s?|(?P<tonight>tonight|overnight))\b"
    r"|(?P<zh>凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|[今明昨][早晚])"
)


@dataclass(frozen=True, slots=True)
class Time:
    """Hold a time of day in minutes after midnight, and where it stands; `sure` when nothing but a time is so said."""

    minutes: int
    start: int
    end: int
    sure: bool = True

    @property
    def written(self) -> str:
        """Return it as 18:35."""
        return f"{self.minutes // 60:02}:{self.minutes % 60:02}"


def times(text: str) -> list[Time]:
    """Return the times of day in a folded text, in order; of readings that overlap the longest stays."""
    found = sorted(_read(text), key=lambda time: (time.start - time.end, time.start))
    kept: list[Time] = []
    for time in found:
        if all(time.end <= other.start or other.end <= time.start for other in kept):
            kept.append(time)
    return sorted(kept, key=lambda time: time.start)


def dayparts(text: str) -> Iterator[tuple[int, int]]:
    """Yield where a text names a part of the day: morning, tonight, 下午."""
    for match in _DAYPARTS.finditer(text):
        yield match.span("en") if match["en"] else match.span()


def bare_time(text: str) -> Time | None:
    """Return the time of a text that is nothing but an hour: 5, at nine."""
    match = re.fullmatch(rf"\s*(?:at |by |around |about )?(?P<hour>{_HOUR})(?:ish)?\s*", text)
    if match is None or (hour := value_of(match["hour"])) is None or hour > 24:
        return None
    return Time(int(hour) * 60 % DAY, match.start(), match.end(), False)


def _read(text: str) -> Iterator[Time]:
    for match in _SPOKEN.finditer(text):
        minutes = _QUARTERS.get(match["past"]) or value_of(match["past"])
        hour = value_of(match["hour"])
        told = match["half"] or match["part"] or match["part2"] or match["past"] in _QUARTERS
        if minutes is not None and hour is not None and minutes < 60 and hour <= 24 and (told or minutes % 5 == 0):
            minutes = hour * 60 + (minutes if match["way"] in ("past", "after") else -minutes)
            yield from _made(match, minutes, bool(told) or match["way"] == "past")
    for pattern in (_WRITTEN, _SPACED, _WORDS):
        for match in pattern.finditer(text):
            hour, minute = value_of(match["hour"]), value_of(match["minute"].removeprefix("oh "))
            if hour is None or minute is None or hour > 24:
                continue
            told = bool(match["half"] or match["part"] or match["part2"])
            if "." in match[0][:5] and not told:
                continue  # 9.50 is a price sooner than a time
            yield from _made(match, hour * 60 + minute, True)
    for match in _HOURS.finditer(text):
        hour = value_of(match["hour"])
        if hour is not None and hour <= 24:
            yield from _made(match, hour * 60, True)
    for match in _NAMED.finditer(text):
        yield Time(HALF if match["noon"] or match["noon2"] else 0, match.start(), match.end())
    yield from _han(text)


def _made(match: re.Match[str], minutes: float, sure: bool) -> Iterator[Time]:
    part = {"a": "morning", "p": "afternoon"}.get(match["half"] or "", match["part"] or match["part2"] or "")
    end = match.end()
    if part == "night":
        part = "morning" if 60 <= minutes < 6 * 60 or (minutes >= HALF and minutes < HALF + 60) else "evening"
    if part == "morning" and HALF <= minutes < HALF + 60:
        minutes -= HALF
    elif part in ("afternoon", "evening") and minutes < HALF:
        minutes += HALF
    yield Time(int(minutes) % DAY, match.start(), end, sure)


def _han(text: str) -> Iterator[Time]:
    for match in _HAN.finditer(text):
        hour = value_of(match["hour"])
        part, rest = match["part"] or "", match["rest"] or ""
        if hour is None or hour > 24 or not (part or match["dot"] or match["minute2"]):
            continue
        if match["hour"] in ("一", "两") and not (part or rest or match["less"]) and "钟" not in (match["dot"] or ""):
            continue  # 一点 is also "a little"
        written = match["minute"] or match["minute2"]
        minutes = hour * 60 + (_QUARTERS.get(rest) or (value_of(written) if written else 0) or 0)
        if match["less"]:
            minutes -= (value_of(match["missing"]) or 0) if match["missing"] else 15
        late = re.fullmatch("下午|午后|傍晚|[今明]?晚上?|夜晚", part) or (
            part in ("夜里", "半夜", "深夜") and hour >= 6
        )
        if (late or (part == "中午" and hour < 11)) and minutes < HALF:
            minutes += HALF
        elif part and not late and part != "中午" and HALF <= minutes < HALF + 60:
            minutes -= HALF if part not in ("上午",) else 0
        elif late and HALF <= minutes < HALF + 60 and part not in ("下午", "午后"):
            minutes -= HALF  # 晚上12点
        yield Time(int(minutes) % DAY, match.start(), match.end())
