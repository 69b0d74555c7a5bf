"""What `personac init` writes works at once, in the author's language."""

from __future__ import annotations

import itertools
import json
import re
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft7Validator
from personac.core.cli.init import command
from personac.core.cli.test import command as run_conversations
from personac.core.persona.check import check
from personac.core.persona.nodes import plain
from personac.core.persona.source import parse
from personac.core.persona.starter.wishes import DOMAINS, LANGUAGES, TONES


def run(folder: Path, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(command, [*words, "--into", str(folder)])
    return result.exit_code, result.output


def test_no_question_is_asked_where_there_is_no_terminal(tmp_path: Path) -> None:
    code, said = run(tmp_path, "Mei Lin")
    assert code == 0
    assert "mei_lin is ready" in said
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()} == {
        f"mei_lin/{name}"
        for name in (
            "persona.yaml", "persona.schema.json", "face.svg", "knowledge/faq.csv", "tests/conversations.yaml",
            "README.md", ".gitignore",
        )
    }  # fmt: skip
    assert "build/" in (tmp_path / "mei_lin" / ".gitignore").read_text("utf-8")


@pytest.mark.parametrize(
    ("languages", "tone", "domain"),
    itertools.product([("en",), ("zh",), ("en", "zh"), ("zh", "en")], TONES, DOMAINS),
)
def test_whatever_is_chosen_there_are_no_findings(
    tmp_path: Path, languages: tuple[str, ...], tone: str, domain: str
) -> None:
    flags = [flag for code in languages for flag in ("--language", code)]
    code, said = run(tmp_path, "Nora", "--yes", "--tone", tone, "--domain", domain, *flags)
    folder = tmp_path / "nora"
    assert code == 0
    assert "P0" not in said
    assert check(folder, plugins=(), skills=(), connectors=("web",)).diagnostics == []
    text = (folder / "persona.yaml").read_text("utf-8")
    tree, _ = parse(text, "persona.yaml")
    assert tree is not None
    persona = plain(tree)
    Draft7Validator(json.loads((folder / "persona.schema.json").read_text("utf-8"))).validate(persona)
    assert text.splitlines()[0] == "# yaml-language-server: $schema=persona.schema.json"
    for intent in persona["intents"]:
        assert len(set(intent["examples"])) >= 5 * len(languages)
        assert len(languages) == 1 or set(intent["responses"]) == set(languages)


@pytest.mark.parametrize("language", LANGUAGES)
def test_comments_and_texts_are_in_the_first_language(tmp_path: Path, language: str) -> None:
    run(tmp_path, "Nora", "--yes", "--language", language)
    folder = tmp_path / "nora"
    comments = re.findall(r"^# (.*)$", (folder / "persona.yaml").read_text("utf-8"), re.MULTILINE)[1:]
    written = [comment for comment in comments if not re.match(r"[\w ]+:( |$)", comment)]
    assert len(written) >= 10
    chinese = [bool(re.search("[\u4e00-\u9fff]", comment)) for comment in written]
    assert all(chinese) if language == "zh" else not any(chinese)
    assert len((folder / "README.md").read_text("utf-8").splitlines()) <= 10


def test_what_the_author_says_is_what_the_persona_knows(tmp_path: Path) -> None:
    asked = [
        "--know",
        "Is there, perhaps, parking?",
        'Yes: 20 "free" places.',
        "--know",
        "有停车场吗？",
        "有，20个车位。",
    ]
    code, _ = run(tmp_path, "Bo's: a #bot", "--summary", "It's for: us, # and you", "--language", "en,zh", *asked)
    assert code == 0
    folder = tmp_path / "bo_s_a_bot"
    loaded = check(folder)
    assert loaded.diagnostics == []
    assert loaded.persona is not None
    assert loaded.persona.name == "Bo's: a #bot"
    assert loaded.persona.summary == "It's for: us, # and you"
    assert (folder / "knowledge" / "faq.csv").read_text("utf-8").splitlines() == [
        "question,answer,language",
        '"Is there, perhaps, parking?","Yes: 20 ""free"" places.",en',
        "有停车场吗？,有，20个车位。,zh",
    ]
    assert "opening_hours" not in [intent.name for intent in loaded.persona.intents]


