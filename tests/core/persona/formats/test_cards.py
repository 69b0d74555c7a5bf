"""Character cards become personas, and come back: byte for byte while nothing was changed, with every change else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from personac.core.persona.check import load
from personac.core.persona.formats import format_named
from personac.core.persona.formats.cards import to_portable
from personac.core.persona.formats.json_text import Layout
from personac.core.persona.formats.portable import Portable
from personac.core.persona.sources.knowledge import read_knowledge

Bring, Send, Edit = Callable[..., Path], Callable[..., bytes], Callable[..., None]


def portable(tree: dict[str, Any]) -> Portable:
    return to_portable(tree, Layout(), "json")


def test_a_card_becomes_a_persona_that_can_answer(made: ModuleType, bring: Bring) -> None:
    folder = bring("card.json", made.as_json(made.V3))
    persona = load(folder).persona
    assert persona is not None
    assert persona.name == "Oriel Tamm"
    assert persona.languages == ("en",)
    assert persona.tone.greeting == {
        "en": "*Oriel looks up from her ledger.* Good evening. Mind the third step. What are you looking for?"
    }
    assert "Write as Oriel, never as the user." in persona.tone.instructions
    who = persona.intents[0]
    assert who.responses is not None
    assert who.responses["en"][0].startswith("I'm Oriel Tamm. Oriel keeps the Lantern Library")
    passages = {passage.title: passage.text for passage in read_knowledge(persona, folder).passages}
    assert passages["Verrow, island"].startswith("Verrow is an island of 212 people.")
    assert passages["How many books do you have?"] == "Eleven thousand and six. The six are on loan."
    assert passages["Umbrellas"] == "An umbrella blew Oriel's father off the gallery."
    assert "It always rains on Verrow." in persona.tone.instructions
    assert not any("Marrick" in text for text in passages.values())
    assert "Marrick" in (folder / "extensions/lorebook_off.csv").read_text("utf-8")


def test_decorators_of_lore_are_not_said(made: ModuleType, bring: Bring) -> None:
    folder = bring("card.json", made.as_json(made.V3))
    assert "@@" not in (folder / "knowledge/lorebook.csv").read_text("utf-8")


def test_a_chinese_card_speaks_chinese(made: ModuleType, bring: Bring) -> None:
    persona = load(bring("card.json", made.as_json(made.ZH))).persona
    assert persona is not None
    assert persona.languages == ("zh",)
    assert persona.tone.greeting == {"zh": "（抬头）坐吧。表停了多久了？"}
    assert "用户拿着一块停走的怀表" in persona.tone.instructions
    assert persona.intents[0].responses == {
        "zh": ("我是沈砚。沈砚是临江镇的修表匠，今年六十二岁，店名叫“时雨斋”。他年轻时在上海学过七年手艺。",)
    }


def test_a_greeting_in_another_language_makes_the_persona_speak_it(made: ModuleType) -> None:
    persona = portable(made.card(alternate_greetings=["晚上好，{{user}}。灯灭了。"])).persona
    assert persona["languages"] == ["en", "zh"]
    assert persona["tone"]["greeting"]["zh"] == "晚上好。灯灭了。"


@pytest.mark.parametrize("base", ["V1", "ZH", "V3"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"indent": 4},
        {"indent": "\t", "ensure_ascii": True},
        {"separators": (",", ":")},
        {"ensure_ascii": True, "indent": 2},
    ],
)
def test_an_unchanged_card_comes_back_byte_for_byte(
    base: str, options: dict[str, Any], made: ModuleType, bring: Bring, send: Send
) -> None:
    data = made.as_json(getattr(made, base), **options)
    assert send(bring("card.json", data), "card") == data


@pytest.mark.parametrize("around", [(b"\xef\xbb\xbf", b""), (b"", b"\n"), (b" ", b"\r\n")])
def test_what_stands_around_the_json_comes_back(
    around: tuple[bytes, bytes], made: ModuleType, bring: Bring, send: Send
) -> None:
    data = around[0] + made.as_json(made.V3, indent=2) + around[1]
    assert send(bring("card.json", data), "card") == data


def test_odd_numbers_escapes_and_nothing_come_back(made: ModuleType, bring: Bring, send: Send) -> None:
    data = made.as_json(made.card(x={"a": None, "1e5": "1e5", "b": ["~", "", "null", "=", "0x1f", "<<", "\U0001f600"]}))
    data = data.replace(b'"ratio": 0.5', b'"ratio": 1.50, "big": 12345678901234567890123, "low": -0, "e": 1E+3')
    data = data.replace(b'"nobody"', b'"no\\ud800body"')
    assert send(bring("card.json", data), "card") == data


def test_a_long_card_is_kept_in_a_file_beside_the_persona(made: ModuleType, bring: Bring, send: Send) -> None:
    data = made.as_json(made.card(extensions={"regex_scripts": [{"id": n, "source": "x" * 40} for n in range(200)]}))
    folder = bring("card.json", data)
    persona = yaml.safe_load((folder / "persona.yaml").read_text("utf-8"))
    assert persona["extensions"]["character_card"]["original"] == "extensions/character_card.json"
    assert len((folder / "persona.yaml").read_text("utf-8")) < 4000
    assert send(folder, "card") == data


def test_a_changed_name_keeps_the_macros(made: ModuleType, bring: Bring, send: Send, edit: Edit) -> None:
    folder = bring("card.json", made.as_json(made.V3))
    edit(folder, lambda persona: persona.update(name="Ilse"))
    wanted = made.card(name="Ilse")
    assert json.loads(send(folder, "card")) == wanted


def test_a_changed_greeting_is_in_the_export_and_nothing_else(
    made: ModuleType, bring: Bring, send: Send, edit: Edit
) -> None:
    folder = bring("card.json", made.as_json(made.V3))
    edit(folder, lambda persona: persona["tone"].update(greeting={"en": "Up here!"}))
    assert json.loads(send(folder, "card")) == made.card(first_mes="Up here!")


def test_a_changed_part_of_the_instructions_is_in_the_export(
    made: ModuleType, bring: Bring, send: Send, edit: Edit
) -> None:
    folder = bring("card.json", made.as_json(made.V3))

    def change(persona: dict[str, Any]) -> None:
        tone = persona["tone"]
        tone["instructions"] = tone["instructions"].replace("dry-humoured", "merry")

    edit(folder, change)
    assert json.loads(send(folder, "card")) == made.card(personality="patient, merry, exact")


def test_a_changed_page_about_the_character_is_in_the_export(made: ModuleType, bring: Bring, send: Send) -> None:
    folder = bring("card.json", made.as_json(made.V3))
    page = folder / "knowledge/about.md"
    page.write_text(page.read_text("utf-8").replace("patient,", "restless,"), "utf-8")
    assert json.loads(send(folder, "card")) == made.card(personality="restless, dry-humoured, exact")


def test_changes_of_the_lorebook_are_in_the_export(made: ModuleType, bring: Bring, send: Send) -> None:
    folder = bring("card.json", made.as_json(made.V3))
    table, off = folder / "knowledge/lorebook.csv", folder / "extensions/lorebook_off.csv"
    rows = table.read_text("utf-8").splitlines()
    rows[1] = rows[1].replace("212 people", "213 people")
    rows[2] = rows[2].replace('"lamp, lantern"', '"lamp, light"')
    rows = [*rows[:3], *off.read_text("utf-8").splitlines()[1:], '"ferry, boat",The ferry is called Dunlin.,en,']
    table.write_text("\n".join(rows) + "\n", "utf-8")
    off.unlink()
    before = made.V3["data"]["character_book"]["entries"]
    verrow, lamp, marrick, world, new = json.loads(send(folder, "card"))["data"]["character_book"]["entries"]
    assert verrow == {**before[0], "content": before[0]["content"].replace("212", "213")}
    assert lamp == {**before[1], "keys": ["lamp", "light"]}
    assert marrick == {**before[2], "enabled": True}
    assert world == before[4]  # the row of Umbrellas was deleted
    assert (new["keys"], new["content"], new["enabled"]) == (["ferry", "boat"], "The ferry is called Dunlin.", True)


def test_changes_of_other_greetings_are_in_the_export(made: ModuleType, bring: Bring, send: Send, edit: Edit) -> None:
    folder = bring("card.json", made.as_json(made.V3))
    edit(folder, lambda persona: persona["intents"][1]["responses"]["en"].__setitem__(1, "You again."))
    before = made.V3["data"]["alternate_greetings"]
    assert json.loads(send(folder, "card")) == made.card(alternate_greetings=[before[0], "You again."])


def test_a_new_row_of_dialogue_becomes_an_example(made: ModuleType, bring: Bring, send: Send) -> None:
    folder = bring("card.json", made.as_json(made.V3))
    with (folder / "knowledge/dialogue.csv").open("a", encoding="utf-8") as file:
        file.write("Do you like rain?,It pays the roofers.,en\n")
    examples = json.loads(send(folder, "card"))["data"]["mes_example"]
    assert examples == made.V3["data"]["mes_example"] + (
        "\n<START>\n{{user}}: Do you like rain?\n{{char}}: It pays the roofers."
    )


def test_a_new_intent_becomes_an_example(made: ModuleType, bring: Bring, send: Send, edit: Edit) -> None:
    folder = bring("card.json", made.as_json(made.V3))
    intent = {"name": "thanks", "examples": ["thank you"], "responses": "Mind the step."}
    edit(folder, lambda persona: persona["intents"].append(intent))
    examples = json.loads(send(folder, "card"))["data"]["mes_example"]
    assert examples.endswith("\n<START>\n{{user}}: thank you\n{{char}}: Mind the step.")


def test_fields_at_the_root_follow_those_of_the_data(made: ModuleType, bring: Bring, send: Send, edit: Edit) -> None:
    tree = {**made.card(), "name": "Oriel Tamm", "first_mes": made.V3["data"]["first_mes"], "fav": False}
    data = made.as_json(tree)
    folder = bring("card.json", data)
    assert send(folder, "card") == data
    edit(folder, lambda persona: persona["tone"].update(greeting="Up!"))
    changed = json.loads(send(folder, "card"))
    assert (changed["first_mes"], changed["data"]["first_mes"], changed["fav"]) == ("Up!", "Up!", False)


def test_what_a_card_has_no_place_for_is_told(made: ModuleType, bring: Bring, edit: Edit) -> None:
    from personac.core.persona.formats.folder import read_folder

    folder = bring("card.json", made.as_json(made.V3))
    edit(folder, lambda persona: persona.update(voice={"engine": "none"}, summary="Someone else."))
    write = format_named("card").write
    assert write is not None
    notes = " ".join(write(read_folder(folder))[1])
    assert "`voice`" in notes
    assert "summary" in notes


def test_a_persona_that_was_never_a_card_becomes_one(write_persona: Callable[..., Path], send: Send) -> None:
    folder = write_persona(
        "personac: 1\nname: Ada\nsummary: A bridge engineer.\ntone:\n  traits: [calm]\n  greeting: Hello there.\n"
        "  instructions: Be brief.\nknowledge:\n  - path: faq.csv\nintents:\n  - name: thanks\n"
        "    examples: [thank you]\n    responses: You are welcome.\n",
        faq_dot_csv="question,answer\nHow long is the bridge?,It is 318 metres long.\n",
    )
    tree = json.loads(send(folder, "card"))
    data = tree["data"]
    assert tree["spec"] == "chara_card_v3"
    assert (data["name"], data["description"], data["personality"]) == ("Ada", "A bridge engineer.", "calm")
    assert (data["first_mes"], data["system_prompt"]) == ("Hello there.", "Be brief.")
    assert "{{user}}: thank you\n{{char}}: You are welcome." in data["mes_example"]
    (entry,) = data["character_book"]["entries"]
    assert (entry["keys"], entry["content"]) == (["How long is the bridge?"], "It is 318 metres long.")


def test_secrets_do_not_come_along(made: ModuleType) -> None:
    key = "sk-" + "a" * 24
    brought = portable(made.card(creator_notes=f"my key {key}", system_prompt=f"Use {key}."))
    assert key not in str(brought.persona)
    assert any("${DATA_CREATOR_NOTES}" in note for note in brought.notes)
