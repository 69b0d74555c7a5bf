"""The connector conforms: over HTTP and in Socket Mode, in direct messages and in threads, with and without streams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from personac.connectors.slack import streaming
from personac.core.message import Event, Message
from personac.core.testing import conformance
from personac.testing import CHECKS, Parrot

from .rig import SlackRig, Way


class SlowParrot(Parrot):
    """Say a few words at a time."""

    async def answer(self, message: Message) -> AsyncIterator[Event]:
        pauses = 5
        async for event in super().answer(message):
            await asyncio.sleep(0.02 if pauses > 0 else 0.0)
            pauses -= 1
            yield event


def _named(check: Any) -> str:
    return str(check.__name__)


@pytest.mark.parametrize("check", CHECKS, ids=_named)
@pytest.mark.parametrize(("way", "threads"), [("http", False), ("socket", True)], ids=["http", "socket, threads"])
async def test_it_conforms(check: Any, way: Way, threads: bool) -> None:
    await check(SlackRig(way, threads))


@pytest.mark.parametrize("check", CHECKS, ids=_named)
@pytest.mark.parametrize("threads", [True, False], ids=["streamed", "edited"])
async def test_it_conforms_while_words_are_shown(check: Any, threads: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conformance, "Parrot", SlowParrot)
    for name in ("PATIENCE", "APPEND_SECONDS", "EDIT_SECONDS"):
        monkeypatch.setattr(streaming, name, 0.01)
    await check(SlackRig("http", threads))
