"""personac test, as its user runs it; the sample personas pass their own tests."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from click.testing import CliRunner, Result
from personac.core.cli.building import build
from personac.core.cli.test import command

ROOT = Path(__file__).parents[3]
PERSONA = """\
personac: 1
name: Toto
intents:
  - name: thanks
    examples: [thank you, thanks a lot, cheers, many thanks]
    responses: [You're welcome!]
  - name: opening_hours
    examples: [when do you open, what are your hours, are you open, opening times]
    responses: [We open at 11:30.]
"""
GOOD = """\
- name: thanks
  say: thank you
  expect: {intent: thanks, text: welcome}
- name: hours
  turns:
    - say: when do you open
      expect: {intent: opening_hours, text: "11:30"}
"""
BAD = GOOD + "- name: early\n  say: when do you open\n  expect: {text: '10:30'}\n"


@pytest.fixture(scope="module")
def compiled_toto(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("personas") / "toto"
    folder.mkdir()
    (folder / "persona.yaml").write_text(PERSONA, "utf-8")
    build(folder, None, quiet=True)
    return folder


@pytest.fixture
def toto(compiled_toto: Path) -> Path:
    """Return the persona with no tests yet, compiled."""
    shutil.rmtree(compiled_toto / "tests", ignore_errors=True)
    (compiled_toto / "tests").mkdir()
    return compiled_toto


def write(folder: Path, content: str, name: str = "conversations.yaml") -> Path:
    path = folder / "tests" / name
    path.write_text(content, "utf-8")
    return path


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words])


def test_good_tests_pass(toto: Path) -> None:
    write(toto, GOOD)
    result = run(toto, "-q")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("2 passed (2 turns) in ")
    assert result.stderr == ""


def test_progress_is_told_on_the_error_stream(toto: Path) -> None:
    write(toto, GOOD)
    assert run(toto).stderr == "  test toto: 2\n"


def test_a_failure_is_shown_and_ends_with_1(toto: Path) -> None:
    path = write(toto, BAD)
    result = run(toto)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[:6] == [
        f"{path}:8: early",
        "  1  user  when do you open",
        "     bot   We open at 11:30.",
        f"     ✗ {path}:10  expect.text",
        "         expected  with “10:30” (nearest: “11:30”)",
        "         because   answered by a response of opening_hours",
    ]
    assert "1 failed, 2 passed (3 turns)" in result.stdout


def test_mistakes_in_the_test_files_end_with_2_and_nothing_is_run(toto: Path) -> None:
    path = write(toto, GOOD.replace("intent: thanks", "intent: thank"))
    result = run(toto)
    assert result.exit_code == 2
    assert f"{path}:3:20: error[P0304] there is no intent `thank`" in result.stderr
    assert "no test was run" in result.stderr
    assert result.stdout == ""


def test_a_warning_about_a_test_does_not_stop_the_others(toto: Path) -> None:
    write(toto, GOOD + "- say: hello\n")
    result = run(toto)
    assert result.exit_code == 0
    assert "warning[P0502]" in result.stderr
    assert "3 passed" in result.stdout


def test_without_tests_the_run_does_not_pass(toto: Path) -> None:
    result = run(toto)
    assert result.exit_code == 2
    assert "no tests in " in result.stderr
    assert "tests/conversations.yaml" in result.stderr


def test_some_conversations_can_be_asked_for(toto: Path) -> None:
    write(toto, BAD)
    write(toto, GOOD.replace("name: ", "name: 别的 "), "more.yaml")
    assert "1 passed, 4 left out" in run(toto, "-k", "别的 TH").stdout
    assert "2 passed, 3 left out" in run(toto, "-k", "more.yaml").stdout
    nothing = run(toto, "-k", "nothing like it")
    assert nothing.exit_code == 2
    assert "“nothing like it”" in nothing.stderr


def test_one_test_file_can_be_named(toto: Path) -> None:
    write(toto, BAD)
    path = write(toto, GOOD, "good.yaml")
    result = run(path)
    assert result.exit_code == 0
    assert "2 passed (2 turns)" in result.stdout


def test_json_is_the_whole_output(toto: Path) -> None:
    write(toto, BAD)
    result = run(toto, "--json")
    assert result.exit_code == 1
    data = json.loads(result.stdout)
    assert (data["passed"], data["failed"], data["errors"]) == (2, 1, 0)
    (failed,) = [c for c in data["conversations"] if c["status"] == "failed"]
    assert failed["turns"][0]["failures"][0]["key"] == "expect.text"
    assert failed["turns"][0]["reply"]["intent"] == "opening_hours"


def test_junit_is_written_also_when_tests_fail(toto: Path, tmp_path: Path) -> None:
    write(toto, BAD)
    assert run(toto, "--junit", tmp_path / "junit.xml").exit_code == 1
    root = ElementTree.parse(tmp_path / "junit.xml").getroot()
    assert [case.get("name") for case in root.iter("testcase")] == ["thanks", "hours", "early"]
    assert [len(case) for case in root.iter("testcase")] == [0, 0, 1]


def test_a_file_that_cannot_be_written_is_one_sentence(
    toto: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from personac.core.cli import main

    write(toto, GOOD)
    monkeypatch.setattr(
        sys, "argv", ["personac", "test", str(toto), "-q", "--junit", str(toto / "persona.yaml" / "x.xml")]
    )
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert "x.xml cannot be written" in capsys.readouterr().err


def test_a_persona_with_errors_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from personac.core.cli import main

    (tmp_path / "persona.yaml").write_text(PERSONA.replace("intents", "intentz"), "utf-8")
    monkeypatch.setattr(sys, "argv", ["personac", "test", str(tmp_path)])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 1
    assert "P0107" in capsys.readouterr().err


ARTIFACTS = {"tour_guide": "guide_artifact", "bank_service": "bank_artifact", "market_watch": "market_artifact"}


@pytest.mark.parametrize("name", ARTIFACTS)
def test_a_sample_persona_ships_forty_turns_and_passes_them(name: str, request: pytest.FixtureRequest) -> None:
    artifact: Path = request.getfixturevalue(ARTIFACTS[name])
    result = run(artifact.parents[2], "--json", "-q")
    if result.exit_code:  # conversations run side by side, and on a crowded machine a skill may be cut off in one
        result = run(artifact.parents[2], "--json", "-q")
    assert result.exit_code == 0, result.stdout[-3000:] + result.stderr
    assert json.loads(result.stdout)["turns"] >= 40


def test_the_sample_tests_cover_the_format_and_both_languages() -> None:
    turns = []
    for path in sorted((ROOT / "personas" / "tour_guide" / "tests").glob("*.yaml")):
        for item in yaml.safe_load(path.read_text("utf-8")):
            turns += item.get("turns", [item])
    used = {key for turn in turns for key in turn.get("expect", {})}
    assert {"intent", "text", "source", "rule", "skill", "language", "emotion", "slots", "redactions"} <= used
    assert {"transcript", "picture_text", "out_of_scope"} <= used
    chinese = [turn for turn in turns if any("\u4e00" <= c <= "\u9fff" for c in str(turn.get("say")))]
    assert len(chinese) > 25
    assert any("audio" in turn for turn in turns)
    assert any("image" in turn for turn in turns)
    assert any("expect_not" in turn for turn in turns)
