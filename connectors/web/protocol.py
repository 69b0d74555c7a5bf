"""The WebSocket's two pure translations: a client's frame to a request, an event to frames.

docs/web.md lists the frames.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from ...core.errors import BadInput
from ...core.message import Call, Delta, Event, Heard, Profile, Progress, Reply, Seen

FRAME_CHARACTERS = 64 * 1024
TEXT_CHARACTERS = 4000
ID_CHARACTERS = 100
MEDIA_PIECES = 10
TYPES = ("hello", "message", "consent", "stop", "forget", "got")


@dataclass(frozen=True, slots=True)
class Request:
    """Hold one frame of a client."""

    type: str
    id: str = ""
    text: str = ""
    media: tuple[str, ...] = ()
    conversation: str | None = None
    granted: bool = False
    speak: bool = True
    at: str | None = None
    token: str = ""
    language: str = ""
    call: Call | None = None  # never a client's


class BadFrame(BadInput):
    """Report a frame that can't be used; `id` is the message's own where it could be read, else empty."""

    def __init__(self, code: str, text: str, id: str = "") -> None:
        self.id = id
        super().__init__(code, text)


class TooFast(BadFrame):
    """Report a message over the rate of its user or conversation; after `wait` whole seconds there is room."""

    def __init__(self, wait: float, id: str = "") -> None:
        self.wait = max(1, math.ceil(wait))
        super().__init__("too_fast", f"You write faster than I can answer; please wait {self.wait} seconds.", id)


def as_sentence(error: Exception) -> str:
    """Return what an error says as a sentence for people."""
    text = str(error)
    return text[:1].upper() + text[1:]


def to_request(frame: str) -> Request:
    """Read a client's frame; raise BadFrame with what is wrong with it."""
    if len(frame) > FRAME_CHARACTERS:
        raise BadFrame("frame_too_large", "That message is too large; send files with POST media instead.")
    try:
        data = json.loads(frame)
    except (ValueError, RecursionError):
        raise BadFrame("not_json", "Every text frame must be a JSON object.") from None
    if not isinstance(data, dict) or data.get("type") not in TYPES:
        raise BadFrame("unknown_type", f"A frame needs a type, one of: {', '.join(TYPES)}.")
    text, media, name, conversation = data.get("text", ""), data.get("media", []), data.get("id", ""), None
    if not _is_text(name) or len(name) > ID_CHARACTERS:
        raise BadFrame("wrong_field", f"`id` must be a string of at most {ID_CHARACTERS} characters.")
    known = name if data["type"] == "message" else ""
    if not _is_text(text):
        raise BadFrame("wrong_field", "`text` must be a string.", known)
    if not isinstance(media, list) or not all(isinstance(item, str) for item in media) or len(media) > MEDIA_PIECES:
        text = f"`media` must be a list of at most {MEDIA_PIECES} ids that POST media returned."
        raise BadFrame("wrong_field", text, known)
    if _is_text(data.get("conversation")) and 0 < len(data["conversation"]) <= 100:
        conversation = data["conversation"]
    at, token, language = data.get("at"), data.get("token"), data.get("language")
    return Request(
        data["type"],
        name,
        text,
        tuple(media),
        conversation,
        data.get("granted") is True,
        data.get("speak") is not False,
        at if _is_text(at) else None,
        token if isinstance(token, str) else "",
        language if isinstance(language, str) and _is_text(language) else "",
    )


def _is_text(value: object) -> bool:
    """Tell whether a value is a string that can be written as UTF-8: JSON can name half a character."""
    return isinstance(value, str) and not any("\ud800" <= letter <= "\udfff" for letter in value)


def to_frame(event: Event, id: str, at: str = "") -> tuple[str, bytes | None]:
    """Return the text frame for an event and the binary frame that follows it, if any; `at` is its position."""
    payload: bytes | None = None
    data: dict[str, Any]
    match event:
        case Delta(text):
            data = {"type": "text", "delta": text}
        case Heard(transcript, language):
            data = {"type": "heard", "transcript": transcript, "language": language}
        case Seen(text, labels):
            data = {"type": "seen", "text": text, "labels": list(labels)}
        case Progress(text):
            data = {"type": "progress", "text": text}
        case Reply():
            data = {"type": "reply", "reply": event.as_dict()}
        case _:
            payload = event.wav()
            data = {
                "type": "sound",
                "mime": "audio/wav",
                "bytes": len(payload),
                "seconds": round(event.seconds, 3),
                "visemes": [[round(at, 3), shape] for at, shape in event.visemes],
            }
    place = {"at": at} if at else {}
    return json.dumps({**data, "id": id, **place}, ensure_ascii=False), payload


def welcome(
    profile: Profile,
    conversation: str,
    ready: dict[str, bool],
    consent: str,
    history: list[tuple[str, str, str]],
    media_bytes: int,
    text_characters: int,
    at: str = "",
    resumed: bool = False,
) -> str:
    """Return the first frame that a client gets; `resumed` says that all it missed since its position follows."""
    return json.dumps(
        {
            "type": "welcome",
            "conversation": conversation,
            "at": at,
            "resumed": resumed,
            "persona": {
                "name": profile.name,
                "summary": profile.summary,
                "languages": list(profile.languages),
                "greeting": profile.greeting,
                "has_face": profile.face is not None,
                "has_voice": profile.has_voice,
            },
            "ready": ready,
            "limits": {"media_bytes": media_bytes, "text_characters": text_characters},
            "consent": consent,
            "consent_text": profile.consent_text,
            "history": [{"role": role, "text": text, "language": language} for role, text, language in history],
        },
        ensure_ascii=False,
    )
