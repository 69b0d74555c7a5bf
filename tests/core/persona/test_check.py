from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from personac.core.cli.check import check_command
from personac.core.mind.privacy import PII_TYPES
from personac.core.persona.check import check, load
from personac.core.persona.checks.allowed import ERRORS
from personac.core.persona.schema import PERSONAL_DATA, Persona
from personac.core.persona.sources.knowledge import read_examples

ROOT = Path(__file__).parents[3]
EXAMPLE = """\
personac: 1
name: Mei Lin
summary: A Beijing guide who knows the opening hours.
languages: [en, zh]
tone:
  traits: [warm, curious]
  formality: casual
  emoji: sparing
  greeting: {en: Hello!, zh: 你好！}
  fallback: {en: I do not know., zh: 我不知道。}
voice: {engine: auto, speed: 1}
knowledge:
  - path: knowledge/*.md
retrieval: {passages: 5, min_score: 0.35}
intents:
  - name: opening_hours
    examples: [When does the Forbidden City open?, 故宫几点开门？, 12306]
    slots:
      sight: {type: entity, values: [Forbidden City], required: true, ask: {en: Which place?, zh: 哪个景点？}}
    skill: tourism.opening_hours
  - name: thanks
    examples: [thank you, 谢谢]
    responses: {en: [You're welcome!], zh: 不客气！}
ethics:
  disclosure: always
  rules:
    - id: no-medical-advice
      when: {topic: asking for a dose, examples: [How many pills?]}
      on: [input, output]
      do: refuse
      say: {en: I can't say., zh: 我不能说。}
    - id: mixed
      when: {any: [{pii: [id_card]}, {not: {emotion: joy}}, {all: [{intent: thanks}, {pattern: 'a+'}]}]}
privacy: {redact: [email], consent: ask, retention: 30d, keep_media: false}
model: {provider: openai, name: "qwen3:8b", base_url: "http://localhost:11434/v1", api_key: "${OPENAI_API_KEY}"}
plugins: [tourism]
connectors:
  web:
  slack: {bot_token: "${SLACK_BOT_TOKEN}", signing_secret: "${SLACK_SIGNING_SECRET}"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "knowledge").mkdir()
    (tmp_path / "knowledge" / "beijing.md").write_text("# Eating\n\nDuck is good.\n", encoding="utf-8")
    (tmp_path / "persona.yaml").write_text(EXAMPLE, encoding="utf-8")
    return tmp_path


def test_the_persona_of_the_design_has_no_findings(folder: Path) -> None:
    installed = {"plugins": {"tourism"}, "skills": {"tourism.opening_hours"}, "connectors": {"web", "slack"}}
    loaded = check(folder, **installed)
    assert loaded.diagnostics == []
    persona = loaded.persona
    assert persona is not None
    assert persona.language == "en"
    assert [example.text for example in persona.intents[0].examples if not isinstance(example, str)][2] == "12306"
    assert persona.intents[1].responses == {"en": ("You're welcome!",), "zh": ("不客气！",)}
    assert persona.connectors["web"] == {}
    assert persona.model is not None
    assert persona.model.api_key == "${OPENAI_API_KEY}"
    mixed = persona.ethics.rules[1].when
    assert mixed.kinds() == ["any"]
    assert mixed.any is not None
    assert mixed.any[1].not_ is not None
    assert mixed.any[1].not_.emotion == ("joy",)


def test_a_persona_survives_json(folder: Path) -> None:
    persona = load(folder).persona
    assert persona is not None
    assert Persona.model_validate_json(persona.model_dump_json()) == persona
    assert Persona.model_validate(persona.model_dump(mode="json")) == persona


def test_the_shortest_persona_has_careful_defaults(tmp_path: Path) -> None:
    file = tmp_path / "mei.yaml"
    file.write_text("personac: 1\nname: Mei\nintents: [{name: hi, examples: [hi]}]\n", encoding="utf-8")
    persona, diagnostics, *_ = check(file, plugins=(), skills=(), connectors=(), voices=())
    assert [finding.code for finding in diagnostics] == ["P0317"]  # it understands, and has nothing to say
    assert persona is not None
    assert persona.languages == ("en",)
    assert persona.ethics.disclosure == "always"
    assert persona.privacy.consent == "ask"
    assert persona.privacy.retention == "30d"
    assert persona.privacy.redact == ("email", "phone", "id_card", "bank_card")
    assert not persona.privacy.keep_media
    assert persona.encoders.text == ("auto",)


def test_a_plain_text_is_in_the_first_language(tmp_path: Path) -> None:
    file = tmp_path / "mei.yaml"
    file.write_text(
        "personac: 1\nname: 梅琳\nlanguages: [zh]\ntone: {greeting: 你好}\n"
        "intents: [{name: 问候, examples: [你好], responses: 你好！}]\n",
        encoding="utf-8",
    )
    persona, diagnostics, *_ = check(file)
    assert diagnostics == []
    assert persona is not None
    assert persona.tone.greeting == {"zh": "你好"}
    assert persona.intents[0].responses == {"zh": ("你好！",)}
    english = Persona.model_validate({"personac": 1, "name": "A", "intents": [{"name": "a", "examples": ["a"]}],
                                      "tone": {"greeting": "Hi"}})  # fmt: skip
    assert english.tone.greeting == {"en": "Hi"}


def test_a_persona_is_frozen(folder: Path) -> None:
    persona = load(folder).persona
    assert persona is not None
    with pytest.raises(ValueError, match="frozen"):
        persona.name = "Other"  # type: ignore[misc]


def test_every_key_of_the_language_is_described() -> None:
    schema = Persona.model_json_schema()
    blocks = [schema, *schema["$defs"].values()]
    missing = [
        (block["title"], key)
        for block in blocks
        for key, field in block.get("properties", {}).items()
        if not (field.get("description") or schema["$defs"][field["$ref"].split("/")[-1]].get("description"))
    ]
    assert missing == []


def test_every_kind_of_personal_data_that_may_be_named_can_be_found() -> None:
    assert set(PERSONAL_DATA) == set(PII_TYPES)


def test_a_folder_without_a_persona_is_explained(tmp_path: Path) -> None:
    loaded = check(tmp_path)
    assert loaded.persona is None
    assert [d.code for d in loaded.diagnostics] == ["P0101"]


def test_a_link_out_of_the_folder_is_refused(folder: Path) -> None:
    outside = folder.parent / "outside.md"
    outside.write_text("# Secret\n\ntext\n", encoding="utf-8")
    (folder / "knowledge" / "link.md").symlink_to(outside)
    assert [d.code for d in check(folder).diagnostics] == ["P0202"]


def test_examples_come_from_a_table_or_a_list_of_lines(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,language\nhello,en\n你好,zh\n", encoding="utf-8")
    (tmp_path / "b.txt").write_text("bye\n\n再见\n", encoding="utf-8")
    (tmp_path / "persona.yaml").write_text(
        "personac: 1\nname: Mei\nintents:\n  - {name: hi, examples: a.csv, responses: Hi}\n"
        "  - {name: bye, examples: b.txt, responses: Bye}\n  - {name: own, examples: [mine], responses: Yes}\n",
        encoding="utf-8",
    )
    persona, diagnostics, *_ = check(tmp_path)
    assert diagnostics == []
    assert persona is not None
    found = [[(example.text, place) for example, place in read_examples(i, tmp_path)] for i in persona.intents]
    assert found == [
        [("hello", "a.csv:2"), ("你好", "a.csv:3")],
        [("bye", "b.txt:1"), ("再见", "b.txt:3")],
        [("mine", "intent own")],
    ]


def test_the_command_shows_findings_and_fails_on_errors(folder: Path) -> None:
    broken = folder / "broken.yaml"
    answer = "intents: [{name: hi, examples: [hi], responses: Hi}]\n"
    broken.write_text(f"personac: 1\nnmae: Mei\n{answer}", encoding="utf-8")
    result = CliRunner().invoke(check_command, [str(broken)])
    assert result.exit_code == 1
    assert "error[P0107] unknown key `nmae`" in result.output
    assert result.output.endswith("\n\n1 error in 1 persona\nfor more: personac explain P0107\n")
    short = CliRunner().invoke(check_command, [str(broken), "--format", "concise"])
    assert len(short.output.splitlines()) == 2


def test_the_command_passes_a_good_persona(folder: Path) -> None:
    (folder / "persona.yaml").write_text("personac: 1\nname: Mei\nknowledge: [{path: knowledge/*}]\n", encoding="utf-8")
    personas = folder / "personas"
    (personas / "one").mkdir(parents=True)
    (personas / "one" / "persona.yaml").write_text(
        "personac: 1\nname: Mei\nintents: [{name: hi, examples: [hi], responses: Hi}]\n", encoding="utf-8"
    )
    result = CliRunner().invoke(check_command, [str(personas), str(folder), "--fast"])
    assert result.exit_code == 0
    assert result.output == "no findings in 2 personas\n"


MANY = Path(__file__).parent / "broken" / "many_files"


def formatted(*options: str) -> str:
    result = CliRunner().invoke(check_command, [str(MANY), *options])
    assert result.exit_code == 1
    return result.output


def test_all_formats_tell_of_the_same_findings_in_all_files() -> None:
    findings = json.loads(formatted("--format", "json"))
    places = [(f["path"], f["line"], f["column"], f["code"]) for f in findings]
    files = {Path(f["path"]).relative_to(MANY).as_posix() for f in findings}
    assert files == {
        "persona.yaml", "knowledge/faq.csv", "knowledge/sights.yaml", "knowledge/about.md", "examples/thanks.txt"
    }  # fmt: skip
    heads = re.compile(r"^(.+?):(\d+):(\d+): (?:error|warning)\[(P\d{4})\]", re.MULTILINE)
    for shown in (formatted(), formatted("--format", "concise")):
        assert [(p, int(line), int(column), code) for p, line, column, code in heads.findall(shown)] == places
    commands = re.findall(
        r"^::\w+ file=(.+?),line=(\d+),.*?col=(\d+),.*?title=(P\d{4})::", formatted("--format", "github"), re.M
    )
    assert [(p, int(line), int(column), code) for p, line, column, code in commands] == places
    (run,) = json.loads(formatted("--format", "sarif"))["runs"]
    located = [(r["locations"][0]["physicalLocation"], r["ruleId"]) for r in run["results"]]
    assert [
        (p["artifactLocation"]["uri"], p["region"]["startLine"], p["region"]["startColumn"], c) for p, c in located
    ] == places
    assert all(rule["help"]["markdown"].startswith(f"# {rule['id']}: ") for rule in run["tool"]["driver"]["rules"])


def test_the_hint_names_errors_first_and_each_code_once() -> None:
    assert formatted().splitlines()[-1] == "for more: personac explain P0205 P0117 P0207"
    assert "personac explain" not in formatted("--format", "concise")


def test_codes_of_errors_are_those_that_are_reported_as_errors() -> None:
    snapshots = [*MANY.parent.glob("*.txt"), *MANY.parent.glob("*/findings.txt")]
    shown = "".join(path.read_text("utf-8") for path in snapshots)
    reported = set(re.findall(r" (error|warning)\[(P\d{4})\]", shown))
    errors, warnings = ({code for severity, code in reported if severity == kind} for kind in ("error", "warning"))
    elsewhere = {"P0101", "P0102", "P0111"}  # these need files that cannot stand among the broken ones
    assert {code for code in (errors - warnings) | elsewhere if code < "P0400"} == {c for c in ERRORS if c < "P0400"}


@pytest.mark.parametrize("path", sorted(ROOT.glob("personas/*/persona.yaml")), ids=lambda path: path.parent.name)
def test_the_personas_that_come_with_it_have_no_errors(path: Path) -> None:
    assert [d for d in check(path.parent).diagnostics if d.severity == "error"] == []
