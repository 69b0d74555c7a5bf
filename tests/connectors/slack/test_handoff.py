"""From the bot to people and back, across restarts, with every word passed on once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from personac.core.message import Event, FiredRule, Message

from .conftest import Connect, made
from .fake import FakeSlack, Fault, elements, words
from .test_once import die

PEOPLE = "CPEOPLE"


async def helpless(message: Message) -> AsyncIterator[Event]:
    """Hand off who asks for a person."""
    if "human" in message.text:
        yield made("A person will help you.", rules=(FiredRule("wants-a-person", "hand_off"),))
    elif "danger" in message.text:
        yield made("Please call 110.", rules=(FiredRule("danger", "escalate"),))
    else:
        yield made(f"The bot says: {message.text}")


async def test_people_take_over_and_give_back(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect(helpless, people=PEOPLE)
    await mei.says("U1", "D1", "a human please &lt;!channel&gt;")
    await mei.answers("D1", 1)
    (case,) = await mei.answers(PEOPLE, 1)
    assert "a human please <!channel>" in words(case)
    assert "<!channel>" not in case["text"]
    assert case["metadata"]["event_payload"]["state"] == "waiting"

    await mei.says("U1", "D1", "hello?")  # nobody there yet: the bot answers, and people can read it
    assert words((await mei.answers("D1", 2))[1]) == "The bot says: hello?"
    assert words((await mei.answers(PEOPLE, 2))[1]) == "hello?"

    await mei.says("U9", PEOPLE, "// who knows this?", case["ts"])
    await mei.says("U9", PEOPLE, "Hi, this is Ann &amp; co.", case["ts"])
    answers = await mei.answers("D1", 3)
    assert words(answers[2]) == "Hi, this is Ann & co."
    assert case["metadata"]["event_payload"]["state"] == "taken"

    heard = len(mei.bot.heard)
    await mei.says("U1", "D1", "my card is lost")
    assert words((await mei.answers(PEOPLE, 3))[2]) == "my card is lost"
    assert len(mei.bot.heard) == heard

    (back,) = elements(case, "button")
    await mei.press(back, user="U9", channel=PEOPLE, message=case)
    assert words((await mei.answers("D1", 4))[3]) == "You are talking with the bot again."
    await mei.says("U9", PEOPLE, "nice person", case["ts"])  # among themselves
    await mei.says("U1", "D1", "and now?")
    assert words((await mei.answers("D1", 5))[4]) == "The bot says: and now?"
    assert not elements(case, "button")


async def test_who_takes_over_reads_what_the_skill_knows_and_the_user_does_not(
    connect: Connect, slack: FakeSlack
) -> None:
    async def skilled(message: Message) -> AsyncIterator[Event]:
        yield made("I'm passing you on.", hand_off=f"Customer: Ann, verified.\nAsked: {message.text} <!channel>")

    mei = await connect(skilled, people=PEOPLE)
    await mei.says("U1", "D1", "a refund")
    (answer,) = await mei.answers("D1", 1)
    assert "Ann" not in words(answer)
    (case,) = await mei.answers(PEOPLE, 1)
    assert "Customer: Ann, verified.\nAsked: a refund <!channel>" in words(case)
    assert case["metadata"]["event_payload"]["state"] == "waiting"
    await mei.says("U1", "D1", "and a card")  # the summary has grown meanwhile
    assert "Asked: and a card" in words((await mei.answers(PEOPLE, 2))[1])


async def test_a_hand_off_survives_a_restart(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect(helpless, people=PEOPLE)
    event = await mei.says("U1", "C1", "<@UBOT> a human please")
    await mei.answers("C1", 1)
    (case,) = await mei.answers(PEOPLE, 1)
    await mei.says("U9", PEOPLE, "Hi, Ann here.", case["ts"])
    await mei.answers("C1", 2)
    await mei.stop()
    again = await connect(helpless, people=PEOPLE)
    await again.says("U1", "C1", "<@UBOT> thanks Ann", event["ts"])
    assert words((await again.answers(PEOPLE, 2))[1]) == "thanks Ann"
    await again.says("U9", PEOPLE, "done", case["ts"])
    answers = await again.answers("C1", 3)
    assert {answer["thread_ts"] for answer in answers} == {event["ts"]}
    assert case["metadata"]["event_payload"]["state"] == "closed"
    assert not again.bot.heard


async def test_their_user_can_go_back_to_the_bot_by_command(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect(helpless, people=PEOPLE)
    await mei.says("U1", "D1", "a human please")
    await mei.answers(PEOPLE, 1)
    assert await mei.command("back") == "You are talking with the bot again."
    await mei.answers("D1", 2)


async def test_an_escalation_is_marked_urgent_and_the_bot_stays(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect(helpless, people=PEOPLE)
    await mei.says("U1", "D1", "danger")
    (case,) = await mei.answers(PEOPLE, 1)
    assert case["text"].startswith(":rotating_light: Urgent: <@U1>")
    await mei.says("U1", "D1", "hello")
    await mei.answers("D1", 2)


async def test_a_case_is_opened_once_whatever_fails(connect: Connect, slack: FakeSlack) -> None:
    slack.faults["chat.postMessage"] = [Fault(after=True), Fault(after=True)]
    mei = await connect(helpless, people=PEOPLE)
    await mei.says("U1", "D1", "a human please")
    await mei.answers("D1", 1)
    await mei.answers(PEOPLE, 1)


async def test_without_people_or_their_channel_the_bot_goes_on(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect(helpless)
    await mei.says("U1", "D1", "a human please")
    await mei.answers("D1", 1)
    await mei.stop()
    slack.members.discard(PEOPLE)
    again = await connect(helpless, people=PEOPLE)
    await again.says("U1", "D1", "hello")
    await again.answers("D1", 2)


async def test_a_mention_in_the_people_s_channel_is_a_question(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect(helpless, people=PEOPLE)
    first = await mei.says("U9", PEOPLE, "<@UBOT> what can you do?")
    await mei.answers(PEOPLE, 1)
    await mei.says("U9", PEOPLE, "<@UBOT> and what else?", first["ts"])
    await mei.says("U9", PEOPLE, "not for the bot", first["ts"])
    answers = await mei.answers(PEOPLE, 2)
    assert {answer["thread_ts"] for answer in answers} == {first["ts"]}


async def test_files_are_passed_on_both_ways_once(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect(helpless, people=PEOPLE)
    await mei.says("U1", "D1", "a human please")
    (case,) = await mei.answers(PEOPLE, 1)
    await mei.says("U9", PEOPLE, "", case["ts"], files=[slack.add_file(b"%PDF-1.7", "application/pdf", "form.pdf")])
    answers = await mei.answers("D1", 3)
    assert words(answers[1]) == "📎"
    assert [file["name"] for file in answers[2]["files"]] == ["form.pdf"]
    assert slack.files[answers[2]["files"][0]["id"]]["data"] == b"%PDF-1.7"

    slack.faults["files.completeUploadExternal"] = [Fault(after=True)]
    await mei.says("U1", "D1", "my card", files=[slack.add_file(b"\x89PNG...", "image/png", "card.png")])
    theirs = await mei.answers(PEOPLE, 3)
    assert words(theirs[1]) == "my card"
    assert [file["name"] for file in theirs[2]["files"]] == ["card.png"]
    assert theirs[2]["thread_ts"] == case["ts"]

    slack.faults["download"] = [Fault(404)]
    await mei.says("U1", "D1", "and this", files=[slack.add_file(b"x", "text/plain", "lost.txt")])
    assert words((await mei.answers("D1", 4))[3]) == "I could not open that file. Please send it again."


async def test_a_process_that_dies_while_a_case_is_closed_tells_its_user_all_the_same(
    connect: Connect, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    mei = await connect(helpless, people=PEOPLE)
    await mei.says("U1", "D1", "a human please")
    (case,) = await mei.answers(PEOPLE, 1)
    people = mei.post.channels["slack"].handoff.people
    close, reached = people.set, asyncio.Event()

    async def closed_and_stuck(*args: Any) -> None:
        await close(*args)
        reached.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(people, "set", closed_and_stuck)
    await mei.says("U9", PEOPLE, "done", case["ts"])
    await reached.wait()
    await die(mei)
    again = await connect(helpless, people=PEOPLE)
    assert words((await again.answers("D1", 2))[1]) == "You are talking with the bot again."
    await again.says("U9", PEOPLE, "done", case["ts"])
    await again.says("U1", "D1", "hello")
    assert words((await again.answers("D1", 3))[2]) == "The bot says: hello"
