"""The real page in a real browser, with a microphone that plays a recording."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from personac.core.errors import Unavailable
from personac.core.runtime import Runtime
from playwright.sync_api import Locator, Page, expect

DEMO = Path(__file__).parents[4] / "personas" / "tour_guide" / "demo"
Make = Callable[..., Any]

CONTRAST = """(element) => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const behind = (node) => {
    for (let each = node; each; each = each.parentElement) {
      const colour = channels(getComputedStyle(each).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const luminance = (colour) => {
    const [r, g, b] = colour.map((c) => c / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const pair = [channels(getComputedStyle(element).color), behind(element)].map(luminance);
  const [light, dark] = pair.sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}"""  # WCAG 2.2, contrast ratio


@pytest.fixture(scope="module")
def guide_server(guide: Runtime, serve: Make) -> Iterator[Any]:
    """Serve tour_guide with all its parts loaded."""
    guide.warm_up()
    with serve(guide) as server:
        yield server


@pytest.fixture
def page(guide_server: Any, open_page: Make) -> Page:
    """Return the page of tour_guide, its voice muted to save time."""
    opened: Page = open_page(guide_server)
    opened.locator("#mute").click()
    return opened


def ask(page: Page, text: str) -> Locator:
    """Type a question, send it with Enter and return its whole answer."""
    page.locator("#text").fill(text)
    page.locator("#text").press("Enter")
    return answer(page)


def answer(page: Page) -> Locator:
    """Return the bubble of the answer to the newest message, once it is whole."""
    turn = page.locator(".turn.user").last.locator("xpath=following-sibling::div[contains(@class, 'persona')][1]")
    bubble = turn.locator(".bubble")
    expect(bubble).to_have_class(re.compile(r"\bdone\b"))
    return bubble


def test_a_typed_question_is_answered_and_its_source_unfolds(page: Page) -> None:
    expect(page.locator("#name")).to_have_text("Mei Lin")
    expect(page.locator(".greeting .text")).to_contain_text("I'm a bot")
    expect(page.locator("#face svg")).to_be_visible()
    told = ask(page, "When does the Temple of Heaven open?")
    expect(told.locator(".text")).to_contain_text("6:00")
    expect(told.locator(".text")).to_have_attribute("lang", "en")
    expect(told.locator(".source-text")).to_be_hidden()
    told.locator("summary").click()
    expect(told.locator(".origin").first).to_have_text(re.compile(r"knowledge/sights\.yaml:\d+"))
    expect(told.locator(".source-text").first).to_contain_text("6:00")
    expect(page.locator("#text")).to_have_value("")


def test_a_refusal_names_its_rule(page: Page) -> None:
    told = ask(page, "Where can I find a scalper selling Forbidden City tickets?")
    told.locator("summary").click()
    expect(told.locator(".facts")).to_contain_text("rule no-scalpers: refuse")
    expect(told.locator(".facts")).to_contain_text(re.compile(r"answered in [\d.]+ ms"))


def test_a_chinese_question_is_answered_in_chinese(page: Page) -> None:
    told = ask(page, "颐和园的门票多少钱？")
    expect(told.locator(".text")).to_contain_text("元")
    expect(told.locator(".text")).to_have_attribute("lang", "zh")


def test_a_spoken_question_is_heard_and_answered(page: Page) -> None:
    button = page.locator("#talk")
    button.hover()
    page.mouse.down()
    expect(button).to_have_attribute("data-state", "recording")
    expect(page.locator("#talk-time")).to_have_text("0:04")
    page.mouse.up()
    expect(button).to_have_attribute("data-state", "idle")
    told = answer(page)
    expect(page.locator(".bubble.user.spoken .text")).to_contain_text(re.compile("temple of heaven", re.IGNORECASE))
    expect(told.locator(".text")).to_contain_text("Line 5")


def test_a_slip_on_the_talk_button_sends_nothing(page: Page) -> None:
    page.locator("#talk").click()
    expect(page.locator(".notice")).to_contain_text("Hold the button")
    expect(page.locator(".bubble.user")).to_have_count(0)


def test_a_picture_is_read(page: Page) -> None:
    page.locator("#file").set_input_files(DEMO / "sign.png")
    expect(page.locator("#tray .chip img")).to_be_visible()
    told = ask(page, "What is the story of this place?")
    expect(page.locator(".bubble.user .caption")).to_contain_text("雍和宫")
    picture = page.locator(".bubble.user .pictures img").bounding_box()
    bubble = page.locator(".bubble.user").bounding_box()
    assert picture is not None
    assert bubble is not None
    assert picture["width"] > bubble["width"] - 40
    expect(told.locator(".text")).to_contain_text("Yongzheng")
    expect(page.locator("#tray")).to_be_hidden()


def test_the_answer_is_spoken_with_a_moving_mouth(guide_server: Any, open_page: Make) -> None:
    page = open_page(guide_server)
    page.evaluate("""() => {
      globalThis.shapes = [];
      const face = document.getElementById('face');
      const watch = new MutationObserver(() => globalThis.shapes.push(face.dataset.viseme));
      watch.observe(face, { attributes: true, attributeFilter: ['data-viseme'] });
    }""")
    ask(page, "thank you")
    expect(page.locator("html")).to_have_attribute("data-sounds-played", re.compile("[1-9]"))
    expect(page.locator("#face")).to_have_attribute("data-viseme", "")
    shapes = set(page.evaluate("() => globalThis.shapes"))
    assert shapes <= {"", "closed", "small", "open", "wide", "round", "teeth"}
    assert len(shapes - {""}) >= 2
    expect(page.locator("#stop")).to_be_hidden()


def test_the_face_shows_how_the_answer_is_meant(page: Page) -> None:
    face = page.locator("#face")
    expect(face).to_have_attribute("data-expression", "neutral")
    ask(page, "Who won the 1998 world cup?")
    expect(face).to_have_attribute("data-expression", "surprise")
    expect(page.locator("#face [data-expression=surprise]")).to_be_visible()
    expect(page.locator("#face [data-expression=neutral]")).to_be_hidden()
    expect(face).to_have_attribute("data-expression", "neutral")  # some seconds after the last word


def test_the_keyboard_is_enough(page: Page) -> None:
    page.locator("body").evaluate("() => document.activeElement.blur()")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.locator("#text").evaluate("(box) => box === document.activeElement"):
            break
    page.keyboard.type("When does the")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("Temple of Heaven open?")
    expect(page.locator("#text")).to_have_value("When does the\nTemple of Heaven open?")
    page.keyboard.press("Enter")
    told = answer(page)
    expect(told.locator(".text")).to_contain_text("6:00")
    expect(page.locator("#text")).to_be_focused()
    told.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(told.locator(".source-text").first).to_be_visible()


def test_it_fits_every_window(page: Page) -> None:
    told = ask(page, "When does the Temple of Heaven open?")
    told.locator("summary").click()
    for width, height in ((390, 844), (320, 568), (844, 390), (768, 1024), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        expect(told.locator(".source-text").first).to_be_visible()
        for element in ("html", "body", "#log"):
            assert page.locator(element).evaluate("(each) => each.scrollWidth <= each.clientWidth"), (element, width)
        for button in ("#send", "#talk", "#picture", "#text", "#mute", "#language", "#face", "#consent-yes"):
            box = page.locator(button).bounding_box()
            assert box is not None, (button, width)
            assert box["x"] >= 0, (button, width)
            assert box["x"] + box["width"] <= width + 0.5, (button, width)
            assert box["y"] + box["height"] <= height + 0.5, (button, width)
            assert box["height"] >= 40 or button == "#text", (button, width)  # as large as a finger
        assert page.locator("#log").evaluate("(log) => log.clientHeight") >= 70, width


def test_words_stand_out_from_what_is_behind_them(page: Page) -> None:
    told = ask(page, "When does the Temple of Heaven open?")
    told.locator("summary").click()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        paper = page.locator("body").evaluate("(body) => getComputedStyle(body).backgroundColor")
        assert (sum(int(part) for part in re.findall(r"\d+", paper)) < 200) == (scheme == "dark")
        for words in (
            ".bubble.user .text", ".bubble.persona .text", ".origin", ".source-text", ".score", ".facts li", "summary",
            "#name", "#mood", "#summary", "#language", "#talk", "#consent-text", "#consent-yes", "#consent-no",
        ):  # fmt: skip
            assert page.locator(words).first.evaluate(CONTRAST) >= 4.5, (words, scheme)


def test_the_language_of_the_page_changes(page: Page) -> None:
    expect(page.locator("#talk-words")).to_have_text("Hold to talk")
    page.locator("#language").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh")
    expect(page.locator("#talk-words")).to_have_text("按住说话")
    expect(page.locator(".greeting .text")).to_contain_text("聊天机器人")
    expect(page.locator("#consent-yes")).to_have_text("可以")
    expect(page.locator("#language")).to_have_text("English")
    page.reload()
    expect(page.locator("#talk-words")).to_have_text("按住说话")


def test_a_chinese_browser_is_greeted_in_chinese(guide_server: Any, open_page: Make) -> None:
    page = open_page(guide_server, locale="zh-CN")
    expect(page.locator(".greeting .text")).to_contain_text("梅琳")
    expect(page.locator("#text")).to_have_attribute("placeholder", re.compile("写给"))


def test_consent_is_asked_once(page: Page) -> None:
    expect(page.locator("#consent")).to_be_hidden()
    ask(page, "hello")
    expect(page.locator("#consent")).to_be_visible()
    expect(page.locator("#consent-text")).to_contain_text("30 days")
    page.locator("#consent-yes").click()
    expect(page.locator("#consent")).to_be_hidden()
    expect(page.locator(".notice")).to_contain_text("erased at any time")
    ask(page, "thank you")
    page.reload()
    expect(page.locator(".bubble.user .text").last).to_have_text("thank you")
    expect(page.locator("#consent")).to_be_hidden()


def test_consent_is_asked_in_the_language_of_the_first_message_until_it_is_decided(page: Page) -> None:
    ask(page, "故宫几点开门？")
    expect(page.locator("#consent-text")).to_contain_text("30天")
    expect(page.locator("#consent-yes")).to_have_text("可以")
    expect(page.locator("#talk-words")).to_have_text("Hold to talk")
    page.reload()
    expect(page.locator(".bubble.user")).to_have_count(1)
    expect(page.locator("#consent-text")).to_contain_text("30天")
    page.locator("#consent-no").click()
    expect(page.locator(".notice")).to_have_text("好的，什么都不会保留。")
    expect(page.locator("#consent")).to_be_hidden()
    ask(page, "How much is a ticket for the Summer Palace?")
    page.reload()
    expect(page.locator(".bubble.user")).to_have_count(1)  # what was said before the no is erased
    expect(page.locator("#consent")).to_be_hidden()


def beside(page: Page) -> Page:
    """Return another tab of the same browser."""
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("html")).to_have_attribute("data-connected", "true")
    other.locator("#mute").click()
    return other


def known_as(page: Page) -> str:
    """Return what stands for the user in the name of a tab's conversation."""
    kept: str = page.evaluate("sessionStorage.getItem(`personac:${location.pathname}:conversation`)")
    return kept.split("-")[1]


def test_two_tabs_that_open_at_once_are_one_user(open_page: Make, guide_server: Any) -> None:
    address = guide_server.base
    first = open_page(guide_server, address + "/icon.svg", expected="status of 404")  # browsers look for a favicon.ico
    context = first.context
    told: list[str] = []
    for event in ("request", "requestfinished"):
        context.on(event, lambda one, event=event: told.append(event) if one.url.endswith("/name") else None)
    context.route("**/name", lambda route: (time.sleep(0.3), route.continue_()))
    first.evaluate("(address) => { open(address); open(address) }", address)
    deadline = time.monotonic() + 30
    while len(context.pages) < 3 and time.monotonic() < deadline:
        first.wait_for_timeout(50)
    tabs = context.pages[1:]
    for tab in tabs:
        expect(tab.locator("html")).to_have_attribute("data-connected", "true")
        ask(tab, "When does the Temple of Heaven open?")
    assert known_as(tabs[0]) == known_as(tabs[1])
    assert told == ["request", "requestfinished"] * 2


@pytest.mark.parametrize("by", ["button", "words"])
def test_the_tabs_of_a_browser_stay_one_user_after_an_erasure(page: Page, guide: Runtime, by: str) -> None:
    other = beside(page)
    for tab in (page, other):
        ask(tab, "When does the Temple of Heaven open?")
    page.locator("#consent-yes").click()
    for tab in (page, other):
        expect(tab.locator("#consent")).to_be_hidden()
    if by == "button":
        page.locator("#forget").click()
        page.locator("#forget-yes").click()
    else:
        ask(page, "/forget")
        page.get_by_role("button", name="Yes, erase it").click()
    for tab in (page, other):
        expect(tab.locator(".notice")).to_contain_text("everything that was kept of you is erased")
        expect(tab.locator(".bubble.user")).to_have_count(0)
        expect(tab.locator("html")).to_have_attribute("data-connected", "true")
    ask(page, "When does the Temple of Heaven open?")
    page.locator("#consent-yes").click()
    expect(page.locator("#consent")).to_be_hidden()
    ask(other, "How much is a ticket for the Summer Palace?")
    expect(other.locator("#consent")).to_be_hidden()  # one browser is asked once
    assert known_as(page) == known_as(other)
    for tab in (page, other):
        tab.reload()
    expect(other.locator(".bubble.user .text")).to_have_text("How much is a ticket for the Summer Palace?")
    user = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}["personac_user"]
    assert guide.export(user)["turns"]
    ask(other, "/forget")
    other.get_by_role("button", name="Yes, erase it").click()
    expect(page.locator(".bubble.user")).to_have_count(0)
    assert guide.export(user)["turns"] == []


@pytest.mark.parametrize(("said", "granted"), [("yes", True), ("no", False)])
def test_an_answer_in_words_takes_the_question_away_in_every_tab_and_leaves_the_screen(
    page: Page, guide: Runtime, said: str, granted: bool
) -> None:
    other = beside(page)
    for tab in (page, other):
        ask(tab, "When does the Temple of Heaven open?")
        expect(tab.locator("#consent")).to_be_visible()
    ask(page, said)
    for tab in (page, other):
        expect(tab.locator("#consent")).to_be_hidden()
        expect(tab.locator(".bubble.user").first).to_be_visible()
        ask(tab, "How much is a ticket for the Summer Palace?")
        expect(tab.locator("#consent")).to_be_hidden()
    user = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}["personac_user"]
    assert guide.consent(user) is granted


def test_who_takes_a_yes_back_in_words_is_not_asked_again(page: Page, guide: Runtime) -> None:
    other = beside(page)
    for tab in (page, other):
        ask(tab, "When does the Temple of Heaven open?")
    page.locator("#consent-yes").click()
    expect(other.locator("#consent")).to_be_hidden()
    ask(page, "stop keeping my messages")
    page.get_by_role("button", name="Yes, erase it").click()
    expect(page.locator(".bubble.persona .text").last).to_contain_text("from now on I keep nothing")
    expect(other.locator(".notice")).to_contain_text("from now on I keep nothing")
    user = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}["personac_user"]
    for tab in (page, other):
        assert tab.locator(".bubble.user").count()
        ask(tab, "How much is a ticket for the Summer Palace?")
        expect(tab.locator("#consent")).to_be_hidden()
    assert guide.consent(user) is False


@pytest.mark.parametrize(("said", "told"), [("hello", "That could not be written down"), ("你好", "暂时没能记下来")])
def test_a_consent_that_cannot_be_written_down_is_no_consent(
    page: Page, guide: Runtime, monkeypatch: pytest.MonkeyPatch, said: str, told: str
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise Unavailable("that could not be written down just now, and nothing was changed")

    ask(page, said)
    with monkeypatch.context() as patched:
        patched.setattr(guide.parts.store, "set_consent", full)
        page.locator("#consent-yes").click()
        expect(page.locator(".notice")).to_contain_text(told)
        expect(page.locator(".notice")).to_have_count(1)
        expect(page.locator("#consent")).to_be_visible()
    page.locator("#consent-yes").click()
    expect(page.locator("#consent")).to_be_hidden()
    expect(page.locator(".notice")).to_have_count(2)


def test_a_persona_that_never_keeps_anything_asks_nothing(serve: Make, script: Make, open_page: Make) -> None:
    bot = script()
    bot.profile = replace(bot.profile, consent_text={})
    with serve(bot) as server:
        page = open_page(server)
        ask(page, "hello")
        expect(page.locator("#consent")).to_be_hidden()


def test_privacy_export_and_forgetting_by_buttons(page: Page) -> None:
    ask(page, "How much is a ticket for the Summer Palace?")
    before = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}["personac_user"]
    page.locator("#privacy").click()
    page.get_by_role("button", name="Send me my data").click()
    for button, begins in (("Save as JSON", b'{\n  "user"'), ("Save as a page", b"<!doctype html>")):
        with page.expect_download() as saved:
            page.get_by_role("button", name=button).click()
        assert saved.value.suggested_filename.startswith("tour_guide-")
        data = Path(saved.value.path()).read_bytes()
        assert data.startswith(begins)
        assert b"How much is a ticket for the Summer Palace?" in data
    page.locator("#privacy").click()
    page.get_by_role("button", name="Erase everything").click()
    expect(page.locator(".offered")).to_have_count(1)  # buttons of earlier questions are gone
    page.get_by_role("button", name="Yes, erase it").click()
    expect(page.locator(".notice")).to_contain_text("everything that was kept of you is erased")
    expect(page.locator(".bubble.user")).to_have_count(0)
    expect(page.locator("html")).to_have_attribute("data-connected", "true")
    expect(page.locator(".greeting")).to_be_visible()
    after = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}["personac_user"]
    assert before == after  # it is still the name of other tabs, and of other personas here
    kept = page.evaluate("Object.keys(sessionStorage).filter((key) => !/(conversation|language|muted)$/.test(key))")
    assert kept == []


