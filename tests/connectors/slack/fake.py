"""A Slack of our own on loopback: its Web API, Socket Mode and files, as documented, and people who write in it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

TEAM, BOT_USER, BOT_ID, APP = "T1", "UBOT", "BBOT", "A1"
TOKEN, APP_TOKEN, SECRET = "xoxb-test", "xapp-test", "shh-a-signing-secret"


@dataclass
class Fault:
    """How one call fails: before it does anything, or (`after`) once it is done, when its answer gets lost."""

    status: int = 200
    error: str = ""
    retry_after: int | None = None
    after: bool = False


@dataclass
class FakeSlack:
    """One workspace with one app in it."""

    channels: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    members: set[str] = field(default_factory=lambda: {"C1", "C2", "CPEOPLE"})  # where the bot is
    no_streams: set[str] = field(default_factory=set)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    faults: dict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    homes: dict[str, dict[str, Any]] = field(default_factory=dict)
    whispers: list[dict[str, Any]] = field(default_factory=list)
    acks: list[dict[str, Any]] = field(default_factory=list)
    base: str = ""

    def __post_init__(self) -> None:
        self._clock = 1_700_000_000.0
        self._events = 0
        self._sockets: list[web.WebSocketResponse] = []
        self.connected = asyncio.Event()
        self.changed = asyncio.Event()

    async def start(self) -> None:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/upload/{file}", self._upload)
        app.router.add_get("/files/{file}", self._download)
        app.router.add_get("/socket", self._socket)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.base = f"http://{host}:{port}"

    async def stop(self) -> None:
        for socket in self._sockets:
            await socket.close()
        await self._runner.cleanup()

    # what tests look at

    def of_bot(self, channel: str) -> list[dict[str, Any]]:
        """Return the bot's messages in a channel."""
        return [message for message in self.channels[channel] if message.get("bot_id") == BOT_ID]

    def count(self, method: str) -> int:
        """Return how often a method was called."""
        return sum(name == method for name, _ in self.calls)

    async def until(self, true: Callable[[], Any], seconds: float = 60.0) -> Any:
        """Wait until something is so, and return it."""
        async with asyncio.timeout(seconds):
            while not (value := true()):
                self.changed.clear()
                try:
                    await asyncio.wait_for(self.changed.wait(), 0.05)
                except TimeoutError:
                    pass
        return value

    # the Web API

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        args = await _arguments(request)
        self.calls.append((method, args))
        wanted = APP_TOKEN if method == "apps.connections.open" else TOKEN
        if request.headers.get("Authorization") != f"Bearer {wanted}":
            return web.json_response({"ok": False, "error": "invalid_auth"})
        fault = self.faults[method].pop(0) if self.faults[method] else None
        if fault is not None and not fault.after:
            return _failed(fault)
        handler: Callable[[dict[str, Any]], Any] | None = getattr(self, "_" + method.replace(".", "_"), None)
        if handler is None:
            return web.json_response({"ok": False, "error": "unknown_method"})
        answer = handler(args)
        self.changed.set()
        if fault is not None:
            if request.transport is not None and fault.status == 200 and not fault.error:
                request.transport.close()  # done, and nobody hears of it
            return _failed(fault)
        error = {"ok": False, "error": answer} if isinstance(answer, str) else {"ok": True, **answer}
        return web.json_response(error)

    def next_ts(self) -> str:
        self._clock += 0.001
        return f"{self._clock:.6f}"

    def _message(self, args: dict[str, Any]) -> dict[str, Any] | None:
        found = (m for m in self.channels.get(args.get("channel", ""), ()) if m["ts"] == args.get("ts"))
        return next(found, None)

    def _refusal(self, args: dict[str, Any]) -> str | None:
        channel = args.get("channel", "")
        if not channel.startswith(("C", "D", "G")):
            return "channel_not_found"
        if not channel.startswith("D") and channel not in self.members:
            return "not_in_channel"
        if len(args.get("text") or "") > 40_000:
            return "msg_too_long"
        blocks = args.get("blocks")
        if blocks is not None and (not isinstance(blocks, list) or len(blocks) > 50 or not all(map(_fits, blocks))):
            return "invalid_blocks"
        metadata = args.get("metadata")
        if metadata is not None and not {"event_type", "event_payload"} <= set(metadata):
            return "invalid_metadata_format"
        return None

    def _auth_test(self, args: dict[str, Any]) -> dict[str, Any]:
        return {"user_id": BOT_USER, "bot_id": BOT_ID, "team_id": TEAM}

    def _post(self, args: dict[str, Any]) -> dict[str, Any]:
        message = {"type": "message", "user": BOT_USER, "bot_id": BOT_ID, "app_id": APP, "ts": self.next_ts()}
        message |= {key: args[key] for key in ("text", "blocks", "metadata", "thread_ts") if args.get(key)}
        self.channels[args["channel"]].append(message)
        return message

    def _chat_postMessage(self, args: dict[str, Any]) -> dict[str, Any] | str:
        if refusal := self._refusal(args):
            return refusal
        if not args.get("text") and not args.get("blocks"):
            return "no_text"
        message = self._post(args)
        return {"channel": args["channel"], "ts": message["ts"], "message": message}

    def _chat_update(self, args: dict[str, Any]) -> dict[str, Any] | str:
        message = self._message(args)
        if refusal := self._refusal(args):
            return refusal
        if message is None:
            return "message_not_found"
        message |= {key: args[key] for key in ("text", "blocks", "metadata") if key in args}
        message["edits"] = message.get("edits", 0) + 1
        return {"channel": args["channel"], "ts": message["ts"]}

    def _chat_postEphemeral(self, args: dict[str, Any]) -> dict[str, Any]:
        self.whispers.append(args)
        return {"message_ts": self.next_ts()}

    def _chat_startStream(self, args: dict[str, Any]) -> dict[str, Any] | str:
        if refusal := self._refusal(args):
            return refusal
        if args["channel"] in self.no_streams:
            return "channel_type_not_supported"
        if not args.get("thread_ts"):
            return "invalid_arguments"
        if not args["channel"].startswith("D"):
            for name in ("recipient_team_id", "recipient_user_id"):
                if not args.get(name):
                    return f"missing_{name}"
        message = self._post({key: args[key] for key in ("channel", "thread_ts")})
        message |= {"text": _streamed(args), "streaming": True, "streamed": True}
        return {"channel": args["channel"], "ts": message["ts"]}

    def _chat_appendStream(self, args: dict[str, Any]) -> dict[str, Any] | str:
        message = self._message(args)
        if message is None:
            return "message_not_found"
        if not message.get("streaming"):
            return "message_not_in_streaming_state"
        message["text"] += _streamed(args)
        return {"channel": args["channel"], "ts": args["ts"]}

    def _chat_stopStream(self, args: dict[str, Any]) -> dict[str, Any] | str:
        if refusal := self._refusal(args):
            return refusal
        answer = self._chat_appendStream(args)
        message = self._message(args)
        if isinstance(answer, str) or message is None:
            return answer
        message |= {key: args[key] for key in ("blocks", "metadata") if key in args}
        message["streaming"] = False
        return answer

    def _assistant_threads_setStatus(self, args: dict[str, Any]) -> dict[str, Any]:
        return {}

    def _conversations_open(self, args: dict[str, Any]) -> dict[str, Any]:
        return {"channel": {"id": "D" + args["users"]}}

    def _conversations_history(self, args: dict[str, Any]) -> dict[str, Any] | str:
        messages = [m for m in self.channels[args["channel"]] if m.get("thread_ts") in (None, m["ts"])]
        return self._page(list(reversed(messages)), args)

    def _conversations_replies(self, args: dict[str, Any]) -> dict[str, Any] | str:
        thread = args.get("ts")
        messages = [m for m in self.channels[args["channel"]] if thread in (m["ts"], m.get("thread_ts"))]
        return self._page(messages, args) if messages else "thread_not_found"

    def _page(self, messages: list[dict[str, Any]], args: dict[str, Any]) -> dict[str, Any] | str:
        if refusal := self._refusal({"channel": args["channel"]}):
            return refusal
        oldest, inclusive = args.get("oldest", ""), args.get("inclusive") == "1"
        messages = [m for m in messages if m["ts"] > oldest or (inclusive and m["ts"] == oldest)]
        start, limit = int(args.get("cursor") or 0), int(args.get("limit") or 100)
        shown = [dict(m) for m in messages[start : start + limit]]
        if args.get("include_all_metadata") != "1":
            for message in shown:
                message.pop("metadata", None)
        more = start + limit < len(messages)
        cursor = {"response_metadata": {"next_cursor": str(start + limit)}} if more else {}
        return {"messages": shown, "has_more": more, **cursor}

    def _views_publish(self, args: dict[str, Any]) -> dict[str, Any] | str:
        view = args["view"]
        if view.get("type") != "home" or not all(map(_fits, view["blocks"])):
            return "invalid_arguments"
        self.homes[args["user_id"]] = view
        return {"view": view}

    # files

    def add_file(self, data: bytes, mimetype: str, name: str = "file", **more: Any) -> dict[str, Any]:
        """Return a file that somebody sent, as events show it."""
        id = f"F{len(self.files) + 1}"
        url = f"{self.base}/files/{id}"
        self.files[id] = {
            "id": id,
            "name": name,
            "mimetype": mimetype,
            "size": len(data),
            "url_private": url,
            "data": data,
        }
        return {key: value for key, value in self.files[id].items() if key != "data"} | more

    async def _download(self, request: web.Request) -> web.Response:
        self.calls.append(("download", dict(request.headers)))
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.Response(status=302, headers={"Location": "/login"})
        file = self.files[request.match_info["file"]]
        if self.faults["download"]:
            return _failed(self.faults["download"].pop(0))
        return web.Response(body=file["data"], content_type=file["mimetype"])

    def _files_getUploadURLExternal(self, args: dict[str, Any]) -> dict[str, Any]:
        id = f"F{len(self.files) + 1}"
        self.files[id] = {"id": id, "name": args["filename"], "length": int(args["length"]), "data": b"", "shares": {}}
        return {"file_id": id, "upload_url": f"{self.base}/upload/{id}"}

    async def _upload(self, request: web.Request) -> web.Response:
        self.files[request.match_info["file"]]["data"] = await request.read()
        return web.Response(text="OK")

    def _files_completeUploadExternal(self, args: dict[str, Any]) -> dict[str, Any] | str:
        done = []
        for one in args["files"]:
            file = self.files.get(one["id"])
            if file is None or len(file["data"]) != file["length"]:
                return "file_not_found"
            file["shares"] = {"private": {args["channel_id"]: [{"ts": self.next_ts()}]}}
            place = {"channel": args["channel_id"], "thread_ts": args.get("thread_ts"), "text": ""}
            self._post(place)["files"] = [{"id": one["id"], "name": file["name"]}]
            done.append({"id": one["id"], "title": one.get("title")})
        return {"files": done}

    def _files_info(self, args: dict[str, Any]) -> dict[str, Any] | str:
        file = self.files.get(args["file"])
        return {"file": {k: v for k, v in file.items() if k != "data"}} if file else "file_not_found"

    # Socket Mode

    def _apps_connections_open(self, args: dict[str, Any]) -> dict[str, Any]:
        return {"url": self.base.replace("http", "ws") + "/socket"}

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": APP}})
        self._sockets.append(socket)
        self.connected.set()
        async for packet in socket:
            if packet.type == WSMsgType.TEXT:
                self.acks.append(json.loads(packet.data))
                self.changed.set()
        return socket

    async def envelope(self, kind: str, payload: dict[str, Any], id: str, **more: Any) -> None:
        """Deliver something over the WebSocket."""
        packet = {"type": kind, "envelope_id": id, "payload": payload, "accepts_response_payload": kind != "events_api"}
        await self._sockets[-1].send_json(packet | more)

    # what people do

    def wrap(self, event: dict[str, Any]) -> dict[str, Any]:
        """Return an event as the Events API delivers it."""
        self._events += 1
        bot = {
            "enterprise_id": None,
            "team_id": TEAM,
            "user_id": BOT_USER,
            "is_bot": True,
            "is_enterprise_install": False,
        }
        body = {"token": "legacy", "team_id": TEAM, "api_app_id": APP, "type": "event_callback", "event": event}
        return body | {"event_id": f"Ev{self._events}", "event_time": int(time.time()), "authorizations": [bot]}

    def says(self, user: str, channel: str, text: str, thread: str | None = None, **more: Any) -> dict[str, Any]:
        """Write a message into a channel and return its event."""
        event = {"type": "message", "user": user, "text": text, "ts": self.next_ts(), "team": TEAM, "channel": channel}
        event |= {"channel_type": "im" if channel.startswith("D") else "channel", "event_ts": f"{self._clock:.6f}"}
        event |= {"thread_ts": thread} if thread else {}
        event |= {"subtype": "file_share"} if "files" in more else {}
        event |= more
        self.channels[channel].append({key: value for key, value in event.items() if key != "channel"})
        return event


