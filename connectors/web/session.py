"""One open WebSocket: reads frames, joins its conversation, and ends quietly when the client disappears."""

from __future__ import annotations

import asyncio
import json
import logging

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from ...core.contracts import Bot
from ...core.errors import BadInput, PersonacError, Unfinished
from ...core.message import FORGOTTEN
from .door import Door, Visitor, conversation_of, new_user
from .hub import Hub, consent_of
from .media import MEDIA_BYTES
from .protocol import TEXT_CHARACTERS, BadFrame, Request, as_sentence, to_request, welcome
from .talks import WAITING, Talk

__all__ = ["READY_SECONDS", "TEXT_CHARACTERS", "WAITING", "Session"]
log = logging.getLogger("personac.web")
READY_SECONDS = 0.5


class Session:
    """Talk with one client of one bot; a Listener of its conversation."""

    def __init__(self, socket: WebSocket, hub: Hub, door: Door, visitor: Visitor | None) -> None:
        self._socket = socket
        self._hub = hub
        self._door = door
        self._visitor = visitor or Visitor(new_user())
        self._talk: Talk | None = None
        self._sending = asyncio.Lock()

    async def run(self) -> None:
        """Serve until the client goes."""
        await self._socket.accept()
        telling = asyncio.create_task(self._tell_ready())
        try:
            while True:
                frame = await self._socket.receive()
                if frame["type"] == "websocket.disconnect":
                    return
                try:
                    await self._handle(self._read(frame.get("text")))
                except BadInput as error:
                    id = error.id if isinstance(error, BadFrame) else ""
                    await self._error(id, error.code, str(error))
                    if id:
                        await self._send(json.dumps({"type": "done", "id": id}, ensure_ascii=False))
                except PersonacError as error:
                    log.error("a frame was not served: %s", error)
                    await self._error("", "unavailable", as_sentence(error))
        except (WebSocketDisconnect, RuntimeError):
            return
        finally:
            telling.cancel()
            if self._talk is not None:
                self._talk.leave(self)

    @staticmethod
    def _read(text: str | None) -> Request:
        if text is None:
            raise BadFrame("not_text", "Send JSON as text frames; files go to POST media.")
        return to_request(text)

    async def _handle(self, request: Request) -> None:
        bot = self._hub.bot
        if request.type == "hello":
            if request.token:
                self._visitor = self._door.admitted(request.token)
            self._door.checked(self._visitor)
            await self._welcome(bot, request)
            return
        self._door.checked(self._visitor)
        user = self._visitor.user
        if request.type == "message":
            await (await self._joined()).ask(request, listener=self)
        elif request.type == "consent":
            try:
                told = await self._hub.decide(user, request.granted, request.language, self)
            except PersonacError as error:
                log.error("a decision: %s", error)
                code = "unavailable" if isinstance(error, Unfinished) else "undecided"
                await self._error("", code, as_sentence(error))
                return
            if told:
                await self._send(json.dumps({"type": "erased", "text": told}, ensure_ascii=False))
        elif request.type == "got":
            if self._talk is not None:
                await self._talk.got(request.id)
        elif request.type == "stop":
            if self._talk is not None:
                await self._talk.stop()
        else:
            reply = await self._hub.forget(user, request.language, self)
            if reply.skill != FORGOTTEN:  # it could not be done, and the words say so
                await self._error("", "unavailable", reply.text)
                return
            await self._send(json.dumps({"type": "forgotten", "text": reply.text}, ensure_ascii=False))

    async def _joined(self) -> Talk:
        if self._talk is None:
            self._talk = self._hub.talk(conversation_of(self._visitor.user, None), self._visitor.user)
            await self._talk.join(self)
        return self._talk

    async def _welcome(self, bot: Bot, request: Request) -> None:
        if self._talk is not None:
            self._talk.leave(self)
        user = self._visitor.user
        talk = self._talk = self._hub.talk(conversation_of(user, request.conversation), user)
        history = await asyncio.to_thread(bot.history, talk.conversation)
        consent = await asyncio.to_thread(consent_of, bot, user)
        limits = (MEDIA_BYTES, TEXT_CHARACTERS)
        place = (talk.position, talk.knows(request.at))
        await self._send(welcome(bot.profile, talk.conversation, bot.ready(), consent, history, *limits, *place))
        await talk.join(self, request.at)

    async def _tell_ready(self) -> None:
        """Tell when heavy models have loaded."""
        known = self._hub.bot.ready()
        while not all(known.values()):
            await asyncio.sleep(READY_SECONDS)
            now = self._hub.bot.ready()
            if now != known:
                known = now
                await self._send(json.dumps({"type": "ready", "ready": now}))

    async def _error(self, id: str, code: str, message: str) -> None:
        await self._send(json.dumps({"type": "error", "id": id, "code": code, "message": message}, ensure_ascii=False))

    async def push(self, text: str, payload: bytes | None = None) -> None:
        """Send a frame of the conversation, and the binary that belongs to it."""
        await self._send(text, payload)

    async def _send(self, text: str, payload: bytes | None = None) -> None:
        """Send a frame and the binary that belongs to it, with no other frame between; nothing to a closed socket."""
        async with self._sending:
            if self._socket.application_state is not WebSocketState.CONNECTED:
                return
            try:
                await self._socket.send_text(text)
                if payload is not None:
                    await self._socket.send_bytes(payload)
            except (WebSocketDisconnect, RuntimeError):
                return
