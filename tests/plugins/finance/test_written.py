"""Alerts are written to the conversation that asked for them, without a message of the user's, and only once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from personac.core.cli.building import build, open_persona
from personac.core.contracts import Channel, Memo
from personac.core.delivery.measures import Measures
from personac.core.delivery.post import Post
from personac.core.message import Answer, Incoming, Message

from .test_alerts import TODAY, stream

pytest.importorskip("ruptures", reason="the extra finance is not installed")
PERSONA = """
personac: 1
name: Quill
languages: [en]
intents:
  - name: follow
    skill: finance.follow
    examples: [alert me about vans, warn me about vans, I want alerts about vans]
  - name: hello
    examples: [hi there, hello friend, good morning]
    responses: {en: [Hello!]}
plugins:
  - finance: {topics: {vans: {name: {en: Harbour Motors}, words: [vans]}}, news: [news.csv], as_of: 2026-09-30}
"""


class Line(Channel):
    """Keep what is sent."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[str] = asyncio.Queue()

    async def read(self, incoming: Incoming) -> Message:
        return Message(incoming.payload["text"], (), incoming.conversation, incoming.user, "line")

    async def send(self, incoming: Incoming, answer: Answer, memo: Memo) -> None:
        self.sent.put_nowait(answer.reply.text)


async def test_a_new_surge_is_written_once(write_persona: Callable[..., Path], tmp_path: Path) -> None:
    folder = write_persona(PERSONA, news_dot_csv=stream(range(4)))
    bot = open_persona(build(folder, None, quiet=True).artifact, tmp_path / "store")
    store: Any = bot.parts.store
    plugin = bot.parts.plugins.plugins["finance"].plugin
    now = [plugin.now()]
    plugin.now, store._clock = lambda: now[0], lambda: now[0].timestamp()
    newsroom, settings = plugin._newsroom, plugin.settings
    newsroom._settings = settings.model_copy(update={"as_of": TODAY - timedelta(10)})  # before the surge
    post, line = Post(bot, store, lambda: bot.persona.limits, Measures()), Line()
    desk = post.desk("line")
    post.add("line", line)
    await post.start()
    try:
        async with asyncio.timeout(60):
            await desk.take(Incoming("line", "1", "c", "ann", {"text": "alert me about vans"}))
            assert "has surged" not in await line.sent.get()
            newsroom._settings = settings
            now[0] += timedelta(minutes=61)
            assert (await line.sent.get()).startswith("• Harbour Motors: bad news has surged since 27 September 2026")
            for _ in range(2):  # it is looked for again, and there is nothing new
                last = now[0]
                while not any(plan.due > last.timestamp() for plan in store.planned("c", "finance.")):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
                now[0] += timedelta(minutes=61)
            await desk.take(Incoming("line", "2", "c", "ann", {"text": "hello friend"}))
            assert await line.sent.get() == "Hello!"
            assert line.sent.empty()
    finally:
        await post.stop(5)
        post.close()
        bot.close()
