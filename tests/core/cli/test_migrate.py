from __future__ import annotations

import stat
from pathlib import Path

import pytest
from click.testing import CliRunner
from personac.core.cli.migrate import command
from personac.core.persona.check import check

OLD = """\ufeffpersonac: 0\r
bot: 小美  # name\r
intents:\r
  thanks: {examples: [thanks], say: Bye!}\r
""".encode()
NEW = """\ufeffpersonac: 1\r
name: 小美  # name\r
intents:\r
  - {name: thanks, examples: [thanks], responses: Bye!}\r
""".encode()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the file of a persona of version 0."""
    path = tmp_path / "persona.yaml"
    path.write_bytes(OLD)
    path.chmod(0o640)
    return path


def run(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(command, [str(word) for word in words])
    return result.exit_code, result.output


def test_a_persona_is_migrated_in_place_and_the_old_one_is_kept(file: Path) -> None:
    code, said = run(file.parent)
    assert code == 0
    assert "version 0 → 1; the old one is persona.yaml.v0" in said
    assert file.read_bytes() == NEW
    assert (file.parent / "persona.yaml.v0").read_bytes() == OLD
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert sorted(path.name for path in file.parent.iterdir()) == ["persona.yaml", "persona.yaml.v0"]
    assert not check(file).diagnostics


def test_a_second_time_there_is_nothing_to_do(file: Path) -> None:
    run(file)
    assert run(file) == (0, f"{file}: version 1 already\n")
    assert run(file, "--check")[0] == 0
    assert file.read_bytes() == NEW


def test_diff_and_check_change_nothing(file: Path) -> None:
    code, said = run("--diff", file)
    assert code == 0
    assert "-personac: 0" in said
    assert "+personac: 1" in said
    code, said = run("--check", file)
    assert code == 1
    assert "would be migrated" in said
    assert file.read_bytes() == OLD
    assert [path.name for path in file.parent.iterdir()] == ["persona.yaml"]


def test_an_older_copy_is_never_written_over(file: Path) -> None:
    kept = file.parent / "persona.yaml.v0"
    kept.write_text("something else", "utf-8")
    assert "the old one is persona.yaml.v0.2" in run(file)[1]
    assert kept.read_text("utf-8") == "something else"
    assert (file.parent / "persona.yaml.v0.2").read_bytes() == OLD


def test_what_cannot_be_migrated_is_left_as_it_is(file: Path) -> None:
    for text in (b"personac: 0\nbot: a\nname: b\n", b"personac: 9\nname: a\n", b"personac: [\n"):
        file.write_bytes(text)
        code, said = run(file)
        assert code == 1
        assert "nothing was changed" in said
        assert file.read_bytes() == text
    assert [path.name for path in file.parent.iterdir()] == ["persona.yaml"]


def test_a_newer_version_is_not_taken_for_an_older_one(file: Path) -> None:
    file.write_text("personac: 2\nname: a\n", "utf-8")
    assert "update this one" in run(file)[1]


def test_what_is_left_to_do_is_shown(file: Path) -> None:
    file.write_bytes(OLD + b"never: [lie]\r\ncolour: red\r\n")
    code, said = run(file)
    assert code == 0
    assert "P0604" in said
    assert "unknown key `colour`" in said


def test_several_personas_are_migrated_at_once(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_bytes(OLD)
    assert run(file, other)[0] == 0
    assert file.read_bytes() == other.read_bytes() == NEW
