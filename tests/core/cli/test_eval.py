"""personac eval: figures as JSON and as tables, and what is said when a file does not fit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from personac.core.cli import cli
from personac.core.cli import eval as evaluation
from personac.core.errors import BadInput, PersonaInvalid


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["eval", *map(str, arguments)])


@pytest.fixture
def spans(tmp_path: Path) -> Path:
    rows = [{"text": "to ann@example.org", "spans": [{"start": 3, "end": 18, "type": "EMAIL"}]},
            {"text": "I am Ann", "spans": [{"start": 5, "end": 8, "type": "NICKNAME"}]}]  # fmt: skip
    (tmp_path / "spans.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return tmp_path / "spans.jsonl"


def test_figures_are_one_json_object(spans: Path) -> None:
    done = run("privacy", "--spans", spans, "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    assert (found["precision"], found["recall"]) == (1.0, 0.5)
    assert found["by_type"]["nickname"]["recall"] == 0


def test_people_get_tables(spans: Path) -> None:
    shown = run("privacy", "--spans", spans).output
    assert "by type" in shown
    assert "0.6667" in shown
    assert "person" in shown


def test_what_is_no_number_is_null_in_json_and_a_dash_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    found = {"wer": float("nan"), "runs": [{"f1": 1.0}, {"f1": float("inf")}]}
    evaluation.show(found, as_json=True)
    assert json.loads(capsys.readouterr().out) == {"wer": None, "runs": [{"f1": 1.0}, {"f1": None}]}
    evaluation.show(found, as_json=False)
    assert "–" in capsys.readouterr().out


def test_a_file_that_does_not_fit_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "clips.csv").write_text("name,text\na.wav,hello\n", "utf-8")
    command = [sys.executable, "-m", "personac", "eval", "speech", "--clips", str(tmp_path / "clips.csv")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "clips.csv:2: no column 'file'; there are: 'name', 'text'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["slots", "emotion"])
def test_rows_are_measured_on_a_file_or_in_folds(command: str, tmp_path: Path) -> None:
    for options in ([], ["--test", "t.jsonl", "--folds", "fold"]):
        done = run(command, "--train", tmp_path / "t.jsonl", *options)
        assert done.exit_code == 2
        assert "give either --test or --folds" in done.output


def test_every_measure_has_help_and_json() -> None:
    for name in evaluation.command.commands:
        shown = run(name, "--help").output
        assert "--json" in shown, name


def test_prompts_are_said_to_a_compiled_persona(bank_artifact: Path, tmp_path: Path) -> None:
    prompts = tmp_path / "prompts.csv"
    prompts.write_text("prompt,label\nWhat is the fee for a transfer?,safe\n办卡要钱吗？,safe\n", "utf-8")
    done = run("safety", bank_artifact, "--prompts", prompts, "--json", "-q")
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    assert found["safe_refused"] == 0
    assert found["unsafe_refused"] is None


def test_prompts_are_read_before_anything_is_compiled(tmp_path: Path) -> None:
    done = run("safety", tmp_path, "--prompts", tmp_path / "none.csv")
    assert isinstance(done.exception, BadInput)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("measure", ["safety", "fairness"])
def test_a_folder_without_a_persona_is_told_alike(measure: str, tmp_path: Path) -> None:
    if measure == "fairness":
        pytest.importorskip("fairlearn")
    (tmp_path / "p.csv").write_text("prompt,label\nhello,safe\n", "utf-8")
    (tmp_path / "empty").mkdir()
    prompts = ["--prompts", tmp_path / "p.csv"] if measure == "safety" else []
    done = run(measure, tmp_path / "empty", *prompts, "-q")
    assert isinstance(done.exception, PersonaInvalid)
    (finding,) = done.exception.diagnostics
    assert finding.message == f"there is no persona.yaml in {tmp_path / 'empty'}"
    assert finding.help == "name a persona's folder or its file"
