"""Files that are not what they say, through the whole persona: told kindly, in the language of the user."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from personac.connectors.telegram import reading
from personac.core.runtime import Runtime

from ..hostile import HostileFile, files, picture
from .fake import FakeTelegram


def send(telegram: FakeTelegram, file: HostileFile, **more: Any) -> dict[str, Any]:
    """Let a user send a file, as what it says it is."""
    sent = {**telegram.file(file.data), "mime_type": file.mime}
    if file.kind == "audio":
        return telegram.say(voice={**sent, "duration": 2}, **more)
    if file.kind == "video":
        return telegram.say(video_note={**sent, "duration": 1, "length": 64}, **more)
    if file.mime == "image/jpeg":
        return telegram.say(photo=telegram.photo(file.data), **more)
    return telegram.say(document={**sent, "file_name": "x"}, **more)


async def test_files_that_are_not_what_they_say_are_told_kindly(
    guide: Runtime, telegram: FakeTelegram, connect: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    await connect(guide.answer, voice="never")
    every = files()
    telegram.say("故宫几点开门？", chat=7, user=7, code="zh-hans")
    for file in every.values():
        send(telegram, file)
        send(telegram, file, chat=7, user=7, code="zh-hans")
    english = [answer.text or "" for answer in await telegram.answered(len(every))]
    chinese = [answer.text or "" for answer in (await telegram.answered(len(every) + 1, chat=7))[1:]]
    wrong = {
        name: said
        for name, *said in zip(every, english, chinese, strict=True)
        if every[name].english not in said[0] or every[name].chinese not in said[1]
    }
    assert not wrong
    assert not [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]


async def test_a_file_that_is_larger_than_it_says_is_not_fetched(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    here = await connect()
    file = telegram.file(bytes(reading.FILE_BYTES + 1)) | {"file_size": 10}
    telegram.say(voice={**file, "duration": 1})
    (answer,) = await telegram.answered()
    assert "20 MB" in (answer.text or "")
    assert not here.bot.heard


async def test_an_album_that_is_too_large_together_is_told_once(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    here = await connect()
    for _ in range(3):
        photo = [{**telegram.file(b"\x89PNG"), "file_size": 8 * 2**20, "width": 9, "height": 9}]
        telegram.say(photo=photo, media_group_id="a")
    telegram.say("Hello")
    answers = await telegram.answered(2)
    assert "at most 20 MB" in (answers[0].text or "")
    assert [message.text for message in here.bot.heard] == ["Hello"]
    assert not telegram.called("getFile")


@pytest.mark.parametrize(("code", "told"), [("en", "at most 4 pictures"), ("zh-hans", "每次最多发4个")])
async def test_an_album_of_more_pictures_than_are_taken_is_told(
    code: str, told: str, guide: Runtime, telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    await connect(guide.answer)
    telegram.say("你好" if code != "en" else "Hello", code=code)
    await telegram.answered()
    for _ in range(6):
        telegram.say(photo=telegram.photo(picture(1, 1, "PNG")), media_group_id="a", code=code)
    answers = await telegram.answered(2)
    assert told in (answers[1].text or "")
