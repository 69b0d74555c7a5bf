"""`personac deliveries`: what could not be sent is listed without its words, and can be tried again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from personac.core.cli.deliveries import command
from personac.core.message import Answer, Incoming, Reply
from personac.core.store.sqlite import SQLiteStore


@pytest.fixture
def persona(tmp_path: Path) -> Path:
    """Return a persona whose store has one row that was given up and one that waits."""
    folder = tmp_path / "ada"
    folder.mkdir()
    (folder / "persona.yaml").write_text("personac: 1\nname: Ada\n", "utf-8")
    store = SQLiteStore(tmp_path / "store" / "ada.sqlite")
    deliveries = store.deliveries()
    for key in ("given-up", "waiting"):
        message = Incoming("slack", key, "slack:T1:D1", "U1", {"text": "a private question"})
        row = deliveries.take(message, own=False).result()
        assert row is not None
        if key == "given-up":
            deliveries.answered(row, Answer(Reply("a private answer", "en")), {}).result()
            deliveries.failed(row, "Slack: not_in_channel", {}).result()
    deliveries.close()
    store.close()
    return folder


def run(persona: Path, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(command, [str(persona), "--store", str(persona.parent / "store"), *arguments])
    return result.exit_code, result.output


def test_what_waits_and_what_was_given_up_is_listed_without_its_words(persona: Path) -> None:
    status, said = run(persona)
    assert status == 0
    failed, waiting = said.splitlines()
    assert "failed" in failed
    assert "Slack: not_in_channel" in failed
    assert "received" in waiting
    assert "private" not in said + run(persona, "--json")[1]


def test_what_was_given_up_is_tried_again(persona: Path) -> None:
    id = json.loads(run(persona, "--json")[1])[0]["id"]
    assert "1 is tried again" in run(persona, "--retry", str(id))[1]
    assert json.loads(run(persona, "--json")[1])[0]["state"] == "answered"
    assert "0 are tried again" in run(persona, "--retry", "all")[1]


@pytest.mark.parametrize("which", ["99", "everything"])
def test_a_number_that_is_not_there_is_told(persona: Path, which: str) -> None:
    status, said = run(persona, "--retry", which)
    assert status == 2
    assert ("lists them" if which == "99" else "or all") in said


def test_a_persona_that_never_took_a_message_has_an_empty_list(tmp_path: Path) -> None:
    (tmp_path / "persona.yaml").write_text("personac: 1\nname: New\n", "utf-8")
    status, said = run(tmp_path)
    assert status == 0
    assert "nothing waits" in said
