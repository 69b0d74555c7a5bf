"""Talks in private chats, as a user of Telegram has them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from personac.core.message import Delta, Event, Message, Reply, Source

from .conftest import SECRET, saying
from .fake import FakeTelegram


async def test_a_message_is_answered_by_long_polling(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    here = await connect()
    telegram.say("When does it open?")
    (answer,) = await telegram.answered()
    assert answer.text == "You said: When does it open?"
    (heard,) = here.bot.heard
    assert (heard.user, heard.conversation, heard.channel) == ("telegram-42", "telegram-42", "telegram")
    assert answer.reply_to is None


async def test_a_message_is_answered_by_webhook(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    here = await connect(secret_token=SECRET, webhook="https://bots.example.com")
    await telegram.until(lambda: telegram.hook)
    assert telegram.hook["url"] == "https://bots.example.com/p/mei-lin/telegram/"
    assert telegram.hook["secret_token"] == SECRET
    assert await telegram.post(telegram.say("Hello"), here.hook, SECRET) == 200
    (answer,) = await telegram.answered()
    assert answer.text == "You said: Hello"
    assert not telegram.called("getUpdates")


async def test_a_webhook_that_is_set_already_is_served(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    telegram.hook = {"url": "https://elsewhere.example.com"}
    here = await connect(secret_token=SECRET)
    assert await telegram.post(telegram.say("Hello"), here.hook, SECRET) == 200
    await telegram.answered()
    assert telegram.hook


async def test_polling_takes_a_forgotten_webhook_away(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    telegram.hook = {"url": "https://elsewhere.example.com"}
    await connect()
    telegram.say("Hello")
    await telegram.answered()
    assert not telegram.hook


async def test_a_repeated_update_gives_one_answer(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    here = await connect(secret_token=SECRET, webhook="https://bots.example.com")
    update = telegram.say("Once")
    statuses = await asyncio.gather(*(telegram.post(update, here.hook, SECRET) for _ in range(5)))
    assert statuses == [200] * 5
    last = telegram.say("Then")
    await telegram.post(last, here.hook, SECRET)
    answers = await telegram.answered(2)
    assert [answer.text for answer in answers] == ["You said: Once", "You said: Then"]


async def test_answers_come_in_the_order_of_the_questions(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    others = asyncio.Event()

    async def slow_first(message: Message) -> AsyncIterator[Event]:
        if message.text == "0":
            await others.wait()
        yield Reply(message.text, "en")

    await connect(slow_first)
    for number in range(8):
        telegram.say(str(number))
    telegram.say("other", chat=77, user=77)
    await telegram.answered(1, chat=77)
    assert not telegram.sent(42)  # the other chat does not wait
    others.set()
    assert [answer.text for answer in await telegram.answered(8)] == [str(number) for number in range(8)]


async def test_words_are_streamed_as_drafts_and_then_sent(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    async def speaking(message: Message) -> AsyncIterator[Event]:
        for number, word in enumerate(("It ", "opens ", "at ", "**8.30**.")):
            yield Delta(word)
            await telegram.until(lambda: len(telegram.called("sendMessageDraft")) > number)  # noqa: B023
        yield Reply("It opens at **8.30**.", "en")

    await connect(speaking)
    telegram.say("When?")
    (answer,) = await telegram.answered()
    drafts = telegram.called("sendMessageDraft")
    assert [draft["text"] for draft in drafts] == ["It", "It opens", "It opens at", "It opens at *8\\.30*\\."]
    assert len({draft["draft_id"] for draft in drafts}) == 1
    assert (answer.text, answer.entities) == ("It opens at 8.30.", [("bold", "8.30")])
    names = [name for name, _ in telegram.calls]
    assert "sendMessageDraft" not in names[names.index("sendMessage") :]
    assert {"action": "typing"}.items() <= telegram.called("sendChatAction")[0].items()


async def test_an_answer_comes_though_drafts_and_actions_fail(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    async def speaking(message: Message) -> AsyncIterator[Event]:
        yield Delta("Yes")
        await telegram.until(lambda: telegram.called("sendMessageDraft"))
        yield Reply("Yes", "en")

    telegram.fail("sendMessageDraft", 400, "Bad Request: TEXTDRAFT_PEER_INVALID")
    telegram.fail("sendChatAction", 429, "Too Many Requests: retry after 9", retry_after=9)
    await connect(speaking)
    telegram.say("When?")
    assert [answer.text for answer in await telegram.answered()] == ["Yes"]
    assert len(telegram.called("sendMessageDraft")) == 1


async def test_a_long_answer_is_split_at_sentences(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    sentences = [f"Sight number {n} is 😀 open from 8.30 to 17.00 and costs {n} yuan." for n in range(200)]
    await connect(saying(" ".join(sentences)))
    telegram.say("All?")
    answers = await telegram.answered(4)
    assert all(answer.text and answer.text.endswith("yuan.") for answer in answers)
    assert " ".join(answer.text or "" for answer in answers) == " ".join(sentences)
    assert [bool(answer.keyboard) for answer in answers] == [False] * (len(answers) - 1) + [True]


async def test_a_long_chinese_answer_is_split_at_sentences(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    sentences = [f"第{n}个景点从八点半开到十七点，门票{n}元，请提前预约。" for n in range(400)]
    await connect(saying("".join(sentences), language="zh"))
    telegram.say("都有哪些？", code="zh-hans")
    answers = await telegram.answered(3)
    assert all(answer.text and answer.text.endswith("。") for answer in answers)
    assert "".join(answer.text or "" for answer in answers) == "".join(sentences)


async def test_an_answer_without_words_is_seen_all_the_same(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    await connect(saying(" \n"))
    telegram.say("?")
    assert [answer.text for answer in await telegram.answered()] == ["…"]


async def test_an_edited_question_may_ask_the_same_choice_again(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    async def asking(message: Message) -> AsyncIterator[Event]:
        yield Reply(f"{message.text}?", "en", choices=() if message.text == "Child" else ("Adult", "Child"))

    here = await connect(asking)
    asked = telegram.say("A ticket")
    (question,) = await telegram.answered()
    telegram.tap(question, "Child")
    await telegram.answered(2)
    telegram.edit(asked, "Two tickets")
    (question, _) = await telegram.until(lambda: telegram.sent() if telegram.sent()[0].text == "Two tickets?" else None)
    telegram.tap(question, "Child")
    await telegram.answered(3)
    assert [message.text for message in here.bot.heard] == ["A ticket", "Child", "Two tickets", "Child"]


@pytest.mark.parametrize(
    "text",
    [
        "_*[]()~`>#+-=|{}.!\\",
        "**not closed, `nor this, [nor](that and ||this||",
        "> a quotation\n>> another\n# heading\n1. one\n- two",
        "<b>bold</b> &amp; <script>alert(1)</script>",
        "\\_ \\\\* \\` end\\",
        "``` \n a ` b \\ ``` `\\`",
        "tg://user?id=1 @somebody [x](javascript:alert(1)) ![y](tg://emoji?id=1)",
        "价格：60元（4月—10月）！",
    ],
)
async def test_markup_in_a_text_is_shown_and_not_read(
    text: str, telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    await connect(saying(text))
    telegram.say("?")
    (answer,) = await telegram.answered()
    kinds = {kind for kind, _ in answer.entities}
    assert kinds <= {"code", "pre"}
    if not kinds:
        assert answer.text == text.strip()
    assert len(telegram.called("sendMessage")) == 1  # Telegram took it at once


async def test_a_link_stays_as_it_is_written(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    await connect(saying("See [the museum](https://en.dpm.org.cn/visit)."))
    telegram.say("?")
    (answer,) = await telegram.answered()
    assert answer.text == "See [the museum](https://en.dpm.org.cn/visit)."
    assert not answer.entities
    assert answer.options["link_preview_options"] == {"is_disabled": True}


async def test_an_answer_names_its_sources(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    source = Source("p", "knowledge/sights.yaml:31", "8.30", 0.9)
    await connect(saying("At 8.30.", sources=(source,)))
    telegram.say("?")
    (answer,) = await telegram.answered()
    assert answer.text == "At 8.30.\n\n📄 sights.yaml:31"
    assert answer.entities[-1] == ("blockquote", "📄 sights.yaml:31")


async def test_choices_become_buttons_and_a_tap_is_an_answer(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    async def asking(message: Message) -> AsyncIterator[Event]:
        chosen = message.text in ("Adult", "Child")
        yield Reply(message.text if chosen else "For whom?", "en", choices=() if chosen else ("Adult", "Child"))

    await connect(asking)
    telegram.say("A ticket")
    (question,) = await telegram.answered()
    assert [button["text"] for button in question.buttons] == ["Adult", "Child"]
    first, second = telegram.tap(question, "Child"), telegram.tap(question, "Adult")
    assert first["update_id"] != second["update_id"]
    answers = await telegram.answered(2)
    assert answers[1].text == "Child"
    assert [button["text"] for button in answers[0].buttons] == ["✓ Child"]
    telegram.say("Child")
    assert [answer.text for answer in await telegram.answered(3)][2] == "Child"  # the second tap was none
    await telegram.until(lambda: telegram.called("answerCallbackQuery"))


async def test_thumbs_are_kept(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    here = await connect()
    asked = telegram.say("Hello")["message"]["message_id"]
    (answer,) = await telegram.answered()
    here.bot.set_consent("telegram-42", True)
    telegram.tap(answer, "👎")
    await telegram.until(lambda: [button["text"] for button in telegram.sent()[0].buttons] == ["✓ 👎"])
    await telegram.until(lambda: here.bot.export("telegram-42").get("feedback"))
    (kept,) = here.bot.export("telegram-42")["feedback"]
    assert (kept["key"], kept["good"]) == (f"42:{asked}", False)
    await telegram.until(lambda: telegram.called("answerCallbackQuery"))
    assert telegram.called("answerCallbackQuery")[0]["text"] == "Thank you for telling me."
    assert len(telegram.sent()) == 1


async def test_thumbs_can_be_left_out(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    await connect(feedback=False)
    telegram.say("Hello")
    assert (await telegram.answered())[0].keyboard is None
