"""ElizaOS characters become personas that answer at once, and come back as they were, with what an author changed."""

from __future__ import annotations

import asyncio
import difflib
import json
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from personac.core.cli.building import build, open_persona
from personac.core.errors import BadInput
from personac.core.message import Reply
from personac.core.persona.check import check
from personac.core.persona.formats import format_named, recognise
from personac.core.persona.formats.folder import read_folder, write_folder
from personac.core.persona.formats.items import items_of, merged
from personac.core.persona.formats.json_parts import rewrite_json
from personac.core.persona.formats.portable import Portable
from personac.core.persona.schema import Persona

CHARACTERS = Path(__file__).parent / "eliza_characters"
MIRA, LIN = CHARACTERS / "mira.json", CHARACTERS / "lin.json"
FORMAT = format_named("eliza")


def imported(file: Path, target: Path) -> Portable:
    write_folder(FORMAT.read(file), target, "of a test")
    return read_folder(target)


def character(folder: Path, **fields: Any) -> Path:
    """Write a small character."""
    folder.mkdir(parents=True, exist_ok=True)
    tree = {"name": "Tam", "bio": ["Tam keeps bees."], **fields}
    (folder / "tam.json").write_text(json.dumps(tree, ensure_ascii=False, indent=2), "utf-8")
    return folder / "tam.json"


def exported(portable: Portable) -> str:
    files, _ = FORMAT.write(portable)
    return next(data for name, data in files.items() if name.endswith(".json")).decode()


def changed_lines(portable: Portable, file: Path) -> list[str]:
    lines = difflib.ndiff(file.read_text("utf-8").splitlines(), exported(portable).splitlines())
    return [line[2:].strip() for line in lines if line.startswith("+ ")]


def rows(portable: Portable) -> str:
    return portable.files["knowledge/dialogue.csv"].decode()


def test_a_character_is_recognised(tmp_path: Path) -> None:
    assert recognise(MIRA).name == recognise(LIN).name == "eliza"
    assert recognise(character(tmp_path)).name == "eliza"


def test_who_it_is_and_how_it_talks_is_carried_over() -> None:
    persona = FORMAT.read(MIRA).persona
    assert (persona["name"], persona["languages"]) == ("Mira", ["en"])
    assert persona["tone"]["traits"] == ["practical", "cheerful"]
    instructions = persona["tone"]["instructions"]
    assert instructions.startswith("You are Mira, who runs a bicycle workshop.")
    assert "- Use plain words" in instructions
    assert "- Ask back when unsure" in instructions
    assert "One sentence" not in instructions
    page = FORMAT.read(MIRA).files["knowledge/about.md"].decode()
    assert "## Lore\n\nOnce rode from Freiburg to Istanbul" in page
    assert "## Knowledge\n\nThe workshop is open from 9:00 to 18:00 on weekdays." in page
    assert "- touring" in page


def test_examples_become_questions_with_answers_in_all_their_shapes(tmp_path: Path) -> None:
    assert rows(FORMAT.read(MIRA)).splitlines()[1:] == [
        '"My chain keeps falling off, what can I do?",Check the tension first. Bring it in if that does not help.,en',
        'Do you sell e-bikes?,"No, but I repair them.",en',
    ]
    assert "绿萝的叶子黄了怎么办？,多半是浇水太多了，等土干透再浇。,zh" in rows(FORMAT.read(LIN))
    said = [
        {"user": "human", "content": {"text": "Is honey good for tea?"}},
        {"user": "assistant", "content": "Always."},
    ]
    assert "Is honey good for tea?,Always.,en" in rows(FORMAT.read(character(tmp_path / "a", messageExamples=[said])))
    said = [{"name": "{{name1}}", "content": {"text": "Where is {{name2}}?"}}, {"name": "{{agentName}}", "content": {
        "text": "Ask {{agentName}} later, {{name1}}."}}]  # fmt: skip
    assert "Ask Tam later." in rows(FORMAT.read(character(tmp_path / "b", messageExamples=[said])))


def test_a_chinese_character_has_a_chinese_page() -> None:
    portable = FORMAT.read(LIN)
    assert portable.persona["languages"] == ["zh"]
    assert "## 简介\n\n林小雨在杭州开了一家花店" in portable.files["knowledge/about.md"].decode()


