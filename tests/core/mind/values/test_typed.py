"""Values in messages, in one normal form for English and Chinese."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from personac.core.mind.values.typed import KINDS, find, read

MONDAY = date(2026, 11, 23)


def normal(kind: str, text: str) -> list[Any]:
    return [value.value for value in find(kind, text, MONDAY)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("for twenty-five people", 25),
        ("for 3 people", 3),
        ("two thousand five hundred", 2500),
        ("2k", 2000),
        ("about 5 million", 5_000_000),
        ("1,200 of them", 1200),
        ("a dozen eggs", 12),
        ("-3 degrees", -3),
        ("三百五十", 350),
        ("1.2万", 12_000),
        ("两千五", 2500),
        ("三万五千个", 35_000),
        ("我们5位", 5),
        ("三个人", 3),
        ("３个", 3),
    ],
)
def test_a_number_in_words_or_digits_is_one_number(text: str, number: float) -> None:
    assert normal("number", text) == [number]


@pytest.mark.parametrize("text", ["", "no one", "一起去", "the third one", "😀😀", "version x2y"])
def test_words_that_are_no_number_give_none(text: str) -> None:
    assert normal("number", text) == []


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("£50", 50, "GBP"),
        ("50 bucks", 50, "USD"),
        ("40€", 40, "EUR"),
        ("$1,200.50", 1200.5, "USD"),
        ("5 million yuan", 5_000_000, "CNY"),
        ("三块五", 3.5, "CNY"),
        ("三块五毛", 3.5, "CNY"),
        ("五毛", 0.5, "CNY"),
        ("一百元", 100, "CNY"),
        ("¥60", 60, "CNY"),
    ],
)
def test_money_has_an_amount_and_a_currency(text: str, amount: float, currency: str) -> None:
    assert normal("money", text) == [{"amount": amount, "currency": currency}]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("tomorrow", "2026-11-24"),
        ("the day after tomorrow", "2026-11-25"),
        ("next Friday", "2026-12-04"),
        ("on Friday", "2026-11-27"),
        ("last Thursday", "2026-11-19"),
        ("in 3 days", "2026-11-26"),
        ("two weeks ago", "2026-11-09"),
        ("the 21st of March", "2027-03-21"),
        ("July the 20th 1992", "1992-07-20"),
        ("12/25/2026", "2026-12-25"),
        ("Saturday 3 December", "2026-12-03"),
        ("Christmas", "2026-12-25"),
        ("明天", "2026-11-24"),
        ("大后天", "2026-11-26"),
        ("下周五", "2026-12-04"),
        ("周五", "2026-11-27"),
        ("3月5号", "2027-03-05"),
        ("十二月二十五号", "2026-12-25"),
        ("2026年12月1日", "2026-12-01"),
        ("下个月5号", "2026-12-05"),
        ("三天后", "2026-11-26"),
        ("国庆节", "2027-10-01"),
    ],
)
def test_a_date_counts_from_today(text: str, day: str) -> None:
    assert normal("date", text) == [day]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("next week", "2026-11-30", "2026-12-06"),
        ("last month", "2026-10-01", "2026-10-31"),
        ("this quarter", "2026-10-01", "2026-12-31"),
        ("the last 3 days", "2026-11-20", "2026-11-23"),
        ("this weekend", "2026-11-28", "2026-11-29"),
        ("上个月", "2026-10-01", "2026-10-31"),
        ("最近三天", "2026-11-20", "2026-11-23"),
        ("本季度", "2026-10-01", "2026-12-31"),
    ],
)
def test_a_period_has_its_first_and_last_day(text: str, first: str, last: str) -> None:
    assert normal("date", text) == [{"from": first, "to": last}]


def test_the_days_of_a_range_share_its_month() -> None:
    assert normal("date", "from the 16th to the 22nd of April") == ["2027-04-16", "2027-04-22"]


@pytest.mark.parametrize("text", ["I may go", "in the sun", "5号线怎么走", "3.5", "30th floor", "三个月"])
def test_words_that_are_no_date_give_none(text: str) -> None:
    assert normal("date", text) == []


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("25 to 7 p.m.", "18:35"),
        ("half past nine", "09:30"),
        ("9 05 in the morning", "09:05"),
        ("quarter to five", "04:45"),
        ("10 past 9 night", "21:10"),
        ("3:35 night", "03:35"),
        ("5ish in the afternoon", "17:00"),
        ("12 am", "00:00"),
        ("9.30 pm", "21:30"),
        ("noon", "12:00"),
        ("下午三点半", "15:30"),
        ("晚上8点20", "20:20"),
        ("差五分九点", "08:55"),
        ("八点三刻", "08:45"),
        ("凌晨两点", "02:00"),
        ("上午10：30", "10:30"),
        ("晚上十二点", "00:00"),
    ],
)
def test_a_time_of_day_is_hours_and_minutes(text: str, time: str) -> None:
    assert normal("time", text) == [time]


@pytest.mark.parametrize("text", ["有一点贵", "9.50", "5 to 8 people", "3个时间", "at the office"])
def test_words_that_are_no_time_give_none(text: str) -> None:
    assert normal("time", text) == []


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("for 3 nights", "P3D"),
        ("half an hour", "PT30M"),
        ("an hour and a half", "PT90M"),
        ("1.5 hours", "PT90M"),
        ("a couple of days", "P2D"),
        ("a week", "P1W"),
        ("三天", "P3D"),
        ("住两晚", "P2D"),
        ("两个半小时", "PT150M"),
        ("90分钟", "PT90M"),
        ("半年", "P6M"),
        ("两周", "P2W"),
    ],
)
def test_a_duration_is_as_iso_8601_has_it(text: str, duration: str) -> None:
    assert normal("duration", text) == [duration]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("time", "5", "05:00"),
        ("date", "16th", "2026-12-16"),
        ("date", "the first", "2026-12-01"),
        ("money", "800", {"amount": 800, "currency": None}),
        ("number", "no kids", 0),
        ("number", "a room", 1),
        ("email", "to a@b.cn", "a@b.cn"),
        ("phone", "打13812345678", "13812345678"),
        ("number", "many", None),
        ("date", "40", None),
    ],
)
def test_words_known_to_be_a_value_may_be_shorter(kind: str, text: str, value: Any) -> None:
    assert read(kind, text, MONDAY) == value


def test_a_value_tells_its_words_and_where_they_stand() -> None:
    (value,) = find("money", "Send £50 now", MONDAY)
    assert value.json() == {"value": {"amount": 50, "currency": "GBP"}, "text": "£50", "span": [5, 8]}


@pytest.mark.parametrize(
    "text", ["1" * 100_000, "三" * 100_000, "5 to " * 20_000, "12:" * 30_000, "a few " * 20_000, "\ud800"]
)
def test_endless_and_broken_messages_are_read_without_fault(text: str) -> None:
    for kind in KINDS:
        assert all(value.end <= len(text) for value in find(kind, text, MONDAY))
