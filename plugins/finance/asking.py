"""What a user asks of the news: about which topics, and over which days. Knows words, no news."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from ...core.chinese import in_place

MOST_DAYS = 366
_NUMBERS = {
    "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10, "fourteen": 14,
    "一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10, "半": 0.5,
}  # fmt: skip
_LENGTHS = {"day": 1, "week": 7, "fortnight": 14, "month": 30, "quarter": 90, "year": 365,
            "天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30, "季度": 90, "年": 365}  # fmt: skip
_ENGLISH = re.compile(
    r"\b(\d{1,3}|a|one|two|three|four|five|six|seven|ten|fourteen)\s+(day|week|fortnight|month|quarter|year)s?\b", re.I
)
_CHINESE = re.compile(r"(\d{1,3}|[一两二三四五六七八九十半])\s*个?(天|日|周|星期|礼拜|月|季度|年)")
_PLAIN = re.compile(r"\b(week|fortnight|month|quarter|year)(?:ly)?\b", re.I)
_PLAIN_ZH = re.compile(r"(?:这|本|上|最近|过去|近|一)个?(周|星期|礼拜|月|季度)|(今年|去年)")
_TODAY = re.compile(r"\b(?:today|right now|at the moment)\b|今天|今日|当天", re.I)
_YESTERDAY = re.compile(r"\byesterday\b|昨天|昨日", re.I)
_ALL = re.compile(r"\b(?:all (?:the )?(?:time|days)|so far|whole (?:time|period))\b|全部时间|全程|一直以来", re.I)
_EVERY = re.compile(r"\b(?:all|every|everything|any)\b|全部|所有|都", re.I)
_NAMED = re.compile(
    r"\b(?:about|on|of|for|with|around|regarding|to|from)\s+"
    r"(?!(?:the|this|that|last|past|next|it|its|them|they|these|those|today|yesterday|me|us|now|\d+|all|any|my|alerts?|"
    r"news|mood|sentiment|topics?|everything|a|an|one|date|average)\b)[a-z][\w&'-]*",
    re.I,
)
_NAMED_ZH = re.compile(r"(\S{1,12}?)的(?:新闻|舆情|情绪|消息|报道|提醒|走势|图|口碑|风评|舆论)")
_NO_NAME_ZH = re.compile(
    r"它们?|他们?|这个?|那个?|该|本|上|最近|过去|近|今天|昨天|[一两二三四五六七八九十半\d]|个|天|日|周|星期|礼拜|月|季度|年|"
    r"画|看|给我|我|想|要|一下|一张|请|帮|说说|查|讲|现在|当前|有关|关于|所有|全部|市场|整体|怎么样|呢|取消|订阅|关注|我的|里|来|负面|正面"
)


@dataclass(frozen=True, slots=True)
class Period:
    """Hold the days from `first` to `last`, both within."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """Return how many days these are."""
        return (self.last - self.first).days + 1

    @classmethod
    def ending(cls, last: date, days: int) -> Period:
        """Return a number of days, the last of which is given."""
        return cls(last - timedelta(max(1, min(days, MOST_DAYS)) - 1), last)

    def before(self) -> Period:
        """Return as many days before."""
        return Period(self.first - timedelta(self.days), self.first - timedelta(1))


def period(text: str, today: date) -> Period | None:
    """Return the days that a text names, None for none; a week is seven days that end today."""
    text = in_place(text)
    if _YESTERDAY.search(text):
        return Period(today - timedelta(1), today - timedelta(1))
    if (found := _ENGLISH.search(text) or _CHINESE.search(text)) is not None:
        said, unit = found.group(1).lower(), found.group(2).lower()
        number = float(said) if said.isdecimal() else _NUMBERS[said]
        return Period.ending(today, round(number * _LENGTHS[unit]))
    if (found := _PLAIN.search(text)) is not None:
        return Period.ending(today, _LENGTHS[found.group(1).lower()])
    if (found := _PLAIN_ZH.search(text)) is not None:
        return Period.ending(today, _LENGTHS[found.group(1) or "年"])
    if _ALL.search(text):
        return Period.ending(today, MOST_DAYS)
    return Period(today, today) if _TODAY.search(text) else None


def names_all(text: str) -> bool:
    """Tell whether a text asks for all that there is."""
    return _EVERY.search(in_place(text)) is not None


def names_another(text: str) -> bool:
    """Tell whether a text without a known topic seems to name one that is not known."""
    text = in_place(text)
    if _NAMED.search(text):
        return True
    found = _NAMED_ZH.search(text)
    return found is not None and bool(_NO_NAME_ZH.sub("", found.group(1)).strip("，。？！、 "))
