"""A workspace on loopback, and a persona connected to it through the real delivery core and the real client library."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import pytest_asyncio
from personac.connectors.slack import SlackConnector, streaming
from personac.core.delivery.host import Host
from personac.core.delivery.measures import Measures
from personac.core.delivery.patience import Patience
from personac.core.delivery.post import Post
from personac.core.message import Delta, Erasure, Event, File, Message, Profile, Reply, Sound
from personac.core.persona.schema import Limits
from personac.core.store.sqlite import SQLiteStore
from personac.core.turn import DialogueState

from ..claims import Claims
from .fake import SECRET, TOKEN, FakeSlack, headers_for, mention

PROFILE = Profile(
    name="Mei Lin",
    slug="mei-lin",
    summary="A guide.",
    languages=("en", "zh"),
    greeting={"en": "Hello, I am Mei Lin, a bot.", "zh": "您好"},
    consent="ask",
    consent_text={"en": "May I remember our talk?"},
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

    async def answer(self, message: Message) -> AsyncIterator[Event]:
        about_data = Claims(self.profile, self.store).reply(message)
        if about_data is not None:
            yield about_data
            return
        self.heard.append(message)
        if self.answering is not None:
            async for event in self.answering(message):
                if isinstance(event, Reply):
                    self._remember(message, event)
                yield event
            return
        reply = made(f"You said: {message.text}")
        self._remember(message, reply)
        yield Delta(reply.text)
        yield reply

    def _remember(self, message: Message, reply: Reply) -> None:
        keep = bool(self.consent(message.user))
        self.store.record(message, message.text, reply.text, reply.language, DialogueState(), keep=keep)
        if not message.shared:
            reply.consent = self.ask_consent(message.user, reply.language)

    async def say(self, text: str, language: str = "") -> AsyncIterator[Sound]:
        yield Sound(b"\1\0" * 800, 16000)
        yield Sound(b"\2\0" * 800, 16000)

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
        self.store.feedback(conversation, user, key, good, keep=bool(self.consent(user)))


def made(text: str, **more: Any) -> Reply:
    """Return a reply as a turn makes it."""
    return Reply(text, "en", milliseconds={"total": 1.0}, **more)


@dataclass
class Connected:
    """One persona in the workspace: its bot, its post, and the way that Slack's requests take to it."""

    bot: Scripted
    post: Post
    store: SQLiteStore
    http: httpx.AsyncClient
    slack: FakeSlack

    async def request(self, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """Make one request of Slack's."""
        return await self.http.post("http://bot.test/p/mei-lin/slack/events", content=body, headers=dict(headers))

    async def deliver(self, event: dict[str, Any], **headers: str) -> httpx.Response:
        """Deliver an event; one in which the bot is mentioned in a channel twice, as Slack does."""
        both = "<@UBOT" in event.get("text", "") and event.get("channel_type") == "channel"
        for each in [event, mention(event)] if both else [event]:
            body = json.dumps(self.slack.wrap(each)).encode()
            response = await self.request(body, headers_for(body) | headers)
            assert response.status_code == 200
        return response

    async def form(self, fields: Mapping[str, Any]) -> httpx.Response:
        """Deliver a slash command, or with `payload` a button."""
        body = urlencode({k: v if isinstance(v, str) else json.dumps(v) for k, v in fields.items()}).encode()
        response = await self.request(body, headers_for(body, "application/x-www-form-urlencoded"))
        assert response.status_code == 200
        return response

    async def command(self, text: str, user: str = "U1", channel: str = "C1", trigger: str = "t1") -> str:
        """Run a slash command and return what its user reads at once."""
        fields = {"command": "/mei", "text": text, "user_id": user, "team_id": "T1", "channel_id": channel}
        response = await self.form({**fields, "trigger_id": trigger, "response_url": "https://hooks.slack.com/x"})
        return json.loads(response.text)["text"] if response.text.startswith("{") else response.text

    async def press(self, element: Mapping[str, Any], user: str = "U1", channel: str = "", message: Any = None) -> None:
        """Press a button."""
        action = {"type": element["type"], "action_id": element["action_id"], "value": element.get("value", "")}
        payload: dict[str, Any] = {"type": "block_actions", "user": {"id": user, "team_id": "T1"}, "team": {"id": "T1"}}
        payload |= {
            "api_app_id": "A1",
            "actions": [action | {"action_ts": "1.1", "block_id": "b"}],
            "trigger_id": "tr.1",
        }
        if message is not None:
            payload |= {"channel": {"id": channel}, "message": message, "container": {"type": "message"}}
        await self.form({"payload": payload})

    async def says(self, user: str, channel: str, text: str, thread: str | None = None, **more: Any) -> dict[str, Any]:
        """Let a person write, and deliver that."""
        event = self.slack.says(user, channel, text, thread, **more)
        await self.deliver(event)
        return event

    async def answers(self, channel: str, count: int = 1) -> list[dict[str, Any]]:
        """Wait until everything is sent, and return the bot's messages in a channel, which are so many."""
        await self.slack.until(lambda: len(self.slack.of_bot(channel)) >= count and self.idle())
        assert len(self.slack.of_bot(channel)) == count
        return self.slack.of_bot(channel)

    def idle(self) -> bool:
        """Tell whether nothing is on its way."""
        return self.post._lanes.rows == 0

    async def stop(self, seconds: float = 5.0) -> None:
        """End the post in order."""
        await self.post.stop(seconds)
        await asyncio.to_thread(self.post.close)
        await self.http.aclose()
        self.store.close()


@pytest_asyncio.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """Return a workspace."""
    workspace = FakeSlack()
    await workspace.start()
    yield workspace
    await workspace.stop()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let words be shown at once and often."""
    for name in ("PATIENCE", "APPEND_SECONDS", "EDIT_SECONDS"):
        monkeypatch.setattr(streaming, name, 0.02)


Connect = Callable[..., Any]


@pytest_asyncio.fixture
async def connect(slack: FakeSlack, tmp_path: Path) -> AsyncIterator[Connect]:
    """Return a function that connects a persona with the workspace; again on the same store after a stop."""
    running: list[Connected] = []

    async def open(answering: Answering | None = None, profile: Profile = PROFILE, **settings: Any) -> Connected:
        store = SQLiteStore(tmp_path / "store.sqlite")
        bot = Scripted(store, answering, profile)
        post = Post(bot, store, lambda: Limits(), Measures(), Patience(0.02, 0.1, 6))
        block = {"bot_token": TOKEN, "signing_secret": SECRET, "api": f"{slack.base}/api/"} | settings
        post.add("slack", SlackConnector().open(bot, block, post.desk("slack")))
        host = Host(_nowhere, {("mei-lin", "slack"): post.channels["slack"]}, lambda: (True, {}), lambda: ("", b""))
        await post.start()
        running.append(Connected(bot, post, store, httpx.AsyncClient(transport=httpx.ASGITransport(host)), slack))
        return running[-1]

    yield open
    for connected in running:
        if not connected.http.is_closed:
            await connected.stop(0.5)


async def _nowhere(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError(f"not Slack's: {scope['path']}")
