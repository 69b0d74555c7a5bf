"""The page in a browser: by keyboard, on a small screen, in both languages, and true of what it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from personac.core.monitor.book import Book, Escalation
from personac.core.monitor.door import Door
from personac.core.monitor.page import Elsewhere, Page
from playwright.sync_api import Browser, Locator, expect, sync_playwright
from playwright.sync_api import Page as Tab

from ...connectors.web.static.conftest import CHROMIUM
from .conftest import Clock, served

Open = Callable[..., Tab]
FOCUSED = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"
REFRESH = 31_000  # milliseconds
RECTANGLES = """cell => {
  const range = document.createRange();
  range.selectNodeContents(cell);
  return range.getClientRects().length;
}"""


def lines_of(place: Locator) -> int:
    return int(place.evaluate(RECTANGLES))


def elsewhere(escalation: Escalation) -> list[tuple[float, str, str, str]]:
    raise Elsewhere("another process has it")


@pytest.fixture
def quiet(clock: Clock) -> Iterator[Book]:
    made = Book(None, clock)
    yield made
    made.close()


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM)
        yield made
        made.close()


@pytest.fixture
def opened(book: Book, quiet: Book, browser: Browser) -> Iterator[Open]:
    """Open the page of Ada, who is spoken to, and Bo, who is not."""
    wrong: list[str] = []
    page = Page({"ada": ("Ada", book), "bo": ("Bo", quiet)}, Door(), {"ada": elsewhere})

    with ExitStack() as stack:
        address = stack.enter_context(served(page))

        def go(locale: str = "en-GB", width: int = 1280) -> Tab:
            tab = browser.new_page(locale=locale, timezone_id="UTC", viewport={"width": width, "height": 900})
            tab.on("pageerror", lambda error: wrong.append(str(error)))
            tab.clock.install()
            tab.goto(address)
            expect(tab.locator("#main")).to_be_visible()
            return tab

        yield go
        browser.close()
    assert wrong == []


def refresh(tab: Tab) -> None:
    with tab.expect_response(lambda response: "data.json" in response.url):
        tab.clock.run_for(REFRESH)


def escalate(book: Book, id: str, rule: str, channel: str) -> None:
    book.promise(id, 0, {}, "walter", Escalation(id, book.clock(), rule, channel, "c1"))


def test_who_uses_the_keyboard_stays_where_they_are(book: Book, clock: Clock, opened: Open) -> None:
    escalate(book, "one", "danger", "web")
    tab = opened()
    tab.get_by_role("button", name="Bo").focus()
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("button", name="Bo")).to_have_attribute("aria-pressed", "true")
    assert tab.evaluate(FOCUSED) == "Bo"
    refresh(tab)
    assert tab.evaluate(FOCUSED) == "Bo"
    tab.get_by_role("button", name="Ada").click()
    tab.get_by_role("button", name="Read: danger").focus()
    clock.now += 60
    escalate(book, "two", "sorrow", "web")
    refresh(tab)
    expect(tab.locator("#escalations tr")).to_have_count(2)
    expect(tab.locator("#escalations tr").first).to_contain_text("sorrow")
    assert tab.evaluate(FOCUSED).startswith("Read: danger")


def test_the_numbers_of_a_plot_can_be_opened_by_keyboard_and_stay_open(book: Book, opened: Open) -> None:
    book.count("turns", "turns", "refused")
    tab = opened()
    plot = tab.get_by_role("figure").filter(has_text="Turns")
    expect(plot.get_by_role("img", name="Turns: 2")).to_be_visible()
    plot.locator("summary").focus()
    tab.keyboard.press("Enter")
    expect(plot.get_by_role("row")).to_have_count(2)
    expect(plot.get_by_role("row").last).to_contain_text("2")
    book.count("turns")
    refresh(tab)
    expect(plot.get_by_role("row").last).to_contain_text("3")
    assert tab.evaluate(FOCUSED) == "Numbers: Turns"


def test_it_says_of_which_time_and_persona_nothing_was_counted(book: Book, clock: Clock, opened: Open) -> None:
    clock.now -= 2 * 86400
    book.count("turns")
    clock.now += 2 * 86400
    tab = opened()
    state = tab.locator("#state")
    expect(state).to_have_text("")
    tab.get_by_role("button", name="24 hours").click()
    expect(state).to_have_text("Nothing was counted in the last 24 hours.")
    tab.get_by_role("button", name="7 days").click()
    expect(state).to_have_text("")
    tab.get_by_role("button", name="Bo").click()
    expect(state).to_have_text("Nothing was counted in the last 7 days.")


def test_on_a_small_screen_only_long_names_of_rules_are_broken(book: Book, opened: Open) -> None:
    escalate(book, "one", "danger", "telegram")
    escalate(book, "two", "crisis_needs_help_from_people_at_once_and_waits", "api")
    tab = opened(width=360)
    rows = [row.locator("td").all() for row in tab.locator("#escalations tr").all()]
    lines = {cells[1].inner_text(): [lines_of(cell) for cell in cells[:3]] for cells in rows}
    assert lines.pop("danger") == [1, 1, 1]
    ((time, rule, channel),) = lines.values()
    assert (time, channel) == (1, 1)
    assert rule > 1
    assert [lines_of(button) for button in tab.locator("#escalations button").all()] == [1, 1]
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize(("locale", "told"), [("en-GB", "Another process"), ("zh-CN", "无法打开：这里没有保存")])
def test_what_another_process_holds_is_told_in_the_language_of_the_page(
    book: Book, opened: Open, locale: str, told: str
) -> None:
    escalate(book, "one", "danger", "web")
    tab = opened(locale)
    tab.locator("#escalations button").click()
    expect(tab.get_by_role("dialog")).to_contain_text(told)
    expect(tab.get_by_role("dialog")).not_to_contain_text("another process has it")
