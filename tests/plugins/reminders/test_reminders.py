"""When a reminder is meant for, what it is about, and what is asked for when something is missing."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from personac.core.errors import SettingsInvalid
from personac.core.mind.values.typed import find
from personac.core.plugin import FollowUp
from personac.plugins.reminders import Reminders
from personac.plugins.reminders.when import moment, subject, told
from personac.testing import SkillClient

NOW = datetime(2026, 11, 29, 10, 20, tzinfo=ZoneInfo("Asia/Shanghai"))  # a Sunday


def slots_of(text: str) -> dict[str, Any]:
    found = {kind: find(kind, text, NOW.date()) for kind in ("time", "date", "duration")}
    return {kind: {"value": values[0].value, "text": values[0].text} for kind, values in found.items() if values}


@pytest.mark.parametrize(
    ("text", "when", "what"),
    [
        ("remind me at 8 to call mum", "today at 20:00", "call mum"),
        ("Remind me at 11 about the call.", "today at 11:00", "the call"),
        ("remind me in 20 minutes to check the oven", "today at 10:40", "check the oven"),
        ("Remind me to leave in an hour and a half.", "today at 11:50", "leave"),
        ("can you remind me tomorrow at 9:30 to buy tickets?", "tomorrow at 09:30", "buy tickets"),
        ("remind me on Friday at noon that the bill is due", "on Friday, 4 December 2026, at 12:00", "the bill is due"),
        ("set a reminder for 3 pm to take my pills", "today at 15:00", "take my pills"),
        ("remind me tonight at 8", "today at 20:00", ""),
        ("remind me at 8 am to run", "tomorrow at 08:00", "run"),
        ("明天早上八点提醒我买票", "tomorrow at 08:00", "买票"),
        ("二十分钟后提醒我关火", "today at 10:40", "关火"),
        ("一个半小时后提醒我出发", "today at 11:50", "出发"),
        ("8点提醒我开会", "today at 20:00", "开会"),
        ("晚上9点提醒我吃药", "today at 21:00", "吃药"),
        ("请在2小时后提醒我一下", "today at 12:20", ""),
        ("下周一下午三点提醒我交房租", "tomorrow at 15:00", "交房租"),
    ],
)
def test_a_moment_and_a_subject_are_read(text: str, when: str, what: str) -> None:
    slots = slots_of(text)
    at = moment(text, slots, NOW)
    assert at is not None
    assert (told(at, NOW, "en"), subject(text, slots)) == (when, what)


@pytest.mark.parametrize("text", ["remind me to call mum", "提醒我给妈妈打电话"])
def test_a_message_without_a_time_has_none(text: str) -> None:
    assert moment(text, slots_of(text), NOW) is None


async def test_what_is_missing_is_asked_for_in_the_user_s_language() -> None:
    async with SkillClient(Reminders, timezone="Asia/Shanghai") as client:
        first = await client.call("remind", "提醒我买票", language="zh")
        assert first is not None
        assert (first.ask, first.text, first.slots) == ("when", "什么时候提醒您？", {"reminder": "买票"})
        then = await client.call("remind", "二十分钟后", language="zh", when="二十分钟后", reminder="买票")
        assert then is not None
        (plan,) = then.follow_ups
        assert plan.skill == "ring"
        assert plan.slots == {"reminder": "买票"}
        assert then.text.endswith("提醒您：买票")
        nothing = await client.call("remind", "remind me at 8")
        assert nothing is not None
        assert (nothing.ask, nothing.slots) == ("reminder", {"when": "remind me at 8"})
        told = await client.call("remind", "to call mum", reminder="to call mum", **nothing.slots)
        assert told is not None
        assert told.follow_ups[0].slots == {"reminder": "call mum"}
        long = await client.call("remind", "remind me in 900 days", duration={"value": "P900D", "text": "900 days"})
        assert long is not None
        assert long.ask == "when"


async def test_one_of_several_is_chosen_to_be_cancelled() -> None:
    plans = [FollowUp(what, NOW, "ring", {"reminder": what}) for what in ("buy milk", "call mum {0} %s")]
    async with SkillClient(Reminders) as client:
        which = await client.call("cancel", "cancel a reminder", planned=plans)
        assert which is not None
        assert len(which.choices) == 2
        for text in (which.choices[1], "the one to call mum {0} %s"):
            gone = await client.call("cancel", text, planned=plans, reminder=text)
            assert gone is not None
            assert [(plan.key, plan.at) for plan in gone.follow_ups] == [("call mum {0} %s", None)]
        said = await client.call("planned", planned=plans)
        assert said is not None
        assert "buy milk" in said.text
        assert (await client.call("planned", language="zh")).text == "您没有提醒事项。"  # type: ignore[union-attr]


def test_a_time_zone_that_is_none_is_refused() -> None:
    with pytest.raises(SettingsInvalid, match="Europe/Berlin"):
        SkillClient(Reminders, timezone="Mars/Olympus")
