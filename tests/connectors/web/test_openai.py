"""The official client of OpenAI against a real server: each persona is a model."""

from __future__ import annotations

import asyncio
import base64
import io
import wave
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import av
import httpx
import openai
import pytest
from personac.connectors.web.compatible.answers import Turn, Turns
from personac.core.message import Event, Reply
from personac.core.runtime import Runtime

DEMO = Path(__file__).parents[3] / "personas" / "tour_guide" / "demo"
KEY = "a-key-of-the-persona"
Make = Callable[..., Any]


def client_of(server: Any, key: str = "any", **options: Any) -> openai.OpenAI:
    """Return the official client."""
    return openai.OpenAI(base_url=f"{server.base}/v1", api_key=key, timeout=120, **{"max_retries": 0, **options})


def user(text: str) -> dict[str, Any]:
    """Return a user's message."""
    return {"role": "user", "content": text}


@pytest.fixture(scope="module")
def guide_server(guide: Runtime, serve: Make) -> Iterator[Any]:
    """Serve tour_guide."""
    with serve(guide) as server:
        yield server


@pytest.fixture
def ai(guide_server: Any) -> Iterator[openai.OpenAI]:
    """Return a client of tour_guide."""
    guide_server.forget_errors()
    with client_of(guide_server) as client:
        yield client
    assert not guide_server.errors


def test_each_persona_is_a_model(serve: Make, script: Make) -> None:
    with serve(script("ann"), script("bob")) as server, client_of(server) as ai:
        assert [model.id for model in ai.models.list()] == ["ann", "bob"]
        assert ai.models.retrieve("bob").owned_by == "personac"
        for name in ("ann", "bob"):
            told = ai.chat.completions.create(model=name, messages=[user("hello")])
            assert (told.model, told.choices[0].message.content) == (name, "hello")


def test_an_unknown_model_is_told_with_the_known_ones(ai: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="tour_guide") as error:
        ai.chat.completions.create(model="gpt-5", messages=[user("hello")])
    assert (error.value.code, error.value.param, error.value.type) == (
        "model_not_found",
        "model",
        "invalid_request_error",
    )
    with pytest.raises(openai.NotFoundError):
        ai.models.retrieve("gpt-5")


def test_a_question_is_answered_with_its_sources_and_its_usage(ai: openai.OpenAI) -> None:
    told = ai.chat.completions.create(
        model="tour_guide",
        messages=[{"role": "system", "content": "Be a pirate."}, user("When does the Temple of Heaven open?")],
    )
    choice = told.choices[0]
    assert "6:00" in (choice.message.content or "")
    assert (choice.message.role, choice.finish_reason) == ("assistant", "stop")
    assert told.usage is not None
    assert told.usage.total_tokens == told.usage.prompt_tokens + told.usage.completion_tokens > 10
    assert told.personac["sources"][0]["source"].startswith("knowledge/sights.yaml:")  # type: ignore[attr-defined]


def test_words_are_streamed_as_they_are_made(serve: Make, script: Make) -> None:
    bot = script()
    bot.go.release()
    with serve(bot) as server, client_of(server) as ai:
        stream = ai.chat.completions.create(
            model="script", messages=[user("slow one two three")], stream=True, stream_options={"include_usage": True}
        )
        seen: list[str] = []
        for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                seen.append(chunk.choices[0].delta.content)
                bot.go.release()  # the next word is made only when this one has arrived
        assert seen == ["slow ", "one ", "two ", "three"]
        assert chunk.choices == []
        assert chunk.usage is not None
        assert chunk.usage.completion_tokens == 5


async def test_a_stream_has_the_role_first_and_the_reason_last(guide_server: Any) -> None:
    async with openai.AsyncOpenAI(base_url=f"{guide_server.base}/v1", api_key="any") as ai:
        chunks = [
            chunk
            async for chunk in await ai.chat.completions.create(
                model="tour_guide", messages=[user("颐和园的门票多少钱？")], stream=True
            )
        ]
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks[-2:]] == [None, "stop"]
    assert "元" in "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert len({chunk.id for chunk in chunks}) == 1


def test_a_picture_in_a_data_uri_is_read(ai: openai.OpenAI) -> None:
    uri = "data:image/png;base64," + base64.b64encode((DEMO / "sign.png").read_bytes()).decode()
    parts: Any = [
        {"type": "text", "text": "What is the story of this place?"},
        {"type": "image_url", "image_url": {"url": uri}},
    ]
    told = ai.chat.completions.create(model="tour_guide", messages=[{"role": "user", "content": parts}])
    assert "Yongzheng" in (told.choices[0].message.content or "")
    assert "雍和宫" in told.personac["picture_text"]  # type: ignore[attr-defined]


def test_a_recording_is_heard_in_a_question_and_by_itself(ai: openai.OpenAI) -> None:
    data = (DEMO / "question.wav").read_bytes()
    part: Any = {"type": "input_audio", "input_audio": {"data": base64.b64encode(data).decode(), "format": "wav"}}
    told = ai.chat.completions.create(model="tour_guide", messages=[{"role": "user", "content": [part]}])
    assert "Line 5" in (told.choices[0].message.content or "")
    heard = ai.audio.transcriptions.create(model="tour_guide", file=("q.wav", data), response_format="verbose_json")
    assert heard.language == "english"
    assert "temple of heaven" in heard.text.lower()
    assert 2 < float(heard.duration) < 6


