"""The goals of CrossWOZ and its databases: what a place has to be, what is asked about it, and what is right.

A place fulfils a goal by the rules of the data set's own query program (thu-coai/CrossWOZ, dbquery.py): limits include
their ends, texts and items of lists fit when they contain what is asked for, a score without "or more" is a least one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DOMAINS = {"attraction": "景点", "hotel": "酒店", "restaurant": "餐馆"}
_SLOTS = {
    "票价": "门票", "门票": "门票", "评分": "评分", "时长": "游玩时间", "人均消费": "人均消费", "最低价格": "价格",
}  # fmt: skip
_GOAL = re.compile(
    r"你要去(?:id=(?P<near>\d+)附近的|名叫(?P<named>.+)的|一个)(?P<domain>景点|酒店|餐馆)\(id=(?P<id>\d+)\)"
)
_WISH = re.compile(r"你希望(?:景点|酒店|餐馆|游玩)的(?P<slot>.+?)是(?P<value>.+?)(?:的)?$")
Place = Mapping[str, Any]


@dataclass(frozen=True)
class Goal:
    """Hold what one place has to be, and what is asked about it."""

    id: int
    domain: str
    wishes: tuple[tuple[str, str], ...]
    asked: tuple[str, ...]
    near: int | None = None
    named: str = ""


def places(folder: Path) -> dict[str, dict[str, Place]]:
    """Return the places of each domain by name."""
    found = {}
    for file, domain in DOMAINS.items():
        rows = map(json.loads, (folder / f"{file}_db.jsonl").read_text("utf-8").splitlines())
        found[domain] = {row["名称"]: row for row in rows}
    return found


def dialogues(folder: Path, split: str) -> list[tuple[str, list[Goal], str]]:
    """Return the goals of each dialogue of a part about attractions, hotels, restaurants, and what was said first."""
    found = []
    for line in (folder / "dialogues_val_test.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        if split in ("all", row["split"]):
            goals = [goal for task in row["task_description"] if (goal := _goal(task)) is not None]
            found.append((f"{row['split']} {row['id']}", goals, row["turns"][0][1]))
    return [one for one in found if one[1]]


def fulfils(place: Place, slot: str, value: str) -> bool:
    """Tell whether a place is as one wish of a goal has it."""
    known = place.get(slot)
    if known is None:
        return False
    if slot == "评分":
        return bool(known >= float(re.match(r"[\d.]+", value)[0]))  # type: ignore[index]
    if slot in ("门票", "价格", "人均消费"):
        low, high = limits(value)
        return low <= known <= high
    if isinstance(known, list):
        return any(value in one for one in known)
    return value in str(known)


def limits(value: str) -> tuple[float, float]:
    """Return the least and the most of 100-150元, 50元以下, 免费 and 不免费."""
    numbers = [float(number) for number in re.findall(r"\d+", value)]
    if not numbers:
        return (0, 0) if value == "免费" else (1, float("inf"))
    if "以上" in value:
        return numbers[0], float("inf")
    return (0 if "以下" in value else numbers[0]), numbers[-1]


def fitting(known: Mapping[str, dict[str, Place]], goal: Goal, anchor: Place | None) -> set[str]:
    """Return the names of the places that fulfil a goal; with `anchor`, of those that it has in its lists."""
    own = known[goal.domain]
    names = own if anchor is None else [name for name in anchor[f"周边{goal.domain}"] if name in own]
    return {name for name in names if all(fulfils(own[name], *wish) for wish in goal.wishes)}


def is_told(place: Place, slot: str, reply: str) -> bool:
    """Tell whether a reply has the right value of a slot."""
    if slot.startswith("酒店设施是否包含"):
        has = any(slot.removeprefix("酒店设施是否包含") in one for one in place["酒店设施"])
        return bool(re.search("没有|不提供|不包含|没列", reply)) != has
    known = place.get(slot)
    if known is None or known == []:
        return bool(re.search("不清楚|没有|不知道|未知|无", reply))
    if isinstance(known, list):
        return any(one in reply for one in known)
    if isinstance(known, str):
        return known in reply
    return (slot == "门票" and known == 0 and "免费" in reply) or re.search(
        rf"(?<![\d.]){known:g}(?![\d.]*\d)", reply
    ) is not None


def named_in(reply: str, names: Sequence[str]) -> list[str]:
    """Return the names in a reply, in their order; of names within each other, the longest."""
    found = list[tuple[int, str]]()
    for name in sorted(names, key=len, reverse=True):
        at = reply.find(name)
        if at >= 0:
            found.append((at, name))
            reply = reply.replace(name, "\0" * len(name))
    return [name for _, name in sorted(found)]


def _goal(task: str) -> Goal | None:
    first, *rest = [part for part in task.split("。") if part]
    match = _GOAL.match(first)
    if match is None:
        return None
    wishes, asked = list[tuple[str, str]](), tuple[str, ...]()
    for part in rest:
        if "你想知道" in part:
            asked = tuple(part.partition("的")[2].split("、"))
        elif part.startswith("你想吃的菜肴是"):
            wishes += [("推荐菜", dish) for dish in part.partition("是")[2].split("、")]
        elif part.startswith("你希望酒店提供"):
            wishes.append(("酒店设施", part.removeprefix("你希望酒店提供")))
        elif part.startswith("你希望酒店是"):
            wishes.append(("酒店类型", part.removeprefix("你希望酒店是").removesuffix("的")))
        elif wish := _WISH.match(part):
            wishes.append((next(own for word, own in _SLOTS.items() if word in wish["slot"]), wish["value"]))
        else:
            raise ValueError(f"a goal says what is not known here: {part}")
    near = int(match["near"]) if match["near"] else None
    return Goal(int(match["id"]), match["domain"], tuple(wishes), asked, near, match["named"] or "")
