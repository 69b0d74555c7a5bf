"""Hand-off: a channel of people, where each conversation that needs a person is a thread.

The state of a case is kept in the metadata of its first message, so it outlives the process and needs no store:
`waiting` until a person answers in the thread, `taken` while they talk, `closed` when it is the bot's again. Metadata
holds ids only.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...core.errors import Undeliverable
from .blocks import BACK, without
from .outbox import Outbox, Place
from .words import say

log = logging.getLogger("personac.slack")
EVENT = "personac_case"
_FIELDS = ("conversation", "channel", "thread", "user", "language")


@dataclass(frozen=True, slots=True)
class Case:
    """Name one conversation in the hands of people; `ts` is the thread in their channel."""

    ts: str
    state: str
    conversation: str
    channel: str
    thread: str
    user: str
    language: str
    key: str = ""

    @property
    def place(self) -> Place:
        """Return where the person who asked for help is."""
        return Place(self.channel, self.thread or None)

    def metadata(self) -> dict[str, Any]:
        """Return the case as a message's metadata."""
        about = {name: getattr(self, name) for name in _FIELDS}
        return {"event_type": EVENT, "event_payload": {"key": self.key, "state": self.state, **about}}


def _case(message: Mapping[str, Any]) -> Case | None:
    data = message.get("metadata") or {}
    payload = data.get("event_payload") or {}
    if data.get("event_type") != EVENT or not all(isinstance(payload.get(name), str) for name in _FIELDS):
        return None
    fields = {name: payload[name] for name in _FIELDS}
    return Case(str(message["ts"]), str(payload.get("state")), key=str(payload.get("key")), **fields)


class People:
    """Keep the cases of one channel of people; with no channel there are none."""

    def __init__(self, outbox: Outbox, channel: str) -> None:
        self.channel = channel
        self._outbox = outbox
        self._cases: dict[str, Case] = {}  # by ts
        self._loaded = False
        self._loading = asyncio.Lock()

    async def load(self) -> None:
        """Read the open cases back from the channel, once; raise RetryLater when Slack does not answer."""
        async with self._loading:
            if self._loaded or not self.channel:
                return
            try:
                async for message in self._outbox.messages(Place(self.channel)):
                    case = _case(message)
                    if case is not None and case.state != "closed":
                        self._cases.setdefault(case.ts, case)
            except Undeliverable as error:  # the bot goes on without people
                log.error("the channel of people cannot be read: %s", error)
            self._loaded = True

    async def of(self, conversation: str) -> Case | None:
        """Return the open case of a conversation."""
        await self.load()
        cases = [case for case in self._cases.values() if case.conversation == conversation]
        return max(cases, key=lambda case: case.ts, default=None)

    async def of_user(self, user: str) -> Case | None:
        """Return the latest open case of a person, by their Slack id."""
        await self.load()
        return max((c for c in self._cases.values() if c.user == user), key=lambda case: case.ts, default=None)

    async def at(self, ts: str) -> Case | None:
        """Return the case of a thread in the people's channel, also one that is closed."""
        await self.load()
        if ts in self._cases or not self.channel:
            return self._cases.get(ts)
        try:
            async for message in self._outbox.messages(Place(self.channel, ts)):
                return _case(message)
        except Undeliverable:
            return None
        return None

    async def open(self, case: Case, text: str, blocks: list[dict[str, Any]], *, again: bool) -> None:
        """Ask the people to take a conversation over."""
        about = {"state": case.state, **{name: getattr(case, name) for name in _FIELDS}}
        ts = await self._outbox.post(Place(self.channel), text, blocks, case.key, again=again, event=EVENT, about=about)
        self._cases[ts] = replace(case, ts=ts)

    async def set(self, case: Case, state: str) -> None:
        """Write a case's new state into its message; doing so twice is doing it once."""
        changed = replace(case, state=state)
        first: Mapping[str, Any] = {}
        async for message in self._outbox.messages(Place(self.channel, case.ts)):
            first = message
            break
        blocks = [block for block in first.get("blocks") or () if isinstance(block, dict)]
        if state == "closed":
            blocks = without(blocks, BACK, say("case_closed", case.language))
        text = str(first.get("text") or say("case_closed", case.language))
        await self._outbox.update(self.channel, case.ts, text, blocks, changed.metadata())
        if state == "closed":
            self._cases.pop(case.ts, None)
        else:
            self._cases[case.ts] = changed
