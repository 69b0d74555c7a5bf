"""What is due comes into its thread by itself; pictures of a skill are shared below its words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from personac.core.contracts import Plan
from personac.core.message import Event, Media, Message, Reply

from .conftest import Connect
from .fake import FakeSlack, words


async def test_what_is_due_comes_where_it_was_asked_for(connect: Connect) -> None:
    mei: Any = None

    async def planning(message: Message) -> AsyncIterator[Event]:
        if message.call is not None:
            yield Reply("It is time.", "en")
            return
        mei.store.plan(message, "en", [Plan("p.", "k", 0.0, "p.say", {})], mei.store.ticket(message.user))
        yield Reply("I will.", "en")

    mei = await connect(planning)
    await mei.says("U1", "C1", "<@UBOT> remind me")
    answers = await mei.answers("C1", 2)
    assert [words(answer) for answer in answers] == ["I will.", "It is time."]
    assert answers[0]["thread_ts"] == answers[1]["thread_ts"]


async def test_pictures_of_a_skill_are_shared_once(connect: Connect, slack: FakeSlack) -> None:
    async def showing(message: Message) -> AsyncIterator[Event]:
        yield Reply("Here.", "en", media=(Media("image", b"\x89PNG", "image/png", "The week"),))

    mei = await connect(showing)
    await mei.says("U1", "D1", "show me")
    told, shown = await mei.answers("D1", 2)
    assert words(told) == "Here."
    file = slack.files[shown["files"][0]["id"]]
    assert (file["name"], file["data"]) == ("The-week.png", b"\x89PNG")
