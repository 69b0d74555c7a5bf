"""Cards of plugins on the page: read as texts, with a picture and a link, and never as markup."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from personac.core.message import Card, Event, Media, Message, Reply
from playwright.sync_api import expect

Make = Callable[..., Any]
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="120"><rect width="300" height="120"/></svg>'
HOSTILE = "<img src=x onerror=document.title='bad'>"


def test_cards_show_texts_a_picture_and_a_link(serve: Make, script: Make, open_page: Make) -> None:
    bot = script()

    async def answer(message: Message) -> AsyncIterator[Event]:
        picture = Media("image", SVG, "image/svg+xml", "The room")
        facts = (("Price", "80 a night"), ("Beds", HOSTILE))
        cards = (
            Card("Garden room", "Quiet.", facts, picture, "https://inn.example/garden?a=1"),
            Card("Attic", HOSTILE),
        )
        yield Reply("Two rooms are free:", "en", cards=cards)

    bot.answer = answer
    with serve(bot) as server:
        page = open_page(server)
        page.locator("#text").fill("rooms")
        page.locator("#text").press("Enter")
        cards = page.locator(".card")
        expect(cards).to_have_count(2)
        expect(cards.first.locator("h3")).to_have_text("Garden room")
        expect(cards.first.locator("dd")).to_have_text(["80 a night", HOSTILE])
        expect(cards.first.locator("a")).to_have_attribute("href", "https://inn.example/garden?a=1")
        expect(cards.first.locator("a")).to_have_text("inn.example")
        expect(cards.nth(1).locator("p")).to_have_text(HOSTILE)
        assert cards.first.locator("img").evaluate("image => image.naturalWidth") == 300
        assert page.title() != "bad"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
