"""A real server on a free port in a thread, a client of its WebSocket, and a bot that does as it is told."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import re
import secrets
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from personac.connectors.web import WebConnector
from personac.core.errors import Unavailable
from personac.core.message import (
    FORGOTTEN,
    WITHDRAWN,
    Delta,
    Erasure,
    Event,
    File,
    Media,
    Message,
    Profile,
    Reply,
    Sound,
)
from personac.core.runtime import Runtime
from personac.core.turn import DialogueState, Transcript
from websockets.asyncio.client import ClientConnection, connect

SECONDS = 30.0
PROGRAM = Path(__file__).with_name("crashing.py")


class _Errors(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


class Served:
    """A server that runs; `errors` holds what it logged as one."""

    def __init__(self, bots: Sequence[Any], port: int = 0, **options: Any) -> None:
        self._connector = WebConnector(port=port)
        taken = self._connector.bind()
        self._log = _Errors()
        self._loop = asyncio.new_event_loop()
        self._task = self._loop.create_task(self._connector.serve(bots, taken, **options))
        self._thread = threading.Thread(target=self._run, name="server", daemon=True)
        self._thread.start()
        self.port = self._connector.port
        self.base = f"http://127.0.0.1:{self.port}"
        with httpx.Client(transport=httpx.HTTPTransport(retries=5)) as client:
            client.get(f"{self.base}/health", timeout=SECONDS)
        logging.getLogger().addHandler(self._log)

    @property
    def errors(self) -> list[str]:
        return [record.getMessage() for record in self._log.records]

    def forget_errors(self) -> None:
        self._log.records.clear()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            pass
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._task.cancel)
            self._thread.join(SECONDS)
        logging.getLogger().removeHandler(self._log)
        assert not self._thread.is_alive()


class Frames(list[dict[str, Any]]):
    """What a client received, in its order."""

    def of(self, type: str) -> list[dict[str, Any]]:
        """Return the frames of a type."""
        return [frame for frame in self if frame["type"] == type]


class Client:
    """One WebSocket; a sound's bytes stand in its frame as `payload`."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self._numbers = itertools.count()

    async def send(self, type: str, **fields: Any) -> None:
        await self.socket.send(json.dumps({"type": type, **fields}))

    async def receive(self) -> dict[str, Any]:
        async with asyncio.timeout(SECONDS):
            frame: dict[str, Any] = json.loads(await self.socket.recv())
            if frame["type"] == "sound":
                frame["payload"] = await self.socket.recv()
        return frame

    async def until(self, type: str, **fields: Any) -> Frames:
        """Return all frames up to the first of a type."""
        frames = Frames([await self.receive()])
        while not (frames[-1]["type"] == type and fields.items() <= frames[-1].items()):
            frames.append(await self.receive())
        return frames

    async def closed(self) -> int:
        """Return the code with which the server ends the connection."""
        async with asyncio.timeout(SECONDS):
            await self.socket.wait_closed()
        return self.socket.close_code or 0

    async def hello(self, conversation: str | None = None) -> dict[str, Any]:
        """Return the welcome."""
        await self.send("hello", conversation=conversation)
        return (await self.until("welcome"))[-1]

    async def say(self, text: str, id: str | None = None, **fields: Any) -> Frames:
        """Return all frames of a turn; silent where nothing else is said, and with an id of its own."""
        id = f"m-{next(self._numbers)}" if id is None else id
        await self.send("message", **{"id": id, "text": text, "speak": False, **fields})
        return await self.until("done", id=id)


class Killable:
    """A server in a process of its own, always at the same port and with the same store."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, 0
        self.start()

    def start(self) -> None:
        """Start it, again."""
        self._process = subprocess.Popen(
            [sys.executable, PROGRAM, self.folder, str(self.port)], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        self.base = f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """End it at once, in the middle of whatever it does."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def let(self, words: int) -> None:
        """Let a slow answer come to this word."""
        (self.folder / "go").write_bytes(b"." * words)

    def noted(self, file: str) -> list[str]:
        """Return what the bot has noted."""
        path = self.folder / file
        return path.read_text().splitlines() if path.exists() else []


class Api:
    """A session over HTTP; `web` sends its token along."""

    def __init__(self, base: str, **start: Any) -> None:
        self.web = httpx.Client(base_url=base, timeout=SECONDS)
        begun = self.web.post("/api/session", json=start)
        assert begun.status_code == 200, begun.text
        self.session = begun.json()
        self.web.headers["Authorization"] = f"Bearer {self.session['token']}"

    def say(self, text: str, **fields: Any) -> httpx.Response:
        """Send a message and return the answer to the request."""
        return self.web.post("/api/messages", json={"text": text, **fields})


