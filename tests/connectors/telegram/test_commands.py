"""What the bot says of itself: commands, consent, export and erasure."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

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


async def test_privacy_says_what_is_kept(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    here = await connect()
    telegram.say("/privacy")
    (answer,) = await telegram.answered()
    assert "keeps nothing" in (answer.text or "")
    assert len(answer.buttons) == 2
    here.bot.set_consent("telegram-42", True)
    telegram.say("/privacy")
    answer = (await telegram.answered(2))[1]
    assert "You agreed" in (answer.text or "")
    assert not answer.buttons


async def test_where_consent_is_implied_nothing_is_asked(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    await connect(profile=replace(PROFILE, consent="implied"))
    telegram.say("/start")
    telegram.say("/privacy")
    for answer in await telegram.answered(2):
        assert not answer.buttons
    assert "keeps this conversation for a time" in (telegram.sent()[1].text or "")


async def test_export_sends_all_that_is_kept_as_a_file(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    here = await connect()
    here.bot.set_consent("telegram-42", True)
    telegram.say("我的名字是安")
    telegram.say("/export")
    _, file = await telegram.answered(2)
    assert (file.kind, file.caption) == ("document", "This is all that is kept of you.")
    kept = json.loads(file.data)
    assert kept["user"] == "telegram-42"
    assert kept["turns"][0]["said"] == "我的名字是安"


async def test_an_export_goes_out_once(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    await connect()
    telegram.fail("sendDocument", "drop", after=True)
    telegram.say("/export")
    telegram.say("/help")
    answers = await telegram.answered(2)
    assert [answer.kind for answer in answers] == ["document", "text"]


async def test_forget_asks_and_then_erases(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    here = await connect()
    here.bot.set_consent("telegram-42", True)
    telegram.say("Remember me")
    telegram.say("/forget")
    question = (await telegram.answered(2))[1]
    telegram.tap(question, "Leave it")
    await telegram.answered(3)
    assert here.bot.history("telegram-42")
    telegram.say("/forget")
    question = (await telegram.answered(4))[3]
    telegram.tap(question, "Erase everything")
    last = (await telegram.answered(5))[4]
    assert (last.text or "").startswith("Done: nothing is kept")
    assert not here.bot.history("telegram-42")
    assert here.bot.consent("telegram-42") is None


async def test_the_language_follows_the_conversation(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    from .conftest import saying

    await connect(saying("八点半。", language="zh"))
    telegram.say("几点开门？", code="en")
    await telegram.answered()
    telegram.say("/privacy", code="en")
    assert "不保存任何内容" in ((await telegram.answered(2))[1].text or "")
