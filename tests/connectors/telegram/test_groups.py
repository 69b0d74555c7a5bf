"""Talks in groups: what is for the bot, and what is not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from personac.core.message import Event, Message, Reply

from .fake import ME, FakeTelegram

GROUP, SUPER = -500, -1001234567890


def by_the_bot(**more: Any) -> dict[str, Any]:
    """Return an earlier message of the bot, as a reply carries it."""
    return {"message_id": 3, "date": 0, "chat": {"id": SUPER, "type": "supergroup", "title": "G"}, "from": ME, **more}


@pytest.mark.parametrize("chat", [GROUP, SUPER])
async def test_a_mention_is_answered_as_a_reply(chat: int, telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    here = await connect()
    telegram.say("nothing for bots", chat=chat)
    asked = telegram.say("@fake_guide_bot, when does 🏯 it open?", chat=chat)
    (answer,) = await telegram.answered(chat=chat)
    assert [message.text for message in here.bot.heard] == ["when does 🏯 it open?"]
    assert answer.reply_to == asked["message"]["message_id"]
    assert not telegram.called("sendMessageDraft")


async def test_the_name_may_stand_anywhere(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    here = await connect()
    telegram.say("🏯🏯 when does it open @Fake_Guide_Bot please", chat=GROUP)
    await telegram.answered(chat=GROUP)
    assert here.bot.heard[0].text == "🏯🏯 when does it open  please"


async def test_a_name_in_chinese_words_is_found(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    here = await connect()
    telegram.say("@fake_guide_bot，故宫几点开门？", chat=GROUP)
    telegram.say("请问@fake_guide_bot门票：", chat=GROUP)
    await telegram.answered(2, chat=GROUP)
    assert [message.text for message in here.bot.heard] == ["故宫几点开门？", "请问门票："]


async def test_only_who_was_asked_may_choose(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    async def asking(message: Message) -> AsyncIterator[Event]:
        chosen = message.text in ("Adult", "Child")
        yield Reply(message.text if chosen else "For whom?", "en", choices=() if chosen else ("Adult", "Child"))

    here = await connect(asking)
    telegram.say("@fake_guide_bot a ticket", chat=GROUP, user=1)
    (question,) = await telegram.answered(chat=GROUP)
    telegram.tap(question, "Child", user=2)
    await telegram.until(lambda: telegram.called("answerCallbackQuery"))
    assert telegram.called("answerCallbackQuery")[0]["text"] == "That question was for somebody else."
    telegram.tap(question, "Adult", user=1)
    answers = await telegram.answered(2, chat=GROUP)
    assert answers[1].text == "Adult"
    assert [message.user for message in here.bot.heard] == ["telegram-1", "telegram-1"]


async def test_a_reply_to_the_bot_is_answered(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    here = await connect()
    telegram.say("and on Sundays?", chat=SUPER, reply_to_message=by_the_bot(text="At 8."))
    other = {**by_the_bot(text="Hm"), "from": {"id": 8, "is_bot": False, "first_name": "Bo"}}
    telegram.say("a reply to somebody", chat=SUPER, reply_to_message=other)
    telegram.say("in a topic that the bot began", chat=SUPER, reply_to_message=by_the_bot(
        forum_topic_created={"name": "T", "icon_color": 1}))  # fmt: skip
    telegram.say("@fake_guide_bot the last", chat=SUPER)
    await telegram.answered(2, chat=SUPER)
    assert [message.text for message in here.bot.heard] == ["and on Sundays?", "the last"]


async def test_an_answer_stays_in_its_topic(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    await connect()
    telegram.say("@fake_guide_bot hello", chat=SUPER, is_topic_message=True, message_thread_id=17)
    (answer,) = await telegram.answered(chat=SUPER)
    assert answer.thread == 17


async def test_everybody_in_a_group_has_their_own_memory(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    here = await connect()
    telegram.say("@fake_guide_bot one", chat=GROUP, user=1)
    telegram.say("@fake_guide_bot two", chat=GROUP, user=2)
    await telegram.answered(2, chat=GROUP)
    assert {(m.conversation, m.user) for m in here.bot.heard} == {
        (f"telegram-{GROUP}-1", "telegram-1"),
        (f"telegram-{GROUP}-2", "telegram-2"),
    }


async def test_commands_of_other_bots_and_unknown_ones_are_let_alone(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    await connect()
    for text in ("/help@another_bot", "/weather", "/weather@another_bot today"):
        telegram.say(text, chat=GROUP)
    telegram.say("/help@Fake_guide_bot", chat=GROUP)
    (answer,) = await telegram.answered(chat=GROUP)
    assert "mention @fake_guide_bot" in (answer.text or "")
    telegram.say("/help", chat=GROUP)
    assert len(await telegram.answered(2, chat=GROUP)) == 2


async def test_bots_are_not_answered_but_anonymous_admins_are(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    here = await connect()
    robot = {"id": 9, "is_bot": True, "first_name": "Robot"}
    telegram.update(message=telegram.message("@fake_guide_bot hi", chat=SUPER, **{"from": robot}))
    admin = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
    own = {"id": SUPER, "type": "supergroup", "title": "G"}
    telegram.update(message=telegram.message("@fake_guide_bot hello", chat=SUPER, sender_chat=own, **{"from": admin}))
    await telegram.answered(chat=SUPER)
    assert [(message.text, message.user) for message in here.bot.heard] == [("hello", f"telegram-{SUPER}")]


async def test_the_bot_says_hello_when_it_comes_into_a_group(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    await connect()
    telegram.say(chat=GROUP, new_chat_members=[telegram.user(7)])
    telegram.say(chat=GROUP, new_chat_members=[ME])
    telegram.say(chat=GROUP, left_chat_member=telegram.user(7))
    telegram.say("@fake_guide_bot", chat=GROUP)  # only its name
    answers = await telegram.answered(2, chat=GROUP)
    assert (answers[0].text or "").startswith("Hello, I am Mei Lin, a bot.\n\nMention @fake_guide_bot")
    assert answers[1].text == "Hello, I am Mei Lin, a bot."


async def test_what_is_private_is_not_told_in_a_group(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    await connect()
    for command in ("/export", "/forget", "/privacy"):
        telegram.say(f"{command}@fake_guide_bot", chat=GROUP)
    for answer in await telegram.answered(3, chat=GROUP):
        assert (answer.kind, answer.text) == (
            "text",
            "That is between you and me; please ask me in a private chat.",
        )
        assert answer.buttons[0]["url"] == "https://t.me/fake_guide_bot"


async def test_an_album_in_a_group_belongs_together(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    here = await connect()
    album: dict[str, Any] = {"chat": GROUP, "media_group_id": "g1"}
    telegram.say(caption="@fake_guide_bot what are these?", photo=telegram.photo(b"\x89PNG 1 and more"), **album)
    telegram.say(photo=telegram.photo(b"\x89PNG 2 and more"), **album)
    telegram.say(photo=telegram.photo(b"\x89PNG not for the bot"), chat=GROUP)
    await telegram.answered(chat=GROUP)
    (heard,) = here.bot.heard
    assert heard.text == "what are these?"
    assert [media.data[:6] for media in heard.media] == [b"\x89PNG 1", b"\x89PNG 2"]


async def test_an_answer_follows_a_group_that_became_a_supergroup(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    await connect()
    telegram.chat(SUPER)
    telegram.fail("sendMessage", 400, "Bad Request: group chat was upgraded to a supergroup chat",
                  migrate_to_chat_id=SUPER)  # fmt: skip
    telegram.say("@fake_guide_bot hello", chat=GROUP)
    assert [answer.text for answer in await telegram.answered(chat=SUPER)] == ["You said: hello"]