def mention(event: dict[str, Any]) -> dict[str, Any]:
    """Return the second event that Slack sends for a message that mentions the bot."""
    dropped = ("channel_type", "subtype")
    return {key: value for key, value in event.items() if key not in dropped} | {"type": "app_mention"}


def signature(body: bytes, timestamp: str, secret: str = SECRET) -> str:
    """Sign a request as Slack does."""
    return "v0=" + hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()


def headers_for(body: bytes, kind: str = "application/json", at: float | None = None) -> dict[str, str]:
    """Return the headers of a signed request."""
    stamp = str(int(time.time() if at is None else at))
    return {"content-type": kind, "x-slack-request-timestamp": stamp, "x-slack-signature": signature(body, stamp)}


async def _arguments(request: web.Request) -> dict[str, Any]:
    args: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        args |= await request.json()
    elif request.can_read_body:
        args |= dict(await request.post())
    for name in ("blocks", "metadata", "files", "chunks", "view"):
        if isinstance(args.get(name), str):
            args[name] = json.loads(args[name])
    return args


def _failed(fault: Fault) -> web.Response:
    headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after is not None else {}
    return web.json_response(
        {"ok": False, "error": fault.error or "internal_error"}, status=fault.status, headers=headers
    )


def _streamed(args: dict[str, Any]) -> str:
    chunks = args.get("chunks") or []
    return str(args.get("markdown_text") or "") + "".join(c["text"] for c in chunks if c["type"] == "markdown_text")


