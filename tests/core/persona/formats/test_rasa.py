"""Rasa projects become personas that answer at once, and come back as they were, with what an author changed."""

from __future__ import annotations

import asyncio
import difflib
import shutil
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
from personac.core.persona.formats.portable import Portable
from personac.core.persona.formats.rasa.domain import read_domain
from personac.core.persona.formats.rasa.flows import read_flows
from personac.core.persona.formats.rasa.nlu import Mention, read_example, read_nlu
from personac.core.persona.formats.rasa.project import of_files
from personac.core.persona.nodes import plain
from personac.core.persona.source import parse, read

PROJECTS = Path(__file__).parent / "rasa_projects"
BISTRO, TEAHOUSE = PROJECTS / "bistro", PROJECTS / "teahouse"
RASA = Path(__file__).parents[4].parent / "shared" / "data" / "conformance_misc" / "rasa" / "cli" / "initial_project"
FORMAT = format_named("rasa")
MINIMAL = {
    "domain.yml": "version: '3.1'\nintents: [hi]\nresponses:\n  utter_hi:\n  - text: Hello!\n",
    "data/nlu.yml": "version: '3.1'\nnlu:\n- intent: hi\n  examples: |\n    - hello\n    - good day\n",
    "data/rules.yml": "rules:\n- rule: hi\n  steps:\n  - intent: hi\n  - action: utter_hi\n",
    "config.yml": "language: en\npipeline: []\n",
}


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def project(folder: Path, **changed: str | None) -> Path:
    """Write a small project; `changed` files are named by their stem, None leaves one out."""
    for name, text in MINIMAL.items():
        told = changed.get(Path(name).stem, text)
        if told is not None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(told, "utf-8")
    return folder


def imported(folder: Path, target: Path) -> Portable:
    """Import a project into a folder, and read the persona back from it."""
    write_folder(FORMAT.read(folder), target, "of a test")
    return read_folder(target)


def intents(portable: Portable) -> dict[str, dict[str, Any]]:
    return {intent["name"]: intent for intent in portable.persona["intents"]}


def new_lines(files: dict[str, bytes], folder: Path, path: str) -> list[str]:
    """Return what is new in an exported file, as lines without blanks around them."""
    before = (folder / path).read_text("utf-8").splitlines()
    after = files[path].decode().splitlines()
    return [line[2:].strip() for line in difflib.ndiff(before, after) if line.startswith("+ ")]


def says(data: bytes) -> Any:
    node, findings = parse(data.decode(), "")
    assert node is not None
    assert not findings
    return plain(node)


def test_a_project_is_recognised_by_its_folder_and_by_its_domain() -> None:
    assert recognise(BISTRO).name == recognise(TEAHOUSE).name == recognise(BISTRO / "domain.yml").name == "rasa"
    assert not FORMAT.recognise(Path(__file__).parent, b"")


def test_examples_lose_their_marks_and_give_entities() -> None:
    example = read_example(
        'from [Berlin]{"entity": "city", "role": "from"} to [LA]{"entity": "city", "value": "Los Angeles"}'
    )
    assert example.text == "from Berlin to LA"
    assert example.mentions == (
        Mention("city", "Berlin", "Berlin", role="from"), Mention("city", "LA", "Los Angeles")
    )  # fmt: skip
    assert read_example("see [page 3] (or 4)").text == "see [page 3] (or 4)"
    assert read_example("[x]{broken}").text == "[x]{broken}"
    assert [m.entity for m in read_example('[B1][{"entity": "row"}, {"entity": "seat"}]').mentions] == ["row", "seat"]