def test_knowledge_files_beside_the_character_are_carried_over(tmp_path: Path) -> None:
    portable = FORMAT.read(MIRA)
    assert portable.files["knowledge/files/docs/repairs.md"] == (CHARACTERS / "docs" / "repairs.md").read_bytes()
    assert any("`../../etc/passwd.txt`" in note for note in portable.notes)
    assert FORMAT.write(portable)[0]["docs/repairs.md"] == (CHARACTERS / "docs" / "repairs.md").read_bytes()
    file = character(tmp_path / "c", knowledge=[{"directory": "notes", "shared": True}, "Bees sleep at night. Mostly."])
    (tmp_path / "c" / "knowledge" / "notes").mkdir(parents=True)
    (tmp_path / "c" / "knowledge" / "notes" / "a.txt").write_text("Smoke calms bees.", "utf-8")
    assert "knowledge/files/notes/a.txt" in FORMAT.read(file).files


def test_files_elsewhere_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("# secret", "utf-8")
    file = character(tmp_path / "c", knowledge=["../secret.md", str(tmp_path / "secret.md"), "link.md", "gone.md",
                                                {"path": "~/x.md"}, {"path": "dir/../../secret.md"}])  # fmt: skip
    (tmp_path / "c" / "link.md").symlink_to(tmp_path / "secret.md")
    portable = FORMAT.read(file)
    assert not any(b"secret" in data for name, data in portable.files.items() if name.startswith("knowledge/"))
    assert any("`link.md`" in note and "`gone.md`" in note for note in portable.notes)


def test_secrets_stay_behind(tmp_path: Path) -> None:
    portable = imported(MIRA, tmp_path / "persona")
    assert not any(b"not-a-real-key" in data for data in portable.files.values())
    assert any("${OPENAI_API_KEY}" in note for note in FORMAT.read(MIRA).notes)
    assert changed_lines(portable, MIRA) == ['"secrets": {"OPENAI_API_KEY": "${OPENAI_API_KEY}"},']
    file = character(tmp_path / "c", secrets={"PIN": 1234}, settings={"DISCORD_API_TOKEN": "x", "max_tokens": 5})
    kept = json.loads(FORMAT.read(file).files["extensions/eliza.json"])
    assert kept["secrets"] == {"PIN": "${PIN}"}
    assert kept["settings"] == {"DISCORD_API_TOKEN": "${SETTINGS_DISCORD_API_TOKEN}", "max_tokens": 5}


def test_what_cannot_be_carried_over_is_told() -> None:
    notes = " ".join(FORMAT.read(MIRA).notes)
    for what in ("@elizaos/plugin-bootstrap", "discord", "language model (openai)", "en_US-hfc_female", "posts (1)"):
        assert what in notes


@pytest.mark.parametrize("file", [MIRA, LIN], ids=lambda file: file.stem)
def test_an_imported_persona_has_no_findings(file: Path, tmp_path: Path) -> None:
    imported(file, tmp_path / "persona")
    assert check(tmp_path / "persona", plugins=set(), skills=set(), connectors=set()).diagnostics == []


def test_an_unchanged_persona_gives_the_character_back_byte_for_byte(tmp_path: Path) -> None:
    assert exported(imported(LIN, tmp_path / "lin")).encode() == LIN.read_bytes()
    tree = json.loads(MIRA.read_text("utf-8")) | {
        "settings": {},
        "order": 1.50,
        "x": {"y": [1, {"z": None}], "é": "\u2028"},
    }
    for number, form in enumerate(
        [{"indent": 4}, {"indent": "\t", "ensure_ascii": False}, {"separators": (",", ":")}, {}]
    ):
        file = tmp_path / f"{number}.json"
        file.write_bytes(b"\n" * (number % 2) + json.dumps(tree, **form).encode() + b"\r\n" * number)  # type: ignore[arg-type]
        assert exported(imported(file, tmp_path / str(number))).encode() == file.read_bytes()


def test_changes_of_the_author_change_only_their_fields(tmp_path: Path) -> None:
    portable = imported(LIN, tmp_path / "persona")
    portable.persona["tone"]["traits"] = ["温柔", "耐心"]
    page = portable.files["knowledge/about.md"].decode()
    portable.files["knowledge/about.md"] = page.replace("十年", "十一年").replace("- 盆栽", "- 盆栽\n- 干花").encode()
    portable.files["knowledge/dialogue.csv"] = rows(portable).replace("每天换水", "天天换水").encode()
    tree = json.loads(exported(portable))
    before = json.loads(LIN.read_text("utf-8"))
    assert tree["adjectives"] == ["温柔", "耐心"]
    assert tree["lore"] == ["她的花店开在西湖边，已经十一年了。"]
    assert tree["topics"] == ["鲜花", "盆栽", "干花"]
    assert tree["messageExamples"][0]["examples"][1]["content"]["text"] == "剪掉一小段花茎，天天换水，放在阴凉处。"
    assert tree["messageExamples"][1:] == before["messageExamples"][1:]
    assert {key: tree[key] for key in ("name", "bio", "style")} == {
        key: before[key] for key in ("name", "bio", "style")
    }


