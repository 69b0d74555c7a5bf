"""A plugin from nothing: written, tested, checked, talked to, and loaded anew when it changes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from personac.core.cli.building import build, installed, open_persona
from personac.core.cli.plugins import command
from personac.core.cli.rebuild import Rebuild
from personac.core.errors import ExtensionInvalid
from personac.core.hosting.folder import load_folder
from personac.core.reload import renew
from personac.core.runtime import Runtime

Ask = Callable[..., Any]


def run(*words: str) -> tuple[int, str]:
    """Return the exit code and the output of a command."""
    result = CliRunner().invoke(command, list(words))
    return result.exit_code, result.output


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the project of a new plugin, as it was written."""
    into = tmp_path_factory.mktemp("plugins")
    code, shown = run("new", "inn", "--into", str(into))
    assert code == 0, shown
    return into / "inn"


@pytest.fixture(scope="module")
def inn(project: Path) -> Iterator[Runtime]:
    """Return the persona of a new plugin, running."""
    runtime = open_persona(build(project / "example", None, quiet=True).artifact, None)
    yield runtime
    runtime.close()


def test_the_tests_of_a_new_plugin_pass(project: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore"],
        cwd=project, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout


@pytest.mark.parametrize("name", ["2nd", "My-Plugin", "class", "../x", ""])
def test_a_plugin_has_a_name_that_python_can_say(name: str, tmp_path: Path) -> None:
    code, shown = run("new", name, "--into", str(tmp_path))
    assert code == 1
    assert "cannot be the name of a plugin" in shown
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_there_is_left_alone(project: Path) -> None:
    code, shown = run("new", "inn", "--into", str(project.parent))
    assert code == 1
    assert "is there already" in shown


def test_the_list_tells_what_each_plugin_may_do() -> None:
    code, shown = run("list")
    assert code == 0
    assert "tourism 2.1.0" in shown
    assert "network  none" in shown
    told = {plugin["name"]: plugin for plugin in json.loads(run("list", "--json")[1])}
    assert told["tourism"]["reads"] == ["text", "slots", "history", "media"]
    assert "opening_hours" in told["tourism"]["skills"]


def test_settings_of_a_plugin_in_a_folder_are_checked_where_they_stand(project: Path, tmp_path: Path) -> None:
    text = (project / "example" / "persona.yaml").read_text("utf-8")
    text = text.replace("..: {most: 8}", f"{project}: {{most: many, least: 1}}")
    (tmp_path / "persona.yaml").write_text(text, "utf-8")
    found = installed().check(tmp_path).diagnostics
    assert [finding.code for finding in found] == ["P0342", "P0342"]
    assert [finding.message for finding in found] == [
        'settings of the plugin `inn`: expected a whole number, found the text "many"',
        "settings of the plugin `inn`: unknown key `least`",
    ]
    line = text.splitlines()[found[0].span.line - 1]
    assert line[found[0].span.column - 1 :].startswith("many")


async def test_a_form_from_the_first_question_to_the_answer(inn: Runtime, ask: Ask) -> None:
    first = await ask(inn, "I would like to reserve a table", conversation="a")
    assert first.text == "For how many people?"
    twelve = await ask(inn, "we are twelve", conversation="a")
    assert (twelve.text, twelve.choices) == ("In the garden or inside?", ("garden", "inside"))
    asked = await ask(inn, "in the garden", conversation="a")
    assert (asked.text, asked.choices) == ("A table for twelve, garden: shall I reserve it?", ("Yes", "No"))
    refused = await ask(inn, "yes", conversation="a")
    assert refused.text == "Our largest table is for 8. For how many shall it be?"
    again = await ask(inn, "six then", conversation="a")
    assert again.text == "A table for six, garden: shall I reserve it?"
    changed = await ask(inn, "no, I meant inside", conversation="a")
    assert changed.text == "A table for six, inside: shall I reserve it?"
    thanked = await ask(inn, "thank you", conversation="a")
    assert thanked.text.startswith("You're welcome!\n\n")
    assert thanked.text.endswith(changed.text)
    done = await ask(inn, "yes", conversation="a")
    assert (done.text, done.skill) == ("Done: a table for 6, inside.", "inn.reserve")
    assert inn.state("a").form == {}


async def test_a_form_in_chinese_that_is_left(inn: Runtime, ask: Ask) -> None:
    assert (await ask(inn, "帮我订个位子", conversation="z")).text == "一共几位？"
    assert (await ask(inn, "四位", conversation="z")).text == "坐花园还是室内？"
    assert (await ask(inn, "算了", conversation="z")).text == "好的，那就先不办了。"
    assert inn.state("z").asking is None


async def test_code_that_is_saved_is_used_from_the_next_turn_on(inn: Runtime, ask: Ask, project: Path) -> None:
    file = project / "personac_inn" / "__init__.py"
    before = file.read_text("utf-8")
    try:
        file.write_text(before.replace("Our largest table", "The largest table of ours"), "utf-8")
        made = build(project / "example", None, quiet=True)
        assert made.fresh
        assert not any(step.fresh for step in made.passes if step.name == "train")
        newer = renew(inn, made.artifact)
        for words in ("book a table for tonight, please", "fifteen", "inside"):
            await ask(newer, words, conversation="h")
        assert (await ask(newer, "yes", conversation="h")).text.startswith("The largest table of ours is for 8.")
        newer.parts.plugins.close()
    finally:
        file.write_text(before, "utf-8")


def test_dev_watches_the_folder_of_a_plugin_that_lies_elsewhere(project: Path) -> None:
    async def tell(text: str) -> None: ...

    rebuild = Rebuild(project / "example", None, lambda path: open_persona(path, None), tell, print)
    assert rebuild.counts(project / "personac_inn" / "__init__.py")
    assert not rebuild.counts(project / "personac_inn" / "__pycache__" / "x.pyc")
    assert not rebuild.counts(project.parent / "other.py")


@pytest.mark.parametrize(
    ("project_file", "words"),
    [
        (None, "it has no pyproject.toml"),
        ("[project", "cannot be read"),
        ("[project]\nname = 'x'\n", "names no plugin"),
        ('[project.entry-points."personac.plugins"]\nodd = "personac_odd:Odd"\n', "No module named 'personac_odd'"),
    ],
)
def test_a_folder_without_a_plugin_says_what_is_missing(tmp_path: Path, project_file: str | None, words: str) -> None:
    if project_file is not None:
        (tmp_path / "pyproject.toml").write_text(project_file, "utf-8")
    with pytest.raises(ExtensionInvalid, match=words):
        load_folder(tmp_path, "odd")
