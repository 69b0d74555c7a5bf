"""A whole server to be killed: a bot without models behind the desk, what it keeps of users in a store in a folder.

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
from personac.core.message import FORGOTTEN, Delta, Event, Message, Reply
from personac.core.persona.schema import Limits
from personac.core.store.sqlite import SQLiteStore
from personac.core.testing.parrot import Parrot


class Slow(Parrot):
    """Answer word by word, as it is let."""

    def __init__(self, folder: Path, store: SQLiteStore) -> None:
        super().__init__()
        self._folder, self._store = folder, store

    async def answer(self, message: Message) -> AsyncIterator[Event]:
        """Yield the words, and the reply."""
        self._note("asked", message.text)
        for place, word in enumerate(message.text.split()):
            while message.text.startswith("slow") and self._let() <= place:  # noqa: ASYNC110  # let by another process
                await asyncio.sleep(0.01)
            yield Delta(f"{word} ")
        self._note("ended", message.text)
        yield Reply(f"{message.text} ", "en")

    def set_consent(self, user: str, granted: bool, language: str = "") -> str:
        """Write what a user decided."""
        return "Erased." if self._store.set_consent(user, granted) else ""

    def export(self, user: str) -> dict[str, Any]:
        """Return what is kept of a user."""
        return self._store.export(user)

    def erase_and_tell(self, user: str, language: str) -> Reply:
        """Erase a user."""
        self._store.erase(user)
        return Reply("Done.", language, skill=FORGOTTEN)

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
    store = SQLiteStore(folder / "store.sqlite")
    bot, server = Slow(folder, store), DeliveryServer()
    server.add(bot, store, lambda: Limits(characters=200))

    async def site(wrap: Any, desks: Any) -> None:
        settings = {"parrot": {"secret": "a secret of the tests"}}
        await page.serve([bot], taken, settings=settings, desks=desks, wrap=wrap)

    print(page.port, flush=True)
    await server.run(site)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