def test_what_is_said_and_asked_is_carried_over() -> None:
    found = intents(FORMAT.read(BISTRO))
    assert found["goodbye"]["responses"] == ["See you soon!", "Bye, and enjoy your evening."]
    assert "a table for 4 please" in found["book_table"]["examples"]
    slots = found["book_table"]["slots"]
    assert {name for name, slot in slots.items() if slot.get("required")} == {"guests", "terrace", "guest_name"}
    assert slots["guests"] == {"type": "number", "required": True, "ask": "For how many people?"}
    assert slots["guest_name"] == {"type": "text", "required": True, "ask": "Under which name?"}
    assert found["ask_dish"]["slots"]["dish"]["values"] == "knowledge/entities/dish.yaml#name"
    assert found["faq_dogs"]["responses"] == ["Dogs are welcome on the terrace."]


def test_several_responses_are_said_one_after_the_other_with_pictures_and_buttons_as_words() -> None:
    portable = FORMAT.read(BISTRO)
    found = intents(portable)
    assert found["book_table"]["responses"] == [
        "Thank you, {guest_name}: a table for {guests} is noted.\n\n"
        "We look forward to seeing you.\nhttps://bistro.example/terrace.jpg"
    ]
    assert portable.persona["tone"]["greeting"].endswith("(Book a table / Ask about a dish)")
    assert portable.persona["tone"]["fallback"] == "Sorry, I did not get that."


def test_entities_keep_their_synonyms_and_lookup_tables() -> None:
    dishes = says(FORMAT.read(BISTRO).files["knowledge/entities/dish.yaml"])
    assert {"id": "bouillabaisse", "name": "bouillabaisse", "aliases": ["fish stew", "Provençal fish soup"]} in dishes
    assert "ratatouille" in [dish["id"] for dish in dishes]


def test_a_yes_or_no_of_a_form_is_heard_by_the_examples_of_its_intents() -> None:
    answers = says(FORMAT.read(BISTRO).files["knowledge/entities/terrace.yaml"])
    assert [answer["id"] for answer in answers] == ["yes", "no"]
    assert "of course" in answers[0]["aliases"]


def test_names_that_are_not_allowed_are_changed_and_told() -> None:
    portable = FORMAT.read(BISTRO)
    assert portable.persona["extensions"]["rasa"]["names"]["intent_24_hours"] == "24_hours"
    assert any("`24_hours` is `intent_24_hours`" in note for note in portable.notes)


def test_what_cannot_be_carried_over_is_told() -> None:
    notes = " ".join(FORMAT.read(BISTRO).notes)
    for what in ("buttons", "pictures", "one channel", "under a condition", "`custom`", "`action_order_status`",
                 "Roles and groups", "Regular expressions", "1 story"):  # fmt: skip
        assert what in notes
    assert FORMAT.read(BISTRO).persona["extensions"]["rasa"]["actions"] == {"order_status": ["action_order_status"]}


def test_markup_in_a_response_is_not_said() -> None:
    assert intents(FORMAT.read(BISTRO))["intent_24_hours"]["responses"] == [
        "We are open from 11:00 to 23:00, every day."
    ]


def test_credentials_stay_behind(tmp_path: Path) -> None:
    portable = imported(BISTRO, tmp_path / "bistro")
    kept = b"".join(portable.files.values()) + (tmp_path / "bistro" / "persona.yaml").read_bytes()
    assert b"not-a-real-token" not in kept
    assert says(portable.files["extensions/rasa/credentials.yml"])["slack"]["slack_token"] == "${SLACK_TOKEN}"
    assert b"${TELEGRAM_TOKEN}" in portable.files["extensions/rasa/credentials.yml"]


def test_stories_become_conversation_tests() -> None:
    tests = says(FORMAT.read(BISTRO).files["tests/conversations.yaml"])
    assert tests[0] == {
        "name": "a dish", "turns": [{"say": "have you got ratatouille?", "expect": {"intent": "ask_dish"}}]
    }  # fmt: skip
    assert [turn["expect"]["intent"] for turn in tests[1]["turns"]] == ["greet", "goodbye"]


