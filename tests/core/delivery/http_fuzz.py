"""Throw broken HTTP requests at a server with all connectors: none may be answered 500, none may show its inside.

Requests go to the real application in this process, below the HTTP parser: paths of all connectors and of none,
methods, headers, bodies that are cut, deep, huge, of the wrong type or no UTF-8, with and without the right signature.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from personac.connectors.slack import SlackConnector
from personac.connectors.telegram import TelegramConnector
from personac.connectors.web.app import make_app
from personac.core.contracts import Connector
from personac.core.delivery.patience import Patience
from personac.core.delivery.server import DeliveryServer
from personac.core.persona.schema import Limits
from personac.core.store.sqlite import SQLiteStore
from personac.testing import Parrot

from ...connectors.slack.fake import SECRET as SIGNING
from ...connectors.slack.fake import headers_for

NOWHERE = "http://127.0.0.1:9"  # what is sent goes nowhere
HOOK = "a-secret-of-the-webhook"
TELEGRAM = "123456789:AAExample_Token-of-a-fake-server_00"
SETTINGS: dict[str, dict[str, Any]] = {
    "slack": {"bot_token": "xoxb-secret-token", "signing_secret": SIGNING, "api": f"{NOWHERE}/api/"},
    "telegram": {"token": TELEGRAM, "secret_token": HOOK, "base_url": f"{NOWHERE}/bot"},
    "web": {"secret": "a secret of the sessions", "origins": ["https://friend.example"]},
}
INSIDE = re.compile(
    rb"Traceback|\.py\b|sqlite|site-packages|\bline \d+, in |xoxb-secret|AAExample|shh-a-signing|a-secret-of|"
    rb"a secret of the sessions|[A-Z][a-z]+Error\b"
)
PATHS = (
    "/", "/health", "/ready", "/metrics", "/openapi.json", "/ws", "/media", "/api/turn", "/api/session",
    "/api/messages", "/api/messages/x/got", "/api/events", "/api/stop", "/api/history", "/api/consent", "/api/me",
    "/v1/models", "/v1/chat/completions", "/v1/audio/transcriptions", "/v1/audio/speech", "/widget.js", "/login",
    "/p/parrot/slack/events", "/p/parrot/slack/", "/p/parrot/slack/interactive", "/p/parrot/telegram/",
    "/p/parrot/telegram", "/p/parrot/", "/p/nobody/slack/events", "/p/parrot/../../etc/passwd", "/p//x",
    "/static/../app.py",
)  # fmt: skip
POSTED = tuple(path for path in PATHS if re.search(r"^/(api|v1|media)|slack|telegram", path))
METHODS = ("GET", "GET", "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "BREW")
KINDS = (
    "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "",
    "application/json; charset=utf-16", "image/png", "multipart/form-data", "application/json;;;", "\xff",
)  # fmt: skip
WORDS: tuple[Any, ...] = (
    "", "hello", "你好", "\x00", "\ud800", "<script>alert(1)</script>", "a" * 5000, "../../etc/passwd", "{{7*7}}",
    "' OR 1=1 --", None, True, -1, 0, 1e308, 2**70, [], {}, [[]], {"a": {}}, "\u202e", "<!channel>", "parrot", "1.1",
)  # fmt: skip
FIELDS = (
    "text", "user", "conversation", "id", "type", "event", "token", "channel", "ts", "message", "chat", "from", "model",
    "messages", "role", "content", "media", "speak", "granted", "stream", "input", "voice", "file", "update_id",
    "message_id", "payload", "command", "team_id", "event_id", "blocks", "files", "entities", "callback_query",
    "challenge", "photo", "caption", "team", "event_ts", "thread_ts", "channel_type", "edited_message", "actions",
)  # fmt: skip
SEEDS: tuple[dict[str, Any], ...] = (
    {"text": "hello", "user": "ann"},
    {"model": "parrot", "messages": [{"role": "user", "content": "hello"}], "stream": True},
    {"model": "tts", "input": "hello", "voice": "parrot"},
    {"type": "url_verification", "challenge": "abc", "token": "t"},
    {"type": "event_callback", "event_id": "E1", "team_id": "T1", "api_app_id": "A1", "authorizations": [],
     "event": {"type": "message", "channel": "D1", "channel_type": "im", "user": "U1", "text": "hi", "ts": "1.1"}},
    {"type": "block_actions", "user": {"id": "U1"}, "team": {"id": "T1"}, "actions": [{"action_id": "a", "value": ""}]},
    {"update_id": 7, "message": {"message_id": 5, "date": 1, "chat": {"id": 42, "type": "private", "first_name": "A"},
     "from": {"id": 42, "is_bot": False, "first_name": "A"}, "text": "hi"}},
    {"update_id": 8, "callback_query": {"id": "1", "from": {"id": 42, "is_bot": False, "first_name": "A"},
     "chat_instance": "1", "data": "x"}},
    {"id": "m1", "text": "hello", "media": [], "speak": False},
)  # fmt: skip


class Fuzzer:
    """Make requests from a seed, and look at what is answered."""

    def __init__(self, app: Any, seed: int) -> None:
        self.app = app
        self.random = random.Random(seed)
        self.statuses: Counter[int] = Counter()
        self.failures: list[tuple[str, str, str]] = []  # method, path, what was wrong
        self.slowest = 0.0
        self.token = ""  # of a session

    async def run(self, count: int) -> None:
        """Try so many requests."""
        for _ in range(count):
            await self.try_one()

    async def try_one(self) -> None:
        """Make one request and judge the answer."""
        scope, parts = self._request()
        begun = time.perf_counter()
        status, answer, broken = 0, bytearray(), ""

        async def receive() -> dict[str, Any]:
            if not parts:
                return {"type": "http.disconnect"}
            part = parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(parts)}

        async def send(packet: dict[str, Any]) -> None:
            nonlocal status
            if packet["type"] == "http.response.start":
                status = packet["status"]
            answer.extend(packet.get("body", b""))

        try:
            async with asyncio.timeout(20):
                await self.app(scope, receive, send)
        except Exception as error:  # what uvicorn would answer 500
            broken = f"{type(error).__name__}: {error}"
        self.statuses[status] += 1
        self.slowest = max(self.slowest, time.perf_counter() - begun)
        leak = not _own_file(scope["path"]) and INSIDE.search(bytes(answer[:20_000]))
        if broken or status in (0, 500, 502, 504) or leak:
            said = broken or f"{status} {bytes(answer[:200])!r}"
            self.failures.append((scope["method"], scope["path"], said))

    def _request(self) -> tuple[dict[str, Any], list[bytes]]:
        draw = self.random
        posted = draw.random() < 0.75
        path, method = (draw.choice(POSTED), "POST") if posted else (draw.choice(PATHS), draw.choice(METHODS))
        kind = draw.choice(KINDS)
        if draw.random() < 0.05:
            path += draw.choice(("/", "%00", "%ff", "/" * 50, "a" * 3000, "?x", "/..;/"))
        body = self._body()
        if draw.random() < 0.5:
            kind = "application/json"
        headers = {"host": "bot.example", "content-type": kind}
        if draw.random() < 0.7:
            headers["content-length"] = str(draw.choice((len(body),) * 8 + (0, 10**12, "x", "-1")))
        if draw.random() < 0.5 and "slack" in path:
            headers |= headers_for(body, kind, draw.choice((None, None, None, 0.0)))
        if draw.random() < 0.5 and "telegram" in path:
            headers["x-telegram-bot-api-secret-token"] = HOOK
        if draw.random() < 0.6 and path.startswith("/api"):
            headers["authorization"] = f"Bearer {self.token}"
        if draw.random() < 0.2:
            name = draw.choice(("authorization", "origin", "cookie", "last-event-id", "accept", "x-slack-signature"))
            headers[name] = draw.choice(("Bearer x.y.z", "Bearer ", "https://evil.example", "null", "v0=", "\xff", "*"))
        query = urlencode({draw.choice(FIELDS): "x"}) if draw.random() < 0.1 else ""
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": path.replace("%00", "\x00").replace("%ff", "\ufffd"), "raw_path": quote(path).encode(),
            "query_string": query.encode(), "root_path": "", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
            "headers": [(k.encode("latin-1"), v.encode("latin-1")) for k, v in headers.items()], "state": {},
        }  # fmt: skip
        cut = draw.randrange(len(body) + 1)
        return scope, [body] if draw.random() < 0.8 else [body[:cut], body[cut:]]

    def _body(self) -> bytes:
        draw = self.random
        kind = draw.random()
        if kind < 0.55:
            made = json.dumps(self._bent(json.loads(json.dumps(draw.choice(SEEDS))))).encode()
            return made if draw.random() < 0.8 else made[: draw.randrange(len(made) + 1)]
        if kind < 0.65:
            name = draw.choice(FIELDS)
            return urlencode({name: json.dumps(draw.choice(SEEDS)), "payload": json.dumps(draw.choice(SEEDS))}).encode()
        if kind < 0.7:
            return draw.choice((b"[", b'{"a":', b'{"text":[')) * draw.choice((50, 1000, 20_000))
        if kind < 0.75:
            made = bytearray(json.dumps(draw.choice(SEEDS)).encode())
            for _ in range(3):
                made[draw.randrange(len(made))] = draw.randrange(256)
            return bytes(made)
        if kind < 0.8:
            part = (
                b'--x\r\nContent-Disposition: form-data; name="file"; filename="../a.wav"\r\n\r\nRIFF\xff\r\n--x--\r\n'
            )
            return part if draw.random() < 0.5 else part[: draw.randrange(len(part))]
        if kind < 0.82:
            return b"x" * draw.choice((70_000, 1_100_000))
        if kind < 0.9:
            return draw.randbytes(draw.choice((0, 1, 30, 1000)))
        return json.dumps(draw.choice(WORDS)).encode()

    def _bent(self, value: Any) -> Any:
        """Change one or more places of a JSON value."""
        draw = self.random
        if isinstance(value, dict):
            for key in list(value):
                chance = draw.random()
                if chance < 0.1:
                    value[key] = draw.choice(WORDS)
                elif chance < 0.15:
                    del value[key]
                else:
                    value[key] = self._bent(value[key])
            if draw.random() < 0.15:
                value[draw.choice(FIELDS)] = draw.choice((*WORDS, *SEEDS))
        elif isinstance(value, list) and value:
            value[draw.randrange(len(value))] = draw.choice(WORDS)
        elif draw.random() < 0.1:
            return draw.choice(WORDS)
        return value


def _own_file(path: str) -> bool:
    """Tell whether a path is one whose text is public and names errors of the interface."""
    return path.startswith("/openapi.json") or path.endswith(".js")


@asynccontextmanager
async def fuzzed(seed: int) -> AsyncIterator[Fuzzer]:
    """Start a server with all connectors in this process."""
    with tempfile.TemporaryDirectory() as folder:
        store = SQLiteStore(Path(folder) / "parrot.sqlite")
        server = DeliveryServer(Patience(0.01, 0.01, 1))
        bot = Parrot()
        post = server.add(bot, store, lambda: Limits())
        connectors: tuple[Connector, ...] = (SlackConnector(), TelegramConnector())
        for connector in connectors:
            server.open(post, connector, SETTINGS[connector.name])
        site = make_app([bot], settings={"parrot": SETTINGS["web"]}, desks={"parrot": post.desk("web")})
        async with site.router.lifespan_context(site):
            app = server.wrap(site)
            fuzzer = Fuzzer(app, seed)
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
                answer = await client.post("http://bot.example/api/session", json={})
                fuzzer.token = answer.raise_for_status().json()["token"]
            yield fuzzer
        await post.stop(2)
        await asyncio.to_thread(post.close)
        store.close()