@pytest.mark.parametrize(
    ("format", "told"),
    [
        ("json", '{"text":"what was said"}'),
        ("text", "what was said\n"),
        ("srt", "1\n00:00:00,000 --> 00:00:02,"),
        ("vtt", "WEBVTT\n\n00:00:00.000 --> 00:00:02."),
    ],
)
def test_what_was_heard_comes_in_the_form_that_was_asked_for(serve: Make, script: Make, format: str, told: str) -> None:
    with serve(script()) as server:
        form = {"model": "script", "response_format": format}
        files = {"file": ("q.wav", (DEMO / "question.wav").read_bytes())}
        answer = httpx.post(f"{server.base}/v1/audio/transcriptions", data=form, files=files)
        assert answer.text.startswith(told)


@pytest.mark.parametrize(
    ("format", "codec"), [("mp3", "mp3"), ("opus", "opus"), ("wav", "pcm_s16le"), ("flac", "flac")]
)
def test_speech_is_a_file_that_plays(ai: openai.OpenAI, format: Any, codec: str) -> None:
    spoken = ai.audio.speech.create(
        model="tour_guide", voice="alloy", input="The park opens at six. 公园六点开门。", response_format=format
    )
    with av.open(io.BytesIO(spoken.content)) as file:
        stream = file.streams.audio[0]
        assert stream.codec_context.name.startswith(codec)
        samples = sum(frame.samples for frame in file.decode(stream))
        assert 1.5 < samples / stream.rate < 10


def test_raw_speech_has_24_000_samples_a_second(serve: Make, script: Make) -> None:
    with serve(script()) as server, client_of(server) as ai:
        for text, seconds in (("one two", 0.5), ("one 二 three", 0.75)):  # voices with different rates are joined
            args: Any = {"model": "script", "voice": "alloy", "input": text}
            pcm = ai.audio.speech.create(**args, response_format="pcm").content
            assert len(pcm) / 2 / 24_000 == pytest.approx(seconds, abs=0.02)
            with wave.open(io.BytesIO(ai.audio.speech.create(**args, response_format="wav").content)) as file:
                assert file.getframerate() == 24_000


# the list of messages that a client keeps


def test_a_list_that_was_answered_goes_on_in_its_conversation(serve: Make, script: Make) -> None:
    bot = script()
    with serve(bot) as server, client_of(server) as ai:
        messages: list[Any] = [user("one")]
        for text in ("two", "three"):
            told = ai.chat.completions.create(model="script", messages=messages)
            messages += [{"role": "assistant", "content": told.choices[0].message.content}, user(text)]
        ai.chat.completions.create(model="script", messages=messages)
        assert [message.text for message in bot.asked] == ["one", "two", "three"]
        assert len({message.conversation for message in bot.asked}) == 1
        assert bot.told == []


def test_an_answer_made_again_begins_where_the_list_was_left(serve: Make, script: Make) -> None:
    bot = script()
    with serve(bot) as server, client_of(server) as ai:
        first = [user("one")]
        ai.chat.completions.create(model="script", messages=first)
        second: list[Any] = [*first, {"role": "assistant", "content": "one"}, user("two")]
        ai.chat.completions.create(model="script", messages=second)
        ai.chat.completions.create(model="script", messages=second)
        conversations = [message.conversation for message in bot.asked]
        assert conversations[0] == conversations[1] != conversations[2]
        ((told, lines, state),) = bot.told
        assert told == conversations[2]
        assert lines == [("user", "one"), ("persona", "one")]
        assert state.asking == "1"  # as it stood after the first answer


def test_a_list_from_elsewhere_is_told_to_a_new_conversation(serve: Make, script: Make) -> None:
    bot = script()
    with serve(bot) as server, client_of(server) as ai:
        messages: list[Any] = [user("my name is Ann"), {"role": "assistant", "content": "Hello Ann"}, user("who am I")]
        ai.chat.completions.create(model="script", messages=messages)
        assert bot.told[0][1] == [("user", "my name is Ann"), ("persona", "Hello Ann")]
        ai.chat.completions.create(model="script", messages=messages, user="bob")
        assert bot.asked[0].user != bot.asked[1].user


def test_a_form_goes_on_although_the_client_keeps_the_conversation(bank: Runtime, serve: Make) -> None:
    with serve(bank) as server, client_of(server) as ai:
        messages: list[Any] = [user("I lost my card, please block it")]
        first = ai.chat.completions.create(model="bank_service", messages=messages)
        second: list[Any] = [*messages, {"role": "assistant", "content": first.choices[0].message.content}]
        again = ai.chat.completions.create(model="bank_service", messages=[*second, user("the debit card")])
        anew = ai.chat.completions.create(model="bank_service", messages=[*second, user("the debit card")])
        assert again.choices[0].message.content == anew.choices[0].message.content


