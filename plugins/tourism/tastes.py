"""What a traveller may like: from what they say, and from what they asked about. Makes no plans and no answers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from ...core.chinese import in_place
from .visits import Visit

WORDS: Mapping[str, str] = {
    "history": r"histor|ancient|emperor|imperial|dynast|old (?:beijing|town|city)|heritage|历史|古迹|古老|皇|文物|名胜",
    "nature": r"nature|park|garden|green|flower|lake|hik|outdoor|quiet|walk|自然|公园|花|湖|爬山|徒步|安静|散步|绿",
    "art": r"\bart|gallery|galler|paint|museum|exhibit|艺术|美术|画|展览|博物馆",
    "food": r"\bfood|eat|snack|restaurant|hungry|cuisine|吃|小吃|美食|餐",
    "family": r"famil|kid|child|son\b|daughter|toddler|孩子|小孩|亲子|带娃|儿子|女儿|一家",
    "shopping": r"shop|souvenir|market|mall|buy|购物|逛街|买|纪念品|市场",
    "religion": r"temple|buddhis|tao|mosque|religio|monaster|寺|庙|佛|道教|清真|宗教",
    "views": r"view|photo|sunset|skyline|panoram|scener|风景|景色|拍照|日落|俯瞰",
    "modern": r"modern|architect|technolog|science|futur|现代|科技|建筑|新潮",
}
_LIKED = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in WORDS.items()}
_DISLIKED = re.compile(
    r"(?:no|not|don'?t (?:like|want)|without|hate|bored (?:of|by|with)|tired of|avoid|skip)"
    r"(?: any| the| more| another)?\s+(\w+)"
    r"|(?:不喜欢|不想去?|不要|讨厌|腻了|别去?)(.{1,4})",
    re.IGNORECASE,
)
ASKED = 0.4  # what a sight that was asked about tells of a taste, beside a taste that was said


def tastes(text: str) -> dict[str, float]:
    """Return what a text says is liked (1) and disliked (-1)."""
    text = in_place(text)
    found: dict[str, float] = {}
    disliked = " ".join(filter(None, (part for match in _DISLIKED.finditer(text) for part in match.groups())))
    for name, pattern in _LIKED.items():
        if pattern.search(disliked):
            found[name] = -1.0
        elif pattern.search(text):
            found[name] = 1.0
    return found


def learnt(said: Mapping[str, float], asked: Iterable[Visit]) -> dict[str, float]:
    """Return tastes that were said, and what the sights that were asked about add to them."""
    found = dict(said)
    for visit in asked:
        for name, much in visit.likes.items():
            if found.get(name, 0.0) >= 0:
                found[name] = min(2.0, found.get(name, 0.0) + ASKED * much / 3)
    return found


def worth(visit: Visit, likes: Mapping[str, float]) -> float:
    """Return how much of what is liked a sight has; without any taste, how much it has at all."""
    if not likes:
        return max(visit.likes.values(), default=0.0) + 0.1 * sum(visit.likes.values())
    return sum(likes.get(name, 0.0) * much for name, much in visit.likes.items())


def recommended(
    known: Mapping[str, Visit],
    likes: Mapping[str, float],
    day: date,
    *,
    seen: Collection[str] = (),
    budget: float | None = None,
    holidays: Collection[date] = (),
) -> list[Visit]:
    """Return the sights that fit, best first: open on the day, within the budget, not seen, and worth something."""
    fit = [
        visit
        for visit in known.values()
        if visit.id not in seen
        and visit.open_on(day, holidays) is not None
        and (budget is None or visit.costs(day) <= budget)
        and worth(visit, likes) > 0
    ]
    return sorted(fit, key=lambda visit: (-worth(visit, likes), visit.hours, visit.id))
