"""The rig of the Telegram connector: a Bot API server on loopback, by long polling or by webhook."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from personac.connectors.telegram import TelegramConnector
from personac.core.message import MediaKind

from .fake import TOKEN, FakeTelegram, Refused, Sent, Served

SECRET = "a_secret-Token"
_MARKS = {"bold": "**", "code": "`", "pre": "```"}


class TelegramRig:
    """Hold a Bot API server with the connector on it; conversations are private chats, or one group each."""

    name = "telegram"

    def __init__(self, webhook: bool = False, groups: bool = False, code: str = "en") -> None:
        self.telegram = FakeTelegram()
        self._webhook, self._groups, self._code = webhook, groups, code
        self._served: Served | None = None
        self._updates: dict[str, dict[str, Any]] = {}
        self._channel: Any = None

    async def open(self, bot: Any, desk: Any) -> Any:
        if self._served is None:
            self._served = await Served(self.telegram.app()).__aenter__()
        base = self._served.base
        block = {"token": TOKEN, "base_url": f"{base}/bot", "base_file_url": f"{base}/file/bot"}
        if self._webhook:
            block |= {"secret_token": SECRET, "webhook": "https://bots.example.com"}
        self._channel = TelegramConnector().open(bot, block, desk)
        return self._channel

    async def deliver(self, key: str, conversation: str, user: str, text: str) -> None:
        if self._groups:
            text = f"@fake_guide_bot {text}"
        await self._deliver(key, conversation, user, text=text)

    async def deliver_media(self, key: str, conversation: str, user: str, kind: MediaKind, data: bytes) -> bool:
        file: dict[str, Any] = {"voice": self.telegram.voice(data)} if kind == "audio" else {}
        if kind == "image":
            file = {"photo": self.telegram.photo(data)}
        if self._groups:
            file["caption"] = "@fake_guide_bot"
        await self._deliver(key, conversation, user, **file)
        return True

    async def _deliver(self, key: str, conversation: str, user: str, **content: Any) -> None:
        chat = self._chat(conversation)
        number = sum(user.encode()) if self._groups else chat
        if key in self._updates:
            self.telegram.again(self._updates[key])
        else:
            self._updates[key] = self.telegram.say(chat=chat, user=number, code=self._code, **content)
        if not self._webhook:
            return
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._channel.app)) as http:
            headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
            for _ in range(20):  # Telegram posts again what was not taken
                answer = await http.post("http://bot.test/", json=self._updates[key], headers=headers)
                if answer.status_code == 200:
                    return
                await asyncio.sleep(0.05)
        raise AssertionError(f"Telegram was not told that a message arrived: HTTP {answer.status_code}")

    def _chat(self, conversation: str) -> int:
        return (-500 if self._groups else 1) * (1000 + int(conversation[1:]))

    def seen(self, conversation: str) -> list[str]:
        return [_shown(message) for message in self.telegram.sent(self._chat(conversation)) if message.kind == "text"]

    def fail(self, times: int, wait: float | None = None, done: bool = False) -> None:
        error = Refused(502, "Bad Gateway")
        if wait is not None:
            error = Refused(429, "Too Many Requests", retry_after=int(wait))
        for method in ("sendMessage", "sendVoice"):
            self.telegram.fail(method, error.code, error.text, times, done, **error.parameters)

    async def close(self) -> None:
        self.telegram.closing = True
        if self._served is not None:
            await self._served.__aexit__()


def _shown(message: Sent) -> str:
    """Return what people see, with the marks of what is shown bold or as code."""
    text, end = message.text or "", 0
    for kind, words in message.entities:
        at = text.find(words, end)
        if kind in _MARKS and at >= 0:
            mark = _MARKS[kind]
            text = text[:at] + mark + words + mark + text[at + len(words) :]
            end = at + len(words) + 2 * len(mark)
    return text