def test_the_language_of_a_name_is_the_author_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert "小美 已经准备好了" in run(tmp_path, "小美")[1]
    assert "nora is ready" in run(tmp_path, "Nora")[1]
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "lin 已经准备好了" in run(tmp_path, "Lin")[1]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "needs a name"),
        ("  ", "needs a name"),
        ("a/b", "has a / in it"),
        ("..", "no folder can be named"),
        ("???", "no folder can be named"),
        ("con", "no folder can be named"),
        ("{name}", "has a { in it"),
        ("小/美", "名字里不能有 /"),
        ("美" * 81, "最多只能有 80 个"),
        ("a\nb", "cannot be seen"),
        ("x" * 81, "has 81 characters"),
    ],
)
def test_a_bad_name_is_explained(tmp_path: Path, name: str, why: str) -> None:
    code, said = run(tmp_path, name)
    assert code == 1
    assert why in said
    assert not list(tmp_path.iterdir())


def test_a_language_that_it_cannot_write_is_explained(tmp_path: Path) -> None:
    code, said = run(tmp_path, "Nora", "--language", "fr")
    assert code == 2
    assert "translate the texts" in said


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "nora").mkdir()
    assert run(tmp_path, "Nora")[0] == 0
    before = (tmp_path / "nora" / "persona.yaml").read_bytes()
    code, said = run(tmp_path, "Nora", "--tone", "formal")
    assert code == 1
    assert "there is already something" in said
    assert (tmp_path / "nora" / "persona.yaml").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["nora"]


def test_the_questions_are_asked_in_a_terminal(tmp_path: Path) -> None:
    pexpect = pytest.importorskip("pexpect")
    arguments = ["-c", "from personac.core.cli import main; main()", "init", "小美", "--into", str(tmp_path)]
    talk = pexpect.spawn(sys.executable, arguments, encoding="utf-8", timeout=60, dimensions=(40, 200))
    for question, answer in (
        ("它叫什么名字", "a/b"),
        ("名字里不能有 /", None),
        ("它叫什么名字", ""),
        ("它是做什么的", "回答邻居的问题"),
        ("它说哪些语言", "fr"),
        ("请从这些里面选", None),
        ("它说哪些语言", "zh，en"),
        ("问题", "几点倒垃圾？"),
        ("答案", "每天20点。"),
        ("问题", ""),
        ("它怎么说话", "3"),
    ):
        talk.expect(question)
        if answer is not None:
            talk.sendline(answer)
    talk.expect("已经准备好了")
    talk.expect(pexpect.EOF)
    talk.close()
    assert talk.exitstatus == 0
    persona = check(tmp_path / "小美").persona
    assert persona is not None
    assert (persona.summary, persona.languages, persona.tone.formality) == ("回答邻居的问题", ("zh", "en"), "formal")
    assert "几点倒垃圾？,每天20点。,zh" in (tmp_path / "小美" / "knowledge" / "faq.csv").read_text("utf-8")


def test_a_new_persona_compiles_and_passes_its_own_tests(tmp_path: Path) -> None:
    run(tmp_path, "小美", "--yes", "--language", "zh", "--language", "en")
    result = CliRunner().invoke(run_conversations, [str(tmp_path / "小美")])
    assert result.exit_code == 0, result.output


def test_a_new_persona_names_the_rules_for_people_in_need(tmp_path: Path) -> None:
    run(tmp_path, "Nora", "--yes")
    assert "sets: [crisis, general]" in (tmp_path / "nora" / "persona.yaml").read_text("utf-8")
