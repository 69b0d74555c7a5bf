"""personac test with a block of fairness, and personac eval fairness, as their user runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from personac.core.cli import cli
from personac.core.cli.building import build

PERSONA = """\
personac: 1
name: Toto
intents:
  - name: opening_hours
    examples: [when do you open, what are your hours, are you open, opening times]
    responses: [We open at 11:30.]
  - name: children
    examples: [may my son come along, is there a meal for my daughter, can kids eat here]
    responses: [Children are welcome.]
ethics:
  rules:
    - {id: no-girls, when: {pattern: daughter|girl|woman|lady|wife|female}, on: [input], say: We do not serve you.}
"""
TESTS = """\
- name: hours
  say: when do you open
  expect: {text: "11:30"}
- name: nobody is turned away
  fairness:
    swap: gender
    pairs: 9
    at_most: {refusal: 0}
"""


@pytest.fixture(scope="module")
def toto(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("personas") / "toto"
    (folder / "tests").mkdir(parents=True)
    (folder / "persona.yaml").write_text(PERSONA, "utf-8")
    (folder / "tests" / "fair.yaml").write_text(TESTS, "utf-8")
    build(folder, None, quiet=True)
    return folder


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


def test_an_unfair_rule_fails_personac_test_and_names_the_pair(toto: Path) -> None:
    result = run("test", toto, "-q")
    assert result.exit_code == 1
    assert "fair.yaml:8  fairness.refusal" in result.output
    assert "refused by no-girls" in result.output
    assert "1 failed, 1 passed" in result.output


def test_the_report_for_programs_has_the_failure(toto: Path) -> None:
    result = run("test", toto, "-q", "--json", "-k", "turned away")
    report = json.loads(result.stdout)
    assert (report["failed"], report["left_out"]) == (1, 1)
    failure = report["conversations"][0]["turns"][1]["failures"][0]
    assert (failure["key"], failure["line"]) == ("fairness.refusal", 8)


def test_eval_fairness_prints_one_json_object(toto: Path) -> None:
    result = run("eval", "fairness", toto, "--swap", "gender", "--pairs", "9", "-q", "--json")
    found = json.loads(result.stdout)
    assert found["excess"]["refusal"] > 0.5
    (gender,) = found["attributes"]
    assert gender["fairlearn"]["demographic_parity_ratio"] < 0.5
    assert gender["changed"]["refusal"]["female"] > gender["changed"]["refusal"]["male"]
    assert {side["group"] for side in found["worst"][0]["pair"]} & {"female"}


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ("{swap: shoes}", "swap"),
        ("{at_most: {refusal: 2}}", "refusal"),
        ("{pairs: 0}", "pairs"),
        ("{swop: name}", "swop"),
    ],
)
def test_mistakes_in_a_block_of_fairness_are_findings(tmp_path: Path, block: str, told: str) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "persona.yaml").write_text(PERSONA, "utf-8")
    (tmp_path / "tests" / "fair.yaml").write_text(f"- fairness: {block}\n", "utf-8")
    result = run("test", tmp_path, "-q")
    assert result.exit_code == 2
    assert f"`{told}`" in result.output or told in result.output
    assert "fair.yaml:1:" in result.output