_TEXT_LIMITS = {"header": 150, "section": 3000}


def _fits(block: dict[str, Any]) -> bool:
    """Tell whether a block is of a documented shape, in the parts that this connector uses."""
    kind, elements = block.get("type"), block.get("elements")
    if kind in _TEXT_LIMITS:
        return _is_text(block.get("text"), _TEXT_LIMITS[kind]) and (
            kind != "header" or block["text"]["type"] == "plain_text"
        )
    if kind == "divider":
        return True
    if not isinstance(elements, list) or not elements:
        return False
    if kind == "context":
        return len(elements) <= 10 and all(_is_text(element, 3000) for element in elements)
    if kind == "actions":
        return len(elements) <= 25 and all(_is_button(element) for element in elements)
    if kind == "context_actions":
        return len(elements) <= 5 and all(e["type"] == "feedback_buttons" and "positive_button" in e for e in elements)
    if kind == "rich_text":
        inner = [leaf for section in elements for leaf in section["elements"]]
        return all(leaf.get("text") if leaf["type"] == "text" else leaf.get("url") for leaf in inner)
    return False


def _is_text(text: Any, limit: int) -> bool:
    return isinstance(text, dict) and text["type"] in ("plain_text", "mrkdwn") and 0 < len(text["text"]) <= limit


def _is_button(element: dict[str, Any]) -> bool:
    return element["type"] == "button" and _is_text(element["text"], 75) and len(element["value"]) <= 2000


def words(message: dict[str, Any]) -> str:
    """Return what people read in a message: its rich text, literally, else its text."""
    blocks = [block for block in message.get("blocks", ()) if block["type"] == "rich_text"]
    shown = ["".join(e.get("text") or e.get("url") for s in b["elements"] for e in s["elements"]) for b in blocks]
    return "\n".join(shown) if shown and not message.get("streamed") else message.get("text", "")


def elements(message: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """Return the elements of a kind in a message's or a view's blocks."""
    return [e for b in message.get("blocks", ()) for e in b.get("elements", ()) if e.get("type") == kind]