def test_an_erasure_asked_for_in_words_empties_the_page(page: Page) -> None:
    ask(page, "删除我的数据")
    page.get_by_role("button", name="是的，删除").click()
    expect(page.locator(".notice")).to_contain_text("已完成")
    expect(page.locator(".bubble.user")).to_have_count(0)


def test_an_erasure_asked_for_in_words_empties_another_tab_of_the_conversation(page: Page) -> None:
    ask(page, "thank you")
    with page.expect_popup() as opened:
        page.evaluate("void window.open(location.href)")  # with a copy of what the tab keeps
    other = opened.value
    expect(other.locator("html")).to_have_attribute("data-connected", "true")
    ask(other, "thank you")
    ask(page, "删除我的数据")
    page.get_by_role("button", name="是的，删除").click()
    expect(other.locator(".notice")).to_contain_text("已完成")
    expect(other.locator(".bubble.user")).to_have_count(0)


def test_forget_me_asks_and_then_empties_the_page(page: Page) -> None:
    ask(page, "thank you")
    page.locator("#forget").click()
    expect(page.locator("#forget-dialog")).to_be_visible()
    page.locator("#forget-no").click()
    expect(page.locator(".bubble.user")).to_have_count(1)
    page.locator("#forget").click()
    page.locator("#forget-yes").click()
    expect(page.locator(".notice")).to_contain_text("erased")
    expect(page.locator(".bubble.user")).to_have_count(0)
    expect(page.locator("html")).to_have_attribute("data-connected", "true")
    page.reload()
    expect(page.locator(".greeting")).to_be_visible()
    expect(page.locator(".bubble.user")).to_have_count(0)


