"""Sound and pictures in, the voice out; the token goes to Slack alone."""

from __future__ import annotations

import io
import wave
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from personac.connectors.slack.files import FILE_BYTES, is_slack
from personac.core.errors import Unavailable
from personac.core.message import Event, Message, Sound

from .conftest import PROFILE, Connect, made
from .fake import TOKEN, FakeSlack, Fault, words

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32


async def test_pictures_and_captions_reach_the_bot(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect()
    files = [slack.add_file(PNG, "image/png", "sight.png"), slack.add_file(PNG, "application/octet-stream")]
    await mei.says("U1", "D1", "what is this?", files=files[:1])
    await mei.answers("D1")
    (message,) = mei.bot.heard
    assert (message.text, message.media[0].kind, message.media[0].data) == ("what is this?", "image", PNG)
    assert not message.speak


async def test_who_speaks_is_spoken_to_in_the_same_thread(connect: Connect, slack: FakeSlack) -> None:
    async def answering(message: Message) -> AsyncIterator[Event]:
        yield made("It opens at nine.")

    mei = await connect(answering)
    clip = slack.add_file(b"\0\0\0\x20ftypM4A " + b"\0" * 50, "video/mp4", "clip", subtype="slack_audio")
    event = await mei.says("U1", "C1", "<@UBOT>", files=[clip])
    text, voice = await mei.answers("C1", 2)
    assert mei.bot.heard[0].media[0].kind == "audio"
    assert words(text) == "It opens at nine."
    assert text["thread_ts"] == voice["thread_ts"] == event["ts"]
    sound = slack.files[voice["files"][0]["id"]]["data"]
    with wave.open(io.BytesIO(sound)) as file:
        assert (file.getnframes(), file.getframerate()) == (1600, 16000)


@pytest.mark.parametrize("error", [Unavailable("no voice"), ZeroDivisionError()])
async def test_a_voice_that_fails_does_not_cost_the_words(
    connect: Connect, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def broken(text: str, language: str = "") -> AsyncIterator[Sound]:
        raise error
        yield

    mei = await connect(voice="always")
    monkeypatch.setattr(mei.bot, "say", broken)
    for number in (1, 2):
        await mei.says("U1", "D1", "hello")
        await mei.answers("D1", number)


@pytest.mark.parametrize(("voice", "spoken"), [("always", 1), ("never", 0), ("auto", 0)])
async def test_whether_answers_to_words_are_spoken_can_be_set(
    connect: Connect, slack: FakeSlack, voice: str, spoken: int
) -> None:
    mei = await connect(voice=voice)
    await mei.says("U1", "D1", "hello")
    await mei.answers("D1", 1 + spoken)


async def test_a_question_with_a_file_of_no_use_is_answered_and_the_file_told_of(
    connect: Connect, slack: FakeSlack
) -> None:
    mei = await connect()
    files = [slack.add_file(b"%PDF", "application/pdf"), slack.add_file(PNG, "image/png")]
    await mei.says("U1", "D1", "when?", files=files)
    (answer,) = await mei.answers("D1")
    assert (mei.bot.heard[0].text, [media.kind for media in mei.bot.heard[0].media]) == ("when?", ["image"])
    assert "but not this kind of file" in str(answer["blocks"])


async def test_a_persona_without_a_voice_answers_sound_with_words(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect(profile=replace(PROFILE, has_voice=False))
    await mei.says("U1", "D1", "", files=[slack.add_file(b"OggS" + b"\0" * 50, "audio/ogg")])
    await mei.answers("D1", 1)
    assert len(mei.bot.heard) == 1


@pytest.mark.parametrize("fault", [Fault(500, after=True), Fault(429, "ratelimited", retry_after=0)])
async def test_a_voice_is_sent_once(connect: Connect, slack: FakeSlack, fault: Fault) -> None:
    slack.faults["files.completeUploadExternal"] = [fault]
    mei = await connect()
    await mei.says("U1", "D1", "", files=[slack.add_file(b"OggS" + b"\0" * 50, "audio/ogg")])
    await mei.answers("D1", 2)
    assert slack.count("chat.postMessage") == 1


@pytest.mark.parametrize(
    ("data", "mime", "more", "said"),
    [
        (b"%PDF-1.7", "application/pdf", {}, "not this kind of file"),
        (b"<!DOCTYPE html><html>", "image/png", {}, "not this kind of file"),
        (b"MZ\x90\0", "image/png", {}, "not this kind of file"),
        (b"<html>log in</html>", "audio/mp4", {}, "not this kind of file"),
        (PNG, "image/png", {"size": FILE_BYTES + 1}, "too large"),
        (PNG + b"\0" * FILE_BYTES, "image/png", {"size": 10}, "too large"),
        (PNG, "image/png", {"url_private": "http://169.254.169.254/latest"}, "could not open"),
        (PNG, "image/png", {"url_private": "https://slack.com.evil.example/x"}, "could not open"),
        (PNG, "image/png", {"file_access": "check_file_info", "id": "F404"}, "could not open"),
    ],
)
async def test_a_file_that_is_of_no_use_is_refused_kindly(
    connect: Connect, slack: FakeSlack, data: bytes, mime: str, more: dict[str, Any], said: str
) -> None:
    mei = await connect()
    await mei.says("U1", "D1", "", files=[slack.add_file(data, mime) | more])
    (answer,) = await mei.answers("D1")
    assert said in words(answer)
    assert not mei.bot.heard


async def test_a_file_shared_by_another_workspace_is_looked_up(connect: Connect, slack: FakeSlack) -> None:
    mei = await connect()
    file = slack.add_file(PNG, "image/png")
    await mei.says("U1", "D1", "", files=[{"id": file["id"], "file_access": "check_file_info"}])
    await mei.answers("D1")
    assert mei.bot.heard[0].media[0].data == PNG


async def test_a_file_that_slack_cannot_give_now_is_fetched_again(connect: Connect, slack: FakeSlack) -> None:
    slack.faults["download"] = [Fault(503), Fault(429, retry_after=0)]
    mei = await connect()
    await mei.says("U1", "D1", "", files=[slack.add_file(PNG, "image/png")])
    await mei.answers("D1")
    assert slack.count("download") == 3


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("https://files.slack.com/files-pri/T1-F1/a.png", True),
        ("https://slack-files.com/x", True),
        ("http://files.slack.com/x", False),
        ("https://notslack.com/x", False),
        ("https://slack.com@evil.example/x", False),
        ("https://evil.example/slack.com", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_only_slack_s_addresses_get_the_token(url: str, own: bool) -> None:
    assert is_slack(url, "https://slack.com/api/") is own
    assert TOKEN.startswith("xoxb-")
