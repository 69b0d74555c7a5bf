"""What is due shows on the page by itself, once, also to who was away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from personac.core.contracts import Plan
from personac.core.delivery.measures import Measures
from personac.core.delivery.post import Post
from personac.core.message import Event, Message, Reply
from personac.core.persona.schema import Limits
from personac.core.store.sqlite import SQLiteStore
from playwright.sync_api import Page, expect

Make = Callable[..., Any]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SQLiteStore]:
    made = SQLiteStore(tmp_path / "script.sqlite")
    yield made
    made.close()


@pytest.fixture
def bot(script: Make, store: SQLiteStore) -> Any:
    """Return a bot that plans what it is told to, and says it when it is due."""
    bot = script()
    answer = bot.answer

    async def planning(message: Message) -> AsyncIterator[Event]:
        if message.call is not None and message.call.slots["text"] == "explode":
            raise RuntimeError("broken")
        if message.call is not None:
            text = str(message.call.slots["text"])
            yield Reply("" if text == "hush" else text, message.call.language)
            return
        if message.text.startswith("later "):
            plan = Plan("p.", message.text, 0.0, "p.say", {"text": message.text.removeprefix("later ")})
            store.plan(message, "en", [plan], store.ticket(message.user))
        async for event in answer(message):
            yield event

    bot.answer = planning
    return bot


def send(page: Page, text: str) -> None:
    page.locator("#text").fill(text)
    page.locator("#text").press("Enter")


def test_what_is_due_shows_by_itself_and_once(
    serve: Make, bot: Any, store: SQLiteStore, open_page: Make, lay: Make
) -> None:
    post = Post(bot, store, lambda: Limits(), Measures())
    with serve(bot, desks={"script": post.desk("web")}) as server:

        def look() -> None:
            asyncio.run_coroutine_threadsafe(post._call(), server._loop).result(30)

        line = lay(server.port)
        page = open_page(line)
        bubbles = page.locator(".bubble.persona:not(.greeting) .text")
        send(page, "later drink water")
        expect(bubbles).to_have_text(["later drink water"])
        look()
        expect(bubbles).to_have_text(["later drink water", "drink water"])
        expect(page.locator(".bubble.user")).to_have_count(1)
        send(page, "later go home")
        expect(bubbles).to_have_text(["later drink water", "drink water", "later go home"])
        line.cut()
        expect(page.locator("html")).to_have_attribute("data-connected", "false")
        look()
        look()
        line.mend()
        expect(bubbles).to_have_text(["later drink water", "drink water", "later go home", "go home"])
        expect(page.locator("#stop")).to_be_hidden()
        assert store.due(["web"]) == []
        assert not server.errors
        send(page, "later hush")
        expect(bubbles.last).to_have_text("later hush")
        look()
        send(page, "later explode")
        expect(bubbles.last).to_have_text("later explode")
        look()
        send(page, "later go to bed")
        expect(bubbles.last).to_have_text("later go to bed")
        look()
        expect(bubbles.last).to_have_text("go to bed")
        expect(bubbles).to_have_count(8)  # what had nothing to say is silent, what failed is told to the operator alone
        expect(page.locator(".notice")).to_have_count(0)
        assert len(server.errors) == 1
    post.close()
