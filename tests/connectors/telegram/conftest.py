"""A Bot API server on loopback, and a persona connected to it by the real library and the real delivery core."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from personac.connectors.telegram import TelegramConnector, live, polling, reading
from personac.connectors.telegram.channel import TelegramChannel
from personac.core.delivery.host import Host
from personac.core.delivery.measures import Measures
from personac.core.delivery.patience import Patience
from personac.core.delivery.post import Post
from personac.core.message import Delta, Erasure, Event, File, Message, Profile, Reply, Sound
from personac.core.persona.schema import Limits
from personac.core.store.sqlite import SQLiteStore
from personac.core.turn import DialogueState

from ..claims import Claims
from .fake import TOKEN, FakeTelegram, Served

SECRET = "a_secret-Token"
PROFILE = Profile(
    name="Mei Lin",
    slug="mei-lin",
    summary="A Beijing guide.",
    languages=("en", "zh"),
    greeting={"en": "Hello, I am Mei Lin, a bot.", "zh": "您好，我是机器人梅林。"},
    consent="ask",
    consent_text={"en": "May I keep our talk?", "zh": "可以保存吗？"},
    has_voice=True,
)
Answering = Callable[[Message], AsyncIterator[Event]]


@dataclass
class Scripted:
    """A bot that answers as it is told, and keeps what it hears in the real store."""

    store: SQLiteStore
    answering: Answering | None = None
    profile: Profile = PROFILE
    heard: list[Message] = field(default_factory=list)
    asking: bool = False  # below answers, whether they may be kept

    async def answer(self, message: Message) -> AsyncIterator[Event]:
        about_data = Claims(self.profile, self.store).reply(message)
        if about_data is not None:
            yield about_data
            return
        self.heard.append(message)
        answering = self.answering or self._echo
        async for event in answering(message):
            if isinstance(event, Reply):
                event.milliseconds = {"total": 1.0}
                keep = self.consent(message.user) is True
                self.store.record(message, message.text, event.text, event.language, DialogueState(), keep=keep)
                if self.asking and not message.shared:
                    event.consent = self.ask_consent(message.user, event.language)
            yield event

    async def _echo(self, message: Message) -> AsyncIterator[Event]:
        yield Delta(f"You said: {message.text}")
        yield Reply(f"You said: {message.text}", "en")

    async def say(self, text: str, language: str = "") -> AsyncIterator[Sound]:
        wave = np.sin(np.arange(11025) * 0.1) * 9000
        yield Sound(wave.astype("<i2").tobytes(), 22050)
        yield Sound(wave.astype("<i2").tobytes(), 16000)

    def ready(self) -> dict[str, bool]:
        return {"text": True}

    def consent(self, user: str) -> bool | None:
        return self.store.consent(user)

    def set_consent(self, user: str, granted: bool, language: str = "") -> str:
        agreed, erased = self.store.consent(user), self.store.set_consent(user, granted)
        return f"Receipt {erased.id} ({language})" if erased and agreed else ""

    def history(self, conversation: str) -> list[tuple[str, str, str]]:
        return self.store.history(conversation)

    def forget(self, user: str) -> Erasure:
        return self.store.erase(user)

    def export(self, user: str) -> dict[str, Any]:
        return self.store.export(user)

    def export_files(self, user: str, language: str) -> tuple[File, ...]:
        return Claims(self.profile, self.store).files(user, language)

    def erase_and_tell(self, user: str, language: str) -> Reply:
        return Claims(self.profile, self.store).erased(user, language)

    def ask_consent(self, user: str, language: str, conversation: str = "") -> str:
        return Claims(self.profile, self.store).question(user, language, conversation)

    def feedback(self, conversation: str, user: str, key: str, good: bool) -> None:
        self.store.feedback(conversation, user, key, good, keep=self.consent(user) is True)


def saying(text: str, **more: Any) -> Answering:
    """Return what answers everything with one text."""

    async def answering(message: Message) -> AsyncIterator[Event]:
        yield Reply(text, more.get("language", "en"), **{k: v for k, v in more.items() if k != "language"})

    return answering


@dataclass
class Connected:
    """One running persona: its bot, its channel, its post, and the address of its webhook."""

    bot: Scripted
    channel: TelegramChannel
    post: Post
    host: Host
    hook: str = ""
    stopped: bool = False

    async def stop(self, seconds: float = 5.0) -> None:
        if not self.stopped:
            self.stopped = True
            await self.post.stop(seconds)
            await asyncio.to_thread(self.post.close)
            self.bot.store.close()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less where waiting is all that would happen."""
    monkeypatch.setattr(reading, "ALBUM_SECONDS", 0.3)
    monkeypatch.setattr(live, "FIRST_SECONDS", 0.02)
    monkeypatch.setattr(live, "DRAFT_SECONDS", 0.02)
    monkeypatch.setattr(polling, "_pause", lambda error, failures: 0.02)


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    """Return a Bot API server."""
    fake = FakeTelegram()
    async with Served(fake.app()) as served:
        fake.base = served.base
        yield fake
        fake.closing = True


@pytest.fixture
async def connect(telegram: FakeTelegram, tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """Return a function that starts a persona; a second call in a test is a restart on the same store."""
    running: list[Connected] = []
    servers: list[Served] = []

    async def start(answering: Answering | None = None, profile: Profile = PROFILE, **settings: Any) -> Connected:
        store = SQLiteStore(tmp_path / "store.sqlite")
        bot = Scripted(store, answering, profile)
        patience = Patience(0.02, 0.05, 30)
        post = Post(bot, store, lambda: Limits(), Measures(), patience)  # type: ignore[arg-type]
        own = {"token": TOKEN, "base_url": f"{telegram.base}/bot", "base_file_url": f"{telegram.base}/file/bot"}
        channel = TelegramConnector().open(bot, {**own, **settings}, post.desk("telegram"))  # type: ignore[arg-type]
        assert isinstance(channel, TelegramChannel)
        post.add("telegram", channel)
        host = Host(_nothing, {("mei-lin", "telegram"): channel}, lambda: (True, {}), lambda: ("text/plain", b""))
        running.append(Connected(bot, channel, post, host))
        if settings.get("secret_token"):
            servers.append(await Served(host).__aenter__())
            running[-1].hook = f"{servers[-1].base}/p/mei-lin/telegram/"
        await post.start()
        return running[-1]

    yield start
    for each in running:
        await each.stop()
    for server in servers:
        await server.__aexit__()


async def _nothing(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("not for the site")