def test_new_and_deleted_rows_of_dialogue_reach_the_examples(tmp_path: Path) -> None:
    portable = imported(MIRA, tmp_path / "persona")
    lines = rows(portable).splitlines()
    portable.files["knowledge/dialogue.csv"] = "\n".join(
        [lines[0], lines[1], "Are you open on Sundays?,No.,en"]
    ).encode()
    told = json.loads(exported(portable))["messageExamples"]
    assert [message["content"]["text"] for message in told[-1]] == ["Are you open on Sundays?", "No."]
    assert told[-1][0]["user"] == "{{user1}}"
    assert len(told[0]) == 4
    lines = [lines[0], lines[2]]
    portable.files["knowledge/dialogue.csv"] = "\n".join(lines).encode()
    told = json.loads(exported(portable))["messageExamples"]
    assert [message["content"]["text"] for message in told[0]] == [
        "And if not?",
        "Then it is worn. A new one costs 30 euros.",
    ]


def test_an_edit_of_the_instructions_reaches_the_system_prompt_and_the_style(tmp_path: Path) -> None:
    portable = imported(MIRA, tmp_path / "persona")
    tone = portable.persona["tone"]
    tone["instructions"] = tone["instructions"].replace("Answer briefly", "Answer kindly").replace("- Be brief\n", "")
    tree = json.loads(exported(portable))
    assert tree["system"] == "You are Mira, who runs a bicycle workshop. Answer kindly."
    assert tree["style"] == {"all": ["Use plain words"], "chat": ["Ask back when unsure"], "post": ["One sentence"]}


def test_a_persona_from_elsewhere_becomes_a_character(write_persona: Callable[..., Path], tmp_path: Path) -> None:
    folder = write_persona(
        "personac: 1\nname: Inn Keeper\nsummary: Keeps an inn.\ntone: {traits: [calm], instructions: Be kind.}\n"
        "knowledge: [{path: knowledge/house.md}, {path: knowledge/faq.csv}]\nvoice: {engine: none}\n"
        "intents: [{name: thanks, examples: [thank you], responses: [With pleasure.]}]\n",
        knowledge__house_dot_md="# The house\n\nIt was built in 1880.\n",
        knowledge__faq_dot_csv="question,answer\nIs breakfast included?,Yes.\n",
    )
    files, notes = FORMAT.write(read_folder(folder))
    assert set(files) == {"inn_keeper.character.json", "knowledge/house.md"}
    assert any("`voice`" in note for note in notes)
    for name, data in files.items():
        (tmp_path / "made" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "made" / name).write_bytes(data)
    again = FORMAT.read(tmp_path / "made" / "inn_keeper.character.json")
    assert again.persona["tone"] == {"traits": ["calm"], "instructions": "Be kind."}
    assert "Is breakfast included?,Yes.,en" in rows(again)
    assert "thank you,With pleasure.,en" in rows(again)
    assert "knowledge/files/house.md" in again.files


def test_an_imported_persona_answers_at_once(tmp_path: Path, ask: Callable[..., Awaitable[Reply]]) -> None:
    for file, said, wanted in (
        (MIRA, "do you have electric bikes for sale?", "No, but I repair them."),
        (LIN, "绿萝叶子发黄怎么办", "多半是浇水太多了，等土干透再浇。"),
    ):
        imported(file, tmp_path / file.stem)
        runtime = open_persona(build(tmp_path / file.stem, None, quiet=True).artifact, None)
        try:
            assert asyncio.run(_answer(runtime, said, ask)) == wanted
        finally:
            runtime.close()


async def _answer(runtime: Any, said: str, ask: Callable[..., Awaitable[Reply]]) -> str:
    return (await ask(runtime, said)).text


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"[1, 2]", "must be an object"),
        (b'{"bio": "x"}', "has no name"),
        (b'{"name": 3, "bio": []}', "has no name"),
        (b'{"name": "x", "bio": ' + b"[" * 300 + b"]" * 300 + b"}", "levels deep"),
        (b'{"name": "x",}', "not valid JSON: line 1"),
        (b'\xff\xfe{\x00', "UTF-16"),
        (b'{"name": "\xe4"}', "not UTF-8"),
    ],
)  # fmt: skip
def test_what_is_no_character_is_refused_in_a_sentence(data: bytes, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "odd.json").write_bytes(data)
    with pytest.raises(BadInput, match=sentence):
        FORMAT.read(tmp_path / "odd.json")


