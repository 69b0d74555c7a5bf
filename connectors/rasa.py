"""Each persona as an action server of Rasa: a Rasa bot calls its skills, or lets it answer, by `action_endpoint`.

`POST /webhook`, `GET /health` and `GET /actions` as rasa-sdk 3.21 has them. Knows bots, not how they answer. What comes
in are words of a program's user: the persona's rules and limits hold for them.
"""

from __future__ import annotations

import base64
import hmac
import json
import zlib
from collections.abc import AsyncGenerator, Mapping, MutableMapping, Sequence
from contextlib import aclosing
from typing import Any, cast
from urllib.parse import parse_qs

from ..core.contracts import Bot, Channel, Connector, Desk, Memo
from ..core.errors import BadInput, SettingsInvalid
from ..core.message import Answer, Call, Event, Incoming, Message, Reply

KEY = "key"
LONGEST_KEY = 200
SHORTEST_KEY = 16
BODY_BYTES = 4 * 1024 * 1024  # a call has the whole conversation with it, and the domain
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
ANSWER = "action_answer"  # the action that lets the persona answer as it would anywhere
LONGEST_NAME = 200
BUSY = {"en": "I am answering too much at once. Please try again in a moment.", "zh": "我这会儿太忙，请稍后再试。"}


class RasaChannel(Channel):
    """Answer action calls for one persona at /p/{persona}/rasa/."""

    body_bytes = BODY_BYTES

    def __init__(self, bot: Bot, key: str, desk: Desk) -> None:
        self._bot, self._key, self._desk = bot, key, desk
        self.app = self._serve

    async def run(self) -> None:
        """Return at once: the platform calls."""

    async def read(self, incoming: Incoming) -> Message | Reply | None:
        """Return nothing: calls are answered as they come, and none is taken down."""
        return None

    async def send(self, incoming: Incoming, answer: Answer, memo: Memo) -> None:
        """Have nothing to send, as nothing is taken down."""

    async def close(self) -> None:
        """Have nothing to let go of."""

    async def _serve(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        path = str(scope["path"]).removeprefix(str(scope.get("root_path", ""))).rstrip("/")
        match scope["method"], path:
            case "GET", "/health":
                await _send(send, 200, {"status": "ok"})
            case _ if (refused := self._refused(scope)) is not None:
                await _send(send, *refused)
            case "GET", "/actions":
                await _send(send, 200, [{"name": name} for name in self._actions()])
            case "POST", "/webhook":
                packet = await receive()
                await _send(send, *await self._webhook(_header(scope, b"content-encoding"), packet.get("body", b"")))
            case _:
                await _send(send, 404, {"error": "there are POST /webhook, GET /actions and GET /health"})

    def _refused(self, scope: Mapping[str, Any]) -> tuple[int, dict[str, Any]] | None:
        """Return why a request is not let in, None where it is."""
        if self._key:
            kind, _, key = _header(scope, b"authorization").partition(" ")
            query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
            given = key.strip() if kind.lower() == "bearer" else next(iter(query.get("token", ())), "")
            if hmac.compare_digest(given.encode(), self._key.encode()):
                return None
            return 401, {"error": "a key is needed: `token:` of the action_endpoint, or `Authorization: Bearer …`"}
        host = _header(scope, b"host")
        elsewhere = host.rsplit(":", 1)[0] not in LOOPBACK and host not in LOOPBACK
        if elsewhere or _header(scope, b"origin"):
            return 403, {"error": "without a key, only programs on this machine may call"}
        return None

    def _actions(self) -> dict[str, str]:
        """Return the skill that each action stands for; "" for the persona itself."""
        return {ANSWER: "", **{f"action_{skill.replace('.', '_')}": skill for skill in self._bot.skill_names()}}

    async def _webhook(self, encoding: str, body: bytes) -> tuple[int, Any]:
        """Return status and body for one call."""
        call = _read(encoding, body)
        action = call.get("next_action") if call is not None else None
        tracker = call.get("tracker") if call is not None else None
        if not isinstance(action, str) or not isinstance(tracker, dict):
            return 400, {"error": "Invalid body request"}
        sender = tracker.get("sender_id") or (call or {}).get("sender_id")
        if not isinstance(sender, str) or not 0 < len(sender) <= LONGEST_NAME:
            return 400, {"error": "the tracker has no sender_id that can be used"}
        skill = self._actions().get(action)
        if skill is None:
            return 404, {"error": f"No registered action found for name '{action}'.", "action_name": action}
        slots = tracker.get("slots")
        slots = slots if isinstance(slots, dict) else {}
        try:
            reply = await self._reply(sender, _text(tracker), skill, slots)
        except BadInput as error:
            return 400, {"error": str(error), "action_name": action}
        return 200, {"events": _events(reply, slots), "responses": _responses(reply)}

    async def _reply(self, sender: str, text: str, skill: str, slots: Mapping[str, Any]) -> Reply:
        """Return the answer of one turn."""
        user = f"rasa:{sender}"
        language = self._bot.profile.languages[0]
        if (long := self._desk.too_long(len(text), 0, language)) is not None:
            return Reply(long, language)
        call = Call(skill, dict(slots), language, asked=True) if skill else None
        reply: Reply | None = None
        with self._desk.place(user, user) as receipt:
            if not receipt:
                return Reply(BUSY["zh" if language.startswith("zh") else "en"], language)
            message = Message(text, (), user, user, "rasa", call=call)
            async with aclosing(cast("AsyncGenerator[Event, None]", self._bot.answer(message))) as events:
                async for event in events:
                    reply = event if isinstance(event, Reply) else reply
        if reply is None:
            raise BadInput("empty", "the turn ended without an answer")
        return reply


class RasaConnector(Connector):
    """Bring the skills of personas to bots of Rasa."""

    name = "rasa"

    def check(self, settings: Mapping[str, Any]) -> Mapping[str, str]:
        """Return what is wrong with a block as it is written, by its keys."""
        found = {name: f"the only setting of rasa is `{KEY}`" for name in settings if name != KEY}
        key = settings.get(KEY, "")
        if not isinstance(key, str) or not (key == "" or "${" in key or SHORTEST_KEY <= len(key) <= LONGEST_KEY):
            found[KEY] = f"a key has {SHORTEST_KEY} to {LONGEST_KEY} characters; make one with: openssl rand -hex 24"
        return found

    def open(self, bot: Bot, settings: Mapping[str, Any], desk: Desk) -> Channel:
        """Return the channel of a persona, not yet serving; raise SettingsInvalid."""
        for name, fault in self.check(settings).items():
            raise SettingsInvalid(f"connectors: rasa: {name}: {fault}")
        return RasaChannel(bot, str(settings.get(KEY, "")), desk)


def _read(encoding: str, body: bytes) -> dict[str, Any] | None:
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


def _text(tracker: Mapping[str, Any]) -> str:
    """Return what the user said last; an intent that was chosen by a button (`/affirm`) is no words."""
    message = tracker.get("latest_message")
    text = message.get("text") if isinstance(message, dict) else None
    return text if isinstance(text, str) and not text.startswith("/") else ""


def _events(reply: Reply, slots: Mapping[str, Any]) -> list[dict[str, Any]]:
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


def _responses(reply: Reply) -> list[dict[str, Any]]:
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


def _header(scope: Mapping[str, Any], name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


async def _send(send: Any, status: int, body: Any) -> None:
    data = json.dumps(body, ensure_ascii=False).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(data)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": data})
