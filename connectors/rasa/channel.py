"""Answer the calls of a Rasa bot as rasa-sdk 3.21 does: `POST /webhook`, `GET /health`, `GET /actions`, and gRPC.

Knows bots, not how they answer. What comes in are words of a program's user: the persona's rules and limits hold.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import AsyncGenerator, Mapping, MutableMapping
from contextlib import aclosing
from typing import Any, cast
from urllib.parse import parse_qs

from ...core.contracts import Bot, Channel, Desk, Memo
from ...core.errors import BadInput
from ...core.message import Answer, Call, Event, Incoming, Message, Reply
from .translate import BODY_BYTES, call_of, events_of, responses_of, text_of

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
ANSWER = "action_answer"  # the action that lets the persona answer as it would anywhere
LONGEST_NAME = 200
BUSY = {"en": "I am answering too much at once. Please try again in a moment.", "zh": "我这会儿太忙，请稍后再试。"}


class RasaChannel(Channel):
    """Answer action calls for one persona at /p/{persona}/rasa/."""

    body_bytes = BODY_BYTES

    def __init__(self, bot: Bot, key: str, desk: Desk, grpc_address: str = "") -> None:
        self._bot, self._key, self._desk, self._grpc = bot, key, desk, grpc_address
        self.app = self._serve

    async def run(self) -> None:
        """Serve gRPC until cancelled, where it has an address; HTTP is served by the server."""
        if self._grpc:
            from .grpc_door import serve

            await serve(self._grpc, self)

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
                await _send(send, 200, [{"name": name} for name in self.actions()])
            case "POST", "/webhook":
                packet = await receive()
                call = call_of(_header(scope, b"content-encoding"), packet.get("body", b""))
                await _send(send, *await self.answer(call))
            case _:
                await _send(send, 404, {"error": "there are POST /webhook, GET /actions and GET /health"})

    def _refused(self, scope: Mapping[str, Any]) -> tuple[int, dict[str, Any]] | None:
        """Return why a request is not let in, None where it is."""
        if self._key:
            kind, _, key = _header(scope, b"authorization").partition(" ")
            query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
            if self.lets_in(key.strip() if kind.lower() == "bearer" else next(iter(query.get("token", ())), "")):
                return None
            return 401, {"error": "a key is needed: `token:` of the action_endpoint, or `Authorization: Bearer …`"}
        host = _header(scope, b"host")
        elsewhere = host.rsplit(":", 1)[0] not in LOOPBACK and host not in LOOPBACK
        if elsewhere or _header(scope, b"origin"):
            return 403, {"error": "without a key, only programs on this machine may call"}
        return None

    def lets_in(self, key: str) -> bool:
        """Tell whether a key is the right one; where there is none, any is."""
        return not self._key or hmac.compare_digest(key.encode(), self._key.encode())

    def actions(self) -> dict[str, str]:
        """Return the skill that each action stands for; "" for the persona itself."""
        return {ANSWER: "", **{f"action_{skill.replace('.', '_')}": skill for skill in self._bot.skill_names()}}

    async def answer(self, call: Mapping[str, Any] | None) -> tuple[int, Any]:
        """Return status and body for one call, None where it could not be read."""
        action = call.get("next_action") if call is not None else None
        tracker = call.get("tracker") if call is not None else None
        if not isinstance(action, str) or not isinstance(tracker, dict):
            return 400, {"error": "Invalid body request"}
        sender = tracker.get("sender_id") or (call or {}).get("sender_id")
        if not isinstance(sender, str) or not 0 < len(sender) <= LONGEST_NAME:
            return 400, {"error": "the tracker has no sender_id that can be used"}
        skill = self.actions().get(action)
        if skill is None:
            return 404, {"error": f"No registered action found for name '{action}'.", "action_name": action}
        slots = tracker.get("slots")
        slots = slots if isinstance(slots, dict) else {}
        try:
            reply = await self._reply(sender, text_of(tracker), skill, slots)
        except BadInput as error:
            return 400, {"error": str(error), "action_name": action}
        return 200, {"events": events_of(reply, slots), "responses": responses_of(reply)}

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


def _header(scope: Mapping[str, Any], name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


async def _send(send: Any, status: int, body: Any) -> None:
    data = json.dumps(body, ensure_ascii=False).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(data)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": data})
