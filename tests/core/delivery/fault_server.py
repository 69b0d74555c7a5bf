"""The process that the fault run kills: the delivery server on a store, the three connectors, and a bot that counts."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from personac.connectors.slack import SlackConnector
from personac.connectors.telegram import TelegramConnector
from personac.connectors.web import WebConnector
from personac.core.delivery.logs import set_up
from personac.core.delivery.patience import Patience
from personac.core.delivery.server import DeliveryServer
from personac.core.message import Delta, Event, Message, Profile, Reply
from personac.core.persona.schema import Limits
from personac.core.store.sqlite import SQLiteStore
from personac.core.turn import DialogueState
from personac.testing import Parrot

LIMITS = Limits(per_user=10_000, per_conversation=10_000, waiting=10_000)


class Counting(Parrot):
    """Answer with the number of the turn in its conversation, kept as a persona keeps it: a lost one would show."""

    def __init__(self, store: SQLiteStore) -> None:
        super().__init__()
        self._store = store

    @property
    def profile(self) -> Profile:
        """Return who it is."""
        return Profile("Count", "count", "Counts.", ("en",), {"en": "Hello, I am a bot."}, "implied", {}, False)

    async def answer(self, message: Message) -> AsyncIterator[Event]:
        """Yield the number and the words."""
        state = self._store.dialogue(message.conversation)
        await asyncio.sleep(0.005)
        number = int(state.slots.get("turns", 0)) + 1
        text = f"{number}: {message.text}"
        yield Delta(text)
        made = DialogueState(slots={"turns": number})
        await asyncio.to_thread(self._store.record, message, message.text, text, "en", made, keep=True)
        yield Reply(text, "en", milliseconds={"total": 5.0})


def main(store: str, port: int, settings: dict[str, Any]) -> None:
    """Serve until SIGTERM."""
    set_up("text", "error")
    server = DeliveryServer(Patience(first=0.1, most=1.0, tries=1000))
    kept = SQLiteStore(Path(store) / "count.sqlite")
    bot = Counting(kept)
    post = server.add(bot, kept, lambda: LIMITS)
    for connector in (SlackConnector(), TelegramConnector()):
        server.open(post, connector, settings[connector.name])
    page = WebConnector("127.0.0.1", port)

    async def site(wrap: Any, desks: Any) -> None:
        own = {"count": settings["web"]}
        await page.serve([bot], settings=own, desks=desks, wrap=wrap)

    asyncio.run(server.run(site, 10))
    kept.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3]))