def test_a_server_that_comes_back_finds_the_unsent_text(serve: Make, script: Make, open_page: Make) -> None:
    bot = script()
    with serve(bot) as server:
        page = open_page(server)
        expect(ask(page, "before").locator(".text")).to_have_text("before")
        port = server.port
    expect(page.locator("html")).to_have_attribute("data-connected", "false")
    expect(page.locator("#status")).to_contain_text("The connection is lost")
    page.locator("#text").fill("written meanwhile")
    page.locator("#text").press("Enter")
    expect(page.locator(".notice")).to_contain_text("Your text stays here")
    expect(page.locator("#text")).to_have_value("written meanwhile")
    with serve(bot, port=port):
        expect(page.locator("html")).to_have_attribute("data-connected", "true")
        expect(page.locator("#text")).to_have_value("written meanwhile")
        page.locator("#text").press("Enter")
        expect(answer(page).locator(".text")).to_have_text("written meanwhile")


def test_parts_that_do_not_exist_are_not_offered(serve: Make, script: Make, open_page: Make) -> None:
    with serve(script(ready={"text": True})) as server:
        page = open_page(server)
        for button in ("#talk", "#picture", "#mute"):
            expect(page.locator(button)).to_be_hidden()
        expect(page.locator("#text")).to_be_visible()
        expect(page.locator("#status")).to_have_text("")


