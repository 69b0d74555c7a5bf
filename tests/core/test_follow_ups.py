"""What a skill asks to be called for later: told in its conversation, over a restart, once, and never of the erased."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from personac.core.cli.building import build, open_persona
from personac.core.contracts import Channel, Memo
from personac.core.delivery.measures import Measures
from personac.core.delivery.post import Post
from personac.core.message import Answer, Incoming, Message
from personac.core.plugin import FollowUp, SkillResult
from personac.core.runtime import Runtime
from personac.core.store.follow_ups import MOST

MORE = """
  - name: remind
    skill: reminders.remind
    examples:
      - remind me at 8 to call mum
      - remind me in ten minutes to look
      - set a reminder to buy bread
      - remind me in an hour to feed the cat
      - remind me in 30 minutes to write a letter
  - name: reminders
    skill: reminders.planned
    examples: [what are my reminders?, list my reminders, which reminders do I have?]
  - name: unremind
    skill: reminders.cancel
    examples: [cancel my reminder, delete the reminder, I do not need the reminder any more]
plugins: [reminders]
privacy: {redact: [email], consent: ask}
"""
MAIL = "bob@example.org"


@pytest.fixture(scope="module")
def artifact(write_fern: Callable[[Path, str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(write_fern(tmp_path_factory.mktemp("later"), MORE), None, quiet=True).artifact


class Line(Channel):
    """Keep what is sent."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[tuple[Any, str]] = asyncio.Queue()

    async def read(self, incoming: Incoming) -> Message:
        return Message(incoming.payload["text"], (), incoming.conversation, incoming.user, "line")

    async def send(self, incoming: Incoming, answer: Answer, memo: Memo) -> None:
        self.sent.put_nowait((incoming.payload.get("at"), answer.reply.text))


class Served:
    """A persona on a channel, with a clock that can be set."""

    def __init__(self, artifact: Path, store: Path) -> None:
        self.bot: Runtime = open_persona(artifact, store)
        self.store: Any = self.bot.parts.store
        self.store._clock = lambda: self.now
        plugin = self.bot.parts.plugins.plugins["reminders"].plugin
        self.now = plugin._clock().timestamp()
        self.post = Post(self.bot, self.store, lambda: self.bot.persona.limits, Measures())
        self.line = Line()
        self.desk = self.post.desk("line")
        self.post.add("line", self.line)

    async def say(self, text: str, user: str = "ann", conversation: str = "c") -> str:
        self.count = getattr(self, "count", 0) + 1
        payload = {"text": text, "at": f"place of {conversation}"}
        await self.desk.take(Incoming("line", f"{self.now}-{self.count}", conversation, user, payload))
        return (await self.next())[1]

    async def next(self) -> tuple[Any, str]:
        async with asyncio.timeout(30):
            return await self.line.sent.get()


@asynccontextmanager
async def served(artifact: Path, store: Path) -> AsyncIterator[Served]:
    run = Served(artifact, store)
    await run.post.start()
    try:
        yield run
    finally:
        await run.post.stop(5)
        run.post.close()
        run.bot.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Path]:
    return tmp_path / "fern.sqlite"


async def test_a_reminder_comes_where_it_was_asked_for_and_once(artifact: Path, store: Path) -> None:
    async with served(artifact, store) as run:
        run.store.set_consent("ann", True)
        assert (await run.say(f"remind me in 20 minutes to write to {MAIL}")).endswith(f": write to {MAIL}")
        assert "write to" in await run.say("what are my reminders?")
        assert run.store.due(["line"]) == []
    async with served(artifact, store) as run:  # it outlives the process
        run.now += 21 * 60
        assert await run.next() == ("place of c", f"⏰ Your reminder: write to {MAIL}")
        assert await run.say("what are my reminders?") == "You have no reminders."
        assert run.store.history("c")[-3][1].startswith("⏰ Your reminder: write to [email 1]")
        assert run.line.sent.empty()


async def test_reminders_go_on_after_the_disk_was_full_for_a_while(artifact: Path, store: Path) -> None:
    full = "CREATE TRIGGER full BEFORE DELETE ON follow_ups BEGIN SELECT raise(ABORT, 'full'); END"
    async with served(artifact, store) as run:
        run.store.set_consent("ann", True)
        await run.say("remind me in 20 minutes to look")
        run.store._kept.execute(full)
        run.now += 21 * 60
        assert (await run.next())[1] == "⏰ Your reminder: look"
        run.store._kept.execute("DROP TRIGGER full")
        await run.say("remind me in 20 minutes to listen")
        run.now += 21 * 60
        assert (await run.next())[1] == "⏰ Your reminder: listen"
        assert run.line.sent.empty()


