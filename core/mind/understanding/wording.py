"""Which words of a text tell what it is about, under which conditions, and by which names.

Knows English and Chinese words; other languages are compared by their words alone.
"""

from __future__ import annotations

import re

from ..values.numerals import NUMBER

_STOP = {
    "a", "an", "the", "and", "or", "but", "if", "of", "to", "in", "on", "at", "by", "for", "from", "with", "without",
    "as", "is", "are", "was", "were", "be", "been", "being", "am", "do", "does", "did", "has", "have", "had", "can",
    "could", "will", "would", "shall", "should", "may", "might", "must", "it", "its", "this", "that", "these",
    "those", "there", "here", "he", "she", "they", "we", "you", "i", "me", "my", "your", "our", "their", "his",
    "her", "us", "them", "what", "which", "who", "whom", "when", "where", "why", "how", "much", "many", "more",
    "than", "so", "not", "no", "yes", "just", "also", "very", "about", "around", "roughly", "approximately", "up",
    "out", "off", "over", "into", "then", "please", "get", "take", "takes", "took", "need", "needs", "make", "made",
    "one", "only", "any", "some", "all", "each", "every", "other", "s", "t", "re", "ve", "ll", "d", "m",
}  # fmt: skip
_STOP_HAN = frozenset(
    "的了是在和与或也都就把被给让对从到至要会能可以我你您他她它们这那个吗呢吧啊呀么什怎样多少几很最约大概左右"
)
_CONDITIONS: dict[str, tuple[str, str]] = {
    "summer": ("summer|warm season", "夏季|夏天"),
    "winter": ("winter|cold season", "冬季|冬天"),
    "spring": ("spring", "春季|春天"),
    "autumn": ("autumn|fall", "秋季|秋天"),
    "high season": ("(?:high|peak|busy) season|peak times?", "旺季"),
    "low season": ("(?:low|off)[ -](?:peak )?season|off[ -]peak", "淡季"),
    "weekend": ("weekends?|saturdays?|sundays?", "周末|双休日|周[六日]|星期[六日天]"),
    "weekday": ("weekdays?|(?:mon|tues|wednes|thurs|fri)days?", "平日|周[一二三四五]|星期[一二三四五]"),
    "holiday": ("holidays?", "节假日|假期|节日|放假"),
    "adult": ("adults?", "成人|大人|成年人"),
    "child": (r"child|children|kids?|infants?|bab(?:y|ies)|under \d+s?", "儿童|小孩|孩子|婴儿|未成年"),
    "student": ("students?", "学生"),
    "senior": (r"seniors?|elderly|pensioners?|over \d+s", "老人|老年|长者"),
    "group": ("groups?|family|families|couples?", "团体|团队|家庭|双人"),
    "member": ("members?|vip", "会员|贵宾"),
    "business": ("business|compan(?:y|ies)|corporate", "企业|公司|对公"),
    "online": ("online", "网上|线上"),
    "counter": ("counter|branch(?:es)?", "窗口|柜台|现场"),
    "post": ("post|mail", "邮寄|邮件"),
    "standard": ("standard|regular|ordinary|basic", "普通|标准"),
    "express": ("express|fast(?:er)?|urgent|priority|premium", "加急|特快"),
    "return": ("return|round[ -]trip", "往返|来回"),
    "single": ("single|one[ -]way", "单程|单人"),
    "deposit": ("deposits?", "押金|定金"),
    "extra": ("extra|additional", "加收|另收|额外|附加"),
    "least": ("at least|minimum|lowest|starting|starts?", "最少|至少|最低|起步|起"),
    "most": (
        "at most|maximum|highest|up to|limit(?:ed)?|no more than|never more|within",
        "最多|至多|最高|不超过|上限|以内|之内",
    ),
    "more": ("more than|over|above|exceed(?:s|ing)?", "超过|以上|高于"),
    "less": ("less than|under|below", "以下|低于|不足|不到"),
    "daily": ("(?:a|per|each|every) day|daily", "每天|每日|一天"),
    "weekly": ("(?:a|per|each|every) week|weekly", "每周|一周"),
    "monthly": ("(?:a|per|each|every)(?: calendar)? month|monthly", "每月|每个月|月费"),
    "hourly": ("(?:an|per|each|every) hour|hourly", "每小时"),
    "yearly": ("(?:a|per|each|every) year|yearly|annual(?:ly)?", "每年|年费|全年"),
    "after": ("after|later", "之后|以后"),
    "before": ("before", "之前|以前|截止"),
    "first": ("first|initial", "首次|第一"),
    "last": ("last|final", "最后"),
    "morning": ("morning|breakfast", "早上|上午|早晨|早餐"),
    "noon": ("lunch", "中午|午餐"),
    "evening": ("evening|night|dinner", "晚上|夜间|夜里|夜场|傍晚|晚餐"),
    "open": ("open(?:s|ed|ing)?", "开放|开门|营业"),
    "close": ("clos(?:e|es|ed|ing)|shuts?", "关门|闭馆|关闭|打烊"),
    "entry": ("entry|admission", "停止入|停止售|检票"),
    "abroad": ("abroad|international(?:ly)?|overseas|foreign|worldwide", "境外|国外|海外|国际"),
    "debit": ("debit", "借记"),
    "credit": ("credit", "信用卡"),
    "cash": ("cash", "现金"),
    "once": ("(?:per|each) person|per head", "每人|人均"),
    "old": ("former(?:ly)?|previous(?:ly)?|used to", "原来|曾经"),
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MARKS = re.compile(
    "|".join(
        f"(?P<c{number}>\\b(?:{english})\\b|{chinese})"
        for number, (english, chinese) in enumerate(_CONDITIONS.values())
    )
)
_MONTH = re.compile(
    r"\b(jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)(?:uary|ruary|ch|il|e|y|ust|tember|ober|ember)?\b"
    r"|(?:\b(?:in|from|to|until|early|late|mid|and)[ -]|\d )(may)\b"
    r"|(?<!\d)(\d{1,2}) ?月"
)
_NAMES_OF = list(_CONDITIONS)
_SENTENCE = re.compile(r"[.!?](?=\s|$)|[。！？!?\n]")
_CLAUSE = re.compile(r"[,;:()](?!\d)|[，；：（）]|\b(?:and|but|while|or)\b")
_WORD = re.compile(r"[a-zà-ÿ][a-zà-ÿ'-]+|[^\W\d_a-zà-ÿ]+")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_NAME = re.compile(r"(?<![.!?·] )(?<!^)\b[A-Z][\w’'-]*|\b[A-Z][\w’'-]*(?= [A-Z])")
_FIGURE = re.compile(NUMBER)


OPPOSED = (
    {"summer", "winter", "spring", "autumn", "high season", "low season"},
    {"weekend", "weekday", "holiday"},
    {"adult", "child", "student", "senior", "group", "member"},
    {"online", "counter", "post"},
    {"standard", "express"},
    {"return", "single"},
    {"least", "most"},
    {"more", "less"},
    {"daily", "weekly", "monthly", "hourly", "yearly"},
    {"first", "after", "last", "before"},
    {"morning", "noon", "evening"},
    {"open", "close", "entry"},
    {"debit", "credit", "cash"},
    {f"month {number}" for number in range(1, 13)},
)


def opposed(some: frozenset[str], others: frozenset[str]) -> bool:
    """Tell whether two sets of conditions exclude each other, as summer and winter do."""
    return any(some & group and others & group and not some & others & group for group in OPPOSED)


def conditions(text: str) -> frozenset[str]:
    """Return the conditions that a text (in lower case) names: summer, child, at most, a day, each month …"""
    found = {_NAMES_OF[int((match.lastgroup or "c0")[1:])] for match in _MARKS.finditer(text)}
    for match in _MONTH.finditer(text):
        name = match[1] or match[2]
        found.add(f"month {_MONTHS.index(name[:3]) + 1 if name else int(match[3])}")
    return frozenset(found)


def terms(text: str) -> frozenset[str]:
    """Return the words of a text (in lower case) that tell what it is about; of Chinese, pairs of characters."""
    found: set[str] = set()
    for word in _WORD.findall(_FIGURE.sub(" ", text)):
        if _HAN.search(word):
            for run in re.split(f"[{''.join(_STOP_HAN)}]+", word):
                found.update(run[at : at + 2] for at in range(max(1, len(run) - 1)) if run)
        elif word not in _STOP:
            found.add(_stem(word))
    return frozenset(found)


def names(text: str) -> frozenset[str]:
    """Return the words of a text (as written) that a capital makes names, in lower case; not a sentence's first."""
    return frozenset(match[0].lower() for match in _NAME.finditer(text) if match[0].lower() not in _STOP)


def around(text: str, start: int, end: int) -> tuple[int, int, int, int]:
    """Return where the sentence of a place in a text begins, its clause begins, the clause ends, the sentence ends."""
    left = max([0, *(match.end() for match in _SENTENCE.finditer(text, 0, start))])
    after = _SENTENCE.search(text, end)
    right = after.start() if after else len(text)
    inner = max([left, *(match.end() for match in _CLAUSE.finditer(text, left, start))])
    close = _CLAUSE.search(text, end, right)
    return left, inner, close.start() if close else right, right


def _stem(word: str) -> str:
    for ending in ("ies", "es", "s", "ing", "ed"):
        if word.endswith(ending) and len(word) > len(ending) + 3:
            return word.removesuffix(ending)
    return word.removesuffix("e")
