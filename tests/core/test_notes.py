"""What rules did is in the audit log, in its order, and nothing of it waits for the disk."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from personac.core import notes
from personac.core.cli.building import open_persona
from personac.core.notes import Notes
from personac.core.store.sqlite import SQLiteStore


def entries(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "audit.log").read_text("utf-8").splitlines()]


async def test_a_rule_that_ends_a_turn_is_noted_without_words_and_user(
    bank_artifact: Path, tmp_path: Path, ask: Callable[..., Any]
) -> None:
    runtime = open_persona(bank_artifact, tmp_path)
    await ask(runtime, "When are you open?", user="ann")
    reply = await ask(runtime, "Should I put my money into Tesla shares?", user="ann")
    runtime.close()
    ended = [entry for entry in entries(tmp_path) if entry["event"] == "rule"]
    assert [(entry["rule"], entry["did"]) for entry in ended] == [("no-investment-advice", "refuse")]
    assert [rule.id for rule in reply.rules] == ["no-investment-advice"]
    assert set(ended[0]) == {"n", "at", "event", "persona", "rule", "did", "channel", "signed"}


def test_notes_are_written_in_order_without_being_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store, may = SQLiteStore(tmp_path / "a.sqlite"), threading.Event()
    write = store.audit

    def slow(event: str, persona: str, **what: Any) -> None:
        may.wait()
        write(event, persona, **what)

    store.audit = slow  # type: ignore[method-assign]
    made = Notes(store, "a")
    for number in range(notes.WAITING + 1):
        if number < 3 or number == notes.WAITING:
            made.write("rule", rule=str(number))
        else:
            made._waiting += 1
    assert not (tmp_path / "audit.log").exists()
    assert "rule is not written" in caplog.text
    may.set()
    made.close()
    made.write("alert")
    assert [entry.get("rule") for entry in entries(tmp_path)] == ["0", "1", "2", None]
    store.close()
