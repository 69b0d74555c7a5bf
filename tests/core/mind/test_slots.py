"""Entities and plain values in messages."""

from __future__ import annotations

import pytest
from personac.core.mind.retrieval import terms
from personac.core.mind.slots import EntityFinder, entities_of, find_plain

RECORDS = [
    {"id": "wall", "name": {"en": "Great Wall", "zh": "长城"}, "aliases": ["Changcheng"]},
    {"id": "mutianyu", "name": {"en": "Mutianyu", "zh": "慕田峪长城"}},
    {"id": "heaven", "name": {"en": "Temple of Heaven", "zh": "天坛"}},
]
FINDER = EntityFinder(entities_of(RECORDS, "name", "en"))


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("how far is the great wall", "wall"),
        ("慕田峪长城怎么走", "mutianyu"),
        ("长城怎么走", "wall"),
        ("CHANGCHENG!", "wall"),
        ("temple of heven tickets", "heaven"),
        ("the greater wallpaper", None),
        ("", None),
    ],
)
def test_the_longest_name_wins_and_small_slips_are_forgiven(text: str, id: str | None) -> None:
    entity = FINDER.find(text)
    assert (entity.id if entity else None) == id


@pytest.mark.parametrize(
    ("text", "all_of_it"),
    [
        ("Great Wall", True),
        ("the Great Wall, please!", True),
        ("No, I mean the Temple of Heaven.", True),
        ("我说的是天坛", True),
        ("天坛", True),
        ("the story of the Great Wall", False),
        ("长城的故事", False),
        ("please", False),
        ("", False),
    ],
)
def test_a_message_of_nothing_but_a_name_is_told_from_one_that_wants_more(text: str, all_of_it: bool) -> None:
    assert FINDER.is_all(text) == all_of_it


def test_an_entity_is_said_in_the_language_of_the_turn() -> None:
    assert FINDER.by_id["heaven"].value("zh") == {"id": "heaven", "name": "天坛"}


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("number", "for 3 people", "3"),
        ("date", "明天去可以吗", "明天"),
        ("date", "on 2026-12-01", "2026-12-01"),
        ("time", "at 8:30", "8:30"),
        ("email", "to a@b.cn", "a@b.cn"),
        ("phone", "打13812345678", "13812345678"),
        ("number", "none", None),
    ],
)
def test_plain_values_are_found(kind: str, text: str, value: str | None) -> None:
    assert find_plain(kind, text) == value


def test_chinese_is_searched_in_pairs_and_mixed_text_is_split() -> None:
    assert terms("故宫开门 at Ｎｏｏｎ，3点") == ["故宫", "宫开", "开门", "at", "noon", "3", "点"]
