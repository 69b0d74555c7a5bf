"""personac compile tells an author what could be missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from personac.core.cli.compile import command
from personac.core.cli.inspect import command as inspect
from personac.core.errors import PersonaInvalid

OWN = """
ethics:
  rules:
    - id: help
      when: {words: [suicide]}
      on: input
      do: escalate
      say: Please call a help line.
alerts: {webhook: {url: "https://ops.example.com/x", secret: "${ALERTS_SECRET}"}}
"""


@pytest.mark.parametrize(
    ("more", "told"),
    [("", True), ("ethics: {sets: [crisis]}\n", False), ("ethics: {sets: [general]}\n", False), (OWN, False)],
)
def test_a_persona_without_a_rule_for_people_in_need_gets_a_hint(
    write_fern: Callable[[Path, str], Path], tmp_path: Path, more: str, told: bool
) -> None:
    result = CliRunner().invoke(command, [str(write_fern(tmp_path, more)), "--quiet"])
    assert result.exit_code == 0
    assert ("no rule is for people in need" in result.output) is told
    assert "crisis-someone-else" not in result.output  # an author cannot give a set more examples


def test_a_folder_without_a_persona_stays_as_it_is(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, [str(tmp_path), "--quiet"])
    assert isinstance(result.exception, PersonaInvalid)
    assert "there is no persona.yaml in" in str(result.exception.diagnostics[0].message)
    assert not list(tmp_path.iterdir())


def test_a_topic_without_examples_is_told_to_have_none(write_fern: Callable[[Path, str], Path], tmp_path: Path) -> None:
    rules = "ethics:\n  rules:\n    - {id: bare, when: {any: [{topic: politics}, {words: vote}]}, on: input}\n"
    result = CliRunner().invoke(command, [str(write_fern(tmp_path, rules)), "--quiet"])
    assert result.exit_code == 0, result.output
    assert "the topic of bare/any0 has no examples; some of what users say about it would help" in result.output
    assert "its own examples" not in result.output
    assert "has no examples" in CliRunner().invoke(inspect, [str(tmp_path / "fern")]).output
