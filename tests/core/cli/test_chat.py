"""personac chat in the terminal: the question for consent swallows no message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from personac.core.cli.chat import command, is_agreed
from personac.core.mind.rights_words import sentence

ETHICS = "ethics: {sets: [crisis], country: GB}\n"


@pytest.mark.parametrize(
    ("line", "agreed"),
    [
        ("y", True),
        ("Yes", True),
        ("是", True),
        ("好", True),
        ("同意", True),
        ("沒問題", True),
        ("n", False),
        ("No.", False),
        ("不", False),
        ("否", False),
        ("不同意", False),
        ("I want to kill myself", None),
        ("nothing works", None),
        ("好难过", None),
        ("", None),
    ],
)
def test_yes_and_no_are_read_in_the_users_language(line: str, agreed: bool | None) -> None:
    assert is_agreed(line) is agreed


def test_what_is_neither_yes_nor_no_is_a_message_and_the_question_stays_open(
    write_fern: Callable[[Path, str], Path], tmp_path: Path
) -> None:
    said = ["hello friend", "I want to kill myself", "no", "good morning", "n", "hello friend"]
    folder = write_fern(tmp_path, ETHICS)
    result = CliRunner().invoke(command, [str(folder), "--user", "new"], input="\n".join([*said, ""]))
    assert result.exit_code == 0, result.output
    turns = result.output.split("> Fern: ")[1:]
    asked = ["May Fern keep this conversation" in turn for turn in turns]
    assert "116 123" in turns[1]
    assert asked == [True, False, True, True, False, False]  # not below a call for help, whose no is none to it
    assert turns[4].startswith(sentence("nothing_kept", "en"))
    assert "Welcome to the shop!" in turns[5]
