from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner
from personac.core.cli.docs import command
from personac.core.persona.reference import reference


def test_the_reference_is_printed_or_written(tmp_path: Path) -> None:
    assert CliRunner().invoke(command, []).output == reference()
    file = tmp_path / "language.md"
    assert CliRunner().invoke(command, ["--out", str(file)]).output == ""
    assert file.read_text("utf-8") == reference()