def test_a_chinese_project_becomes_a_chinese_persona() -> None:
    portable = FORMAT.read(TEAHOUSE)
    assert portable.persona["languages"] == ["zh"]
    assert portable.persona["tone"]["greeting"] == "您好，欢迎光临听雨茶馆！"
    assert list(intents(portable)) == ["问候", "告别", "点茶", "问营业时间", "faq_wifi", "faq_停车"]
    assert {"id": "龙井", "name": "龙井", "aliases": ["西湖龙井", "明前龙井"]} in says(
        portable.files["knowledge/entities/tea.yaml"]
    )


@pytest.mark.parametrize("folder", [BISTRO, TEAHOUSE], ids=lambda folder: folder.name)
def test_an_imported_persona_has_no_errors(folder: Path, tmp_path: Path) -> None:
    imported(folder, tmp_path / "persona")
    found = check(tmp_path / "persona", plugins=set(), skills=set(), connectors=set()).diagnostics
    assert [finding.code for finding in found if finding.severity == "error"] == []
    assert {finding.code for finding in found} <= {"P0317", "P0319", "P0326"}


@pytest.mark.parametrize("folder", [BISTRO, TEAHOUSE], ids=lambda folder: folder.name)
def test_an_unchanged_persona_gives_the_project_back_byte_for_byte(folder: Path, tmp_path: Path) -> None:
    files, notes = FORMAT.write(imported(folder, tmp_path / "persona"))
    before = files_of(folder)
    assert notes == []
    assert {path for path in before if files.get(path) != before[path]} <= {"credentials.yml"}
    assert set(files) == set(before)


@pytest.mark.skipif(not RASA.is_dir(), reason="shared/data/conformance_misc/rasa is not here")
def test_the_project_that_rasa_begins_with_comes_back_byte_for_byte(tmp_path: Path) -> None:
    files, notes = FORMAT.write(imported(RASA, tmp_path / "persona"))
    assert (files, notes) == (files_of(RASA), [])
    assert not check(tmp_path / "persona").diagnostics
    tests, _ = read(tmp_path / "persona" / "tests" / "conversations.yaml")
    assert tests is not None
    assert len(plain(tests)) == 10


def test_changed_examples_and_responses_change_only_their_lines(tmp_path: Path) -> None:
    portable = imported(BISTRO, tmp_path / "persona")
    found = intents(portable)
    found["greet"]["examples"].append("bonsoir")
    found["greet"]["examples"].remove("hi there")
    found["ask_dish"]["examples"].append("have you got tarte tatin today?")
    found["book_table"]["responses"] = [found["book_table"]["responses"][0].replace("noted", "booked")]
    found["book_table"]["slots"]["guests"]["ask"] = "How many guests?"
    portable.persona["tone"]["fallback"] = "I did not understand."
    files, notes = FORMAT.write(portable)
    assert notes == []
    assert new_lines(files, BISTRO, "data/nlu.yml") == ["- bonsoir", "- have you got [tarte tatin](dish) today?"]
    assert b"- hi there" not in files["data/nlu.yml"]
    assert new_lines(files, BISTRO, "domain.yml") == [
        '- text: "How many guests?"',
        '- text: "Thank you, {guest_name}: a table for {guests} is booked."',
        '- text: "I did not understand."',
    ]
    assert files["data/rules.yml"] == (BISTRO / "data/rules.yml").read_bytes()


