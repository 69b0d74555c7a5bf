"""The words of the tourism skills, in English and Chinese; no decision is made here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from .planning import Stop
from .visits import Visit

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "closed": "{name} is closed on {day}.",
        "open": "On {day} {name} is open from {first} to {last}.",
        "near": "Near {name}: {list}.",
        "none_near": "I know nothing within {km:g} km of {name}.",
        "near_one": "{name} ({far} away)",
        "fits": "For {taste}, I'd pick {list}.",
        "fits_any": "My favourites: {list}.",
        "no_fit": "I know nothing that fits all of that; leave out one wish, and I'll look again.",
        "fit_one": "{name} ({hours} h, {fee})",
        "free": "free", "fee": "{fee:g} {currency}",
        "plan": "Here is a plan for {days}, with opening hours and ways counted in:",
        "day": "Day {number}, {day}:",
        "stop": "{arrive}–{leave} {name}{way}",
        "by": " ({minutes} min on the way)",
        "empty": "nothing that fits is open; a day to sleep in",
        "left": "There was no room for {list}.",
        "too_many": "I plan up to {most} days at a time; here are the first {most}.",
        "recognised": "That looks like {name}.",
        "unrecognised": "I don't recognise that place; tell me its name, and I'll tell you what I know.",
        "unseen": "I have no pictures of sights to compare that with; tell me its name, and I'll tell you what I know.",
        "no_picture": "Send me a picture or a video of the place, and I'll see whether I know it.",
        "joint": ", ", "last": " and ",
    },
    "zh": {
        "closed": "{name}{day}不开放。",
        "open": "{name}{day}开放时间是{first}到{last}。",
        "near": "{name}附近有：{list}。",
        "none_near": "{name}周围{km:g}公里内我不知道有什么景点。",
        "near_one": "{name}（{far}）",
        "fits": "喜欢{taste}的话，我推荐{list}。",
        "fits_any": "我最喜欢的是{list}。",
        "no_fit": "没有完全符合的，去掉一个要求我再看看。",
        "fit_one": "{name}（{hours}小时，{fee}）",
        "free": "免费", "fee": "{fee:g}{currency}",
        "plan": "给您排了{days}，开放时间和路上的时间都算进去了：",
        "day": "第{number}天，{day}：",
        "stop": "{arrive}–{leave} {name}{way}",
        "by": "（路上约{minutes}分钟）",
        "empty": "合适的都不开，可以睡个懒觉",
        "left": "{list}排不下了。",
        "too_many": "我一次最多排{most}天，先给您前{most}天。",
        "recognised": "这看起来是{name}。",
        "unrecognised": "这个地方我没认出来，告诉我名字，我就把知道的说给您听。",
        "unseen": "我没有景点照片可以对照，告诉我名字，我就把知道的说给您听。",
        "no_picture": "发一张照片或一段视频来，我看看认不认得。",
        "joint": "、", "last": "和",
    },
}  # fmt: skip
_TASTES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "history": "history", "nature": "nature", "art": "art", "food": "food", "family": "children",
        "shopping": "shopping", "religion": "temples", "views": "views", "modern": "modern Beijing",
    },
    "zh": {
        "history": "历史", "nature": "自然", "art": "艺术", "food": "美食", "family": "亲子", "shopping": "购物",
        "religion": "寺庙", "views": "风景", "modern": "现代建筑",
    },
}  # fmt: skip
_CURRENCY = {"en": "yuan", "zh": "元"}
_DAYS_ZH = "一二三四五六日"


def tongue(language: str) -> str:
    """Return the language of the words: Chinese for Chinese, else English."""
    return "zh" if language.split("-")[0] in ("zh", "yue") else "en"


def say(key: str, language: str, **values: object) -> str:
    """Return one of the sentences."""
    return _WORDS[tongue(language)][key].format(**values)


def listed(names: Sequence[str], language: str) -> str:
    """Join names as a list in a sentence."""
    if len(names) < 2:
        return "".join(names)
    return say("joint", language).join(names[:-1]) + say("last", language) + names[-1]


def weekday(day: date, language: str) -> str:
    """Return a day as people say it: Tuesday 2 June; 6月2日周二."""
    if tongue(language) == "zh":
        return f"{day.month}月{day.day}日周{_DAYS_ZH[day.weekday()]}"
    return f"{day:%A} {day.day} {day:%B}"


def clock(hours: float) -> str:
    """Return an hour of the day: 8.5 is 8:30."""
    whole = round(hours * 60)
    return f"{whole // 60}:{whole % 60:02}"


def distance(km: float, language: str) -> str:
    """Return a distance in metres or kilometres."""
    if km < 1:
        metres = max(50, round(km * 20) * 50)
        return f"{metres}米" if tongue(language) == "zh" else f"{metres} m"
    return f"{km:.1f}公里" if tongue(language) == "zh" else f"{km:.1f} km"


def fee(amount: float, language: str) -> str:
    """Return what it costs."""
    if not amount:
        return say("free", language)
    return say("fee", language, fee=amount, currency=_CURRENCY[tongue(language)])


def taste(likes: Mapping[str, float], language: str) -> str:
    """Return what is liked, as a list."""
    words = _TASTES[tongue(language)]
    return listed([words.get(name, name) for name, much in likes.items() if much > 0], language)


def fitting(visit: Visit, name: str, day: date, language: str) -> str:
    """Return a recommended sight with its hours and fee."""
    return say("fit_one", language, name=name, hours=f"{visit.hours:g}", fee=fee(visit.costs(day), language))


def itinerary(days: Sequence[date], stops: Sequence[Sequence[Stop]], names: Mapping[str, str], language: str) -> str:
    """Return a plan, a line for each stop."""
    count = f"{len(days)} day{'s' if len(days) != 1 else ''}" if tongue(language) == "en" else f"{len(days)}天"
    lines = [say("plan", language, days=count)]
    for number, (day, own) in enumerate(zip(days, stops), 1):
        lines.append(say("day", language, number=number, day=weekday(day, language)))
        for stop in own:
            way = say("by", language, minutes=stop.way) if stop.way else ""
            times = {"arrive": clock(stop.arrive), "leave": clock(stop.leave)}
            lines.append("- " + say("stop", language, **times, name=names[stop.visit.id], way=way))
        if not own:
            lines.append("- " + say("empty", language))
    return "\n".join(lines)
