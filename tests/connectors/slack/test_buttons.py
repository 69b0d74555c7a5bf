"""Choices, 👍 and 👎, consent, the home tab, and the slash command."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from personac.core.errors import Unavailable, Unfinished
from personac.core.message import Event, Message, Reply, Source

from .conftest import PROFILE, Connect, made
from .fake import BOT_USER, FakeSlack, elements, words


async def asking(message: Message) -> AsyncIterator[Event]:
    """Ask with choices, and then say what was chosen."""
    if message.text in ("Summer Palace", "故宫"):
        yield made(f"{message.text} opens at nine.")
    else:
        yield made("Which place?", choices=("Summer Palace", "故宫", "x" * 100))


async def test_a_choice_goes_on_with_the_conversation_where_it_stands(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect(asking)
    event = await mei.says("U1", "C1", "<@UBOT> when?")
    (question,) = await mei.answers("C1")
    buttons = elements(question, "button")
    assert [button["text"]["text"][:13] for button in buttons] == ["Summer Palace", "故宫", "x" * 13]
    for _ in range(2):  # an impatient finger
        await mei.press(buttons[1], channel="C1", message=question)
    question, answer = await mei.answers("C1", 2)
    assert words(answer) == "故宫 opens at nine."
    assert answer["thread_ts"] == event["ts"]
    assert len({message.conversation for message in mei.bot.heard}) == 1
    await slack.until(lambda: slack.count("chat.update"))
    assert not elements(question, "button")
    assert "故宫" in json.dumps(question["blocks"], ensure_ascii=False)


async def test_opinions_are_kept_for_the_answer_they_are_about(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect()
    await mei.says("U1", "D1", "hello")
    (answer,) = await mei.answers("D1")
    (both,) = elements(answer, "feedback_buttons")
    for opinion in ("positive_button", "negative_button"):
        await mei.press(both | {"value": both[opinion]["value"]}, channel="D1", message=answer)
    kept = mei.bot.export("slack:T1:U1")["feedback"]
    assert [(row["key"], bool(row["good"])) for row in kept] == [(mei.bot.heard[0].id, False)]
    await slack.until(lambda: len(slack.whispers) == 2)
    assert slack.whispers[0]["user"] == "U1"


async def test_opinions_can_be_left_out(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect(feedback=False)
    await mei.says("U1", "D1", "hello")
    (answer,) = await mei.answers("D1")
    assert not elements(answer, "feedback_buttons")


async def test_sources_stand_below_an_answer(connect: Connect, slack: FakeSlack) -> None:
    async def sourced(message: Message) -> AsyncIterator[Event]:
        yield made("60 yuan.", sources=(Source("1", "sights.yaml:3", "…", 0.9), Source("2", "<!here>", "…", 0.8)))

    mei = await connect(sourced)
    await mei.says("U1", "D1", "price?")
    (answer,) = await mei.answers("D1")
    (line,) = (e for e in elements(answer, "plain_text"))
    assert line["text"] == "Sources: sights.yaml:3 · <!here>"


@pytest.mark.parametrize(("which", "kept"), [(0, True), (1, False)])
async def test_consent_is_asked_below_the_first_answer(
    connect: Connect, slack: FakeSlack, which: int, kept: bool
) -> None:
    mei = await connect()
    await mei.says("U1", "D1", "hello")
    (answer,) = await mei.answers("D1")
    assert "May I remember our talk?" in json.dumps(answer["blocks"])
    await mei.press(elements(answer, "button")[which], channel="D1", message=answer)
    assert mei.bot.consent("slack:T1:U1") is kept
    await slack.until(lambda: not elements(answer, "button"))
    await mei.says("U1", "D1", "and now?")
    answers = await mei.answers("D1", 2)
    assert not elements(answers[1], "button")


@pytest.mark.parametrize("which", [0, 1])
async def test_a_decision_that_cannot_be_written_is_told_and_may_be_made_again(
    connect: Connect, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch, which: int
) -> None:
    mei = await connect()
    await mei.says("U1", "D1", "hello")
    (answer,) = await mei.answers("D1")

    def full(*given: Any) -> None:
        raise Unavailable("that could not be written down just now")

    with monkeypatch.context() as patched:
        patched.setattr(mei.store, "set_consent", full)
        await mei.press(elements(answer, "button")[which], channel="D1", message=answer)
        (told,) = await slack.until(lambda: slack.whispers)
    assert told["text"].startswith("That could not be done just now")
    assert mei.bot.consent("slack:T1:U1") is None
    await mei.press(elements(answer, "button")[which], channel="D1", message=answer)
    assert mei.bot.consent("slack:T1:U1") is (which == 0)


async def test_a_decision_in_the_home_tab_that_cannot_be_written_is_told(
    connect: Connect, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    mei = await connect()
    await opened(mei, slack, "U1")

    def full(*given: Any) -> None:
        raise Unavailable("that could not be written down just now")

    monkeypatch.setattr(mei.store, "set_consent", full)
    await mei.press(elements(slack.homes["U1"], "button")[2])
    (told,) = await mei.answers("DU1")
    assert words(told).startswith("That could not be done just now")


async def test_a_no_whose_erasure_goes_on_later_is_told_so(
    connect: Connect, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    mei = await connect()
    await mei.says("U1", "D1", "hello")
    (answer,) = await mei.answers("D1")

    def later(*given: Any) -> None:
        raise Unfinished("later")

    monkeypatch.setattr(mei.store, "set_consent", later)
    await mei.press(elements(answer, "button")[1], channel="D1", message=answer)
    await slack.until(lambda: not elements(answer, "button"))
    assert "goes on by itself" in json.dumps(answer["blocks"])


async def test_an_opinion_that_cannot_be_written_is_told(
    connect: Connect, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    mei = await connect()
    await mei.says("U1", "D1", "hello")
    (answer,) = await mei.answers("D1")

    def full(*given: Any, **named: Any) -> None:
        raise Unavailable("the disk is full")

    monkeypatch.setattr(mei.store, "feedback", full)
    (both,) = elements(answer, "feedback_buttons")
    await mei.press(both | {"value": both["positive_button"]["value"]}, channel="D1", message=answer)
    (told,) = await slack.until(lambda: slack.whispers)
    assert told["text"].startswith("That could not be done just now")


async def test_the_button_of_a_question_that_is_over_erases_nothing_and_says_so(
    connect: Connect, slack: FakeSlack
) -> None:
    mei = await connect()
    mei.bot.set_consent("slack:T1:U1", True)
    await mei.says("U1", "D1", "/forget")
    (question,) = await mei.answers("D1")
    await mei.says("U1", "D1", "hello")
    await mei.answers("D1", 2)
    await mei.press(elements(question, "button")[0], channel="D1", message=question)
    told = (await mei.answers("D1", 3))[2]
    assert "erased nothing" in words(told)
    assert [button["text"]["text"] for button in elements(told, "button")] == ["Stop keeping it", "Erase everything"]
    assert mei.bot.history("slack:T1:D1")


async def opened(mei: Any, slack: FakeSlack, user: str) -> list[str]:
    """Open somebody's home tab, and return its buttons."""
    slack.homes.clear()
    await mei.deliver({"type": "app_home_opened", "user": user, "channel": "D1", "tab": "home", "event_ts": "1.1"})
    view = await slack.until(lambda: slack.homes.get(user))
    return [button["text"]["text"] for button in elements(view, "button")]


