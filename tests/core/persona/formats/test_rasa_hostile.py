"""Rasa projects of strangers: each is read, or refused in a sentence; nothing else ever happens."""

from __future__ import annotations

import copy
import random
from pathlib import Path
from typing import Any

import pytest
from personac.core.errors import BadInput
from personac.core.persona.check import check
from personac.core.persona.formats import format_named
from personac.core.persona.formats.folder import write_folder
from personac.core.persona.formats.rasa.convert import convert
from personac.core.persona.formats.rasa.project import Document, Project, of_files
from personac.core.persona.formats.rasa.update import update
from personac.core.persona.schema import Persona
from personac.core.persona.writing import to_yaml

FORMAT = format_named("rasa")
ROUNDS = 1500
FILES = {
    "domain.yml": """\
intents: [hi, {order: {use_entities: [dish]}}, faq]
entities: [dish, {city: {roles: [from, to]}}]
slots:
  dish: {type: text, mappings: [{type: from_entity, entity: dish}]}
  spicy: {type: bool, mappings: [{type: from_intent, intent: hi, value: true}]}
forms: {order_form: {required_slots: [dish, spicy]}}
responses:
  utter_hi: [{text: "Hello {name}!", buttons: [{title: Order, payload: /order}]}]
  utter_ask_dish: [{text: Which dish?}, {text: 哪道菜？, condition: [{type: slot, name: language, value: zh}]}]
  utter_done: [{text: "{dish} it is.", image: "https://x.example/y.png", channel: slack}]
actions: [action_cook]
""",
    "data/all.yml": """\
nlu:
- {intent: hi, examples: "- hello\\n- [good](mood) day\\n"}
- {intent: order, examples: [{text: "I want [rice]{\\"entity\\": \\"dish\\"}", metadata: {x: 1}}]}
- {intent: faq/hours, examples: "- when are you open\\n"}
- {synonym: rice, examples: "- white rice\\n"}
- {lookup: dish, examples: "- rice\\n- soup\\n"}
rules:
- {rule: a, steps: [{intent: hi}, {action: utter_hi}]}
- rule: b
  condition: [{active_loop: order_form}]
  steps: [{action: order_form}, {active_loop: null}, {action: utter_done}]
stories:
- {story: c, steps: [{intent: order}, {action: order_form}, {or: [{intent: hi}, {intent: faq}]}, {checkpoint: d}]}
responses: {utter_faq/hours: [{text: Always.}]}
""",
    "config.yml": "language: en\n",
}
ODD: list[Any] = [
    None, True, 0, -3.5, 10**18, "", " ", "x", "- a\n- b\n", "[a](b)", '[x]{"entity": 1}', "../../x",
    "<script>x</script>",
    "你好", [], {}, [[]], [None], {"": None}, {"a": {"b": [1]}}, "a" * 3000, "faq/x", "${X}", "{", "\x07",
    {"text": None}, {"intent": [1]}, {"examples": {"a": 1}}, "utter_hi", "order_form", {"or": "x"}, "\ufffd" * 9, "123",
    "on", ["x"] * 9,
]  # fmt: skip


def mutated(value: Any, chance: random.Random, depth: int = 0) -> Any:
    if depth > 10 or chance.random() < 0.1:
        return copy.deepcopy(chance.choice(ODD))
    if isinstance(value, dict) and value:
        key, made = chance.choice(list(value)), dict(value)
        if chance.random() < 0.1:
            del made[key]
        else:
            made[key] = mutated(value[key], chance, depth + 1)
        return made
    if isinstance(value, list) and value:
        place, items = chance.randrange(len(value)), list(value)
        if chance.random() < 0.1:
            items.insert(place, copy.deepcopy(chance.choice(ODD)))
        else:
            items[place] = mutated(value[place], chance, depth + 1)
        return items
    return copy.deepcopy(chance.choice(ODD))


def test_projects_with_anything_in_them_become_valid_personas_or_are_refused(tmp_path: Path) -> None:
    base = of_files({path: text.encode() for path, text in FILES.items()}, "base")
    read = 0
    for seed in range(ROUNDS):
        chance = random.Random(seed)
        documents = {path: Document(path, "", copy.deepcopy(d.value)) for path, d in base.documents.items()}
        for _ in range(chance.randint(1, 5)):
            document = documents[chance.choice(list(documents))]
            value = mutated(document.value, chance)
            document.value = value if isinstance(value, dict) else {}
        try:
            portable = convert(Project("odd", documents)).portable
        except BadInput:
            continue
        read += 1
        Persona.model_validate(portable.persona)
        if seed % 50 == 0:
            write_folder(portable, tmp_path / str(seed), "")
            found = check(tmp_path / str(seed)).diagnostics
            assert [finding for finding in found if finding.severity == "error"] == []
    assert read > ROUNDS // 2


