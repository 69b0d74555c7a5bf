"""The rig of the Slack connector: a workspace on loopback, reached over HTTP or in Socket Mode."""

from __future__ import annotations

import asyncio
import html
import json
import re
from typing import Any, Literal

import httpx
from personac.connectors.slack import SlackConnector
from personac.core.message import MediaKind

from .fake import APP_TOKEN, SECRET, TOKEN, FakeSlack, Fault, headers_for, mention, words

Way = Literal["http", "socket"]
_SENDS = ("chat.postMessage", "chat.startStream")


class SlackRig:
    """Hold a workspace with the connector on it; conversations are direct messages, or threads in a channel."""

    name = "slack"

    def __init__(self, way: Way, threads: bool) -> None:
        self.slack = FakeSlack()
        self._way, self._threads = way, threads
        self._events: dict[str, dict[str, Any]] = {}
        self._channel: Any = None
        self._envelopes = 0

    async def open(self, bot: Any, desk: Any) -> Any:
        if not self.slack.base:
            await self.slack.start()
        self.slack.connected.clear()
        way = {"signing_secret": SECRET} if self._way == "http" else {"app_token": APP_TOKEN}
        block = {"bot_token": TOKEN, "api": f"{self.slack.base}/api/"} | way
        self._channel = SlackConnector().open(bot, block, desk)
        return self._channel

    def _place(self, conversation: str) -> tuple[str, str | None]:
        if not self._threads:
            return f"D{conversation}", None
        root = f"1600000000.{int(conversation[1:]):06d}"
        if not any(message["ts"] == root for message in self.slack.channels["C1"]):
            self.slack.channels["C1"].append({"type": "message", "user": "U9", "text": "root", "ts": root})
        return "C1", root

    def _event(self, key: str, conversation: str, user: str, text: str, **more: Any) -> dict[str, Any]:
        if key not in self._events:
            channel, thread = self._place(conversation)
            elements: list[dict[str, Any]] = [{"type": "text", "text": text}] if text else []
            written = html.escape(text, quote=False)
            if self._threads:
                elements = [{"type": "user", "user_id": "UBOT"}, {"type": "text", "text": f" {text}"}]
                written = f"<@UBOT> {written}"
            section = {"type": "rich_text_section", "elements": elements}
            more |= {"blocks": [{"type": "rich_text", "elements": [section]}]} if elements else {}
            self._events[key] = self.slack.says(f"U{user}", channel, written, thread, **more)
        return self._events[key]

    async def deliver(self, key: str, conversation: str, user: str, text: str) -> None:
        await self._deliver(self._event(key, conversation, user, text))

    async def deliver_media(self, key: str, conversation: str, user: str, kind: MediaKind, data: bytes) -> bool:
        file = self.slack.add_file(data, f"{kind}/x-test")
        await self._deliver(self._event(key, conversation, user, "", files=[file]))
        return True

    async def _deliver(self, event: dict[str, Any]) -> None:
        for each in [event, mention(event)] if self._threads else [event]:  # Slack tells of a mention twice
            body = self.slack.wrap(each)
            await (self._over_http(body) if self._way == "http" else self._over_socket(body))

    async def _over_http(self, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._channel.app)) as http:
            for retry in range(3):
                again = {"x-slack-retry-num": str(retry), "x-slack-retry-reason": "http_error"} if retry else {}
                answer = await http.post("http://bot.test/events", content=data, headers=headers_for(data) | again)
                if answer.status_code == 200:
                    return
        raise AssertionError(f"Slack was not told that a message arrived: HTTP {answer.status_code}")

    async def _over_socket(self, body: dict[str, Any]) -> None:
        await asyncio.wait_for(self.slack.connected.wait(), 5)
        self._envelopes += 1
        id = f"e{self._envelopes}"
        await self.slack.envelope("events_api", body, id)
        await self.slack.until(lambda: any(ack["envelope_id"] == id for ack in self.slack.acks))

    def seen(self, conversation: str) -> list[str]:
        channel, thread = self._place(conversation)
        return [_shown(m) for m in self.slack.of_bot(channel) if m.get("thread_ts") == thread and not m.get("files")]

    def fail(self, times: int, wait: float | None = None, done: bool = False) -> None:
        fault = Fault(503, after=done) if wait is None else Fault(429, "ratelimited", retry_after=int(wait))
        for method in _SENDS:
            self.slack.faults[method] += [fault] * times

    async def close(self) -> None:
        await self.slack.stop()


def _shown(message: dict[str, Any]) -> str:
    """Return what people see: rich text literally; Markdown and mrkdwn rendered."""
    if any(block["type"] == "rich_text" for block in message.get("blocks", ())):
        return words(message | {"streamed": False})
    text = message.get("text", "")
    return html.unescape(re.sub(r"\\([\\`*_~\[\]#|:])", r"\1", text) if message.get("streamed") else text)
