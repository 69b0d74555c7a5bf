"""The page through lost connections, in a real browser: no word is lost, and none comes twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

Make = Callable[..., Any]
WORDS = "slow one two three four five"


def send(page: Page, text: str) -> None:
    """Type a message and send it."""
    page.locator("#text").fill(text)
    page.locator("#text").press("Enter")


def said(page: Page, text: str) -> None:
    """Wait until the one answer has exactly these words so far."""
    expect(page.locator(".bubble.persona:not(.greeting) .text")).to_have_text([text])


def connected(page: Page, there: bool) -> None:
    """Wait until the page knows that it is, or is not, connected."""
    expect(page.locator("html")).to_have_attribute("data-connected", str(there).lower())


@pytest.mark.parametrize("meanwhile", [0, 2, 4], ids=["nothing", "some words", "all words"])
def test_a_line_that_is_cut_in_an_answer_costs_no_word(
    serve: Make, script: Make, open_page: Make, lay: Make, meanwhile: int
) -> None:
    bot = script()
    with serve(bot) as server:
        line = lay(server.port)
        page = open_page(line)
        bot.go.release(2)
        send(page, WORDS)
        said(page, "slow one")
        line.cut()
        connected(page, False)
        if meanwhile:
            bot.go.release(meanwhile)
        if meanwhile == 4:
            assert bot.endings.acquire(timeout=30)
        line.mend()
        connected(page, True)
        if meanwhile < 4:
            bot.go.release(4 - meanwhile)
        said(page, WORDS)
        expect(page.locator("#stop")).to_be_hidden()
        expect(page.locator(".bubble.user")).to_have_count(1)
        assert [message.text for message in bot.asked] == [WORDS]
        send(page, "after")
        expect(page.locator(".bubble.persona:not(.greeting) .text")).to_have_text([WORDS, "after"])


def test_a_message_that_is_lost_on_the_way_is_sent_again(serve: Make, script: Make, open_page: Make, lay: Make) -> None:
    bot = script()
    with serve(bot) as server:
        line = lay(server.port)
        page = open_page(line)
        line.freeze()
        send(page, "hello")
        expect(page.locator(".bubble.user")).to_have_count(1)
        line.cut()
        connected(page, False)
        line.mend()
        said(page, "hello")
        assert [message.text for message in bot.asked] == ["hello"]


def test_an_answer_that_is_lost_on_the_way_comes_again(serve: Make, script: Make, open_page: Make, lay: Make) -> None:
    bot = script()
    with serve(bot) as server:
        line = lay(server.port)
        page = open_page(line)
        send(page, "slow down")
        expect(page.locator(".bubble.waiting")).to_have_count(1)
        while not bot.asked:
            page.wait_for_timeout(20)
        line.freeze()
        bot.go.release(2)
        assert bot.endings.acquire(timeout=30)
        line.cut()
        connected(page, False)
        line.mend()
        said(page, "slow down")
        assert len(bot.asked) == 1


def test_a_page_that_is_loaded_anew_in_an_answer_goes_on_with_it(serve: Make, script: Make, open_page: Make) -> None:
    bot = script()
    with serve(bot) as server:
        page = open_page(server)
        bot.go.release(2)
        send(page, WORDS)
        said(page, "slow one")
        page.reload()
        connected(page, True)
        bot.go.release(4)
        said(page, WORDS)
        expect(page.locator(".bubble.user")).to_have_count(1)
        assert len(bot.asked) == 1


def test_a_server_that_is_killed_in_an_answer_gives_it_after_all(killable: Any, open_page: Make) -> None:
    page = open_page(killable)
    killable.let(2)
    send(page, "slow one two three")
    said(page, "slow one")
    killable.kill()
    connected(page, False)
    killable.let(4)
    killable.start()
    connected(page, True)
    said(page, "slow one two three")
    expect(page.locator(".bubble.user")).to_have_count(1)
    assert killable.noted("ended") == ["slow one two three"]
