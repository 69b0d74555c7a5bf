"""The words of answers, in English and Chinese: the mood of news, and never advice to buy, to sell or to hold."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from .archive import Judged, Mood
from .asking import Period

HEADLINE = 160  # characters of a headline that are quoted
FEW = 5  # items, below which little can be said
LEANING = 0.15  # more good than bad by as much of all items
_ADVICE = re.compile(
    r"\b(?:should|must|time to|recommend(?:s|ed|ation)?|rat(?:es|ed|ing)|stay|top pick|upgrad\w+|downgrad\w+|"
    r"initiat\w+|reiterat\w+|tell\w*|told|urg\w+|advis\w+|says?|said)\b[^.;]{0,60}\b(?:buy|sell|hold|invest|accumulate|overweight|underweight)\b"
    r"|^(?:buy|sell|hold|invest in)\b|\b(?:buy|sell|hold) (?:the )?(?:shares?|stocks?|rating|now|recommendation)\b"
    r"|\b(?:strong|screaming) (?:buy|sell)\b|\b(?:guaranteed?|risk-free|sure) (?:\w+ )?(?:profit|return|gain)s?\b"
    r"|建议.{0,6}(?:买入|卖出|持有|增持|减持|加仓|清仓)|(?:买入|卖出|增持|减持|持有)评级|应(?:该|当)?.{0,4}(?:买入|卖出|抄底|加仓|清仓)"
    r"|现在(?:就)?(?:买入|卖出|抄底)|(?:赶紧|抓紧|快)(?:买|卖)|稳赚|包赚|保证收益|零风险",
    re.IGNORECASE,
)
_MARKS = str.maketrans("[]<>`*_|“”", "()‹›'· /‘’")
_LINK = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "mood": "The news about {topic} {when} {was}.",
        "mostly_good": "was more good than bad",
        "mostly_bad": "was more bad than good",
        "mixed": "was mixed",
        "counts": "Of {items} items: {good} good, {bad} bad, {rest} neither.",
        "one": "There was one item about {topic} {when}, and it was {label}.",
        "none": "I found no news about {topic} {when}.",
        "few": "That is too little to say much.",
        "worse": "Bad ones made up {now}, after {before} in the {days} before.",
        "headlines": "Headlines:",
        "headline": "• {day}: “{title}”",
        "by": " ({source})",
        "note": "This is the mood of the news, not advice.",
        "which": "Which topic? I follow {topics}.",
        "unknown": "I don't follow that. I follow {topics}. Which of them?",
        "compare": "The mood of the news {when}, best first:",
        "compared": "• {topic}: {was}; {good} good, {bad} bad of {items}",
        "compared_none": "• {topic}: no news",
        "surge_on": "• {topic}: bad news has surged since {day}: {now} of the items are bad, {before} before.",
        "surge_over": "• {topic}: bad news surged {when} ({now} bad, {before} before); that is over.",
        "moved_up": "• {topic}: more bad news than in the 7 days before: {now} of the items, {before} before.",
        "moved_down": "• {topic}: less bad news than in the 7 days before: {now} of the items, {before} before.",
        "changes": "What has changed in the news, as of {day}:",
        "no_changes": "As of {day}, nothing is out of the usual in the news about {topics}.",
        "chart": "The news about {topic} {when}: {items} items, {good} good and {bad} bad.",
        "chart_title": "News about {topic}, {when}",
        "chart_good": "good",
        "chart_bad": "bad",
        "chart_surge": "surge of bad news",
        "chart_axis": "items a day",
        "chart_weeks": "items a week",
        "follows": "I'll write to you when bad news about {topics} surges, if I can here; or ask me for alerts.",
        "kept": "I keep that for this conversation, and beyond it only if you agreed that I keep things.",
        "follow_which": "Alerts about which topic? I follow {topics}.",
        "unfollows": "No more alerts about {topics}.",
        "unfollow_which": "You get alerts about {topics}. Which of them shall end?",
        "not_followed": "You have no alerts. Name a topic to get them: {topics}.",
        "alerts": "Alerts, as of {day}:",
        "no_alerts": "No alerts as of {day}: bad news about {topics} has not surged.",
        "days": "{days} days",
        "day": "day",
        "on": "on {day}",
        "from_to": "from {first} to {last}",
        "list": ", ",
        "and": " and ",
        "good_label": "good",
        "bad_label": "bad",
        "neither_label": "neither good nor bad",
    },
    "zh": {
        "mood": "{when}，{topic}的新闻{was}。",
        "mostly_good": "好消息多于坏消息",
        "mostly_bad": "坏消息多于好消息",
        "mixed": "好坏参半",
        "counts": "{items}条里，好消息{good}条，坏消息{bad}条，其余{rest}条不好不坏。",
        "one": "{when}，{topic}只有一条新闻，{label}。",
        "none": "{when}没有找到{topic}的新闻。",
        "few": "数量太少，说明不了什么。",
        "worse": "坏消息占{now}，此前{days}占{before}。",
        "headlines": "新闻标题：",
        "headline": "• {day}：“{title}”",
        "by": "（{source}）",
        "note": "这是新闻的情绪，不是投资建议。",
        "which": "想看哪个主题？我关注的有：{topics}。",
        "unknown": "这个我没有关注。我关注的有：{topics}。想看哪一个？",
        "compare": "{when}的新闻情绪，从好到坏：",
        "compared": "• {topic}：{was}；{items}条里好{good}条、坏{bad}条",
        "compared_none": "• {topic}：没有新闻",
        "surge_on": "• {topic}：{day}起坏消息激增，占{now}，此前占{before}。",
        "surge_over": "• {topic}：{when}坏消息曾激增（占{now}，此前占{before}），现已过去。",
        "moved_up": "• {topic}：坏消息比此前7天多，占{now}，此前占{before}。",
        "moved_down": "• {topic}：坏消息比此前7天少，占{now}，此前占{before}。",
        "changes": "截至{day}，新闻的变化：",
        "no_changes": "截至{day}，{topics}的新闻没有异常变化。",
        "chart": "{when}，{topic}的新闻共{items}条，好消息{good}条，坏消息{bad}条。",
        "chart_title": "{topic}的新闻，{when}",
        "chart_good": "好消息",
        "chart_bad": "坏消息",
        "chart_surge": "坏消息激增",
        "chart_axis": "每天条数",
        "chart_weeks": "每周条数",
        "follows": "{topics}的坏消息激增时，只要这个渠道可以，我会发消息给您；也可以随时问我有没有提醒。",
        "kept": "这个设置在本次对话中有效；只有您同意我保存资料，以后才继续有效。",
        "follow_which": "要提醒哪个主题？我关注的有：{topics}。",
        "unfollows": "不再提醒{topics}。",
        "unfollow_which": "您订阅了{topics}的提醒，取消哪一个？",
        "not_followed": "您还没有订阅提醒。说出主题就可以订阅：{topics}。",
        "alerts": "截至{day}的提醒：",
        "no_alerts": "截至{day}没有提醒：{topics}的坏消息没有激增。",
        "days": "{days}天",
        "day": "一天",
        "on": "{day}",
        "from_to": "{first}至{last}",
        "list": "、",
        "and": "和",
        "good_label": "是好消息",
        "bad_label": "是坏消息",
        "neither_label": "不好不坏",
    },
}
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip
LABELS = {"positive": "good_label", "negative": "bad_label", "neutral": "neither_label"}


def code(language: str) -> str:
    """Return the language that is spoken to a user of a language."""
    return "zh" if language.startswith("zh") else "en"


def say(key: str, language: str, **values: object) -> str:
    """Return one of the sentences."""
    return _WORDS[code(language)][key].format(**values)


def on(day: date, language: str) -> str:
    """Return a day as people write it."""
    if code(language) == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def short(day: date, language: str) -> str:
    """Return a day as it stands on an axis."""
    return f"{day.month}月{day.day}日" if code(language) == "zh" else f"{day.day} {_MONTHS[day.month - 1][:3]}"


def when(period: Period, language: str) -> str:
    """Return the days of a period."""
    if period.days == 1:
        return say("on", language, day=on(period.last, language))
    first, last = on(period.first, language), on(period.last, language)
    if period.first.year == period.last.year:  # said once
        first, last = (first, last.partition("年")[2]) if code(language) == "zh" else (first[:-5], last)
    return say("from_to", language, first=first, last=last)


def length(period: Period, language: str) -> str:
    """Return how long a period is."""
    return say("day" if period.days == 1 else "days", language, days=period.days)


def percent(share: float) -> str:
    """Return a share in percent."""
    return f"{round(100 * share)}%"


def was(mood: Mood, language: str) -> str:
    """Return which way news leant."""
    key = "mostly_good" if mood.lean > LEANING else "mostly_bad" if mood.lean < -LEANING else "mixed"
    return say(key, language)


def listed(names: Sequence[str], language: str) -> str:
    """Return names as a list in words."""
    if len(names) < 2:
        return "".join(names)
    return say("list", language).join(names[:-1]) + say("and", language) + names[-1]


def advises(text: str) -> bool:
    """Tell whether a text says what to buy, sell or hold, or promises a profit; such a headline is not quoted."""
    return _ADVICE.search(text) is not None


def quoted(title: str) -> str:
    """Return a headline as it may be quoted: no links, no marks that a page could take for its own."""
    bare = _LINK.sub("…", title).translate(_MARKS)
    return bare if len(bare) <= HEADLINE else bare[: HEADLINE - 1] + "…"


def headline(judged: Judged, language: str) -> str:
    """Return a headline with its day and source."""
    item = judged.item
    by = say("by", language, source=quoted(item.source)) if item.source else ""
    return say("headline", language, day=on(item.day, language), title=quoted(item.title)) + by


def sentences(parts: Sequence[str], language: str) -> str:
    """Join sentences as the language does."""
    return ("" if code(language) == "zh" else " ").join(part for part in parts if part)
