"""The widget on a page of another site, in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from playwright.sync_api import FrameLocator, Page, expect

KEY = "a-key-of-the-persona"
Make = Callable[..., Any]


class Shop(ThreadingHTTPServer):
    """A site of somebody else's: one page, with one script element."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Page)
        self.base = f"http://localhost:{self.server_port}"  # another host than 127.0.0.1 to a browser
        self.element, self.policy = "", ""
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def embeds(self, server: Any, attributes: str = "", path: str = "") -> Shop:
        """Put a persona's widget on the page, with a strict policy of the site's own."""
        self.element = f'<script src="{server.base}{path}/widget.js" {attributes}></script>'
        self.policy = (
            f"default-src 'none'; script-src {server.base}; connect-src {server.base}; frame-src {server.base}"
        )
        return self


class _Page(BaseHTTPRequestHandler):
    server: Shop

    def do_GET(self) -> None:
        body = f"<!doctype html><html lang=en><title>Shop</title><h1>A shop</h1>{self.server.element}".encode()
        self.send_response(200 if self.path == "/" else 204)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", self.server.policy)
        self.end_headers()
        self.wfile.write(body if self.path == "/" else b"")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def shop() -> Iterator[Shop]:
    """Return a site of somebody else's."""
    with Shop() as site:
        yield site
        site.shutdown()


def allow(shop: Shop, **more: Any) -> dict[str, Any]:
    """Return the settings of a persona that allows the shop."""
    return {"script": {"origins": [shop.base], **more}}


def opened(page: Page) -> FrameLocator:
    """Click the button and return the chat."""
    page.get_by_role("button", name="Chat with Script").click()
    chat = page.frame_locator("iframe")
    expect(chat.locator("html")).to_have_attribute("data-connected", "true")
    return chat


def ask(chat: FrameLocator, text: str) -> None:
    """Ask and wait for the answer."""
    chat.locator("#text").fill(text)
    chat.locator("#text").press("Enter")
    expect(chat.locator(".bubble.persona:not(.greeting) .text").last).to_have_text(text)


def test_one_line_brings_the_persona_to_a_page_without_a_cookie(
    serve: Make, script: Make, open_page: Make, shop: Shop
) -> None:
    bot = script()
    with serve(bot, settings=allow(shop)) as server:
        page = open_page(server, shop.embeds(server).base)
        expect(page.locator("iframe")).to_have_count(0)  # nothing is loaded before it is wanted
        chat = opened(page)
        ask(chat, "hello")
        ask(chat, "again")
        assert page.context.cookies() == []
        assert len({message.user for message in bot.asked}) == 1
        page.reload()
        ask(opened(page), "back")  # the tab's own storage knows the session
        assert len({message.conversation for message in bot.asked}) == 1
        assert page.evaluate("document.querySelectorAll('style, link').length") == 0  # the page itself is left alone


def test_an_erasure_leaves_a_widget_its_name(serve: Make, script: Make, open_page: Make, shop: Shop) -> None:
    bot = script()
    with serve(bot, settings=allow(shop)) as server:
        chat = opened(open_page(server, shop.embeds(server).base))
        ask(chat, "hello")
        chat.locator("#forget").click()
        chat.locator("#forget-yes").click()
        expect(chat.locator(".bubble.user")).to_have_count(0)
        expect(chat.locator("html")).to_have_attribute("data-connected", "true")
        ask(chat, "again")
        assert len({message.user for message in bot.asked}) == 1
        assert len({message.conversation for message in bot.asked}) == 2


def test_escape_closes_the_chat_and_the_button_has_the_focus_again(
    serve: Make, script: Make, open_page: Make, shop: Shop
) -> None:
    with serve(script(), settings=allow(shop)) as server:
        page = open_page(server, shop.embeds(server).base)
        chat = opened(page)
        chat.locator("#text").press("Escape")
        expect(page.locator("iframe")).to_be_hidden()
        button = page.get_by_role("button", name="Chat with Script")
        expect(button).to_be_focused()
        expect(button).to_have_attribute("aria-expanded", "false")