def test_files_with_any_bytes_in_them_are_read_or_refused() -> None:
    read = 0
    for seed in range(ROUNDS // 5):
        chance = random.Random(seed)
        files = {path: bytearray(text.encode()) for path, text in FILES.items()}
        for _ in range(chance.randint(1, 4)):
            data = files[chance.choice(list(files))]
            at = chance.randrange(len(data))
            data[at : at + chance.randrange(3)] = bytes(
                chance.choice(b"{}[]:-#&*!|>'\"%@` \n\tx\x00\xff\xe4") for _ in range(2)
            )
        try:
            portable = convert(of_files({path: bytes(data) for path, data in files.items()}, "odd")).portable
        except BadInput:
            continue
        read += 1
        Persona.model_validate(portable.persona)
        to_yaml(portable.persona).encode()
    assert read > 20


def test_odd_edits_of_an_imported_persona_are_exported() -> None:
    files = {path: text.encode() for path, text in FILES.items()}
    for seed in range(ROUNDS // 50):
        chance = random.Random(seed)
        portable = convert(of_files(files, "base")).portable
        for intent in portable.persona["intents"]:
            if chance.random() < 0.5:
                intent["examples"] = [
                    *intent["examples"][1:],
                    chance.choice(["- x", "[a](b)", "你好", "#", "a: b", "{x}"]),
                ]
            if chance.random() < 0.5:
                intent["responses"] = [chance.choice(["Hm.", "a\n\nb", "{dish}!", "- c", "好的", '"'])]
        if chance.random() < 0.5:
            del portable.persona["intents"][chance.randrange(len(portable.persona["intents"]))]
        exported, _ = update(portable, files)
        convert(of_files(exported, "again"))


def project(folder: Path, **files: str | bytes) -> Path:
    for path, text in {
        **FILES,
        **{name.replace("__", "/").replace("_dot_", "."): t for name, t in files.items()},
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]\n" for i in range(8)
)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (BOMB, "stands for more than"),
        ("nlu: " + "[" * 500, "levels deep"),
        ("nlu: [", r"data/odd.yml:1:\d+: "),
        ("- a\n- b\n", "must be a block of keys"),
        ("nlu: \"a", "data/odd.yml"),
        (b"nlu: \xff\xfe", "not UTF-8"),
        ("nlu: a".encode("utf-16"), "UTF-16"),
        ("nlu: '\x01'", "control"),
        ("nlu: a\n---\nnlu: b\n", "second document"),
        (b"nlu: " + b"x" * 5_100_000, "larger than 5 MB"),
    ],
    ids=["bomb", "deep", "open bracket", "no keys", "open quote", "no text", "utf-16", "control", "two", "large"],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_named_in_a_sentence(text: str | bytes, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=sentence) as caught:
        FORMAT.read(project(tmp_path, data__odd_dot_yml=text))
    assert "odd.yml" in str(caught.value)


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.yml"
    outside.write_text("nlu:\n- {intent: stolen, examples: '- x'}\n", "utf-8")
    folder = project(tmp_path / "project")
    (folder / "data" / "link.yml").symlink_to(outside)
    (folder / "data" / "loop").symlink_to(folder)
    portable = FORMAT.read(folder)
    assert "stolen" not in [intent["name"] for intent in portable.persona["intents"]]
    assert sum("is a link" in note for note in portable.notes) == 2


def test_what_is_not_the_projects_stays_behind(tmp_path: Path) -> None:
    folder = project(tmp_path, models__m_dot_yml="nlu: []", _dot_env="TOKEN=1", docker_dot_yml="services: {}",
                     actions__actions_dot_py="KEY = 'sk-" + "a" * 24 + "'\n")  # fmt: skip
    kept = FORMAT.read(folder).files
    assert not any(name.endswith(("m.yml", ".env", "docker.yml")) for name in kept)
    assert kept["extensions/rasa/actions/actions.py"] == b"KEY = '${SECRET}'\n"


def test_a_large_project_is_read_in_time_that_grows_with_it(tmp_path: Path) -> None:
    lines = "".join(f"    - what is the price of item {n} [in town {n % 40}](city)?\n" for n in range(20_000))
    folder = project(tmp_path, data__all_dot_yml=f"nlu:\n- intent: price\n  examples: |\n{lines}")
    portable = FORMAT.read(folder)
    assert portable.files["examples/price.txt"].count(b"\n") == 20_000
    assert len(portable.persona["intents"][0]["slots"]["city"]["values"].split("#")) == 2