def test_parts_that_still_load_are_told(serve: Make, script: Make, open_page: Make) -> None:
    bot = script(ready={"text": True, "speech": False, "voice": True})
    with serve(bot) as server:
        page = open_page(server)
        expect(page.locator("#status")).to_have_text("Still loading: hearing.")
        expect(page.locator("#picture")).to_be_hidden()
        bot.parts["speech"] = True
        expect(page.locator("#status")).to_have_text("")
        expect(page.locator("#talk")).to_be_visible()


def test_a_muted_page_asks_for_no_voice(serve: Make, script: Make, open_page: Make) -> None:
    bot = script(ready={"text": True, "voice": True})
    with serve(bot) as server:
        page = open_page(server)
        page.locator("#mute").click()
        expect(page.locator("#mute")).to_have_attribute("aria-pressed", "true")
        ask(page, "one")
        page.locator("#mute").click()
        ask(page, "two")
        assert [(message.text, message.speak) for message in bot.asked] == [("one", False), ("two", True)]


def test_stop_ends_the_answer_and_its_voice(serve: Make, script: Make, open_page: Make) -> None:
    bot = script()
    with serve(bot) as server:
        page = open_page(server)
        page.locator("#text").fill("talk")
        page.locator("#send").click()
        expect(page.locator("#mood")).to_have_text("Speaking")
        page.locator("#stop").click()
        expect(page.locator("#mood")).to_have_text("Here for you")
        expect(page.locator("#stop")).to_be_hidden()
        ask(page, "hello")
        assert bot.ended == ["talk", "hello"]


