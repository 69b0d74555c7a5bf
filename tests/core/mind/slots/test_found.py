"""Entities and plain values in messages."""

from __future__ import annotations

from datetime import date

import pytest
from personac.core.mind.memory.retrieval import terms
from personac.core.mind.slots.entities import EntityFinder, entities_of
from personac.core.mind.slots.found import Finders
from personac.core.persona.schema import Intent

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


def intent(**slots: dict[str, object]) -> Intent:
    return Intent.model_validate({"name": "go", "examples": ["go"], "responses": {"en": ["ok"]}, "slots": slots})


def test_a_value_is_given_in_its_normal_form_with_its_words() -> None:
    going = intent(people={"type": "number"}, day={"type": "date"}, mail={"type": "email"})
    finders = Finders({}, today=lambda: date(2026, 11, 23))
    assert finders.fill_all(going, "3 people, next Friday, a@b.cn", "en") == {
        "people": {"value": 3, "text": "3", "span": [0, 1]},
        "day": {"value": "2026-12-04", "text": "next Friday", "span": [10, 21]},
        "mail": "a@b.cn",
    }


def test_two_slots_of_one_kind_take_two_values() -> None:
    going = intent(leave={"type": "date"}, back={"type": "date"})
    filled = Finders({}, today=lambda: date(2026, 11, 23)).fill_all(going, "明天去，后天回", "zh")
    assert {name: value["value"] for name, value in filled.items()} == {"leave": "2026-11-24", "back": "2026-11-25"}


def test_an_answer_to_a_question_may_be_the_bare_value() -> None:
    going = intent(at={"type": "time"}, name={"type": "text"})
    finders = Finders({})
    assert finders.fill(going, "at", "5", "en", asked=False) is None
    assert finders.fill(going, "at", "5", "en", asked=True)["value"] == "05:00"
    assert finders.fill(going, "name", " Bob ", "en", asked=True) == "Bob"


def test_chinese_is_searched_in_pairs_and_mixed_text_is_split() -> None:
    assert terms("故宫开门 at Ｎｏｏｎ，3点") == ["故宫", "宫开", "开门", "at", "noon", "3", "点"]
