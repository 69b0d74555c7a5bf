"""No answer lost and none doubled: refusals, broken connections, restarts, edits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from personac.connectors.telegram.polling import _pause
from personac.core.errors import ModelMissing
from personac.core.message import Sound
from telegram.error import NetworkError, RetryAfter

from .conftest import saying
from .fake import FakeTelegram


async def test_a_wait_that_telegram_asks_for_is_kept(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    telegram.fail("sendMessage", 429, "Too Many Requests: retry after 1", retry_after=1)
    await connect()
    telegram.say("Hello")
    await telegram.until(lambda: telegram.called("sendMessage"))
    begun = asyncio.get_running_loop().time()
    await telegram.answered()
    assert asyncio.get_running_loop().time() - begun >= 0.9
    assert not telegram.called("editMessageText")  # it is certain that nothing was sent


@pytest.mark.parametrize("error", [502, "drop"])
@pytest.mark.parametrize("done", [True, False])
async def test_an_answer_whose_fate_is_not_known_comes_once(
    error: Any, done: bool, telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    await connect()
    telegram.fail("sendMessage", error, "Bad Gateway", times=2, after=done)
    telegram.say("One")
    telegram.say("Two")
    await telegram.answered(2)
    telegram.say("Three")
    answers = await telegram.answered(3)
    assert [answer.text for answer in answers] == ["You said: One", "You said: Two", "You said: Three"]


async def test_a_part_is_found_among_the_messages_of_other_chats(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    here = await connect()
    telegram.say("Hello")
    await telegram.answered()
    for _ in range(5):  # in the same count, unseen by the bot
        telegram.message("elsewhere", chat=-900)
    telegram.fail("sendMessage", "drop", after=True)
    telegram.say("Lost?")
    await telegram.answered(2)
    await here.stop()
    await connect()
    telegram.say("Last")
    answers = await telegram.answered(3)
    assert [answer.text for answer in answers] == ["You said: Hello", "You said: Lost?", "You said: Last"]


async def test_a_search_in_vain_does_not_hide_the_part_that_is_sent_next(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    telegram.fail("sendMessage", 502, "Bad Gateway")
    telegram.fail("sendMessage", "drop", after=True)
    await connect()
    telegram.say("when does it open?")
    await telegram.until(lambda: len(telegram.called("sendMessage")) == 2)
    await telegram.answered()
    telegram.say("and when does it close?")
    assert len(await telegram.answered(2)) == 2
    await asyncio.sleep(0.3)
    assert len(telegram.sent(42)) == 2


async def test_an_earlier_answer_is_not_taken_for_the_lost_one_after_a_restart(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    here = await connect()
    telegram.stall = asyncio.Event()
    telegram.say("One")
    await telegram.answered()
    telegram.say("Two")  # its id lies below that of no answer yet; that of the first answer is not known
    await here.stop(0.05)
    telegram.stall.set()
    telegram.stall = None
    telegram.fail("sendMessage", "drop", after=True)
    await connect()
    telegram.say("Three")
    answers = await telegram.answered(3)
    assert [answer.text for answer in answers] == ["You said: One", "You said: Two", "You said: Three"]


async def test_a_restart_in_the_middle_of_a_long_answer_sends_the_rest(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    text = " ".join(f"This is sentence number {n} of many." for n in range(400))
    here = await connect(saying(text))
    telegram.stall = asyncio.Event()
    telegram.say("Tell me all")
    await telegram.answered(1)
    await here.stop(0.05)
    telegram.stall.set()
    telegram.stall = None
    await connect(saying("not asked again"))
    answers = await telegram.answered(4)
    telegram.say("And?")
    await telegram.answered(5)
    assert " ".join(answer.text or "" for answer in answers) == text


async def test_a_user_who_blocked_the_bot_gets_nothing_more(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    here = await connect()
    telegram.blocked.add(42)
    telegram.say("Hello")
    telegram.say("Hello", chat=77, user=77)
    await telegram.answered(chat=77)
    rows = here.post.deliveries
    given_up = await telegram.until(lambda: [row for row in rows.listed().result(9) if row.state == "failed"])
    assert [row.error for row in given_up] == ["Telegram: Forbidden: bot was blocked by the user"]
    assert not telegram.sent(42)
    assert len([call for call in telegram.called("sendMessage") if int(call["chat_id"]) == 42]) == 1
    telegram.blocked.clear()
    telegram.say("I am back")
    assert [answer.text for answer in await telegram.answered()] == ["You said: I am back"]


async def test_an_edit_of_the_last_message_corrects_its_answer(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    await connect()
    asked = telegram.say("Forbiden City")
    (first,) = await telegram.answered()
    telegram.edit(asked, "Forbidden City")
    await telegram.until(lambda: telegram.sent()[0].text == "You said: Forbidden City")
    telegram.edit(asked, "Temple of Heaven")
    await telegram.until(lambda: telegram.sent()[0].text == "You said: Temple of Heaven")
    assert [answer.id for answer in telegram.sent()] == [first.id]


async def test_an_edit_of_an_older_message_is_answered_below_it(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    await connect()
    asked = telegram.say("One")
    telegram.say("Two")
    await telegram.answered(2)
    telegram.edit(asked, "One and a half")
    answers = await telegram.answered(3)
    assert answers[0].text == "You said: One"
    assert (answers[2].text, answers[2].reply_to) == ("You said: One and a half", asked["message"]["message_id"])


async def test_an_edit_that_changes_nothing_is_not_answered_again(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    here = await connect()
    asked = telegram.say("One")
    telegram.say("Two")
    await telegram.answered(2)
    telegram.edit(asked, "One")  # Telegram tells of a link's preview in this way
    telegram.say("Three")
    assert [answer.text for answer in await telegram.answered(3)] == [
        "You said: One",
        "You said: Two",
        "You said: Three",
    ]
    assert len(here.bot.heard) == 3


async def test_an_edit_corrects_its_answer_after_a_restart_too(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    here = await connect()
    asked = telegram.say("Forbiden City")
    await telegram.answered()
    await here.stop()
    await connect()
    telegram.edit(asked, "Forbidden City")
    await telegram.until(lambda: telegram.sent()[0].text == "You said: Forbidden City")
    assert len(telegram.sent()) == 1


async def test_an_album_is_answered_once_though_the_server_restarts(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    here = await connect()
    telegram.stall = asyncio.Event()
    for number in range(3):
        telegram.say(photo=telegram.photo(b"\x89PNG picture %d" % number), media_group_id="a1")
    await telegram.answered()
    await here.stop(0.05)
    telegram.stall.set()
    telegram.stall = None
    again = await connect()
    telegram.say("Then?")
    answers = await telegram.answered(2)
    assert [answer.text for answer in answers] == ["You said:", "You said: Then?"]
    assert [message.text for message in again.bot.heard] == ["Then?"]


async def test_who_takes_no_voice_notes_gets_the_words(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    here = await connect(voice="always")
    telegram.fail("sendVoice", 400, "Bad Request: VOICE_MESSAGES_FORBIDDEN", times=2)
    telegram.say("One")
    telegram.say("Two")
    assert [answer.text for answer in await telegram.answered(2)] == ["You said: One", "You said: Two"]
    await telegram.until(lambda: len(telegram.called("sendVoice")) == 2)
    await here.stop()
    assert len(telegram.called("sendMessage")) == 2


async def test_a_voice_that_fails_leaves_the_words(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    async def mute(text: str, language: str = "") -> AsyncIterator[Sound]:
        raise ModelMissing("no voice for this language")
        yield Sound(b"", 1)

    here = await connect(voice="always")
    here.bot.say = mute
    telegram.say("One")
    telegram.say("Two")
    assert [answer.text for answer in await telegram.answered(2)] == ["You said: One", "You said: Two"]
    assert len(telegram.called("sendMessage")) == 2


@pytest.mark.parametrize(
    ("code", "text"),
    [(429, "Too Many Requests: retry after 1"), (409, "Conflict: terminated by other getUpdates request"),
     (502, "Bad Gateway"), (401, "Unauthorized")],
)  # fmt: skip
async def test_fetching_goes_on_when_telegram_refuses(
    code: int, text: str, telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    telegram.fail("getUpdates", code, text, times=2, **({"retry_after": 1} if code == 429 else {}))
    telegram.fail("setMyCommands", 429, "Too Many Requests: retry after 9", retry_after=9)
    await connect()
    telegram.say("Hello")
    assert [answer.text for answer in await telegram.answered()] == ["You said: Hello"]


def test_fetching_waits_as_long_as_telegram_asks() -> None:
    assert _pause(RetryAfter(7), 1) >= 7
    assert _pause(NetworkError("no"), 1) < 1 < _pause(NetworkError("no"), 20) <= 60


async def test_a_live_location_that_moves_is_no_edit(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    here = await connect()
    place = {"latitude": 1.0, "longitude": 1.0, "live_period": 60}
    telegram.update(edited_message={**telegram.message(location=place), "edit_date": 5})
    telegram.say("Hello")
    assert len(await telegram.answered()) == 1
    assert len(here.bot.heard) == 1


async def test_markup_that_telegram_refuses_goes_out_as_plain_text(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    telegram.fail("sendMessage", 400, "Bad Request: can't parse entities: Can't find end of Bold entity")
    await connect()
    telegram.say("1.5 *")
    assert [answer.text for answer in await telegram.answered()] == ["You said: 1.5 *"]