async def test_where_consent_is_implied_the_home_tab_withdraws_and_gives_it(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect(profile=replace(PROFILE, consent="implied"))
    mei.bot.set_consent("slack:T1:U1", True)
    assert (await opened(mei, slack, "U1"))[2] == "Stop keeping them"
    mei.bot.set_consent("slack:T1:U1", False)
    assert (await opened(mei, slack, "U1"))[2] == "Keep our conversations"


async def test_the_home_tab_and_its_receipts_speak_as_the_person_does(connect: Connect, slack: FakeSlack) -> None:
    async def both(message: Message) -> AsyncIterator[Event]:
        zh = message.text == "几点开门？"
        yield Reply("八点半。", "zh") if zh else Reply("At half past eight.", "en")

    mei = await connect(both)
    mei.bot.set_consent("slack:T1:U3", True)
    await mei.says("U3", "C1", "<@UBOT> 几点开门？")
    (answer,) = await mei.answers("C1")
    await mei.says("U4", "C1", "<@UBOT> when?", answer["thread_ts"])  # somebody else's words in the same thread
    await mei.answers("C1", 2)
    assert await opened(mei, slack, "U3") == ["导出全部记录", "删除全部记录", "不再保存"]
    assert (await opened(mei, slack, "U4"))[0] == "Send me all of it"
    assert (await opened(mei, slack, "U5"))[0] == "Send me all of it"
    assert (await opened(mei, slack, "U3"))[0] == "导出全部记录"
    stop = elements(slack.homes.pop("U3"), "button")[2]
    await mei.press(stop, user="U3")
    (told,) = await mei.answers("DU3")
    assert words(told).endswith("(zh)")
    view = await slack.until(lambda: slack.homes.get("U3"))
    assert elements(view, "button")[0]["text"]["text"] == "导出全部记录"
    await mei.says("U3", "DU3", "几点开门？")
    await mei.answers("DU3", 2)
    await opened(mei, slack, "U3")
    forget = elements(slack.homes.pop("U3"), "button")[1]
    await mei.press(forget, user="U3")
    assert words((await mei.answers("DU3", 3))[2]).startswith("已完成")
    view = await slack.until(lambda: slack.homes.get("U3"))
    assert elements(view, "button")[0]["text"]["text"] == "导出全部记录"


async def test_the_home_tab_tells_what_is_kept_and_gives_and_deletes_it(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect()
    mei.bot.set_consent("slack:T1:U1", True)
    await mei.says("U1", "D1", "hello")
    await mei.answers("D1")
    await mei.deliver({"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home", "event_ts": "1.1"})
    view = await slack.until(lambda: slack.homes.get("U1"))
    text = json.dumps(view)
    assert "Mei Lin" in text
    assert "I am a bot. A guide." in text
    assert "Our conversations are kept." in text
    export, forget, stop = elements(view, "button")
    await mei.press(export)
    message, data, shown = await mei.answers("DU1", 3)
    assert words(message) == "This is all that is kept of you."
    kept = json.loads(slack.files[data["files"][0]["id"]]["data"])
    assert kept["turns"][0]["said"] == "hello"
    assert "hello" in slack.files[shown["files"][0]["id"]]["data"].decode()
    await slack.until(mei.idle)
    slack.homes.clear()
    assert "cannot be undone" in json.dumps(stop["confirm"])
    await mei.press(stop)
    assert mei.bot.consent("slack:T1:U1") is False
    assert words((await mei.answers("DU1", 4))[3]).startswith("Receipt ")
    await slack.until(lambda: slack.homes.get("U1"))
    slack.homes.clear()
    assert "cannot be undone" in json.dumps(forget["confirm"])
    await mei.press(forget)
    view = await slack.until(lambda: slack.homes.get("U1"))
    assert "Entries kept of you: 0." in json.dumps(view)
    told = (await mei.answers("DU1", 5))[4]
    assert words(told).startswith("Done: everything that was kept of you is erased")
    assert not mei.bot.export("slack:T1:U1")["turns"]


async def test_in_a_thread_each_decides_alone_and_their_data_is_no_talk_of_the_channel(
    connect: Connect, slack: FakeSlack
) -> None:
    mei = await connect()
    mei.bot.set_consent("slack:T1:U1", True)
    for user in ("U1", "U2"):
        await mei.says(user, "C1", f"<@UBOT> hello from {user}")
    for answer in await mei.answers("C1", 2):
        assert "May I remember our talk?" not in json.dumps(answer["blocks"])
    assert [turn["said"] for turn in mei.bot.export("slack:T1:U1")["turns"]] == ["hello from U1"]
    with sqlite3.connect(mei.store._path) as database:
        assert database.execute("SELECT count(*) FROM turns").fetchall() == [(1,)]
    await mei.says("U1", "C1", "<@UBOT> /forget")
    refused = (await mei.answers("C1", 3))[2]
    assert words(refused).startswith("That is between you and me")
    assert mei.bot.consent("slack:T1:U1") is True


async def test_a_question_by_command_is_answered_in_direct_messages(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect()
    for _ in range(2):  # Slack's client may send it twice
        assert await mei.command("when does it <open>?") == "I answer you in our direct messages."
    (answer,) = await mei.answers("DU1")
    assert words(answer) == "when does it <open>?\nYou said: when does it <open>?"
    assert answer["blocks"][0]["elements"][0]["type"] == "rich_text_quote"
    await mei.says("U1", "DU1", "and on Sunday?")
    await mei.answers("DU1", 2)
    assert len({message.conversation for message in mei.bot.heard}) == 1


async def test_commands_in_english_and_chinese(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect()
    assert "/mei forget" in await mei.command("help")
    assert await mei.command("privacy", trigger="t1") == "I answer you in our direct messages."
    (about,) = await mei.answers("DU1")
    assert words(about).startswith("I keep nothing of our conversation")
    agree, _, _ = elements(about, "button")
    await mei.press(agree, channel="DU1", message=about)
    await mei.answers("DU1", 2)
    assert mei.bot.consent("slack:T1:U1") is True
    await mei.says("U1", "D1", "hello")
    await mei.answers("D1")
    await mei.command("forget", trigger="t2")
    question = (await mei.answers("DU1", 3))[2]
    assert mei.bot.history("slack:T1:D1")
    await mei.press(elements(question, "button")[0], channel="DU1", message=question)
    done = (await mei.answers("DU1", 4))[3]
    assert words(done).startswith("Done")
    assert not mei.bot.history("slack:T1:D1")
    await mei.command("导出", trigger="t9")
    text, data, shown = (await mei.answers("DU1", 7))[4:]
    assert words(text) == "这是保存的关于您的全部内容。"
    assert [slack.files[one["files"][0]["id"]]["name"] for one in (data, shown)] == ["mei-lin.json", "mei-lin.html"]
    assert await mei.command("back") == "You are talking with the bot already."
    assert BOT_USER == "UBOT"
