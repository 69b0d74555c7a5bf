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


def test_what_cannot_be_read_is_told_to_the_operator_and_the_others_are_looked_at(tmp_path: Path) -> None:
    words, empty, yes = tmp_path / "no.wav", tmp_path / "empty.wav", write(tmp_path / "yes.wav", True)
    words.write_text("words", "utf-8")
    empty.write_bytes(b"")
    result = run(words, empty, yes)
    assert result.exit_code == 1
    assert f"{words}: no sound that can be read" in result.stderr
    assert f"{empty}: there is no sound in it" in result.stderr
    assert "lease" not in result.output
    assert f"{yes}: marked as a machine's speech" in result.stdout
    result = run(words, yes, "--json")
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert (result.exit_code, [set(one) >= {"file", "marked"} for one in told]) == (1, [False, True])
    assert told[0]["error"].startswith("no sound")
