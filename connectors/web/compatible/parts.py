"""From a client's messages to a turn: words, pictures and sounds out of content parts, and what was said before.

Knows the shapes of content; does not know bots. Nothing is fetched: a picture must be in its data URI (RFC 2397).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from ....core.errors import BadInput
from ....core.message import Media
from ..media import MEDIA_BYTES, kind_of
from .history import Said, said
from .schema import AudioPart, ChatMessage, ImagePart, TextPart

_DATA = re.compile(r"data:([\w.+-]+/[\w.+-]+)?((?:;[\w.+-]+=[^;,]*)*)(;base64)?,", re.IGNORECASE)
_TYPES = {"mp3": "audio/mpeg", "wav": "audio/wav", "opus": "audio/ogg", "ogg": "audio/ogg"}
ROLES = {"user": "user", "assistant": "persona"}


@dataclass(frozen=True, slots=True)
class Asked:
    """Hold the turn that a list of messages asks for, and what was said before it."""

    text: str
    media: tuple[Media, ...]
    before: tuple[Said, ...]
    itself: Said


def asked(messages: Sequence[ChatMessage]) -> Asked:
    """Return the last user message as the turn, and the user's and the assistant's messages before it.

    System, developer and tool messages do not count: a persona is what its author wrote. Raise BadInput.
    """
    at = next((at for at in reversed(range(len(messages))) if messages[at].role == "user"), None)
    if at is None:
        raise BadInput("no_user_message", "`messages` needs one with the role `user`: that is what is answered.")
    text, media = _content(messages[at])
    if not text.strip() and not media:
        raise BadInput("empty", "The last user message has no content.")
    before = tuple(_said(message) for message in messages[:at] if message.role in ROLES)
    return Asked(text, media, before, said("user", text, [item.data for item in media]))


def _said(message: ChatMessage) -> Said:
    text, media = _content(message)
    return said(ROLES[message.role], text, [item.data for item in media])


def _content(message: ChatMessage) -> tuple[str, tuple[Media, ...]]:
    if message.content is None or isinstance(message.content, str):
        return message.content or "", ()
    texts: list[str] = []
    media: list[Media] = []
    for part in message.content:
        if isinstance(part, TextPart):
            texts.append(part.text)
        elif isinstance(part, ImagePart):
            media.append(_of_uri(part.image_url.url))
        elif isinstance(part, AudioPart):
            claimed = _TYPES.get(part.input_audio.format.lower(), "audio/" + part.input_audio.format.lower())
            media.append(_media(_decoded(part.input_audio.data), claimed))
    return "\n".join(texts), tuple(media)


def _of_uri(uri: str) -> Media:
    match = _DATA.match(uri)
    if match is None:
        raise BadInput("not_a_data_uri", "Send pictures inside a data URI (data:image/png;base64,…); none is fetched.")
    rest = uri[match.end() :]
    data = _decoded(rest) if match[3] else unquote_to_bytes(rest)
    return _media(data, (match[1] or "").lower())


def _decoded(text: str) -> bytes:
    if len(text) > MEDIA_BYTES * 4 // 3 + 4:
        raise BadInput("too_large", f"That file is too large; please send one of at most {MEDIA_BYTES // 1024**2} MB.")
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise BadInput("not_base64", "That picture or recording is not valid base64.") from None


def _media(data: bytes, claimed: str) -> Media:
    if not data:
        raise BadInput("empty", "That picture or recording is empty.")
    if len(data) > MEDIA_BYTES:
        raise BadInput("too_large", f"That file is too large; please send one of at most {MEDIA_BYTES // 1024**2} MB.")
    return Media(kind_of(data, claimed), data, claimed)