def test_a_page_that_is_not_allowed_gets_nothing(serve: Make, script: Make, open_page: Make, shop: Shop) -> None:
    with serve(script(), settings={"script": {"origins": ["https://shop.example"]}}) as server:
        page = open_page(server, "about:blank", expected="CORS|ERR_FAILED|frame-ancestors|ERR_BLOCKED")
        with page.expect_console_message(lambda line: "connectors.web.origins" in line.text):
            page.goto(shop.embeds(server).base)
        expect(page.locator("button")).to_have_count(0)
        page.evaluate(
            "address => document.body.append(Object.assign(document.createElement('iframe'), {src: address}))",
            f"{server.base}/embed",
        )
        page.wait_for_timeout(500)  # for a frame that must not come
        expect(page.frame_locator("iframe").locator("#text")).to_have_count(0)


def test_the_persona_s_theme_is_the_widget_s(serve: Make, script: Make, open_page: Make, shop: Shop) -> None:
    theme = {"accent": "#aa3311", "position": "left", "radius": 3}
    with serve(script(), settings=allow(shop, theme=theme)) as server:
        page = open_page(server, shop.embeds(server).base)
        button = page.get_by_role("button", name="Chat with Script")
        expect(button).to_have_css("background-color", "rgb(170, 51, 17)")
        expect(button).to_have_css("color", "rgb(255, 255, 255)")
        box = button.bounding_box()
        assert box is not None
        assert box["x"] < 100
        chat = opened(page)
        chat.locator("#text").fill("hello")
        expect(chat.locator("#send")).to_have_css("background-color", "rgb(170, 51, 17)")


def test_attributes_of_the_element_choose_language_side_and_state(
    serve: Make, script: Make, open_page: Make, shop: Shop
) -> None:
    with serve(script(), settings=allow(shop)) as server:
        attributes = 'data-language="zh" data-position="left" data-open'
        page = open_page(server, shop.embeds(server, attributes).base)
        expect(page.get_by_role("button", name="关闭与Script的聊天")).to_be_visible()
        expect(page.frame_locator("iframe").locator("html")).to_have_attribute("lang", "zh")


def test_a_token_of_the_site_s_server_says_who_it_is(serve: Make, script: Make, open_page: Make, shop: Shop) -> None:
    bot = script()
    with serve(bot, settings=allow(shop, key=KEY)) as server:
        begun = httpx.post(
            f"{server.base}/api/session", json={"user": "ann"}, headers={"Authorization": f"Bearer {KEY}"}
        )
        page = open_page(server, shop.embeds(server, f'data-token="{begun.json()["token"]}"').base)
        ask(opened(page), "hello")
        assert bot.asked[0].user == "ann"


def test_a_locked_persona_without_a_token_says_so(serve: Make, script: Make, open_page: Make, shop: Shop) -> None:
    with serve(script(), settings=allow(shop, key=KEY)) as server:
        page = open_page(server, shop.embeds(server).base, expected="status of 401")
        page.get_by_role("button", name="Chat with Script").click()
        expect(page.frame_locator("iframe").locator("#status")).to_contain_text("log in on this site")


def test_it_fills_a_telephone_and_can_be_closed(serve: Make, script: Make, open_page: Make, shop: Shop) -> None:
    with serve(script(), settings=allow(shop)) as server:
        page = open_page(server, shop.embeds(server).base, viewport={"width": 375, "height": 700})
        chat = opened(page)
        ask(chat, "hello")
        frame = page.locator("iframe").bounding_box()
        assert frame is not None
        assert (round(frame["width"]), round(frame["y"] + frame["height"])) == (375, 700)
        close = page.get_by_role("button", name="Close the chat with Script").bounding_box()
        assert close is not None
        assert close["y"] + close["height"] <= frame["y"]  # it covers nothing of the chat
        page.get_by_role("button", name="Close the chat with Script").click()
        expect(page.locator("iframe")).to_be_hidden()


def test_of_several_personas_each_has_its_widget(serve: Make, script: Make, open_page: Make, shop: Shop) -> None:
    settings = {"ann": {"origins": [shop.base]}}
    ann, bob = script("ann"), script("bob")
    with serve(ann, bob, settings=settings) as server:
        page = open_page(server, shop.embeds(server, path="/p/ann").base)
        ask(opened(page), "hello")
        assert (len(ann.asked), len(bob.asked)) == (1, 0)
        refused = httpx.get(f"{server.base}/p/bob/widget.json", headers={"Origin": shop.base})
        assert "access-control-allow-origin" not in refused.headers
