"""A Bot API server on loopback: chats, message ids, updates and refusals as Telegram's documentation tells them.

It keeps what it is sent, so that a test sees what a user would; it can be told to fail, before or after doing as asked.
"""

from __future__ import annotations

import asyncio
import io
import itertools
import json
import re
import socket
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import av
import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import markup

TOKEN = "123456789:AAExample_Token-of-a-fake-server_00"
ME = {"id": 123456789, "is_bot": True, "first_name": "Fake", "username": "fake_guide_bot"}
LONGEST, LONGEST_CAPTION = 4096, 1024
DROP = "drop"  # do as asked, and let the connection die


class Refused(Exception):
    """Carry an error of the Bot API."""

    def __init__(self, code: int, text: str, **parameters: Any) -> None:
        self.code, self.text, self.parameters = code, text, parameters
        super().__init__(text)


@dataclass
class Fault:
    """Fail the next `times` calls of a method: before it is done, or after it."""

    method: str
    error: Refused | str
    times: int = 1
    after: bool = False


@dataclass
class Sent:
    """One message in a chat, as Telegram keeps it."""

    id: int
    chat: int
    by_bot: bool
    user: int = 0
    edited: int = 0
    text: str | None = None
    entities: list[tuple[str, str]] = field(default_factory=list)
    caption: str | None = None
    keyboard: Any = None
    kind: str = "text"
    data: bytes = b""
    reply_to: int | None = None
    thread: int | None = None
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def buttons(self) -> list[dict[str, Any]]:
        return [button for row in (self.keyboard or {}).get("inline_keyboard", ()) for button in row]


