from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner
from personac.core.cli.schema import command
from personac.core.persona.json_schema import json_schema
from personac.core.persona.writing import MODELINE, SCHEMA_FILE


def test_the_schema_is_printed_as_json() -> None:
    result = CliRunner().invoke(command, [])
    assert result.exit_code == 0
    assert json.loads(result.output) == json_schema()


def test_the_schema_is_written_to_the_file_that_personas_point_to(tmp_path: Path) -> None:
    file = tmp_path / SCHEMA_FILE
    result = CliRunner().invoke(command, ["-o", str(file)])
    assert result.output == ""
    assert json.loads(file.read_text("utf-8")) == json_schema()
    assert MODELINE.endswith(f"$schema={file.name}")


def test_a_file_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["-o", str(tmp_path / "nowhere" / "a.json")])
    assert result.exit_code == 1
    assert "cannot be written" in result.output
    assert len(result.output.splitlines()) == 1