def test_a_character_that_is_a_program_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "character.ts").write_text("import {Character} from '@elizaos/core';\nexport const c = {};\n", "utf-8")
    assert recognise(tmp_path / "character.ts").name == "eliza"
    with pytest.raises(BadInput, match="is a program"):
        FORMAT.read(tmp_path / "character.ts")


def test_markup_and_signs_that_cannot_be_shown_are_not_said(tmp_path: Path) -> None:
    portable = FORMAT.read(
        character(tmp_path, bio=["<b>Bold</b><script>alert(1)</script>\x07 # not a heading", "# Head"])
    )
    page = portable.files["knowledge/about.md"].decode()
    assert "alert" not in page
    assert "Bold # not a heading\n\nHead" in page


ODD: list[Any] = [
    None, True, 0, 1.5, "", "x", "{{user1}}", "a.md", [], {}, [[]], [None], {"text": 1}, "\ud800", "你好", "a" * 999,
    {"path": 1}, {"examples": "x"}, [{"name": 1}], "---", "--- Style ---", "# a\n- b", {"secrets": [1]},
]  # fmt: skip


def _mutated(value: Any, chance: random.Random, depth: int = 0) -> Any:
    if depth > 8 or (depth and chance.random() < 0.1):
        return chance.choice(ODD)
    if isinstance(value, dict) and value:
        key = chance.choice(list(value))
        return {**value, key: _mutated(value[key], chance, depth + 1)}
    if isinstance(value, list) and value:
        place = chance.randrange(len(value))
        return [*value[:place], _mutated(value[place], chance, depth + 1), *value[place + chance.randint(0, 1) :]]
    return chance.choice(ODD)


def test_characters_with_anything_in_them_come_back_as_they_were_or_are_refused(tmp_path: Path) -> None:
    bases = [json.loads(file.read_text("utf-8")) | {"settings": {}} for file in (MIRA, LIN)]
    file, read = tmp_path / "odd.json", 0
    for seed in range(900):
        chance = random.Random(seed)
        tree = chance.choice(bases)
        for _ in range(chance.randint(1, 5)):
            tree = _mutated(tree, chance)
        data = json.dumps(tree, indent=chance.choice([None, 2])).encode()
        if seed % 4 == 0:
            at = chance.randrange(len(data))
            data = data[:at] + bytes([chance.randrange(256)]) + data[at + chance.randrange(3) :]
        file.write_bytes(data)
        try:
            portable = FORMAT.read(file)
        except BadInput:
            continue
        read += 1
        Persona.model_validate(portable.persona)
        if not any("Secrets" in note or "stand twice" in note for note in portable.notes):
            assert exported(portable).encode() == data, seed
        if seed % 90 == 0:
            write_folder(portable, tmp_path / str(seed), "")
            assert [f for f in check(tmp_path / str(seed)).diagnostics if f.severity == "error"] == []
    assert read > 400


def test_items_that_did_not_change_stay_the_original_ones() -> None:
    original, shown = ["  one ", 2, "two", "three"], ["one", "", "two", "three"]
    assert merged(original, shown, ["one", "two", "three"]) == original
    assert merged(original, shown, ["one", "TWO", "three", "four"]) == ["  one ", 2, "TWO", "three", "four"]
    assert merged(original, shown, ["zero", "one", "three"]) == ["zero", "  one ", 2, "three"]
    assert merged("text", ["text"], ["a", "b"]) == "a\n\nb"
    assert merged(None, [], ["a"]) == ["a"]
    assert items_of("- a\n- b\n  c\n") == ["a", "b c"]
    assert items_of("a\nb\n\nc") == ["a b", "c"]


def test_a_json_text_is_changed_where_it_says_something_else() -> None:
    text = '{ "a": [1, 2],\n\n  "b": {"c": "d", "e": [ ]},\n "f":null}\n'
    wanted = {"a": [1, 2], "b": {"c": "D", "e": []}, "f": None, "g": "h"}
    assert rewrite_json(text.encode(), wanted).decode() == text.replace('"d"', '"D"').replace(
        '"f":null}', '"f":null,\n"g": "h"}'
    )
    assert json.loads(rewrite_json(text.encode(), {"f": 1})) == {"f": 1}
