"""Names of entities in messages: misspelt, in pinyin, in traditional characters, and not where there are none."""

from __future__ import annotations

import pytest
from personac.core.mind.slots.entities import EntityFinder, entities_of

RECORDS = [
    {"id": "forbidden", "name": {"en": "Forbidden City", "zh": "故宫"}},
    {"id": "wall", "name": {"en": "Great Wall", "zh": "长城"}},
    {"id": "mutianyu", "name": {"zh": "慕田峪长城"}},
    {"id": "summer", "name": {"zh": "颐和园"}},
    {"id": "heaven", "name": {"en": "Temple of Heaven", "zh": "天坛"}},
    {"id": "gate", "name": {"zh": "龙门"}},
    {"id": "cafe", "name": "Café Élan"},
]
FINDER = EntityFinder(entities_of(RECORDS, "name", "en"))


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("Is the FORBIDDEN  CITY open?", "forbidden"),
        ("the forbiden city", "forbidden"),
        ("故宮幾點開門", "forbidden"),
        ("gugong", "forbidden"),
        ("how far is gu gong", "forbidden"),
        ("Gùgōng", "forbidden"),
        ("gu4 gong1", "forbidden"),
        ("yiheyuan tickets", "summer"),
        ("Yi He Yuan", "summer"),
        ("頤和園", "summer"),
        ("yihheyuan", "summer"),
        ("慕田玉长城怎么走", "mutianyu"),
        ("temple of heven", "heaven"),
        ("cafe elan", "cafe"),
    ],
)
def test_a_name_is_found_however_it_is_written(text: str, id: str) -> None:
    entity = FINDER.find(text)
    assert entity is not None
    assert entity.id == id


@pytest.mark.parametrize(
    "text",
    [
        "", "😀🎉", "how long men wait here", "the city is forbidden to cars", "a great deal on walls", "我想去公园",
        "古工", "I want to go up to heaven", "今天天气怎么样",
        "can I pay by card", "it was a long day", "常常去", "\ud800",
    ],
)  # fmt: skip
def test_ordinary_sentences_name_nothing(text: str) -> None:
    assert FINDER.mentions(text) == []


def test_the_places_of_names_are_those_of_the_message() -> None:
    text = "从故宫到Temple of Heaven"
    assert [(text[m.start : m.end], m.entity.id) for m in FINDER.mentions(text)] == [
        ("故宫", "forbidden"),
        ("Temple of Heaven", "heaven"),
    ]


def test_an_endless_message_is_searched_in_its_beginning() -> None:
    assert FINDER.find("hello there " * 10_000) is None
    assert FINDER.find("故宫" + "啊" * 100_000) is not None
