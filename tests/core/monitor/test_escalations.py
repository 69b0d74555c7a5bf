"""What was said where a rule escalated: opened behind the door, written into the audit log, gone with the user."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from personac.core.errors import Unavailable
from personac.core.message import FiredRule, Message, Reply
from personac.core.monitor.book import Book, Escalation
from personac.core.monitor.door import Door
from personac.core.monitor.monitor import Monitor
from personac.core.monitor.page import Page
from personac.core.persona.schema import Alerts
from personac.core.store.sqlite import SQLiteStore
from personac.core.turn import DialogueState

from .conftest import served
from .test_page import HERE, ask

SAID, ANSWERED = "I can't go on <b>", "A person is told."


class Desk:
    """Hold a persona's store and its monitor, with one escalation in it."""

    def __init__(self, folder: Path, book: Book) -> None:
        self.folder, self.book = folder, book
        self.store = SQLiteStore(folder / "ada.sqlite")
        self.monitor = Monitor(
            "ada", book, Alerts, lambda: (), dict, name=self.store.mark, place=self.store.place
        )  # fmt: skip
        self.page = Page({"ada": ("Ada", book)}, Door(), {"ada": self.opened})

    def opened(self, escalation: Escalation) -> list[tuple[float, str, str, str]]:
        self.store.audit("escalation_opened", "ada", escalation=escalation.id)
        return self.store.turns(escalation.place, whose=lambda user: self.book.mark(user) == escalation.user)

    async def escalate(self) -> str:
        self.store.set_consent("walter", True)
        message = Message(SAID, (), "c1", "walter", "web")
        await self.monitor.heard(message, Reply(ANSWERED, "en", rules=(FiredRule("danger", "escalate"),)))
        ticket = self.store.ticket("walter")
        self.store.record(message, SAID, ANSWERED, "en", DialogueState(), ticket=ticket)
        return self.book.escalations()[0].id

    def events(self) -> list[str]:
        return [json.loads(line)["event"] for line in (self.folder / "audit.log").read_text("utf-8").splitlines()]


@pytest.fixture
def desk(tmp_path: Path, book: Book) -> Iterator[Desk]:
    made = Desk(tmp_path, book)
    yield made
    made.store.close()


async def opened(desk: Desk, id: str, slug: str = "ada") -> tuple[int, dict[str, Any]]:
    status, headers, body = await ask(desk.page, "/monitor/escalation.json", query=f"persona={slug}&id={id}".encode())
    assert headers[b"cache-control"] == b"no-store"
    return status, json.loads(body)


async def test_an_escalation_is_listed_without_names_and_opening_it_is_audited(desk: Desk) -> None:
    id = await desk.escalate()
    _, _, body = await ask(desk.page, "/monitor/data.json")
    (listed,) = json.loads(body)["personas"][0]["escalations"]
    assert listed == {"id": id, "at": listed["at"], "rule": "danger", "channel": "web"}
    assert "escalation_opened" not in desk.events()
    status, told = await opened(desk, id)
    assert status == 200
    assert [(turn["said"], turn["answered"]) for turn in told["turns"]] == [(SAID, ANSWERED)]
    assert desk.events().count("escalation_opened") == 1
    kept = b"".join(file.read_bytes() for file in desk.folder.glob("parrot.monitor*"))
    assert b"walter" not in kept
    assert SAID.encode() not in kept


async def test_in_a_group_only_the_words_of_who_was_escalated_are_opened(desk: Desk) -> None:
    id = await desk.escalate()
    desk.store.set_consent("xenia", True)
    other = Message("nobody else's business", (), "c1", "xenia", "web")
    desk.store.record(other, other.text, "Hm.", "en", DialogueState(), ticket=desk.store.ticket("xenia"))
    _, told = await opened(desk, id)
    assert [(turn["said"], turn["answered"]) for turn in told["turns"]] == [(SAID, ANSWERED)]


async def test_it_goes_with_its_user(desk: Desk) -> None:
    id = await desk.escalate()
    desk.store.erase("walter")
    desk.monitor.forget("walter")
    assert desk.book.escalations() == []
    assert (await opened(desk, id))[0] == 404


async def test_what_retention_took_is_told_as_gone(desk: Desk) -> None:
    id = await desk.escalate()
    desk.store.erase("walter")  # by another process, whose monitor has not heard of it
    assert (await opened(desk, id))[1]["turns"] == []


@pytest.mark.parametrize(("id", "slug"), [("", "ada"), ("0" * 16, "ada"), ("' OR 1=1", "ada"), ("x", "nobody")])
async def test_what_is_not_there_is_not_found(desk: Desk, id: str, slug: str) -> None:
    await desk.escalate()
    assert (await opened(desk, id, slug))[0] == 404


async def test_nobody_reads_what_cannot_be_audited(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    id = await desk.escalate()

    def full(event: str, persona: str, **what: object) -> None:
        raise Unavailable("the audit log cannot be written")

    monkeypatch.setattr(desk.store, "audit", full)
    status, told = await opened(desk, id)
    assert (status, set(told)) == (503, {"code", "message"})


async def test_it_is_behind_the_door(desk: Desk) -> None:
    id = await desk.escalate()
    query = f"persona=ada&id={id}".encode()
    assert (await ask(desk.page, "/monitor/escalation.json", HERE, "10.0.0.7", query))[0] == 403
    assert "escalation_opened" not in desk.events()


@pytest.fixture
def site(desk: Desk) -> Iterator[str]:
    with served(desk.page) as address:
        yield address


async def test_the_operator_opens_it_in_a_browser(desk: Desk, site: str) -> None:
    from playwright.async_api import async_playwright, expect

    from ...connectors.web.static.conftest import CHROMIUM

    id = await desk.escalate()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM)
        try:
            page = await browser.new_page(locale="en-GB")
            wrong: list[str] = []
            page.on("pageerror", lambda error: wrong.append(str(error)))
            await page.goto(site)
            await page.get_by_role("button", name="Read: danger").click()
            await expect(page.get_by_role("dialog")).to_contain_text(SAID)
            await expect(page.get_by_role("dialog")).to_contain_text(ANSWERED)
            await page.get_by_role("button", name="Close").click()
            await expect(page.get_by_role("dialog")).to_have_count(0)
            await page.goto("about:blank")
            await page.goto(f"{site}#ada/{id}")  # as an alert links to it
            await expect(page.get_by_role("dialog")).to_contain_text(SAID)
            assert wrong == []
        finally:
            await browser.close()
    assert desk.events().count("escalation_opened") == 2