def test_an_error_of_the_server_is_told_and_no_bubble_waits(serve: Make, script: Make, open_page: Make) -> None:
    with serve(script()) as server:
        page = open_page(server)
        page.locator("#text").fill("outage")
        page.locator("#text").press("Enter")
        expect(page.locator(".notice.warn")).to_have_text("The disk is full")
        expect(page.locator(".bubble.waiting")).to_have_count(0)


def test_text_is_never_markup(serve: Make, script: Make, open_page: Make) -> None:
    with serve(script()) as server:
        page = open_page(server)
        told = ask(page, "<img src=x onerror=alert(1)><b>bold</b>")
        expect(told.locator(".text")).to_have_text("<img src=x onerror=alert(1)><b>bold</b>")
        expect(page.locator("#log img, #log b")).to_have_count(0)


def test_what_cannot_be_sent_is_said_before(serve: Make, script: Make, open_page: Make) -> None:
    with serve(script(ready={"text": True, "pictures": True})) as server:
        page = open_page(server)
        page.locator("#text").fill("x" * 4003)
        expect(page.locator("#count")).to_have_text("3 characters too many")
        expect(page.locator("#send")).to_be_disabled()
        page.locator("#text").fill("")
        page.locator("#file").set_input_files(
            {"name": "tool.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ"}
        )
        expect(page.locator(".notice.warn")).to_contain_text("“tool.exe” is not a picture")
        page.locator("#file").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b""})
        page.locator("#send").click()
        expect(page.locator(".notice.warn").last).to_contain_text("That file is empty")
        expect(page.locator("#tray .chip")).to_have_count(1)