class FakeTelegram:
    """The server; `sent(chat)` is what the bot has in a chat now."""

    def __init__(self) -> None:
        self.messages: dict[tuple[int, int], Sent] = {}
        self.kinds: dict[int, str] = {}
        self.files: dict[str, bytes] = {}
        self.missing: set[str] = set()  # files that are known and cannot be downloaded
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.faults: list[Fault] = []
        self.blocked: set[int] = set()
        self.hook: dict[str, Any] = {}
        self.base = ""
        self.closing = False
        self.stall: asyncio.Event | None = None  # after a sendMessage was done, answer only once this is set
        self._ids: dict[int, itertools.count[int]] = {}
        self._updates: deque[dict[str, Any]] = deque()
        self._update_ids = itertools.count(1000)
        self._news = asyncio.Event()
        self._names = itertools.count(1)

    # what users do

    def update(self, **content: Any) -> dict[str, Any]:
        """Let something happen, and return its update."""
        update = {"update_id": next(self._update_ids), **content}
        self._updates.append(update)
        self._news.set()
        return update

    def again(self, update: dict[str, Any]) -> None:
        """Deliver an update once more."""
        self._updates.append(update)
        self._news.set()

    def user(self, id: int = 42, code: str = "en") -> dict[str, Any]:
        return {"id": id, "is_bot": False, "first_name": "Ann", "language_code": code}

    def chat(self, id: int) -> dict[str, Any]:
        kind = self.kinds.setdefault(id, "private" if id > 0 else "supergroup" if id < -(10**12) else "group")
        return {"id": id, "type": kind, **({"first_name": "Ann"} if kind == "private" else {"title": "Group"})}

    def message(self, text: str = "", chat: int = 42, user: int = 42, code: str = "en", **more: Any) -> dict[str, Any]:
        """Return a message of a user with the entities that Telegram finds in it; it has its id."""
        made = self._new(chat, by_bot=False, user=user)
        message = {"message_id": made.id, "date": int(time.time()), "chat": self.chat(chat), **more}
        message.setdefault("from", self.user(user, code))
        if text:
            message |= {"text": text, "entities": entities(text)} if entities(text) else {"text": text}
        if message.get("caption") and entities(message["caption"]):
            message["caption_entities"] = entities(message["caption"])
        return message

    def say(self, text: str = "", **more: Any) -> dict[str, Any]:
        """Let a user send a message."""
        return self.update(message=self.message(text, **more))

    def edit(self, update: dict[str, Any], text: str) -> dict[str, Any]:
        """Let a user edit a message."""
        return self.update(edited_message={**update["message"], "text": text, "edit_date": int(time.time())})

    def tap(self, message: Sent, label: str, user: int = 42) -> dict[str, Any]:
        """Let a user tap a button."""
        button = next(button for button in message.buttons if button["text"] == label)
        query = {
            "id": str(next(self._names)),
            "from": self.user(user),
            "chat_instance": "1",
            "data": button["callback_data"],
            "message": self._as_json(message),
        }
        return self.update(callback_query=query)

    def file(self, data: bytes) -> dict[str, Any]:
        """Keep a file and return how a message names it."""
        name = f"file{next(self._names)}"
        self.files[name] = data
        return {"file_id": name, "file_unique_id": name, "file_size": len(data)}

    def photo(self, data: bytes) -> list[dict[str, Any]]:
        return [{**self.file(data[:10]), "width": 90, "height": 60}, {**self.file(data), "width": 900, "height": 600}]

    def voice(self, data: bytes) -> dict[str, Any]:
        return {**self.file(data), "duration": 2, "mime_type": "audio/ogg"}

    # what the bot did

    def sent(self, chat: int = 42) -> list[Sent]:
        """Return the bot's messages in a chat, in order."""
        return [message for key, message in sorted(self.messages.items()) if key[0] == chat and message.by_bot]

    def called(self, method: str) -> list[dict[str, Any]]:
        return [values for name, values in self.calls if name == method]

    async def until(self, true: Callable[[], Any], seconds: float = 60.0) -> Any:
        """Wait until something is so."""
        async with asyncio.timeout(seconds):
            while not (found := true()):  # noqa: ASYNC110 - what is waited for is on the other side
                await asyncio.sleep(0.01)
        return found

    async def answered(self, count: int = 1, chat: int = 42) -> list[Sent]:
        """Wait for a number of messages of the bot."""
        await self.until(lambda: len(self.sent(chat)) >= count)
        return self.sent(chat)

    def fail(
        self, method: str, code: int | str, text: str = "", times: int = 1, after: bool = False, **more: Any
    ) -> None:
        """Let calls of a method fail."""
        error = code if isinstance(code, str) else Refused(code, text, **more)
        self.faults.append(Fault(method, error, times, after))

    # the server

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/bot{token}/{method}", self._call, methods=["GET", "POST"]),
                Route("/file/bot{token}/{name}", self._download),
            ]
        )

    async def _download(self, request: Request) -> Response:
        name = request.path_params["name"]
        data = None if name in self.missing else self.files.get(name)
        return Response(data) if data is not None else Response(status_code=404)

    async def _call(self, request: Request) -> Response:
        method = request.path_params["method"]
        values = await _values(request)
        try:
            if request.path_params["token"] != TOKEN:
                raise Refused(401, "Unauthorized")
            self.calls.append((method, values))
            fault = next((fault for fault in self.faults if fault.method == method and fault.times), None)
            if fault is not None:
                fault.times -= 1
            if fault is not None and not fault.after:
                return await self._fail(request, fault)
            result = await getattr(self, f"_{method.lower()}")(values)
            if fault is not None:
                return await self._fail(request, fault)
            return Response(json.dumps({"ok": True, "result": result}), media_type="application/json")
        except Refused as error:
            return _refusal(error)

    async def _fail(self, request: Request, fault: Fault) -> Response:
        if isinstance(fault.error, Refused):
            return _refusal(fault.error)
        return _Dying()

    async def _getme(self, values: dict[str, Any]) -> Any:
        return {**ME, "can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}

    async def _setmycommands(self, values: dict[str, Any]) -> Any:
        return True

    async def _setwebhook(self, values: dict[str, Any]) -> Any:
        if not values["url"].startswith("https://"):
            raise Refused(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        self.hook = values
        return True

    async def _deletewebhook(self, values: dict[str, Any]) -> Any:
        self.hook = {}
        return True

    async def _getwebhookinfo(self, values: dict[str, Any]) -> Any:
        return {"url": self.hook.get("url", ""), "has_custom_certificate": False, "pending_update_count": 0}

    async def _getupdates(self, values: dict[str, Any]) -> Any:
        if self.hook:
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook first")
        offset, end = int(values.get("offset", 0)), time.monotonic() + min(float(values.get("timeout", 0)), 1.0)
        while True:
            self._updates = deque(update for update in self._updates if update["update_id"] >= offset)
            found = list(self._updates)[:100]
            if found or self.closing or time.monotonic() > end:
                return found
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), 0.05)
            except TimeoutError:
                pass

    async def post(self, update: dict[str, Any], to: str, secret: str | None = None, **headers: str) -> int:
        """Post an update to a webhook as Telegram does, and return the status."""
        if secret is not None:
            headers["X-Telegram-Bot-Api-Secret-Token"] = secret
        async with httpx.AsyncClient() as client:
            return (await client.post(to, json=update, headers=headers)).status_code

    def _reachable(self, values: dict[str, Any]) -> int:
        chat = int(values["chat_id"])
        if chat in self.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        if chat not in self.kinds:
            raise Refused(400, "Bad Request: chat not found")
        return chat

    def _new(self, chat: int, **values: Any) -> Sent:
        self.chat(chat)
        count = chat if self.kinds[chat] == "supergroup" else 0  # one count for private chats and small groups
        id = next(self._ids.setdefault(count, itertools.count(5 if count else 100)))
        self.messages[chat, id] = Sent(id, chat, **values)
        return self.messages[chat, id]

    def _content(self, values: dict[str, Any], key: str = "text", most: int = LONGEST) -> tuple[str, list[Any]]:
        text, found = str(values.get(key, "")), []
        if values.get("parse_mode") == "MarkdownV2":
            try:
                text, found = markup.read(text)
            except markup.BadMarkup as error:
                raise Refused(400, f"Bad Request: can't parse entities: {error}") from None
        text = text.strip()
        if key == "text" and not text:
            raise Refused(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > most:
            raise Refused(
                400, "Bad Request: message is too long" if key == "text" else "Bad Request: message caption is too long"
            )
        return text, found

    def _keyboard(self, values: dict[str, Any]) -> Any:
        keyboard = values.get("reply_markup") or None
        for row in (keyboard or {}).get("inline_keyboard", ()):
            for button in row:
                if len(button.get("callback_data", "-").encode()) > 64:
                    raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
        return keyboard

    def _send(self, values: dict[str, Any], **content: Any) -> Any:
        chat = self._reachable(values)
        reply = values.get("reply_parameters") or {}
        wanted = reply.get("message_id")
        if wanted is not None and (chat, wanted) not in self.messages:
            if not reply.get("allow_sending_without_reply"):
                raise Refused(400, "Bad Request: message to be replied not found")
            wanted = None
        keyboard = self._keyboard(values)
        thread = values.get("message_thread_id")
        made = self._new(chat, by_bot=True, keyboard=keyboard, reply_to=wanted, thread=thread, **content)
        made.options = values
        return self._as_json(made)

    async def _sendmessage(self, values: dict[str, Any]) -> Any:
        text, found = self._content(values)
        made = self._send(values, text=text, entities=found)
        if self.stall is not None:
            await self.stall.wait()
        return made

    async def _sendvoice(self, values: dict[str, Any]) -> Any:
        data = values["voice"]
        with av.open(io.BytesIO(data)) as file:
            if file.format.name != "ogg" or file.streams[0].codec_context.name not in ("opus", "libopus"):
                raise Refused(400, "Bad Request: a voice note is Ogg with Opus")
        return self._send(values, kind="voice", data=data, caption=values.get("caption"))

    async def _sendphoto(self, values: dict[str, Any]) -> Any:
        caption, found = self._content(values, "caption", LONGEST_CAPTION)
        if not values["photo"].startswith((b"\x89PNG", b"\xff\xd8")):
            raise Refused(400, "Bad Request: IMAGE_PROCESS_FAILED")
        return self._send(values, kind="photo", data=values["photo"], caption=caption, entities=found)

    async def _senddocument(self, values: dict[str, Any]) -> Any:
        caption, found = self._content(values, "caption", LONGEST_CAPTION)
        return self._send(values, kind="document", data=values["document"], caption=caption, entities=found)

    async def _sendmessagedraft(self, values: dict[str, Any]) -> Any:
        chat = self._reachable(values)
        if self.kinds[chat] != "private":
            raise Refused(400, "Bad Request: TEXTDRAFT_PEER_INVALID")
        if not int(values["draft_id"]):
            raise Refused(400, "Bad Request: draft_id must be non-zero")
        self._content(values)
        return True

    async def _sendchataction(self, values: dict[str, Any]) -> Any:
        self._reachable(values)
        return True

    def _own(self, values: dict[str, Any], kind: str) -> Sent:
        message = self.messages.get((self._reachable(values), int(values["message_id"])))
        if message is None:
            raise Refused(400, "Bad Request: message to edit not found")
        if not message.by_bot:
            raise Refused(400, "Bad Request: message can't be edited")
        if kind == "text" and message.kind != "text":
            raise Refused(400, "Bad Request: there is no text in the message to edit")
        if kind == "caption" and message.kind == "text":
            raise Refused(400, "Bad Request: there is no caption in the message to edit")
        return message

    def _change(self, message: Sent, **content: Any) -> Any:
        if all(getattr(message, key) == value for key, value in content.items()):
            raise Refused(
                400,
                "Bad Request: message is not modified: specified new message content and reply markup are exactly "
                "the same as a current content and reply markup of the message",
            )
        for key, value in content.items():
            setattr(message, key, value)
        message.edited = int(time.time())
        return self._as_json(message)

    async def _editmessagetext(self, values: dict[str, Any]) -> Any:
        text, found = self._content(values)
        return self._change(self._own(values, "text"), text=text, entities=found, keyboard=self._keyboard(values))

    async def _editmessagecaption(self, values: dict[str, Any]) -> Any:
        caption = self._content(values, "caption", LONGEST_CAPTION)[0] or None
        return self._change(self._own(values, "caption"), caption=caption, keyboard=self._keyboard(values))

    async def _editmessagereplymarkup(self, values: dict[str, Any]) -> Any:
        return self._change(self._own(values, ""), keyboard=self._keyboard(values))

    async def _deletemessage(self, values: dict[str, Any]) -> Any:
        if self.messages.pop((self._reachable(values), int(values["message_id"])), None) is None:
            raise Refused(400, "Bad Request: message to delete not found")
        return True

    async def _answercallbackquery(self, values: dict[str, Any]) -> Any:
        return True

    async def _getfile(self, values: dict[str, Any]) -> Any:
        name = values["file_id"]
        if name not in self.files:
            raise Refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        return {"file_id": name, "file_unique_id": name, "file_size": len(self.files[name]), "file_path": name}

    def _as_json(self, message: Sent) -> dict[str, Any]:
        made: dict[str, Any] = {
            "message_id": message.id,
            "date": int(time.time()),
            "chat": self.chat(message.chat),
            "from": ME,
        }
        if message.text is not None:
            made["text"] = message.text
        if message.edited:
            made["edit_date"] = message.edited
        if message.reply_to:
            asked = self.messages[message.chat, message.reply_to]
            who = {"message_id": asked.id, "date": int(time.time()), "chat": self.chat(asked.chat)}
            made["reply_to_message"] = {**who, "from": ME if asked.by_bot else self.user(asked.user), "text": "…"}
        if message.keyboard:
            made["reply_markup"] = message.keyboard
        if message.thread:
            made |= {"message_thread_id": message.thread, "is_topic_message": True}
        return made


class _Dying(Response):
    """Begin an answer and let the connection die."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": False})


def _refusal(error: Refused) -> JSONResponse:
    told: dict[str, Any] = {"ok": False, "error_code": error.code, "description": error.text}
    if error.parameters:
        told["parameters"] = error.parameters
    return JSONResponse(told, error.code)


async def _values(request: Request) -> dict[str, Any]:
    """Return the parameters of a call, however they were sent."""
    if request.headers.get("content-type", "").startswith("application/json"):
        values: dict[str, Any] = await request.json()
        return values
    found: dict[str, Any] = dict(request.query_params)
    async with request.form(max_part_size=30_000_000) as form:
        for key, value in form.multi_items():
            found[key] = value if isinstance(value, str) else await value.read()
    for key, value in list(found.items()):
        if isinstance(value, str) and key in ("reply_markup", "reply_parameters", "link_preview_options", "commands",
                                              "message_thread_id", "message_id", "chat_id"):  # fmt: skip
            found[key] = json.loads(value)
    return found


_ENTITIES = {
    "bot_command": re.compile(r"(?<!\S)/[A-Za-z0-9_]{1,32}(?:@[A-Za-z0-9_]{3,32})?"),
    "mention": re.compile(r"(?<![A-Za-z0-9_/])@[A-Za-z0-9_]{3,32}"),
}


def entities(text: str) -> list[dict[str, Any]]:
    """Return commands and mentions with their places in UTF-16 units."""
    found = [(kind, match) for kind, pattern in _ENTITIES.items() for match in pattern.finditer(text)]
    found = [each for each in found if each[0] == "bot_command" or "/" not in text[: each[1].start()].split(" ")[-1]]
    return [
        {"type": kind, "offset": units(text[: match.start()]), "length": units(match.group())} for kind, match in found
    ]


def units(text: str) -> int:
    """Return the length in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


class Served:
    """Serve an application on a free port for as long as the `async with` lasts."""

    def __init__(self, app: Any) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(app, log_config=None, log_level="critical", timeout_graceful_shutdown=1, lifespan="off")
        self._server = uvicorn.Server(config)

    async def __aenter__(self) -> Served:
        self._task = asyncio.create_task(self._server._serve([self._socket]))
        while not self._server.started:  # noqa: ASYNC110 - uvicorn offers no event
            await asyncio.sleep(0.005)
        return self

    async def __aexit__(self, *error: object) -> None:
        self._server.should_exit = True
        await self._task
        self._socket.close()
