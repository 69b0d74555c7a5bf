"""What is due comes as a message of its own, also where the message that asked for it was edited; and pictures."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from personac.core.contracts import Plan
from personac.core.message import Event, Media, Message, Reply

from .conftest import saying
from .fake import FakeTelegram

PNG = b"\x89PNG pixels"


async def test_what_is_due_is_a_message_of_its_own(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    async def planning(message: Message) -> AsyncIterator[Event]:
        if message.call is not None:
            yield Reply("It is time.", "en")
            return
        plan = Plan("p.", message.text, 0.0, "p.say", {})
        here.bot.store.plan(message, "en", [plan], here.bot.store.ticket(message.user))
        yield Reply(f"I will: {message.text}", "en")

    here = await connect(planning)
    message = telegram.say("drink")
    assert [answer.text for answer in await telegram.answered(2)] == ["I will: drink", "It is time."]
    telegram.edit(message, "drink water")
    await telegram.until(lambda: len(telegram.called("sendMessage")) == 3)
    assert [answer.text for answer in await telegram.answered(3)] == [
        "I will: drink water",
        "It is time.",
        "It is time.",
    ]


async def test_pictures_of_a_skill_are_photos_and_other_files_documents(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    media = (Media("image", PNG, "image/png", "The week"), Media("image", b"<svg/>", "image/svg+xml", "A map: <b>"))
    await connect(saying("Here.", media=media))
    telegram.fail("sendPhoto", "drop", after=True)
    telegram.say("show me")
    answers = await telegram.answered(3)
    assert [(answer.kind, answer.text or answer.caption) for answer in answers] == [
        ("text", "Here."),
        ("photo", "The week"),
        ("document", "A map: <b>"),
    ]
    assert answers[1].data == PNG
