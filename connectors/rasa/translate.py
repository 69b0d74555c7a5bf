"""What a Rasa bot says and is told: calls in, events and responses out.

Knows the shapes of rasa-sdk 3.21; knows no network and no bot.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from ...core.message import Reply

BODY_BYTES = 4 * 1024 * 1024  # a call has the whole conversation with it, and the domain


def call_of(encoding: str, body: bytes) -> dict[str, Any] | None:
    """Return a call, None for what is none or too large when it is unpacked."""
    try:
        if encoding == "deflate":
            unpacking = zlib.decompressobj()
            body = unpacking.decompress(body, BODY_BYTES)
            if unpacking.unconsumed_tail:
                return None
        call = json.loads(body)
    except (ValueError, RecursionError, zlib.error):
        return None
    return call if isinstance(call, dict) else None


def text_of(tracker: Mapping[str, Any]) -> str:
    """Return what the user said last; an intent that was chosen by a button (`/affirm`) is no words."""
    message = tracker.get("latest_message")
    text = message.get("text") if isinstance(message, dict) else None
    return text if isinstance(text, str) and not text.startswith("/") else ""


def events_of(reply: Reply, slots: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what the answer sets of the slots that the Rasa bot has."""
    found = {name: value for name, value in reply.slots.items() if name in slots and not _same(value, slots[name])}
    return [{"event": "slot", "timestamp": None, "name": name, "value": _plain(value)} for name, value in found.items()]


def _same(value: Any, given: Any) -> bool:
    """Tell whether a slot still is what was given for it, in whichever form."""
    known = [value.get(key) for key in ("id", "name", "value", "text")] if isinstance(value, Mapping) else [value]
    return given in known or str(given).casefold() in [str(one).casefold() for one in known if one is not None]


def _plain(value: Any) -> Any:
    """Return a slot's value as Rasa has it: an entity's name, a number, a text."""
    if isinstance(value, Mapping):
        return next((value[key] for key in ("name", "value", "text") if key in value), value)
    return value


def responses_of(reply: Reply) -> list[dict[str, Any]]:
    """Return an answer as rasa-sdk's dispatcher would have collected it; sources stand under `custom`."""
    sources = [{"source": one.source, "text": one.text} for one in reply.sources]
    buttons = [{"title": choice, "payload": choice} for choice in reply.choices]
    first = _response(text=reply.text or None, buttons=buttons, custom={"sources": sources} if sources else {})
    pictures = [media for media in reply.media if media.kind == "image"]
    shown = [f"data:{media.mime};base64,{base64.b64encode(media.data).decode()}" for media in pictures]
    return [*([first] if reply.text or buttons else []), *(_response(image=image) for image in shown)]


def _response(
    text: str | None = None,
    image: str | None = None,
    buttons: Sequence[Mapping[str, str]] = (),
    custom: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    return {
        "text": text, "buttons": list(buttons), "elements": [], "custom": dict(custom or {}), "template": None,
        "response": None, "image": image, "attachment": None,
    }  # fmt: skip
