"""The bank's persona with its office, through the whole runtime."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from personac.core.cli.building import open_persona
from personac.core.runtime import Runtime

Ask = Callable[..., Any]


async def test_of_two_wishes_each_is_served_and_one_asks(bank: Runtime, ask: Ask) -> None:
    where = {"conversation": "two wishes", "user": "two wishes"}
    for said in ("what cards do I have", "HB-1001", "12 March 1985"):
        await ask(bank, said, **where)
    both = await ask(bank, "refund order EX-3102. Also block my debit card.", **where)
    assert "can't refund EX-3102" in both.text
    assert "Shall I?" in both.text
    assert both.choices == ("Yes", "No")
    assert "4821 is blocked" in (await ask(bank, "Yes", **where)).text


async def test_a_proof_is_neither_told_in_the_reply_nor_kept_as_it_was_said(bank: Runtime, ask: Ask) -> None:
    where = {"conversation": "proof", "user": "proof"}
    await ask(bank, "where is my order CB-3101", **where)
    told = await ask(bank, "My number is HB-1001, I was born on 12 March 1985", **where)
    assert "CB-3101" in told.text
    assert told.redactions == ("birth_date",)
    assert "1985" not in str(told.slots)
    assert "1985" not in str(bank.history("proof"))
    assert "1985" not in str(bank.state("proof"))


async def test_a_person_is_handed_what_is_known(bank: Runtime, ask: Ask) -> None:
    where = {"conversation": "person", "user": "person"}
    await ask(bank, "where is my order CB-3101", **where)
    reply = await ask(bank, "let me talk to a person", **where)
    assert "Customer: not verified." in reply.hand_off
    assert "where is my order CB-3101" in reply.hand_off
    assert "verified" not in reply.text


async def test_what_was_done_outlives_the_server_and_a_new_artifact_would_find_it(
    bank_artifact: Path, tmp_path: Path, ask: Ask
) -> None:
    assert (bank_artifact / "files/office/harbour.yaml").is_file()
    said = []
    for visit in ("first", "second"):
        runtime = open_persona(bank_artifact, tmp_path)
        where = {"conversation": visit, "user": "ben"}
        for text in ("refund order ST-3201", "HB-1002", "2 November 1990"):
            reply = await ask(runtime, text, **where)
        said.append((reply if reply.text.find("Shall I") < 0 else await ask(runtime, "yes", **where)).text)
        runtime.close()
    assert "refunded 5 pounds" in said[0]
    assert "refunded already" in said[1]
    assert (tmp_path / "plugins/bank_service/customer_service/office.sqlite").is_file()