async def test_what_is_due_on_a_channel_that_is_not_served_waits_and_holds_nothing_up(
    artifact: Path, store: Path
) -> None:
    async with served(artifact, store) as run:
        await run.say("remind me in 20 minutes to look")
        due = run.now + 21 * 60
        await run.post.stop(5)
        run.now = due
        assert run.store.due(["slack"]) == []
        assert [row.incoming.channel for row in run.store.due(["slack", "line"])] == ["line"]


async def test_a_reminder_of_who_did_not_agree_lives_in_memory_and_comes_all_the_same(
    artifact: Path, store: Path
) -> None:
    async with served(artifact, store) as run:
        await run.say("remind me in 20 minutes to water the fern")
        assert run.store._kept.execute("SELECT count(*) FROM follow_ups").fetchone() == (0,)
        run.now += 21 * 60
        assert (await run.next())[1] == "⏰ Your reminder: water the fern"


async def test_what_is_missing_is_asked_for_and_a_reminder_can_be_cancelled(artifact: Path, store: Path) -> None:
    async with served(artifact, store) as run:
        assert await run.say("set a reminder to buy milk") == "When shall I remind you?"
        assert (await run.say("in two hours")).endswith(": buy milk")
        assert await run.say("cancel my reminder") == "I have cancelled it: buy milk"
        run.now += 3 * 3600
        assert await run.say("list my reminders") == "You have no reminders."


async def test_an_erased_user_is_not_reminded_and_nothing_of_it_is_left(artifact: Path, store: Path) -> None:
    async with served(artifact, store) as run:
        run.store.set_consent("ann", True)
        await run.say("remind me in 20 minutes to feed the heron")
        exported = run.bot.export("ann")["follow_ups"]
        assert [(row["skill"], row["slots"]) for row in exported] == [
            ("reminders.ring", {"reminder": "feed the heron"})
        ]
        assert run.bot.forget("ann").parts["follow_ups"] == 1
        run.now += 21 * 60
        assert await run.say("hello friend") == "Welcome to the shop!"
        assert run.line.sent.empty()


async def test_a_user_has_so_many_at_most_and_a_channel_that_cannot_be_written_to_says_so(
    artifact: Path, store: Path, ask: Any
) -> None:
    async with served(artifact, store) as run:
        for _ in range(MOST):
            assert (await run.say("remind me in 20 minutes to look")).endswith(": look")
        assert "as many things planned" in await run.say("remind me in 20 minutes to look")
        assert (await run.say("remind me in 20 minutes to look", "ben", "d")).endswith(": look")
        reply = await ask(run.bot, "remind me in 20 minutes to look", conversation="t")
        assert "cannot write to you here later" in reply.text


async def test_an_optional_follow_up_is_left_out_where_nothing_can_be_written_later(
    artifact: Path, store: Path, ask: Any
) -> None:
    async with served(artifact, store) as run:
        loaded = run.bot.parts.plugins.plugins["reminders"]

        async def perhaps(context: Any) -> SkillResult:
            plan = FollowUp("k", datetime.now(UTC) + timedelta(hours=1), "ring", {"reminder": "look"}, optional=True)
            return SkillResult("If I can.", follow_ups=[plan])

        loaded.skills = {**loaded.skills, "remind": replace(loaded.skills["remind"], run=perhaps)}
        reply = await ask(run.bot, "remind me in 20 minutes to look", conversation="t")
        assert reply.text == "If I can."
        assert await run.say("remind me in 20 minutes to look") == "If I can."
        assert [plan.key for plan in run.store.planned("c", "reminders.")] == ["k"]


async def test_a_follow_up_that_fails_or_has_nothing_to_say_is_silent(
    artifact: Path, store: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with served(artifact, store) as run:
        await run.say("remind me in 20 minutes to look")
        loaded = run.bot.parts.plugins.plugins["reminders"]

        async def broken(context: Any, reminder: str = "") -> None:
            raise OSError("no")

        loaded.skills = {**loaded.skills, "ring": replace(loaded.skills["ring"], run=broken)}
        run.now += 21 * 60
        async with asyncio.timeout(20):
            while "OSError" not in caplog.text or run.store.due(["line"]):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert await run.say("hello friend") == "Welcome to the shop!"
