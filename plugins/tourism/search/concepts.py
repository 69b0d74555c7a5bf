"""What travellers call the usual fields of places, in English and Chinese, and the units that go with them.

A record's field belongs to a concept when it has its name, or one of its words; anything else is known by its own name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Concept:
    """Hold the words for a field, and the unit of its numbers."""

    words: tuple[str, ...]
    unit: str = ""


CONCEPTS: Mapping[str, Concept] = {
    "rating": Concept(("rating", "rated", "score", "reviews", "评分", "评价", "口碑", "打分", "几分"), "points"),
    "price": Concept(
        (
            "price", "cost", "how much", "fee", "ticket", "价格", "价钱", "价位", "多少钱", "费用", "房价", "人均消费",
            "人均", "消费", "最低价格", "票价", "门票", "花多少", "收费",
        ),
        "money",
    ),
    "address": Concept(("address", "where is", "located", "地址", "在哪", "位置", "怎么找", "什么地方", "哪个地方")),
    "phone": Concept(("phone", "telephone", "number to call", "call them", "电话", "号码", "联系方式", "怎么联系")),
    "hours": Concept(
        (
            "opening hours", "hours", "when does it open", "open until", "营业时间", "开放时间", "几点", "什么时候开",
            "什么时间开", "什么时候营业",
        )
    ),
    "duration": Concept(
        (
            "duration", "how long", "time to visit", "游玩时间", "游玩时长", "游玩的时长", "游玩的时间", "时长",
            "玩多久", "逛多久", "多长时间",
        ),
        "hours",
    ),
    "metro": Concept(("metro", "subway", "underground", "station", "地铁", "地铁站", "哪一站", "哪站")),
    "type": Concept(("type", "kind of", "class", "类型", "档次", "什么型", "哪种")),
    "facilities": Concept(("facilities", "amenities", "services", "设施", "有什么服务", "哪些服务")),
    "dishes": Concept(
        ("dishes", "specialities", "specialties", "menu", "to eat", "推荐菜", "招牌菜", "特色菜", "什么菜", "哪些菜",
         "好吃的", "菜品", "菜肴", "吃什么", "拿手菜")
    ),
}  # fmt: skip
NEAR = (
    "附近", "周边", "旁边", "周围", "边上", "不远", "nearby", "near", "close to", "around", "next to", "not far from",
)  # fmt: skip


def concept_of(field: str) -> Concept:
    """Return what a field of this name is; one that is not known has its own name as its only word."""
    plain = field.replace("_", " ").replace("-", " ").casefold()
    known = CONCEPTS.get(field) or next((one for one in CONCEPTS.values() if plain in one.words), None)
    if known is None:
        known = next(
            (one for one in CONCEPTS.values() if any(len(w) > 1 and plain.endswith(w) for w in one.words)), None
        )
    words = tuple(dict.fromkeys((plain, *(known.words if known else ()))))
    return Concept(words, known.unit if known else "")
