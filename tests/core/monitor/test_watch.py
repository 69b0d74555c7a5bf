"""A server's monitors when they are put on: what is lacking is told then, and escalations are opened where they are."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from personac.core.delivery.server import DeliveryServer
from personac.core.message import FiredRule, Message, Reply
from personac.core.monitor.monitor import Monitor
from personac.core.monitor.page import Page
from personac.core.monitor.watch import watch
from personac.core.persona.schema import Persona
from personac.core.reload import Reloading
from personac.core.store.sqlite import SQLiteStore
from personac.core.turn import DialogueState

from .test_page import ask

WRITTEN = {
    "personac": 1,
    "name": "Ada",
    "languages": ["en"],
    "intents": [{"name": "hours", "examples": ["When do you open?"], "responses": "At nine."}],
}


class Served:
    """A persona in one process, without models."""

    def __init__(self, folder: Path, alerts: dict[str, Any] | None = None) -> None:
        self.persona = Persona.model_validate({**WRITTEN, "alerts": alerts or {}})
        self.store = SQLiteStore(folder / "ada.sqlite")
        self.signs = self.store.deliveries()
        notes = SimpleNamespace(write=lambda event, **what: self.store.audit(event, "ada", **what))
        runtime = SimpleNamespace(persona=self.persona, parts=SimpleNamespace(store=self.store, notes=notes))
        profile = SimpleNamespace(name="Ada", slug="ada")
        self.bot = SimpleNamespace(runtime=runtime, profile=profile, consent=self.store.consent, listener=None)
        self.server = DeliveryServer()
        watch(self.server, [cast(Reloading, self.bot)], folder)

    @property
    def monitor(self) -> Monitor:
        return cast(Monitor, self.bot.listener)

    def close(self) -> None:
        self.monitor.book.close()
        self.signs.close()
        self.store.close()


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.mark.parametrize("works", [False, True])
def test_a_way_that_lacks_its_variable_is_told_at_the_start(
    tmp_path: Path, opened: ExitStack, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, works: bool
) -> None:
    monkeypatch.delenv("SLACK_ALERTS", raising=False)
    monkeypatch.setenv("SLACK_TOKEN", "xoxb")
    slack = {"webhook": "${SLACK_ALERTS}"} | ({"token": "${SLACK_TOKEN}", "channel": "C1"} if works else {})
    with caplog.at_level(logging.WARNING):
        opened.callback(Served(tmp_path, {"slack": slack}).close)
    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert "Ada: alerts.slack.webhook: the environment variable SLACK_ALERTS is not set" in told[0]
    assert ("NOBODY IS TOLD" in told[-1]) != works
    assert len(told) == 2 - works


def events(folder: Path) -> list[str]:
    return [json.loads(line)["event"] for line in (folder / "audit.log").read_text("utf-8").splitlines()]


async def test_who_declined_is_opened_in_the_process_that_answered_and_noted_only_there(
    tmp_path: Path, opened: ExitStack
) -> None:
    first = Served(tmp_path)
    opened.callback(first.close)
    message = Message("I can't go on", (), "c1", "walter", "web")
    await first.monitor.heard(message, Reply("Call.", "en", rules=(FiredRule("danger", "escalate"),)))
    first.store.record(message, message.text, "Call.", "en", DialogueState(), ticket=first.store.ticket("walter"))
    (one,) = first.monitor.book.escalations()
    query = f"persona=ada&id={one.id}".encode()

    second = Served(tmp_path)
    opened.callback(second.close)
    status, _, body = await ask(cast(Page, second.server.monitor), "/monitor/escalation.json", query=query)
    assert (status, json.loads(body)["code"]) == (503, "elsewhere")
    assert "another process serves this persona too" in json.loads(body)["message"]
    assert "escalation_opened" not in events(tmp_path)
    status, _, body = await ask(cast(Page, first.server.monitor), "/monitor/escalation.json", query=query)
    assert (status, [turn["said"] for turn in json.loads(body)["turns"]]) == (200, ["I can't go on"])
    assert events(tmp_path).count("escalation_opened") == 1

    first.signs.close()  # that process ends, and what it held in memory with it
    status, _, body = await ask(cast(Page, second.server.monitor), "/monitor/escalation.json", query=query)
    assert (status, json.loads(body)["turns"]) == (200, [])
    assert events(tmp_path).count("escalation_opened") == 1


async def test_measures_have_the_door_of_the_monitor(
    tmp_path: Path, opened: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONAC_MONITOR_KEY", "k")
    served = Served(tmp_path)
    opened.callback(served.close)
    await served.monitor.heard(Message("no"), Reply("No.", "en", rules=(FiredRule("danger", "refuse"),)))

    async def site(scope: Any, receive: Any, send: Any) -> None: ...

    host = served.server.wrap(site)
    for headers, status in (((), 401), (((b"authorization", b"Bearer k"),), 200)):
        got, _, body = await ask(cast(Page, host), "/metrics", headers, "10.0.0.7")
        assert (got, b"rule:danger" in body) == (status, status == 200)
