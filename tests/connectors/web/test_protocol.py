"""The WebSocket's two translations."""

from __future__ import annotations

import io
import json
import wave
from typing import Any

import pytest
from personac.connectors.web.protocol import FRAME_CHARACTERS, BadFrame, Request, to_frame, to_request, welcome
from personac.core.message import Delta, FiredRule, Heard, Profile, Reply, Seen, Sound, Source


def read(**fields: Any) -> Request:
    """Return the request of a frame."""
    return to_request(json.dumps(fields))


@pytest.mark.parametrize(
    ("fields", "request_"),
    [
        ({"type": "hello"}, Request("hello")),
        (
            {"type": "hello", "conversation": "web-1", "language": "zh"},
            Request("hello", conversation="web-1", language="zh"),
        ),
        (
            {"type": "message", "id": "m1", "text": "故宫几点开门？", "media": ["a", "b"], "speak": False},
            Request("message", "m1", "故宫几点开门？", ("a", "b"), speak=False),
        ),
        ({"type": "message"}, Request("message")),
        ({"type": "consent", "granted": True}, Request("consent", granted=True)),
        ({"type": "consent", "granted": False}, Request("consent")),
        ({"type": "stop"}, Request("stop")),
        ({"type": "forget"}, Request("forget")),
    ],
)
def test_each_frame_of_a_client_is_read(fields: dict[str, Any], request_: Request) -> None:
    assert read(**fields) == request_


def test_fields_that_are_not_known_are_passed_over() -> None:
    assert read(type="stop", colour="green", nested={"a": [1]}) == Request("stop")


@pytest.mark.parametrize("granted", ["true", 1, "yes", None, [True]])
def test_only_a_true_is_consent(granted: object) -> None:
    assert read(type="consent", granted=granted).granted is False


@pytest.mark.parametrize("conversation", [5, "", "x" * 101, None, ["web-1"], "\ud800"])
def test_a_conversation_that_is_no_name_is_a_new_one(conversation: object) -> None:
    assert read(type="hello", conversation=conversation).conversation is None


@pytest.mark.parametrize(
    "frame",
    ["", "hello", "{", "{'type': 'stop'}", "[" * 50_000, '{"a":' * 10_000, "\x00\x01", '{"type": 1' + "0" * 5000 + "}"],
    ids=["empty", "word", "open", "quotes", "deep list", "deep object", "control", "long number"],
)
def test_what_is_not_json_is_refused(frame: str) -> None:
    with pytest.raises(BadFrame, match="JSON object") as error:
        to_request(frame)
    assert (error.value.code, error.value.id) == ("not_json", "")


@pytest.mark.parametrize(
    "frame", ["5", "null", "[]", '"stop"', "{}", '{"type": "shout"}', '{"type": ["stop"]}', '{"type": {}}']
)
def test_an_unknown_type_is_answered_with_the_known_ones(frame: str) -> None:
    with pytest.raises(BadFrame, match="hello, message, consent, stop, forget") as error:
        to_request(frame)
    assert error.value.code == "unknown_type"


def test_a_frame_that_is_too_long_is_refused_before_it_is_parsed() -> None:
    assert to_request('{"type": "stop"}'.ljust(FRAME_CHARACTERS)).type == "stop"
    with pytest.raises(BadFrame) as error:
        to_request('{"type": "stop"}'.ljust(FRAME_CHARACTERS + 1))
    assert error.value.code == "frame_too_large"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", 5),
        ("text", None),
        ("text", ["hello"]),
        ("text", "half a character: \ud83d"),
        ("media", "a"),
        ("media", None),
        ("media", [1]),
        ("media", ["a"] * 11),
        ("media", {"a": 1}),
    ],
)
def test_a_wrong_field_is_named_and_the_message_too(field: str, value: object) -> None:
    with pytest.raises(BadFrame, match=f"`{field}`") as error:
        read(type="message", id="m7", **{field: value})
    assert (error.value.code, error.value.id) == ("wrong_field", "m7")


@pytest.mark.parametrize("name", [7, None, ["m"], "x" * 101, "\ud800"])
def test_an_id_that_cannot_be_given_back_is_not_given_back(name: object) -> None:
    with pytest.raises(BadFrame, match="`id`") as error:
        read(type="message", id=name, text="hello")
    assert error.value.id == ""


def test_only_a_message_s_error_carries_an_id() -> None:
    with pytest.raises(BadFrame) as error:
        read(type="hello", id="m7", text=5)
    assert error.value.id == ""


@pytest.mark.parametrize(
    ("event", "frame"),
    [
        (Delta("你好 "), {"type": "text", "delta": "你好 "}),
        (Heard("how do I get there", "en"), {"type": "heard", "transcript": "how do I get there", "language": "en"}),
        (Seen("雍和宫", ("temple", "gate")), {"type": "seen", "text": "雍和宫", "labels": ["temple", "gate"]}),
    ],
)
def test_what_is_heard_seen_and_said_goes_out_as_text(event: Any, frame: dict[str, Any]) -> None:
    text, payload = to_frame(event, "m1")
    assert json.loads(text) == {**frame, "id": "m1"}
    assert payload is None


def test_a_reply_goes_out_whole() -> None:
    reply = Reply(
        "6:00.", "en", sources=(Source("p", "knowledge/a.md:3", "6:00.", 0.9),), rules=(FiredRule("r", "warn"),)
    )
    text, payload = to_frame(reply, "m1")
    assert json.loads(text) == {"type": "reply", "reply": reply.as_dict(), "id": "m1"}
    assert payload is None


def test_a_sound_is_announced_and_follows_as_a_wav_file() -> None:
    sound = Sound(b"\x01\x00" * 2205, 22050, ((0.0, "closed"), (0.05004, "open")))
    text, payload = to_frame(sound, "m1")
    assert payload is not None
    assert json.loads(text) == {
        "type": "sound",
        "mime": "audio/wav",
        "bytes": len(payload),
        "seconds": 0.1,
        "visemes": [[0.0, "closed"], [0.05, "open"]],
        "id": "m1",
    }
    with wave.open(io.BytesIO(payload)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 22050)
        assert file.readframes(9999) == sound.pcm


def test_chinese_goes_out_unescaped() -> None:
    assert "你好" in to_frame(Delta("你好"), "m")[0]


def test_a_welcome_describes_the_persona_and_what_was_said() -> None:
    profile = Profile("Mei", "mei", "A guide.", ("en", "zh"), {"en": "Hi"}, "ask", {"en": "May I?"}, True, b"<svg/>")
    history = [("user", "你好", "zh"), ("persona", "嗨", "zh")]
    frame = json.loads(welcome(profile, "web-1", {"text": True}, "ask", history, 20, 4000, "x-3", True))
    assert frame == {
        "type": "welcome",
        "conversation": "web-1",
        "at": "x-3",
        "resumed": True,
        "persona": {
            "name": "Mei",
            "summary": "A guide.",
            "languages": ["en", "zh"],
            "greeting": {"en": "Hi"},
            "has_face": True,
            "has_voice": True,
        },
        "ready": {"text": True},
        "limits": {"media_bytes": 20, "text_characters": 4000},
        "consent": "ask",
        "consent_text": {"en": "May I?"},
        "history": [
            {"role": "user", "text": "你好", "language": "zh"},
            {"role": "persona", "text": "嗨", "language": "zh"},
        ],
    }
