"""Voice notes, photos, albums and videos in; voice notes out; everything else answered kindly."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable
from typing import Any

import av
import numpy as np
import pytest
from personac.connectors.telegram.voice import to_voice_note
from personac.core.errors import BadInput
from personac.core.message import Event, Message, Reply, Sound
from personac.core.models.sound import decode_sound
from personac.core.models.video import decode_video

from .conftest import saying
from .fake import FakeTelegram


def tone(seconds: float, rate: int = 22050) -> Sound:
    """Return a tone of 440 Hz."""
    wave = np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate)) / rate) * 12000
    return Sound(wave.astype("<i2").tobytes(), rate)


def film() -> bytes:
    """Return a small video with one second of pictures, as a video note is."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream: Any = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for number in range(10):
            picture = np.full((64, 64, 3), 20 * number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def test_a_voice_note_is_opus_in_ogg_and_sounds_as_the_speech_did() -> None:
    note, seconds = to_voice_note([tone(0.5), tone(0.25, 16000), Sound(b"", 22050)])
    assert note.startswith(b"OggS")
    assert b"OpusHead" in note[:64]
    assert seconds == pytest.approx(0.75, abs=0.03)
    pcm = decode_sound(note)
    assert len(pcm) / 16000 == pytest.approx(0.75, abs=0.05)
    spectrum = np.abs(np.fft.rfft(pcm[1600:9600] * np.hanning(8000)))
    assert np.argmax(spectrum) * 2 == pytest.approx(440, abs=4)


async def test_a_voice_note_is_heard_and_answered_with_one(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    async def hearing(message: Message) -> AsyncIterator[Event]:
        assert len(decode_sound(message.media[0].data)) == pytest.approx(16000, rel=0.05)
        yield Reply("At half past eight.", "en", transcript="when does it open")

    here = await connect(hearing)
    telegram.say(voice=telegram.voice(to_voice_note([tone(1.0)])[0]))
    words, note = await telegram.answered(2)
    (heard,) = here.bot.heard
    assert [(media.kind, media.mime) for media in heard.media] == [("audio", "audio/ogg")]
    assert words.text == "🎙 when does it open\n\nAt half past eight."
    assert note.kind == "voice"
    assert len(decode_sound(note.data)) / 16000 == pytest.approx(11025 / 22050 + 11025 / 16000, abs=0.05)
    assert {"action": "record_voice"}.items() <= telegram.called("sendChatAction")[-1].items()


@pytest.mark.parametrize(("setting", "spoken"), [("never", False), ("always", True), ("auto", False)])
async def test_when_the_bot_speaks_is_the_deployer_s_choice(
    setting: str, spoken: bool, telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    await connect(voice=setting)
    telegram.say("Hello")
    telegram.say("Again")
    await telegram.answered(4 if spoken else 2)
    assert [m.kind for m in telegram.sent()] == (["text", "voice"] * 2 if spoken else ["text"] * 2)


async def test_a_photo_comes_with_its_caption_and_in_its_best_size(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    here = await connect()
    telegram.say(photo=telegram.photo(b"\x89PNG the large one of two"), caption="What is this?")
    await telegram.answered()
    (heard,) = here.bot.heard
    assert heard.text == "What is this?"
    assert [(media.kind, media.data) for media in heard.media] == [("image", b"\x89PNG the large one of two")]


async def test_an_album_is_one_message(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    here = await connect()
    for number in range(4):
        caption = {"caption": "Which is oldest?"} if number == 0 else {}
        telegram.say(photo=telegram.photo(b"\x89PNG picture %d" % number), media_group_id="a1", **caption)
    telegram.say("And then?")
    await telegram.answered(2)
    album, after = here.bot.heard
    assert (album.text, after.text) == ("Which is oldest?", "And then?")
    assert [media.data for media in album.media] == [b"\x89PNG picture %d" % number for number in range(4)]
    assert len(telegram.sent()) == 2


async def test_a_video_note_is_seen(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    here = await connect()
    telegram.say(video_note={**telegram.file(film()), "duration": 1, "length": 64})
    await telegram.answered()
    (media,) = here.bot.heard[0].media
    assert media.kind == "video"
    assert len(decode_video(media.data).pictures) == 8


@pytest.mark.parametrize(("mime", "kind"), [("image/png", "image"), ("audio/x-wav", "audio"), ("video/webm", "video")])
async def test_files_that_can_be_heard_or_seen_are(
    mime: str, kind: str, telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    here = await connect()
    telegram.say(document={**telegram.file(b"some bytes"), "mime_type": mime, "file_name": "x"})
    await telegram.answered()
    assert here.bot.heard[0].media[0].kind == kind


FILE = {"file_id": "f", "file_unique_id": "f"}
OTHERS: dict[str, dict[str, Any]] = {
    "sticker": {"sticker": {**FILE, "type": "regular", "width": 9, "height": 9, "is_animated": False,
                            "is_video": False, "emoji": "🐼"}},
    "location": {"location": {"latitude": 39.9, "longitude": 116.4}},
    "venue": {"venue": {"location": {"latitude": 1.0, "longitude": 1.0}, "title": "T", "address": "A"},
              "location": {"latitude": 1.0, "longitude": 1.0}},
    "contact": {"contact": {"phone_number": "123", "first_name": "Bo"}},
    "poll": {"poll": {"id": "1", "question": "?", "options": [], "total_voter_count": 0, "is_closed": False,
                      "is_anonymous": True, "members_only": False, "type": "regular", "allows_multiple_answers": False,
                      "allows_revoting": False}},
    "dice": {"dice": {"emoji": "🎲", "value": 6}},
    "document": {"document": {**FILE, "mime_type": "application/pdf", "file_name": "a.pdf"}},
    "game": {"game": {"title": "G", "description": "D", "photo": []}},
    "story": {"story": {"chat": {"id": 5, "type": "private"}, "id": 1}},
    "something newer": {"hologram": {"depth": 3}},
    "something older": {"poll": {"id": "1", "question": "?"}},
}  # fmt: skip


@pytest.mark.parametrize("code", ["en", "zh-hans", "fr"])
async def test_everything_else_is_answered_kindly(
    code: str, telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    here = await connect()
    for number, content in enumerate(OTHERS.values(), 1000):
        telegram.say(chat=number, user=number, code=code, **content)
    for number, name in enumerate(OTHERS, 1000):
        (answer,) = await telegram.answered(chat=number)
        chinese = any("一" <= character <= "鿿" for character in answer.text or "")
        assert chinese == code.startswith("zh"), name
        assert answer.keyboard is None
    assert "🐼" in (telegram.sent(1000)[0].text or "")
    assert "6" in (telegram.sent(1005)[0].text or "")
    assert not here.bot.heard


async def test_service_messages_are_not_answered(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    await connect()
    telegram.say(pinned_message={"message_id": 1, "date": 0, "chat": telegram.chat(42)})
    telegram.say(message_auto_delete_timer_changed={"message_auto_delete_time": 60})
    telegram.say("Hello")
    assert len(await telegram.answered()) == 1


async def test_a_file_that_is_too_large_is_not_fetched(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    await connect()
    telegram.say(video={**FILE, "file_size": 21 * 2**20, "width": 1, "height": 1, "duration": 1})
    (answer,) = await telegram.answered()
    assert "20 MB" in (answer.text or "")
    assert not telegram.called("getFile")


async def test_a_file_that_is_gone_is_asked_for_again(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    await connect()
    telegram.say(voice={**FILE, "duration": 1}, code="zh-hans")
    (answer,) = await telegram.answered()
    assert answer.text == "您的文件已经无法从 Telegram 取到，请重新发送。"


async def test_a_file_that_is_gone_when_it_is_fetched_is_asked_for_again(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    await connect()
    update = telegram.message(voice=telegram.voice(b"OggS"))
    telegram.missing.add(update["voice"]["file_id"])
    telegram.update(message=update)
    (answer,) = await telegram.answered()
    assert answer.text == "I could not fetch your file from Telegram any more. Please send it again."


async def test_a_download_that_fails_is_tried_again(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    here = await connect()
    telegram.fail("getFile", 502, "Bad Gateway", times=2)
    telegram.say(photo=telegram.photo(b"\x89PNG after some trouble"))
    await telegram.answered()
    assert here.bot.heard[0].media[0].data == b"\x89PNG after some trouble"


async def test_a_file_that_is_not_what_it_says_is_told(telegram: FakeTelegram, connect: Callable[..., Any]) -> None:
    async def looking(message: Message) -> AsyncIterator[Event]:
        raise BadInput("not_a_picture", "This file is not a picture that I can read.")
        yield Reply("", "en")

    await connect(looking)
    telegram.say(photo=telegram.photo(b"MZ this is a program, in fact"), caption="What is it?")
    (answer,) = await telegram.answered()
    assert "picture" in (answer.text or "")
    assert answer.keyboard is None


async def test_a_voice_note_goes_out_once_though_its_call_is_cut_off(
    telegram: FakeTelegram, connect: Callable[..., Any]
) -> None:
    await connect(saying("Listen."), voice="always")
    telegram.fail("sendVoice", "drop", after=True)
    telegram.say("Speak")
    await telegram.answered(2)
    telegram.say("And again")
    answers = await telegram.answered(4)
    assert [answer.kind for answer in answers] == ["text", "voice"] * 2
