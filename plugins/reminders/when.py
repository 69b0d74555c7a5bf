"""Which moment a user means, what the reminder is about, and a moment in words; English and Chinese.

Knows the slots `time`, `date` and `duration` as a persona fills them, and what they leave out: "at 8", 二十分钟后.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from ...core.chinese import in_place

_HAN = {"半": 0.5, "一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_HAN_DIGITS = (
    r"(?:\d+|二?三?四?五?十[一二三四五六七八九]?"
    r"|[一二两三四五六七八九]十[一二三四五六七八九]?|[半一二两三四五六七八九十])"
)
_LATER = re.compile(
    rf"(?:在|过|再过)?(?P<n>{_HAN_DIGITS})\s*(?P<more>个半|个)?\s*(?P<unit>分钟|小时|钟头|天|周|星期)(?:之后|以后|后)?"
)
_AT = re.compile(r"\bat (?P<hour>\d{1,2})(?![\d:.])\b", re.I)
_MINUTES = {"分钟": 1, "小时": 60, "钟头": 60, "天": 1440, "周": 10080, "星期": 10080}
_ISO = re.compile(
    r"P(?:(?P<Y>[\d.]+)Y)?(?:(?P<M>[\d.]+)M)?(?:(?P<W>[\d.]+)W)?(?:(?P<D>[\d.]+)D)?(?:T(?:(?P<h>[\d.]+)H)?(?:(?P<m>[\d.]+)M)?)?"
)
_DAYS = {"Y": 365, "M": 30, "W": 7, "D": 1}
_LATE = re.compile(r"\b(?:p\.?m|tonight|evening|afternoon|night)\b|下午|傍晚|晚", re.I)
_EARLY = re.compile(r"\b(?:a\.?m|morning)\b|早|上午|凌晨|清晨", re.I)
_NOON = re.compile(r"\bnoon|midday|midnight\b|中午|正午|午夜|零点", re.I)
_ASKED = re.compile(
    r"\b(?:(?:can|could|would|will) you )?(?:please )?"
    r"(?:set (?:me )?(?:a|an) (?:reminder|alarm)(?: for me)?|remind me)(?: please)?\b|\bdon'?t let me forget\b"
    r"|(?:请|麻烦)?(?:你|您)?(?:帮我|给我)?(?:设(?:置|个|一个)+提醒|提醒(?:一下)?我?(?:一下)?|叫我)",
    re.I,
)
_JOIN = re.compile(r"^(?:to|that|about|of|for|and|,|，|、|:|：|的时候|左右|我|要|去)\s*(?=\S)", re.I)
_MORNING = time(9)


def moment(text: str, slots: Mapping[str, Any], now: datetime) -> datetime | None:
    """Return the moment that is meant, in the time zone of `now`; None when no time is named."""
    text = in_place(text)
    later = _later(text, slots)
    if later is not None:
        return (now + later).replace(second=0, microsecond=0) + (timedelta(minutes=1) if now.second else timedelta())
    day = _value(slots, "date")
    clock = _clock(text, slots)
    if clock is None and day is None:
        return None
    sure = clock is None or clock.hour > 12 or bool(_EARLY.search(text) or _NOON.search(text))
    if clock is not None and clock.hour < 12 and not sure and _LATE.search(text):
        clock, sure = clock.replace(hour=clock.hour + 12), True
    if day is not None:
        return datetime.combine(date.fromisoformat(day), clock or _MORNING, now.tzinfo)
    assert clock is not None
    today = datetime.combine(now.date(), clock, now.tzinfo)
    steps = (0, 24) if sure or clock.hour == 12 else (0, 12, 24)
    return next(at for at in (today + timedelta(hours=step) for step in steps) if at > now)


def subject(text: str, slots: Mapping[str, Any]) -> str:
    """Return what the reminder is about: the message without the wish to be reminded and without its time."""
    plain = in_place(text)
    for name in ("date", "time", "duration"):
        said = slots.get(name)
        if isinstance(said, Mapping) and said.get("text"):
            words = re.escape(in_place(str(said["text"])))
            plain = re.sub(rf"(?:\b(?:at|on|in|by|after)\s+)?{words}(?:之后|以后|后|左右)?", _blank, plain, flags=re.I)
    plain = _LATER.sub(_blank, plain) if re.search(r"[\u4e00-\u9fff]", plain) else plain
    plain = _AT.sub(_blank, _ASKED.sub(_blank, plain))
    text = "".join(" " if kept == " " else said for kept, said in zip(plain, text, strict=True))
    text = re.sub(r"\s+", " ", text).strip(" .!?,;:。！？，；：请請")
    while match := _JOIN.match(in_place(text)):
        text = text[match.end() :]
    return re.sub(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])", "", text).strip()


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def told(at: datetime, now: datetime, language: str) -> str:
    """Return a moment in words: its day where that is not today, and its time."""
    days = (at.date() - now.date()).days
    if language.startswith("zh"):
        day = {0: "今天", 1: "明天", 2: "后天"}.get(days, f"{at.year}年{at.month}月{at.day}日")
        return f"{day} {at:%H:%M}"
    day = {0: "today", 1: "tomorrow"}.get(days, f"on {at:%A}, {at.day} {at:%B %Y},")
    return f"{day} at {at:%H:%M}"


def _later(text: str, slots: Mapping[str, Any]) -> timedelta | None:
    written = _value(slots, "duration")
    if written is not None and (match := _ISO.fullmatch(written)):
        days = sum(float(match[name]) * days for name, days in _DAYS.items() if match[name])
        made = timedelta(days=days, hours=float(match["h"] or 0), minutes=float(match["m"] or 0))
        return made if made else None
    found = _LATER.search(text)
    if found is None:
        return None
    number = _number(found["n"]) + (0.5 if found["more"] == "个半" else 0.0)
    return timedelta(minutes=number * _MINUTES[found["unit"]])


def _number(written: str) -> float:
    if written.isdigit():
        return float(written)
    tens, ten, ones = written.partition("十")
    if ten:
        return 10 * (_HAN[tens] if tens else 1) + (_HAN[ones] if ones else 0)
    return float(_HAN[written])


def _clock(text: str, slots: Mapping[str, Any]) -> time | None:
    written = _value(slots, "time")
    if written is not None:
        return time.fromisoformat(written)
    match = _AT.search(text) or re.fullmatch(r"\s*(?P<hour>\d{1,2})\s*", text)
    hour = int(match["hour"]) if match else 24
    return time(hour) if hour < 24 else None


def _value(slots: Mapping[str, Any], name: str) -> str | None:
    said = slots.get(name)
    value = said.get("value") if isinstance(said, Mapping) else None
    return value if isinstance(value, str) else None