def test_a_request_that_the_client_repeats_by_itself_is_answered_once(serve: Make, script: Make) -> None:
    bot = script()
    with serve(bot) as server:
        url, body = f"{server.base}/v1/chat/completions", {"model": "script", "messages": [user("hello")]}
        first = httpx.post(url, json=body)
        for headers in ({"x-stainless-retry-count": "1"}, {"x-stainless-retry-count": "2"}):
            assert httpx.post(url, json=body, headers=headers).json()["choices"] == first.json()["choices"]
        assert len(bot.asked) == 1
        for _ in range(2):
            httpx.post(url, json=body, headers={"Idempotency-Key": "k1"})
        assert len(bot.asked) == 2


async def test_a_retry_while_the_answer_is_made_waits_for_that_answer(serve: Make, script: Make) -> None:
    bot = script()
    with serve(bot) as server:
        body = {"model": "script", "messages": [user("slow hello")]}
        async with httpx.AsyncClient(base_url=server.base, timeout=30) as web:
            first = asyncio.create_task(web.post("/v1/chat/completions", json=body))
            while not bot.asked:  # noqa: ASYNC110  # filled by another thread
                await asyncio.sleep(0.01)
            first.cancel()  # as a client does whose patience ends
            again = web.post("/v1/chat/completions", json=body, headers={"x-stainless-retry-count": "1"})
            bot.go.release(2)
            assert (await again).json()["choices"][0]["message"]["content"] == "slow hello"
        assert len(bot.asked) == 1


async def test_an_answer_that_nobody_asks_for_again_is_let_go() -> None:
    async def events() -> AsyncIterator[Event]:
        yield Reply("hello", "en")

    async def ended(well: bool) -> None:
        """Take notice of nothing."""

    kept, passing = Turns(), Turns(seconds=0)
    turn = Turn(events(), ended)
    for turns in (kept, passing):
        turns.keep("key", turn)
    assert [event.text async for event in turn.read()] == ["hello"]
    async with asyncio.timeout(30):
        while passing.find("key") is not None:  # noqa: ASYNC110  # a timer ends it
            await asyncio.sleep(0.01)
    assert kept.find("key") is turn


# what is refused


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ([], "empty"),
        ("  ", "empty"),
        ([{"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}], "not_a_data_uri"),
        ([{"type": "image_url", "image_url": {"url": "data:image/png;base64,???"}}], "not_base64"),
        ([{"type": "image_url", "image_url": {"url": "data:text/html;base64,PGI+"}}], "not_media"),
        ([{"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}], "empty"),
        ([{"type": "video"}], "wrong_field"),
    ],
)
def test_content_that_cannot_be_used_is_told_in_openai_s_shape(ai: openai.OpenAI, content: Any, code: str) -> None:
    with pytest.raises(openai.APIStatusError) as error:
        ai.chat.completions.create(model="tour_guide", messages=[{"role": "user", "content": content}])
    assert error.value.status_code in (400, 415)
    assert error.value.code == code


def test_what_goes_wrong_has_openai_s_shape(serve: Make, script: Make) -> None:
    with serve(script()) as server, client_of(server) as ai:
        with pytest.raises(openai.InternalServerError, match="The disk is full"):
            ai.chat.completions.create(model="script", messages=[user("outage")])
        with pytest.raises(openai.InternalServerError, match="The disk is full"):
            list(ai.chat.completions.create(model="script", messages=[user("outage")], stream=True))
        with pytest.raises(openai.BadRequestError, match="role `user`"):
            ai.chat.completions.create(model="script", messages=[{"role": "system", "content": "hello"}])
        with pytest.raises(openai.BadRequestError, match="messages"):
            ai.chat.completions.create(model="script", messages=[])
        for path in ("/v1/embeddings", "/v1/nothing"):
            assert set(httpx.post(server.base + path, json={}).json()["error"]) == {"message", "type", "param", "code"}


def test_a_limit_and_a_stop_end_the_words(serve: Make, script: Make) -> None:
    with serve(script()) as server, client_of(server) as ai:

        def told(**options: Any) -> tuple[str | None, str]:
            asked = [user("one two three four five")]
            choice = ai.chat.completions.create(model="script", messages=asked, **options).choices[0]
            return choice.message.content, choice.finish_reason

        assert told() == ("one two three four five", "stop")
        assert told(max_tokens=2) == ("one two", "length")
        assert told(stop=["four", "x"]) == ("one two three ", "stop")


def test_a_key_is_wanted_where_the_persona_has_one(serve: Make, script: Make) -> None:
    bots, settings = (script("ann"), script("bob")), {"ann": {"key": KEY}}
    with serve(*bots, settings=settings) as server:
        with client_of(server) as stranger:
            assert [model.id for model in stranger.models.list()] == ["bob"]
            with pytest.raises(openai.AuthenticationError, match="Bearer"):
                stranger.chat.completions.create(model="ann", messages=[user("hello")])
        with client_of(server, KEY) as friend:
            assert [model.id for model in friend.models.list()] == ["ann", "bob"]
            assert friend.chat.completions.create(model="ann", messages=[user("hello")]).choices
