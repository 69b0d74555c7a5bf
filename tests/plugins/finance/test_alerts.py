"""Surges of bad news, the alerts that users follow, and the picture of news over time."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from personac.plugins.finance import Finance
from personac.plugins.finance.archive import Mood
from personac.plugins.finance.picture import Words, draw
from personac.plugins.finance.words import advises
from personac.testing import SkillClient
from PIL import Image

pytest.importorskip("ruptures", reason="the extra finance is not installed")
Settings = Callable[..., dict[str, Any]]
TODAY = date(2026, 9, 30)


def stream(surge_days: range, days: int = 60) -> str:
    """Return five items a day about Harbour Motors: one of them bad, but four on some of the last days."""
    lines = ["date,title,text,source"]
    for ago in range(days):
        bad = 4 if ago in surge_days else 1
        day = TODAY - timedelta(ago)
        lines += [
            f"{day},Harbour Motors {'profit fell' if item < bad else 'sales rose'} in area {10 * ago + item},,Wire"
            for item in range(5)
        ]
    return "\n".join(lines)


async def test_a_surge_that_goes_on_is_told_with_its_day_and_shares(settings: Settings) -> None:
    async with SkillClient(Finance, **settings(stream(range(4)))) as client:
        result = await client.call("changes", "What has changed?")
        chinese = await client.call("changes", "有什么变化", language="zh")
    assert result is not None
    assert result.text.splitlines() == [
        "What has changed in the news, as of 30 September 2026:",
        "• Harbour Motors: bad news has surged since 27 September 2026: 80% of the items are bad, 20% before.",
        "This is the mood of the news, not advice.",
    ]
    assert chinese is not None
    assert "海港汽车：2026年9月27日起坏消息激增，占80%，此前占20%" in chinese.text


async def test_a_surge_that_is_over_is_told_as_over(settings: Settings) -> None:
    async with SkillClient(Finance, **settings(stream(range(4, 9)))) as client:
        result = await client.call("changes", "Anything new with Harbour Motors?")
    assert result is not None
    assert "• Harbour Motors: bad news surged from 22 September to" in result.text
    assert "that is over" in result.text


async def test_usual_news_changes_nothing(settings: Settings) -> None:
    async with SkillClient(Finance, **settings(stream(range(0)))) as client:
        result = await client.call("changes", "What has changed?")
        empty = await client.call("changes", "芯片有什么变化", language="zh")
    assert result is not None
    assert result.text == (
        "As of 30 September 2026, nothing is out of the usual in the news about Harbour Motors, oil and chips."
    )
    assert empty is not None
    assert empty.text == "截至2026年9月30日，芯片的新闻没有异常变化。"


async def test_alerts_are_followed_told_and_ended(settings: Settings) -> None:
    async with SkillClient(Finance, **settings(stream(range(4)))) as client:
        none = await client.call("alerts", "any alerts?")
        begun = await client.call("follow", "Tell me when news about Harbour Motors gets bad")
        assert begun is not None
        more = await client.call("follow", "石油也提醒我", language="zh", remembered=begun.slots)
        assert more is not None
        told = await client.call("alerts", "any alerts?", remembered=more.slots)
        which = await client.call("unfollow", "stop the alerts", remembered=more.slots)
        ended = await client.call("unfollow", "stop alerts about Harbour Motors", remembered=more.slots)
        assert ended is not None
        quiet = await client.call("alerts", "有提醒吗", language="zh", remembered=ended.slots)
        gone = await client.call("unfollow", "取消全部提醒", language="zh", remembered=more.slots)
    assert none is not None
    assert none.text.startswith("You have no alerts.")
    assert begun.remember == {"news_alerts": ["harbour"]}
    assert more.remember == {"news_alerts": ["harbour", "oil"]}
    assert told is not None
    assert "bad news has surged since 27 September 2026" in told.text
    assert which is not None
    assert (which.ask, list(which.choices)) == ("topic", ["Harbour Motors", "oil"])
    assert ended.remember == {"news_alerts": ["oil"]}
    assert quiet is not None
    assert quiet.text == "截至2026年9月30日没有提醒：石油的坏消息没有激增。"
    assert gone is not None
    assert gone.remember == {"news_alerts": []}


async def test_what_is_followed_is_looked_at_later_and_a_surge_is_told_once(settings: Settings) -> None:
    async with SkillClient(Finance, **settings(stream(range(0)), alert_every=30)) as client:
        quiet = await client.call("follow", "alert me about Harbour Motors")
    assert quiet is not None
    (plan,) = quiet.follow_ups
    assert plan.skill == "look"
    assert plan.at is not None
    assert timedelta(minutes=29) < plan.at - datetime.now(UTC) <= timedelta(minutes=30)
    async with SkillClient(Finance, **settings(stream(range(4)))) as client:
        told = await client.call("look", **plan.slots)
        assert told is not None
        assert told.text.splitlines()[0].startswith("• Harbour Motors: bad news has surged since 27 September 2026")
        (following,) = told.follow_ups
        again = await client.call("look", **following.slots)
        assert again is not None
        assert again.text == ""
        assert [plan.key for plan in again.follow_ups] == [plan.key]
        begun = await client.call("follow", "海港汽车提醒我", language="zh")
        assert begun is not None
        assert "2026年9月27日起坏消息激增" in begun.text
        later = await client.call("look", **begun.follow_ups[0].slots)
        assert later is not None
        assert later.text == "", "what was told when the alerts began is not told again"
        more = await client.call("follow", "oil alerts too", remembered=begun.slots, planned=begun.follow_ups)
        assert more is not None
        assert more.follow_ups[0].slots == {**begun.follow_ups[0].slots, "news_alerts": ["harbour", "oil"]}
        ended = await client.call("unfollow", "stop all alerts", remembered=begun.slots, planned=[following])
        nothing = await client.call("look", news_alerts=["gone"])
        elsewhere = await client.call("look", facts={"news_alerts": ["oil"]}, **plan.slots)
    assert ended is not None
    assert [(plan.key, plan.at) for plan in ended.follow_ups] == [(plan.key, None)]
    assert nothing is None
    assert elsewhere is None, "the alerts were ended in another conversation"


async def test_alerts_about_what_is_not_followed_ask_for_a_topic(settings: Settings) -> None:
    async with SkillClient(Finance, **settings()) as client:
        result = await client.call("follow", "alert me about Zenith")
    assert result is not None
    assert result.ask == "topic"
    assert not result.remember


async def test_no_skill_gives_advice(settings: Settings) -> None:
    async with SkillClient(Finance, **settings(stream(range(4)))) as client:
        for skill in client.plugin.skills():
            for text, language in (("Should I buy Harbour Motors?", "en"), ("海港汽车该卖吗", "zh")):
                result = await client.call(skill, text, language=language, news_alerts=["harbour"])
                assert result is not None
                assert not any(advises(line) for line in result.text.splitlines())


@pytest.mark.parametrize(("language", "asked"), [("en", "plot Harbour Motors"), ("zh", "画一张海港汽车的图")])
async def test_a_picture_is_drawn_and_the_words_say_what_it_shows(
    settings: Settings, language: str, asked: str
) -> None:
    async with SkillClient(Finance, **settings(stream(range(4)))) as client:
        result = await client.call("chart", asked, language=language)
    assert result is not None
    assert ("300 items, 228 good and 72 bad" if language == "en" else "300条，好消息228条，坏消息72条") in result.text
    (picture,) = result.media
    assert (picture.kind, picture.mime) == ("image", "image/png")
    pixels = np.asarray(Image.open(io.BytesIO(picture.data)).convert("RGB")).reshape(-1, 3)
    for colour in ((0x1F, 0x6F, 0xB2), (0xC2, 0x41, 0x0C), (0xFB, 0xE3, 0xD3)):
        assert (pixels == colour).all(1).sum() > 500, colour


async def test_a_picture_needs_one_topic(settings: Settings) -> None:
    async with SkillClient(Finance, **settings()) as client:
        result = await client.call("chart", "draw a chart")
        none = await client.call("chart", "draw chips")
    assert result is not None
    assert (result.ask, list(result.media)) == ("topic", [])
    assert none is not None
    assert not none.media


def words_in(language: str, title: str) -> Words:
    """Return a picture's words that differ in nothing but the title."""
    return Words(title, "a", "b", "c", "d", "e", lambda day: str(day.day))


def test_chinese_letters_are_drawn_and_not_boxes() -> None:
    moods = [(TODAY - timedelta(1), Mood(3, 2, 1)), (TODAY, Mood(2, 0, 1))]
    drawn = {
        title: draw(moods, [], words_in("zh", title)) for title in ("坏消息激增", "好消息减少", "□□□□□", "𠀀𠀁𠀂𠀃𠀄")
    }
    assert len(set(drawn.values())) == 3  # what no font has is a box
    assert drawn["□□□□□"] == drawn["𠀀𠀁𠀂𠀃𠀄"]


@pytest.mark.parametrize("days", [1, 2, 99, 101, 366])
def test_any_number_of_days_is_drawn(days: int) -> None:
    moods = [(TODAY - timedelta(days - 1 - at), Mood(at % 7, at % 3, at % 4)) for at in range(days)]
    picture = draw(moods, [(TODAY - timedelta(400), TODAY)], words_in("en", "$\\frac$ 100%"))
    assert Image.open(io.BytesIO(picture)).size == (1024, 608)