def test_a_response_that_several_intents_share_is_changed_for_one(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    shutil.copytree(BISTRO, folder)
    story = "- story: thanks\n  steps:\n  - intent: affirm\n  - action: utter_goodbye\n"
    (folder / "data" / "stories.yml").write_text(f"stories:\n{story}", "utf-8")
    portable = imported(folder, tmp_path / "persona")
    intents(portable)["affirm"]["responses"] = ["Lovely."]
    files, notes = FORMAT.write(portable)
    assert notes == []
    assert new_lines(files, folder, "data/stories.yml") == ["- action: utter_goodbye_affirm"]
    assert says(files["domain.yml"])["responses"]["utter_goodbye_affirm"] == [{"text": "Lovely."}]
    assert says(files["domain.yml"])["responses"]["utter_goodbye"][0]["text"] == "See you soon!"


def test_new_and_removed_intents_and_values_reach_the_project(tmp_path: Path) -> None:
    portable = imported(BISTRO, tmp_path / "persona")
    kept = [intent for intent in portable.persona["intents"] if intent["name"] != "faq_dogs"]
    slot = {"type": "number", "required": True, "ask": "How much?"}
    portable.persona["intents"] = [*kept, {
        "name": "voucher", "examples": ["I want a voucher", "a gift card"], "slots": {"amount": slot},
        "responses": ["A voucher of {amount} euros."],
    }]  # fmt: skip
    portable.files["knowledge/entities/dish.yaml"] += b"- id: gazpacho\n  name: gazpacho\n  aliases: [cold soup]\n"
    files, notes = FORMAT.write(portable)
    assert notes == ["The intent `faq/dogs` was taken out of the project."]
    nlu = says(files["data/nlu.yml"])["nlu"]
    assert not any(item.get("intent") == "faq/dogs" for item in nlu)
    assert "- gazpacho" in next(item["examples"] for item in nlu if item.get("lookup") == "dish")
    assert {"synonym": "gazpacho", "examples": "- cold soup\n"} in nlu
    again = FORMAT.read(_written(files, tmp_path / "again"))
    assert intents(again)["voucher"]["slots"] == {"amount": {**slot, "type": "text"}}
    assert intents(again)["voucher"]["responses"] == ["A voucher of {amount} euros."]


def test_what_rasa_has_no_place_for_is_told_on_export(tmp_path: Path) -> None:
    portable = imported(BISTRO, tmp_path / "persona")
    portable.persona["voice"] = {"engine": "none"}
    portable.persona["tone"]["instructions"] = "Be kind."
    files, notes = FORMAT.write(portable)
    assert files["domain.yml"] == (BISTRO / "domain.yml").read_bytes()
    assert notes == ["Rasa has no place for what `tone.instructions` says.", "Rasa has no place for `voice`."]


def test_an_example_that_becomes_an_intents_first_answer_is_said(tmp_path: Path) -> None:
    portable = imported(BISTRO, tmp_path / "persona")
    intents(portable)["order_status"]["responses"] = ["It is on its way."]
    files, notes = FORMAT.write(portable)
    assert notes == []
    assert new_lines(files, BISTRO, "data/rules.yml") == ["- action: utter_order_status"]


PERSONA = """\
personac: 1
name: Inn Keeper
languages: [en, zh]
tone: {greeting: {en: Welcome!, zh: 欢迎！}, fallback: {en: Pardon?, zh: 什么？}, traits: [calm]}
knowledge: [{path: knowledge/faq.csv}, {path: knowledge/rooms.yaml}, {path: knowledge/house.md}]
intents:
  - name: book
    examples: [a room with a lake view please, I need the garden room, 我要湖景房, "see [the site](x)"]
    slots:
      room:
        type: entity
        values: knowledge/rooms.yaml#name
        required: true
        ask: {en: Which room?, zh: 要哪间房？}
    responses: {en: ["{room} is yours."], zh: ["{room}给您留着。"]}
  - name: thanks
    examples: [thank you, 谢谢]
    responses: {en: [With pleasure., Any time.], zh: [不客气。]}
"""
ROOMS = """\
- id: lake
  name: {en: lake view, zh: 湖景房}
- id: garden
  name: {en: garden room, zh: 花园房}
"""


def test_a_persona_from_elsewhere_becomes_a_project_that_says_the_same(
    write_persona: Callable[..., Path], tmp_path: Path
) -> None:
    folder = write_persona(
        PERSONA,
        knowledge__rooms_dot_yaml=ROOMS,
        knowledge__house_dot_md="# The house\n\nIt was built in 1880.\n",
        knowledge__faq_dot_csv='question,answer\nIs breakfast included?,"Yes, from 7:00."\n',
    )
    files, notes = FORMAT.write(read_folder(folder))
    assert set(files) == {"domain.yml", "data/nlu.yml", "data/rules.yml", "config.yml"}
    told = " ".join(notes)
    assert "`knowledge/rooms.yaml`, `knowledge/house.md`" in told
    assert "the tone" in told
    assert "set the slot `language` to zh" in told
    nlu = says(files["data/nlu.yml"])["nlu"]
    booked = next(item["examples"] for item in nlu if item.get("intent") == "book")
    assert "- a room with a [lake view](room) please\n" in booked
    assert '- 我要[湖景房]{"entity": "room", "value": "lake view"}\n' in booked
    assert "- see [the site] (x)\n" in booked
    assert b"&id" not in files["domain.yml"]
    again = FORMAT.read(_written(files, tmp_path / "again"))
    assert again.persona["languages"] == ["en", "zh"]
    assert again.persona["tone"] == {
        "greeting": {"en": "Welcome!", "zh": "欢迎！"}, "fallback": {"en": "Pardon?", "zh": "什么？"}
    }  # fmt: skip
    found = intents(again)
    assert found["thanks"]["responses"] == {"en": ["With pleasure.", "Any time."], "zh": ["不客气。"]}
    assert found["book"]["slots"]["room"]["ask"] == {"en": "Which room?", "zh": "要哪间房？"}
    assert found["faq_q1"]["responses"] == {"en": ["Yes, from 7:00."]}


def test_an_exported_project_refers_only_to_what_it_has(write_persona: Callable[..., Path]) -> None:
    folder = write_persona(PERSONA, knowledge__rooms_dot_yaml=ROOMS, knowledge__house_dot_md="# H\n\nOld.\n",
                           knowledge__faq_dot_csv="question,answer\nIs there wifi?,Yes.\n")  # fmt: skip
    made = of_files(FORMAT.write(read_folder(folder))[0], "made")
    domain, nlu, flows = read_domain(made), read_nlu(made), read_flows(made)
    default = {"session_start", "nlu_fallback"}
    assert {name.split("/")[0] for name in nlu.intents} == set(domain.intents)
    said = {name.split("/")[0] for name in domain.responses}
    for flow in flows.flows:
        for step in flow.steps:
            if step.kind == "intent":
                assert set(step.names) <= {*domain.intents, *default}
            elif step.kind == "action":
                assert set(step.names) <= {*said, *domain.forms, *domain.actions}
    for slots in domain.forms.values():
        assert set(slots) <= set(domain.slots)
        assert {f"utter_ask_{slot}" for slot in slots} <= set(domain.responses)


def test_a_project_without_an_answer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no intents with examples"):
        FORMAT.read(project(tmp_path, nlu="nlu: []\n"))


def test_examples_of_two_intents_stay_with_the_first(tmp_path: Path) -> None:
    nlu = "nlu:\n- intent: a\n  examples: |\n    - hello\n- intent: b\n  examples: |\n    - Hello!\n    - bye\n"
    portable = FORMAT.read(project(tmp_path, nlu=nlu))
    assert [intent["examples"] for intent in portable.persona["intents"]] == [["hello"], ["bye"]]
    assert any("`Hello!` (a, b)" in note for note in portable.notes)


def test_a_slot_without_a_question_gets_one(tmp_path: Path) -> None:
    domain = MINIMAL["domain.yml"] + "forms:\n  f:\n    required_slots: [size]\nslots:\n  size:\n    type: text\n"
    rules = "rules:\n- rule: r\n  steps:\n  - intent: hi\n  - action: f\n  - active_loop: f\n"
    portable = imported(project(tmp_path / "p", domain=domain, rules=rules), tmp_path / "persona")
    assert intents(portable)["hi"]["slots"]["size"]["ask"] == "Could you tell me the size?"


def test_many_examples_go_to_a_file(tmp_path: Path) -> None:
    texts = [f"sentence number {number}" for number in range(80)]
    nlu = "nlu:\n- intent: hi\n  examples: |\n" + "".join(f"    - {text}\n" for text in texts)
    portable = imported(project(tmp_path / "p", nlu=nlu), tmp_path / "persona")
    assert portable.files["examples/hi.txt"].decode().splitlines() == texts
    portable.files["examples/hi.txt"] += b"one more\n"
    files, notes = FORMAT.write(portable)
    assert files["data/nlu.yml"].decode() == nlu + "    - one more\n"
    assert notes == []


def test_a_retrieval_intent_with_many_answers_becomes_a_table_of_questions(tmp_path: Path) -> None:
    nlu = "nlu:\n- intent: hi\n  examples: |\n    - hello\n"
    nlu += "".join(f"- intent: faq/n{n}\n  examples: |\n    - what does number {n} mean?\n" for n in range(12))
    said = "".join(f"  utter_faq/n{n}:\n  - text: It means {n} things.\n" for n in range(12))
    folder = project(tmp_path / "p", nlu=nlu, domain=MINIMAL["domain.yml"] + said)
    portable = imported(folder, tmp_path / "persona")
    assert list(intents(portable)) == ["hi"]
    table = portable.files["knowledge/faq.csv"].decode()
    assert table.splitlines()[:2] == ["question,answer", "what does number 0 mean?,It means 0 things."]
    assert FORMAT.write(portable) == (files_of(folder), [])
    table = table.replace("3 things", "three things").replace("what does number 5 mean?,It means 5 things.\n", "")
    portable.files["knowledge/faq.csv"] = f"{table}and seven?,It means 7 things.\nand twenty?,Nothing.\n".encode()
    files, notes = FORMAT.write(portable)
    assert notes == []
    assert new_lines(files, folder, "data/nlu.yml") == [
        "- and seven?",
        "- intent: faq/q1",
        "examples: |",
        "- and twenty?",
    ]
    assert new_lines(files, folder, "domain.yml") == [
        "- text: It means three things.", "utter_faq/q1:", "- text: Nothing."
    ]  # fmt: skip
    assert b"n5" not in files["data/nlu.yml"] + files["domain.yml"]


def _written(files: dict[str, bytes], folder: Path) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


@pytest.mark.parametrize(
    ("folder", "turns"),
    [
        (BISTRO, [
            ("I want to reserve a table for 5", "Would you like to sit on the terrace?"),
            ("yes please", "Under which name?"),
            ("Maria", "Thank you, Maria: a table for 5 is noted."),
            ("do you have ratatouille today?", "Yes, ratatouille is on today's menu."),
            ("can my dog come in?", "Dogs are welcome on the terrace."),
        ]),
        (TEAHOUSE, [
            ("我想点壶茶", "您想喝什么茶？"),
            ("西湖龙井吧", "好的，龙井马上就来。"),
            ("几点关门？", "我们每天早上九点到晚上十点营业。"),
        ]),
    ],
    ids=["bistro", "teahouse"],
)  # fmt: skip
def test_an_imported_persona_answers_at_once(
    folder: Path, turns: list[tuple[str, str]], tmp_path: Path, ask: Callable[..., Awaitable[Reply]]
) -> None:
    imported(folder, tmp_path / folder.name)
    runtime = open_persona(build(tmp_path / folder.name, None, quiet=True).artifact, None)

    async def talk() -> list[str]:
        return [(await ask(runtime, said, user="guest", conversation="one")).text for said, _ in turns]

    try:
        answers = asyncio.run(talk())
    finally:
        runtime.close()
    assert [answer.splitlines()[0] for answer in answers] == [wanted for _, wanted in turns]
