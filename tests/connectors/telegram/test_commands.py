"""What the bot says of itself: commands, consent, export and erasure."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from personac.core.errors import Unavailable, Unfinished
from personac.core.message import Erasure

from .conftest import PROFILE
from .fake import FakeTelegram


async def test_start_greets_and_asks_whether_to_keep_the_talk(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    here = await connect()
    telegram.say("/start")
    (answer,) = await telegram.answered()
    assert answer.text == "Hello, I am Mei Lin, a bot.\n\nMay I keep our talk?"
    telegram.tap(answer, "Yes, keep it")
    answers = await telegram.answered(2)
    assert here.bot.consent("telegram-42") is True
    assert (answers[1].text or "").startswith("Thank you. I keep our conversation")
    assert [button["text"] for button in answers[0].buttons] == ["✓ Yes, keep it"]
    telegram.say("/start")
    assert (await telegram.answered(3))[2].text == "Hello, I am Mei Lin, a bot."
    assert not here.bot.heard


async def test_a_no_is_kept_too(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    here = await connect()
    telegram.say("/start deep-link", code="zh-hans")
    (answer,) = await telegram.answered()
    assert answer.text == "您好，我是机器人梅林。\n\n可以保存吗？"
    telegram.tap(answer, "不保存")
    await telegram.answered(2)
    assert here.bot.consent("telegram-42") is False


@pytest.mark.parametrize(
    ("said", "code", "kept"),
    [("yes", "en", True), ("no", "en", False), ("我同意", "zh-hans", True), ("不要", "zh-hans", False)],
)
async def test_the_question_below_start_is_answered_in_words_too(
    telegram: FakeTelegram, connect: Callable[..., Any], said: str, code: str, kept: bool
) -> None:
    here = await connect()
    telegram.say("/start", code=code)
    await telegram.answered()
    telegram.say(said, code=code)
    await telegram.answered(2)
    assert here.bot.consent("telegram-42") is kept
    assert not here.bot.heard


@pytest.mark.parametrize(
    ("label", "code", "told"), [("Yes, keep it", "en", "could not be done"), ("不保存", "zh-hans", "没能完成")]
)
async def test_a_decision_that_cannot_be_written_is_told_and_holds_nothing_up(
    telegram: FakeTelegram,
    connect: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    label: str,
    code: str,
    told: str,
) -> None:
    here = await connect()
    telegram.say("/start", code=code)
    (question,) = await telegram.answered()

    def full(*given: Any) -> Erasure | None:
        raise Unavailable("that could not be written down just now")

    with monkeypatch.context() as patched:
        patched.setattr(here.bot.store, "set_consent", full)
        telegram.tap(question, label)
        assert told in ((await telegram.answered(2))[1].text or "")
        telegram.say("/help", code=code)
        await telegram.answered(3)
    assert here.bot.consent("telegram-42") is None
    telegram.tap(question, label)  # the buttons stay, to be tapped again
    await telegram.answered(4)
    assert here.bot.consent("telegram-42") is (code == "en")


async def test_a_no_whose_erasure_goes_on_later_is_told_so(
    telegram: FakeTelegram, connect: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await connect()
    telegram.say("/start")
    (question,) = await telegram.answered()

    def later(*given: Any) -> Erasure | None:
        raise Unfinished("later")

    monkeypatch.setattr(here.bot.store, "set_consent", later)
    telegram.tap(question, "No, thanks")
    assert "goes on by itself" in ((await telegram.answered(2))[1].text or "")


async def test_an_opinion_that_cannot_be_written_holds_nothing_up(
    telegram: FakeTelegram, connect: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await connect()
    telegram.say("hello")
    (answer,) = await telegram.answered()

    def full(*given: Any, **named: Any) -> None:
        raise Unavailable("the disk is full")

    monkeypatch.setattr(here.bot.store, "feedback", full)
    telegram.tap(answer, "👍")
    telegram.say("and now?")
    assert [each.text for each in (await telegram.answered(3))[1:]] == [
        "That could not be done just now, and nothing was changed. Please try it again.",
        "You said: and now?",
    ]


async def test_help_tells_what_the_persona_does_and_the_commands(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    await connect()
    telegram.say("/help")
    telegram.say("/frobnicate now")
    helped, unknown = await telegram.answered(2)
    assert (helped.text or "").startswith("A Beijing guide.")
    assert "/forget: Erase everything" in (helped.text or "")
    assert (unknown.text or "").startswith("I don't know the command /frobnicate.")


async def test_the_menu_of_commands_is_filled_in_both_languages(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    await connect()
    await telegram.until(lambda: len(telegram.called("setMyCommands")) == 2)
    english, chinese = telegram.called("setMyCommands")
    assert [command["command"] for command in english["commands"]] == ["start", "help", "privacy", "export", "forget"]
    assert (english.get("language_code"), chinese["language_code"]) == (None, "zh")
    assert chinese["commands"][4]["description"] == "删除保存的全部内容"


async def test_consent_is_asked_once_below_the_first_answer_where_nobody_said_start(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    here = await connect()
    here.bot.asking = True
    telegram.say("hello")
    (answer,) = await telegram.answered()
    assert answer.text == "You said: hello\n\nMay I keep our talk?"
    telegram.say("and now?")
    assert (await telegram.answered(2))[1].text == "You said: and now?"
    telegram.tap(answer, "No, thanks")
    (*_, declined) = await telegram.answered(3)
    assert here.bot.consent("telegram-42") is False
    assert "Receipt" not in (declined.text or "")


async def test_a_no_after_a_yes_elsewhere_tells_what_it_has_erased(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    here = await connect()
    here.bot.asking = True
    telegram.say("hello")
    (answer,) = await telegram.answered()
    here.bot.set_consent("telegram-42", True)  # on another device, meanwhile
    telegram.tap(answer, "No, thanks")
    assert "Receipt " in ((await telegram.answered(2))[1].text or "")


async def test_in_a_group_everybody_decides_alone_and_in_private(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    here = await connect()
    here.bot.asking = True
    here.bot.set_consent("telegram-42", True)
    for user in (42, 43):
        telegram.say(f"@fake_guide_bot I am {user}", chat=-500, user=user)
    for answer in await telegram.answered(2, chat=-500):
        assert "May I keep" not in (answer.text or "")
    assert [turn["said"] for turn in here.bot.export("telegram-42")["turns"]] == ["I am 42"]
    with sqlite3.connect(here.bot.store._path) as database:
        assert database.execute("SELECT count(*) FROM turns").fetchall() == [(1,)]
    telegram.say("@fake_guide_bot /forget", chat=-500, user=42)


async def test_privacy_says_what_is_kept_and_offers_the_choices(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    here = await connect()
    telegram.say("/privacy")
    (answer,) = await telegram.answered()
    assert "I keep nothing" in (answer.text or "")
    assert [button["text"] for button in answer.buttons] == [
        "Keep our conversation", "Send me my data", "Erase everything",
    ]  # fmt: skip
    telegram.tap(answer, "Keep our conversation")
    await telegram.answered(2)
    assert here.bot.consent("telegram-42") is True
    telegram.say("/privacy")
    answer = (await telegram.answered(3))[2]
    assert (answer.text or "").startswith("You agreed")
    telegram.tap(answer, "Stop keeping it")
    question = (await telegram.answered(4))[3]
    telegram.tap(question, "Yes, erase it")
    await telegram.answered(5)
    assert here.bot.consent("telegram-42") is False


async def test_where_consent_is_implied_nothing_is_asked(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    await connect(profile=replace(PROFILE, consent="implied"))
    telegram.say("/start")
    telegram.say("/privacy")
    start, about = await telegram.answered(2)
    assert not start.buttons
    assert "unless you tell me not to" in (about.text or "")
    assert about.buttons[0]["text"] == "Stop keeping it"


async def test_export_sends_all_that_is_kept_as_files(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    here = await connect()
    here.bot.set_consent("telegram-42", True)
    telegram.say("我的名字是安")
    telegram.say("/export", code="zh-hans")
    _, data, shown = await telegram.answered(3)
    assert (data.kind, data.caption) == ("document", "This is all that is kept of you.")
    kept = json.loads(data.data)
    assert kept["user"] == "telegram-42"
    assert kept["turns"][0]["said"] == "我的名字是安"
    assert "我的名字是安" in shown.data.decode()


async def test_an_export_goes_out_once(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    await connect()
    telegram.fail("sendDocument", "drop", after=True)
    telegram.say("/export")
    telegram.say("/help")
    answers = await telegram.answered(3)
    assert [answer.kind for answer in answers] == ["document", "document", "text"]


async def test_forget_asks_and_then_erases(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    here = await connect()
    here.bot.set_consent("telegram-42", True)
    telegram.say("Remember me")
    telegram.say("/forget")
    question = (await telegram.answered(2))[1]
    telegram.tap(question, "No, leave it")
    await telegram.answered(3)
    assert here.bot.history("telegram-42")
    telegram.say("/forget")
    question = (await telegram.answered(4))[3]
    telegram.tap(question, "Yes, erase it")
    last = (await telegram.answered(5))[4]
    assert (last.text or "").startswith("Done: everything that was kept of you is erased")
    assert "The messages in this chat are Telegram's" in (last.text or "")
    assert not here.bot.history("telegram-42")
    assert here.bot.consent("telegram-42") is None
    await telegram.until(lambda: not any(key.startswith("42:") for key in here.channel._recent._contents))


async def test_the_button_of_a_question_that_is_over_erases_nothing_and_says_so(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    here = await connect()
    here.bot.set_consent("telegram-42", True)
    telegram.say("/forget")
    (question,) = await telegram.answered()
    telegram.say("hello")
    await telegram.answered(2)
    telegram.tap(question, "Yes, erase it")
    told = (await telegram.answered(3))[2]
    assert "erased nothing" in (told.text or "")
    assert [button["text"] for button in told.buttons] == ["Stop keeping it", "Erase everything"]
    assert here.bot.history("telegram-42")
    assert [message.text for message in here.bot.heard] == ["hello"]


async def test_the_language_follows_the_conversation(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    from .conftest import saying

    await connect(saying("八点半。", language="zh"))
    telegram.say("几点开门？", code="en")
    await telegram.answered()
    telegram.say("/privacy", code="en")
    assert "不会在本次会话之外保存" in ((await telegram.answered(2))[1].text or "")
