"""personac voice verify, as its user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from click.testing import CliRunner, Result
from personac.core.cli.voice import command
from personac.core.message import Sound
from personac.core.models.watermark import mark


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(command, ["verify", *map(str, words)])


def write(path: Path, marked: bool) -> Path:
    noise = (np.random.default_rng(1).standard_normal(16_000 * 8) * 3000).astype(np.int16)
    pcm = mark(noise, 16_000) if marked else noise
    path.write_bytes(Sound(pcm.tobytes(), 16_000, note="made by a machine" if marked else "").wav())
    return path


def test_a_marked_file_is_told_from_one_that_is_not(tmp_path: Path) -> None:
    yes, no = write(tmp_path / "yes.wav", True), write(tmp_path / "no.wav", False)
    result = run(yes)
    assert result.exit_code == 0
    assert "marked as a machine's speech in a person's voice (0.0 to" in result.output
    assert "the file says: made by a machine" in result.output
    result = run(yes, no)
    assert result.exit_code == 1
    assert "no.wav: no mark found" in result.output


def test_programs_get_an_object_for_each_file(tmp_path: Path) -> None:
    found = json.loads(run(write(tmp_path / "yes.wav", True), "--json").output)
    assert found["marked"] is True
    assert found["score"] > found["enough"]
    assert found["note"] == "made by a machine"


def test_what_is_no_sound_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "no.wav").write_text("words", "utf-8")
    result = run(tmp_path / "no.wav")
    assert result.exit_code == 2
    assert "not a sound that I can read" in result.output
