"""One open WebSocket: reads frames, runs one turn at a time, and ends quietly when the client disappears."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import secrets
from collections.abc import Callable

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from ...core.contracts import Bot
from ...core.errors import BadInput, PersonacError
from ...core.message import Message, Reply, Sound
from .media import MEDIA_BYTES, MediaShelf
from .protocol import BadFrame, Request, to_frame, to_request, welcome

log = logging.getLogger("personac.web")
WAITING = 8  # messages of one client that may wait for their turn
TEXT_CHARACTERS = 4000
READY_SECONDS = 0.5


class Session:
    """Talk with one client of one bot."""

    def __init__(self, socket: WebSocket, bot: Callable[[], Bot], shelf: MediaShelf, user: str) -> None:
        self._socket = socket
        self._bot = bot
        self._shelf = shelf
        self._user = user
        self._conversation = ""
        self._waiting: asyncio.Queue[Request] = asyncio.Queue(WAITING)
        self._turn: asyncio.Task[None] | None = None
        self._voicing = False  # the words are out, only the voice still comes
        self._sending = asyncio.Lock()

    async def run(self) -> None:
        """Serve until the client goes."""
        await self._socket.accept()
        workers = [asyncio.create_task(self._work()), asyncio.create_task(self._tell_ready())]
        try:
            while True:
                frame = await self._socket.receive()
                if frame["type"] == "websocket.disconnect":
                    return
                try:
                    await self._handle(self._read(frame.get("text")))
                except BadFrame as error:
                    await self._error(error.id, error.code, str(error))
                    if error.id:
                        await self._done(error.id)
                except PersonacError as error:
                    log.error("a frame was not served: %s", error)
                    await self._error("", "unavailable", str(error))
        except (WebSocketDisconnect, RuntimeError):
            return
        finally:
            for task in (*workers, self._turn):
                if task is not None:
                    task.cancel()

    @staticmethod
    def _read(text: str | None) -> Request:
        if text is None:
            raise BadFrame("not_text", "Send JSON as text frames; files go to POST media.")
        return to_request(text)

    async def _handle(self, request: Request) -> None:
        bot = self._bot()
        if request.type == "hello":
            self._conversation = self._own_conversation(request.conversation)
            history = await asyncio.to_thread(bot.history, self._conversation)
            consent = await asyncio.to_thread(self._consent, bot)
            limits = (MEDIA_BYTES, TEXT_CHARACTERS)
            await self._send(welcome(bot.profile, self._conversation, bot.ready(), consent, history, *limits))
        elif request.type == "message":
            if not self._conversation:
                self._conversation = self._own_conversation(None)
            if self._turn is not None and self._voicing:
                self._turn.cancel()
            try:
                self._waiting.put_nowait(request)
            except asyncio.QueueFull:
                await self._error(request.id, "too_fast", "One moment, please: I am still answering.")
                await self._done(request.id)
        elif request.type == "consent":
            await asyncio.to_thread(bot.set_consent, self._user, request.granted)
        elif request.type == "stop":
            await self._stop()
        else:
            await self._stop()  # or a turn that still runs would be kept after all
            await asyncio.to_thread(bot.forget, self._user)
            await self._send(json.dumps({"type": "forgotten"}))

    async def _stop(self) -> None:
        """End the running turn and drop those that wait, each with its `done`."""
        dropped = [self._waiting.get_nowait() for _ in range(self._waiting.qsize())]
        if self._turn is not None:
            self._turn.cancel()
            await asyncio.wait([self._turn])
        for request in dropped:
            await self._done(request.id)

    def _own_conversation(self, wanted: str | None) -> str:
        """Return a conversation of this user; one of somebody else can't be named, and a name tells no user."""
        prefix = f"web-{hashlib.sha256(self._user.encode()).hexdigest()[:24]}-"
        return wanted if wanted is not None and wanted.startswith(prefix) else prefix + secrets.token_urlsafe(9)

    def _consent(self, bot: Bot) -> str:
        if bot.profile.consent == "implied":
            return "implied"
        granted = bot.consent(self._user)
        return "ask" if granted is None else ("granted" if granted else "denied")

    async def _work(self) -> None:
        while True:
            request = await self._waiting.get()
            self._voicing = False
            self._turn = asyncio.create_task(self._answer(request))
            await asyncio.wait([self._turn])
            self._turn = None
            await self._done(request.id)  # here, for a turn can be cancelled before its first step

    async def _answer(self, request: Request) -> None:
        try:
            media = tuple(self._shelf.take(name, self._user) for name in request.media)
            message = Message(request.text, media, self._conversation, self._user, "web", request.speak)
            events = self._bot().answer(message)
            try:
                async for event in events:
                    text, payload = to_frame(event, request.id)
                    await self._send(text, payload)
                    self._voicing = isinstance(event, Reply | Sound)
                    if self._voicing and not self._waiting.empty():
                        break  # who asks on does not listen to the end
            finally:
                await events.aclose()  # type: ignore[attr-defined]
        except BadInput as error:
            await self._error(request.id, error.code, str(error))
        except PersonacError as error:
            log.error("a turn failed: %s", error)
            await self._error(request.id, "unavailable", str(error))
        except Exception:  # whatever it was: the user is told, the operator has the trace, others are served
            log.exception("a turn failed")
            await self._error(request.id, "failed", "Something went wrong on my side. Please try that again.")

    async def _tell_ready(self) -> None:
        """Tell when heavy models have loaded."""
        known = self._bot().ready()
        while not all(known.values()):
            await asyncio.sleep(READY_SECONDS)
            now = self._bot().ready()
            if now != known:
                known = now
                await self._send(json.dumps({"type": "ready", "ready": now}))

    async def _error(self, id: str, code: str, message: str) -> None:
        await self._send(json.dumps({"type": "error", "id": id, "code": code, "message": message}, ensure_ascii=False))

    async def _done(self, id: str) -> None:
        await self._send(json.dumps({"type": "done", "id": id}, ensure_ascii=False))

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
