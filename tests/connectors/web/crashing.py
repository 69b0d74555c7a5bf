"""A whole server to be killed: a bot without models behind the desk, its store in a folder.

python crashing.py FOLDER PORT: words of "slow …" come one by one as the file `go` grows; `asked` and `ended` note what
the bot was asked and what it answered, one text a line.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from personac.connectors.web import WebConnector
from personac.core.delivery.server import DeliveryServer
from personac.core.message import Delta, Event, Message, Reply
from personac.core.persona.schema import Limits
from personac.core.store.sqlite import SQLiteStore
from personac.core.testing.parrot import Parrot


class Slow(Parrot):
    """Answer word by word, as it is let."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    async def answer(self, message: Message) -> AsyncIterator[Event]:
        """Yield the words, and the reply."""
        self._note("asked", message.text)
        for place, word in enumerate(message.text.split()):
            while message.text.startswith("slow") and self._let() <= place:  # noqa: ASYNC110  # let by another process
                await asyncio.sleep(0.01)
            yield Delta(f"{word} ")
        self._note("ended", message.text)
        yield Reply(f"{message.text} ", "en")

    def _let(self) -> int:
        go = self._folder / "go"
        return len(go.read_bytes()) if go.exists() else 0

    def _note(self, file: str, text: str) -> None:
        with (self._folder / file).open("a") as notes:
            notes.write(f"{text}\n")


async def main(folder: Path, port: int) -> None:
    """Serve until killed."""
    page = WebConnector(port=port)
    taken = page.bind()
    bot, server = Slow(folder), DeliveryServer()
    server.add(bot, SQLiteStore(folder / "store.sqlite"), lambda: Limits(characters=200))

    async def site(wrap: Any, desks: Any) -> None:
        settings = {"parrot": {"secret": "a secret of the tests"}}
        await page.serve([bot], taken, settings=settings, desks=desks, wrap=wrap)

    print(page.port, flush=True)
    await server.run(site)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
