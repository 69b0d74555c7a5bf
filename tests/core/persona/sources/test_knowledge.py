from __future__ import annotations

from pathlib import Path

import pytest
from personac.core.persona.language import guess_language
from personac.core.persona.schema import Persona
from personac.core.persona.sources.knowledge import Knowledge, read_knowledge
from personac.core.turn import Passage

FAQ = """\
question,answer,language,intent
When do you open?,"At nine, every day.",en,hours
几点开门？,九点。,,hours

"A question
on two lines",An answer,,
Last,Row,,
"""
SIGHTS = """\
- id: forbidden_city
  name: {en: Forbidden City, zh: 故宫}
  aliases: [Palace Museum]
  opening_hours:
    en: Open from 8:30.
    zh: 8:30开放。
  price: 60 yuan
  rooms: 9999
  contact: {phone: "call 123", tips: [early, quiet]}
- name: 天坛
  price: 十五元
"""


def read(folder: Path, files: dict[str, str], languages: tuple[str, ...] = ("en", "zh")) -> Knowledge:
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    knowledge = [{"path": name} for name in files]
    persona = Persona.model_validate({"personac": 1, "name": "Mei", "languages": languages, "knowledge": knowledge})
    return read_knowledge(persona, folder)


def test_a_table_becomes_passages_and_questions(tmp_path: Path) -> None:
    knowledge = read(tmp_path, {"knowledge/faq.csv": FAQ})
    assert knowledge.diagnostics == []
    assert knowledge.passages[0] == Passage(
        "knowledge/faq.csv#2", "knowledge/faq.csv:2", "When do you open?", "At nine, every day.", "en", "hours"
    )
    assert [(p.id, p.language) for p in knowledge.passages] == [
        ("knowledge/faq.csv#2", "en"),
        ("knowledge/faq.csv#3", "zh"),
        ("knowledge/faq.csv#5", "en"),
        ("knowledge/faq.csv#7", "en"),
    ]
    assert knowledge.questions[1] == ("几点开门？", "knowledge/faq.csv#3", "zh", "hours")


def test_records_become_passages_by_field_and_language(tmp_path: Path) -> None:
    knowledge = read(tmp_path, {"knowledge/sights.yaml": SIGHTS})
    assert knowledge.diagnostics == []
    by_id = {passage.id.split("#")[1]: passage for passage in knowledge.passages}
    assert list(by_id) == [
        "forbidden_city.opening_hours.en",
        "forbidden_city.opening_hours.zh",
        "forbidden_city.price.en",
        "forbidden_city.contact.phone.en",
        "forbidden_city.contact.tips.en",
        "天坛.price.zh",
    ]
    english = by_id["forbidden_city.opening_hours.en"]
    assert english.title == "Forbidden City · opening hours"
    assert english.source == "knowledge/sights.yaml:5"
    assert (english.record, english.field, english.text) == ("forbidden_city", "opening_hours", "Open from 8:30.")
    assert by_id["forbidden_city.opening_hours.zh"].title == "故宫 · opening hours"
    assert by_id["forbidden_city.contact.tips.en"].text == "early; quiet"
    records = knowledge.records["knowledge/sights.yaml"]
    assert records[0]["rooms"] == 9999
    assert records[0]["aliases"] == ["Palace Museum"]
    assert records[1]["id"] == "天坛"


def test_records_may_be_named_by_key_or_in_json(tmp_path: Path) -> None:
    files = {
        "a.yaml": "card:\n  fee: Free.\nloan:\n  fee: Ten pounds.\n",
        "b.json": '{"fees": [\n\t{"id": "card", "fee": "Free."}\n]}',
    }
    knowledge = read(tmp_path, files)
    assert knowledge.diagnostics == []
    assert [(p.id, p.source) for p in knowledge.passages] == [
        ("a.yaml#card.fee.en", "a.yaml:2"),
        ("a.yaml#loan.fee.en", "a.yaml:4"),
        ("b.json#card.fee.en", "b.json:2"),
    ]


def test_a_page_is_cut_at_headings_and_paragraphs(tmp_path: Path) -> None:
    page = """\
---
author: someone
---
# Beijing

Intro with **bold** and a [link](http://x.y).

## Eating

Duck is good.
It is *very* good.

- noodles
- tofu

<!-- not
said -->
Getting around
--------------

Line 1.

## Eating

Again.
"""
    knowledge = read(tmp_path, {"knowledge/beijing.md": page})
    assert [(p.id, p.source.split(":")[1], p.title, p.text) for p in knowledge.passages] == [
        ("knowledge/beijing.md#beijing-1", "6", "Beijing", "Intro with bold and a link."),
        (
            "knowledge/beijing.md#eating-1",
            "10",
            "Beijing · Eating",
            "Duck is good. It is very good.\n- noodles\n- tofu",
        ),
        ("knowledge/beijing.md#getting-around-1", "21", "Beijing · Getting around", "Line 1."),
        ("knowledge/beijing.md#eating-2", "25", "Beijing · Eating", "Again."),
    ]


def test_the_name_of_a_page_may_tell_its_language(tmp_path: Path) -> None:
    knowledge = read(tmp_path, {"a.zh.md": "Line 1 and 2\n", "b.md": "北京很大\n", "c.txt": "Big\n\n很大\n"})
    assert [(p.id, p.language) for p in knowledge.passages] == [
        ("a.zh.md#1", "zh"), ("b.md#1", "zh"), ("c.txt#1", "en"), ("c.txt#2", "zh"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "languages", "expected"),
    [
        ("Where is the 故宫?", ("en", "zh"), "en"),
        ("故宫 WiFi 在哪里", ("en", "zh"), "zh"),
        ("Hello", ("zh", "en"), "en"),
        ("你好", ("en",), "en"),
        ("東京はどこ", ("zh", "ja"), "ja"),
        ("北京", ("zh-TW", "ja"), "zh-TW"),
        ("Где музей", ("en", "ru"), "ru"),
        ("123", ("zh", "en"), "en"),
    ],
)
def test_the_language_of_a_text_follows_its_script(text: str, languages: tuple[str, ...], expected: str) -> None:
    assert guess_language(text, languages) == expected


def test_ids_are_unique_and_stable_in_the_personas_that_come_with_it() -> None:
    from personac.core.persona.check import load

    for file in sorted((Path(__file__).parents[4] / "personas").glob("*/persona.yaml")):
        persona = load(file).persona
        assert persona is not None
        first, second = (read_knowledge(persona, file.parent) for _ in range(2))
        assert first.passages == second.passages
        ids = [passage.id for passage in first.passages]
        assert len(ids) == len(set(ids))
        assert {question.passage for question in first.questions} <= set(ids)