class Scripted:
    """A bot without models: what a message says is what it does."""

    def __init__(self, slug: str = "script", ready: dict[str, bool] | None = None, consent: Any = "ask") -> None:
        greeting = {"en": "Hello, I do as I am told.", "zh": "你好，我照做。"}
        text = {"en": "May I keep this?", "zh": "可以保留吗？"}
        self.profile = Profile("Script", slug, "Does as it is told.", ("en", "zh"), greeting, consent, text, True)
        self.parts = {"text": True} if ready is None else ready
        self.asked: list[Message] = []
        self.ended: list[str] = []
        self.endings = threading.Semaphore(0)
        self.agreed: dict[str, bool] = {}
        self.go = threading.Semaphore(0)  # each word of a slow answer takes one
        self.told: list[tuple[str, list[tuple[str, str]], DialogueState]] = []

    def ready(self) -> dict[str, bool]:
        return dict(self.parts)

    async def answer(self, message: Message) -> AsyncIterator[Event]:
        self.asked.append(message)
        try:
            if message.text == "think":
                await asyncio.sleep(SECONDS * 10)
            if message.text == "break":
                raise RuntimeError("broken")  # as torch raises
            if message.text == "outage":
                raise Unavailable("the disk is full")
            for word in re.findall(r"\S+\s*", message.text) if message.text.startswith("slow ") else ():
                while not self.go.acquire(blocking=False):  # noqa: ASYNC110  # released from another thread
                    await asyncio.sleep(0.005)
                yield Delta(word)
            if not message.text.startswith("slow "):
                yield Delta(message.text)
            skill = {"/forget": FORGOTTEN, "keep it": "personac.agree", "keep nothing": WITHDRAWN}.get(message.text)
            if skill is not None:
                self.agreed.pop(message.user, None)
            if message.text.startswith("keep "):
                self.agreed[message.user] = message.text == "keep it"
            yield Reply(message.text, "en", skill=skill)
            if message.text == "talk":
                for _ in range(2000):
                    yield Sound(b"\0\1" * 2205, 22050, ((0.0, "open"), (0.05, "closed")))
                    await asyncio.sleep(0.02)
        finally:
            self.ended.append(message.text)
            self.endings.release()

    def consent(self, user: str) -> bool | None:
        return self.agreed.get(user)

    def set_consent(self, user: str, granted: bool, language: str = "") -> str:
        before, self.agreed[user] = self.agreed.get(user), granted
        return f"Receipt ({language})" if before and not granted else ""

    def history(self, conversation: str) -> list[tuple[str, str, str]]:
        return []

    def forget(self, user: str) -> Erasure:
        return Erasure("1", 0.0)

    def export(self, user: str) -> dict[str, Any]:
        return {"user": user, "turns": []}

    def export_files(self, user: str, language: str) -> tuple[File, ...]:
        said = f"{user} {language}".encode()
        return File("script.json", "application/json", said), File("script.html", "text/html", said)

    def erase_and_tell(self, user: str, language: str) -> Reply:
        return Reply(f"Erased ({language}).", language, skill=FORGOTTEN)

    def ask_consent(self, user: str, language: str) -> str:
        return ""

    def state(self, conversation: str) -> DialogueState:
        return DialogueState("asked", str(len(self.asked)))

    def recount(self, conversation: str, user: str, lines: Sequence[tuple[str, str]], state: DialogueState) -> None:
        self.told.append((conversation, list(lines), state))

    async def hear(self, media: Media) -> Transcript:
        return Transcript("what was said", "en")

    async def say(self, text: str, language: str = "") -> AsyncIterator[Sound]:
        for word in text.split():
            rate = 16000 if word.isascii() else 22050
            yield Sound(b"\0\1" * (rate // 4), rate)


@pytest.fixture(scope="session")
def serve() -> Callable[..., Any]:
    """Return a function that serves bots for as long as its `with` lasts."""

    @contextmanager
    def serving(*bots: Any, port: int = 0, **options: Any) -> Iterator[Served]:
        server = Served(bots, port, **options)
        try:
            yield server
        finally:
            server.stop()

    return serving


@pytest.fixture(scope="module")
def served_bank(bank: Runtime, serve: Callable[..., Any]) -> Iterator[Served]:
    """Serve bank_service."""
    with serve(bank) as server:
        yield server


@pytest.fixture
def bank_server(served_bank: Served) -> Served:
    """Return the server of bank_service, without the errors of earlier tests."""
    served_bank.forget_errors()
    return served_bank


@pytest.fixture
def reply_keys() -> set[str]:
    """Return the keys of a reply's JSON, on which clients rely."""
    return {
        "text", "language", "intent", "confidence", "out_of_scope", "emotion", "slots", "skill", "sources", "rules",
        "redactions", "transcript", "picture_text", "audio", "expression", "milliseconds", "intents", "choices",
        "consent",
    }  # fmt: skip


@pytest.fixture(scope="session")
def script() -> type[Scripted]:
    """Return the class of the bot without models."""
    return Scripted


@pytest.fixture
def cookie() -> Callable[[], str]:
    """Return a function that makes up a browser's cookie."""
    return lambda: secrets.token_urlsafe(18)


@pytest.fixture
def killable(tmp_path: Path) -> Iterator[Killable]:
    """Return a server to be killed."""
    server = Killable(tmp_path)
    yield server
    server.kill()


@pytest.fixture
def api() -> Iterator[Callable[..., Api]]:
    """Return a function that begins a session; all are closed after the test."""
    sessions: list[Api] = []

    def begun(server: Any, **start: Any) -> Api:
        sessions.append(Api(server if isinstance(server, str) else server.base, **start))
        return sessions[-1]

    yield begun
    for session in sessions:
        session.web.close()


@pytest.fixture
async def client() -> AsyncIterator[Callable[..., Any]]:
    """Return a function that opens a WebSocket; all are closed after the test."""
    sockets: list[ClientConnection] = []

    async def opened(server: Served, user: str = "", path: str = "/ws", **options: Any) -> Client:
        headers = {"Cookie": f"personac_user={user}"} if user else {}
        url = f"ws://127.0.0.1:{server.port}{path}"
        sockets.append(await connect(url, additional_headers=headers, max_size=None, **options))
        return Client(sockets[-1])

    yield opened
    for each in sockets:
        await each.close()
