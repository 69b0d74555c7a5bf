"""The words of answers about records, in English and Chinese; no decision is made here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..words import listed, tongue
from .fields import Field, is_free
from .wishes import Wish

LISTED = 5
_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "offer": "I'd suggest {name}{known}.", "known": " ({list})", "more": " {list} fit{s} too.",
        "near": "Near {near}: ",
        "miss": "Nothing I know fits all of that. Closest is {name}{known}, but not: {list}.",
        "miss_near": "Nothing near {near} fits all of that. Closest is {name}{known}, but not: {list}.",
        "none": "I know nothing that fits.", "none_near": "I know nothing of that kind near {near}.",
        "no_more": "That was all I know of that fits.",
        "tell": "{name}: {list}.", "fact": "{field} {value}", "unknown": "{field} unknown to me", "joint": "; ",
        "has": "Yes, {name} has {list}.", "has_not": "No, {name} doesn't list {list}.", "nothing": "none that I know",
        "around": "Near {name}: {list}.", "none_around": "I know nothing of that kind near {name}.",
        "which": "Which place do you mean?",
    },
    "zh": {
        "offer": "推荐{name}{known}。", "known": "（{list}）", "more": "另外{list}也符合。",
        "near": "在{near}附近，", "miss": "没有完全符合的。最接近的是{name}{known}，只是{list}不符合。",
        "miss_near": "{near}附近没有完全符合的。最接近的是{name}{known}，只是{list}不符合。",
        "none": "我知道的里面没有符合的。", "none_near": "我不知道{near}附近有这样的地方。",
        "no_more": "符合的我都说过了。",
        "tell": "{name}：{list}。", "fact": "{field}{value}", "unknown": "{field}我不清楚", "joint": "，",
        "has": "有的，{name}有{list}。", "has_not": "{name}没有列出{list}。", "nothing": "我知道的里面没有",
        "around": "{name}附近有：{list}。", "none_around": "我不知道{name}附近有这样的地方。",
        "which": "您问的是哪个地方？",
    },
}  # fmt: skip
_UNITS = {"en": {"money": " yuan"}, "zh": {"money": "元", "points": "分"}}


def say(key: str, language: str, **values: object) -> str:
    """Return one of the sentences."""
    return _WORDS[tongue(language)][key].format(**values)


def value(field: Field, known: Any, language: str) -> str:
    """Return a field's value as it is said; empty for one that is not known."""
    if isinstance(known, Mapping):
        known = known.get(tongue(language)) or next(iter(known.values()), None)
    if known is None:
        return ""
    if isinstance(known, list):
        return listed([str(one) for one in known[:LISTED]], language) or say("nothing", language)
    if field.kind == "number":
        if field.unit == "money" and known == 0:
            return "免费" if tongue(language) == "zh" else "free"
        return f"{known:g}{_UNITS[tongue(language)].get(field.unit, '')}"
    return str(known)


def fact(field: Field, known: Any, language: str) -> str:
    """Return a field with its value."""
    said, name = value(field, known, language), called(field)
    return say("fact", language, field=name, value=said) if said else say("unknown", language, field=name)


def called(field: Field) -> str:
    """Return the name of a field as words."""
    return field.name.replace("_", " ")


def wished(wish: Wish, field: Field) -> str:
    """Return a wish as it was said, with the name of its field."""
    return wish.said if field.kind in ("items", "choice") or is_free(wish.said) else f"{called(field)}{wish.said}"


def joined(facts: Sequence[str], language: str) -> str:
    """Return facts one after the other."""
    return say("joint", language).join(facts)
