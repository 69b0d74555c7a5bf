"""The process that `delivery.py` kills: the delivery core on a store, a bot, and a channel to a platform on loopback.

The channel is as small as one can be that sends each answer once: before it repeats a send, it looks into the
platform's history.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from personac.core.contracts import Bot, Channel, Desk, Memo
from personac.core.delivery.host import respond
from personac.core.delivery.logs import set_up
from personac.core.delivery.patience import Patience
from personac.core.delivery.server import DeliveryServer
from personac.core.errors import RetryLater, Undeliverable
from personac.core.message import Answer, Delta, Event, Incoming, Message, Profile, Reply
from personac.core.persona.schema import Limits
from personac.core.store.sqlite import SQLiteStore

LIMITS = Limits(per_user=10_000, per_conversation=10_000, waiting=10_000)


class Echo:
    """Answer at once with what was said; records turns as a persona does."""

    def __init__(self, store: SQLiteStore) -> None:
        self.profile = Profile("Echo", "echo", "", ("en",), {"en": "Hi"}, "implied", {}, False)
        self._store = store

    def ready(self) -> dict[str, bool]:
        """Be ready."""
        return {"text": True}

    async def answer(self, message: Message) -> AsyncIterator[Event]:
        """Count the turns of a conversation: a turn that ran twice would show."""
        state = self._store.dialogue(message.conversation)
        await asyncio.sleep(0.005)
        number = int(state.slots.get("turns", 0)) + 1
        text = f"{number}: {message.text}"
        yield Delta(text)
        state = type(state)(slots={"turns": number})
        await asyncio.to_thread(self._store.record, message, message.text, text, "en", state, keep=True)
        yield Reply(text, "en")


class Relay(Channel):
    """A channel to the platform of `delivery.py`."""

    def __init__(self, desk: Desk, url: str) -> None:
        self._desk = desk
        self._client = httpx.AsyncClient(base_url=url, timeout=10)
        self.app = self._webhook

    async def _webhook(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        said = json.loads((await receive())["body"])
        incoming = Incoming("relay", said["key"], said["conversation"], said["user"], {"text": said["text"]})
        receipt = await self._desk.take(incoming)
        await respond(send, 429 if receipt.limit else 200, {"new": receipt.new})

    async def read(self, incoming: Incoming) -> Message:
        """Make the message."""
        return Message(incoming.payload["text"], (), incoming.conversation, incoming.user, "relay")

    async def send(self, incoming: Incoming, answer: Answer, memo: Memo) -> None:
        """Send the answer, unless the platform has it."""
        try:
            if memo.repeated:
                found = await self._client.get("/history", params={"conversation": incoming.conversation})
                self._check(found)
                if incoming.key in found.json():
                    return
            said = {"conversation": incoming.conversation, "key": incoming.key, "text": answer.reply.text}
            self._check(await self._client.post("/send", json=said))
        except httpx.HTTPError as error:
            raise RetryLater(None, type(error).__name__) from error

    @staticmethod
    def _check(response: httpx.Response) -> None:
        if response.status_code == 429:
            raise RetryLater(float(response.headers["retry-after"]), "429")
        if response.status_code >= 500:
            raise RetryLater(None, str(response.status_code))
        if response.status_code >= 400:
            raise Undeliverable(str(response.status_code))

    async def close(self) -> None:
        """Close the client."""
        await self._client.aclose()


class RelayConnector:
    """Open relays."""

    name = "relay"

    def open(self, bot: Bot, settings: Mapping[str, Any], desk: Desk) -> Channel:
        """Return the channel to settings[url]."""
        return Relay(desk, settings["url"])


class _Server(uvicorn.Server):
    """Leave signals to the delivery core."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def main(store: str, port: str, url: str, persona: str = "") -> None:
    """Serve until SIGTERM."""
    set_up("text", "warning")
    server = DeliveryServer(Patience(first=0.1, most=1.0, tries=1000))
    if persona:
        from personac.core.cli.building import open_persona

        runtime = open_persona(Path(persona), Path(store))
        kept, bot = runtime.parts.store, runtime
    else:
        kept = SQLiteStore(Path(store) / "echo.sqlite")
        bot = Echo(kept)  # type: ignore[assignment]
    post = server.add(bot, kept, lambda: LIMITS)  # type: ignore[arg-type]
    server.open(post, RelayConnector(), {"url": url})

    async def nothing(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await respond(send, 404, {})

    async def site(wrap: Any, desks: Any) -> None:
        config = uvicorn.Config(
            wrap(nothing), port=int(port), log_level="error", lifespan="off", timeout_graceful_shutdown=2
        )
        running = _Server(config)
        task = asyncio.create_task(running.serve())
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            running.should_exit = True
            await task
            raise

    asyncio.run(server.run(site, 10))
    kept.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
