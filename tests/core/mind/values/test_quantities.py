"""What texts measure: the same quantity in English and in Chinese, and nothing where nothing is measured."""

from __future__ import annotations

import pytest
from personac.core.mind.values.numerals import value_of
from personac.core.mind.values.quantities import Quantity, comparable, quantities


def measured(text: str) -> list[Quantity]:
    return quantities(comparable(text))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("0", 0), ("1,200.50", 1200.5), ("2.5", 2.5), ("3万", 30_000), ("1.5万", 15_000), ("two million", 2_000_000),
        ("twenty-four", 24), ("one hundred and five", 105), ("three thousand two hundred", 3200), ("half an", 0.5),
        ("六十", 60), ("十二", 12), ("二十", 20), ("一百零五", 105), ("一百五", 150), ("两千三百", 2300),
        ("九万", 90_000), ("二〇二四", 2024), ("半", 0.5), ("六七十", None), ("and", None),
    ],
)  # fmt: skip
def test_numbers_are_read_in_digits_and_words(written: str, value: float | None) -> None:
    assert value_of(written) == value


@pytest.mark.parametrize(
    "writings",
    [
        ["60 yuan", "¥60", "￥60", "60元", "六十元", "60块钱", "RMB-free: 60 RMB"],
        ["1.50 dollars", "$1.50", "1.5美元"],
        ["70 pence", "£0.70", "0.7 pounds"],
        ["8:30 am", "8.30 am", "上午8点半", "早上八点半", "上午8：30", "上午8点30分"],
        ["9 pm", "9 p.m.", "21:00", "晚上9点", "晚上九点"],
        ["noon", "12:00", "12 pm", "正午"],
        ["5 percent", "5 per cent", "5%", "5％", "百分之五"],
        ["half an hour", "30 minutes", "半小时", "半个小时", "三十分钟"],
        ["an hour and a half", "90 minutes", "一个半小时", "一小时半"],
        ["3 working days", "three business days", "3个工作日"],
        ["1 April", "April 1st", "4月1日", "四月一号"],
        ["in 1420", "1420年"],
        ["eight kilometres", "8 km", "8公里", "八千米"],
        ["call 12345", "拨打12345", "12345 is the number to call: call 12345"],
    ],
)
def test_one_quantity_is_equal_however_it_is_written(writings: list[str]) -> None:
    first, *others = (measured(text)[0] for text in writings)
    for other in others:
        assert (first.kind, first.unit) == (other.kind, other.unit)
        assert first.same(other)
        assert other.same(first)


@pytest.mark.parametrize(
    ("one", "other"),
    [("60 yuan", "80元"), ("8:30 am", "9:30"), ("8 am", "8 pm"), ("5%", "百分之十"), ("1 May", "5月2日")],
)
def test_different_quantities_are_not_equal(one: str, other: str) -> None:
    assert not measured(one)[0].same(measured(other)[0])


def test_an_hour_without_its_half_of_the_day_may_be_either() -> None:
    assert measured("5:30")[0].same(measured("5.30 pm")[0])
    assert measured("5:30")[0].same(measured("早上五点半")[0])


def test_a_range_gives_both_ends_the_unit() -> None:
    for text in ("100 to 150 yuan", "100-150元", "100到150元", "一百到一百五十元"):
        assert [(q.kind, q.value) for q in measured(text)] == [("money", 100), ("money", 150)]


@pytest.mark.parametrize(
    "text",
    [
        "877路",
        "Line 1",
        "地铁1号线",
        "快一点，有一点贵",
        "两点建议",
        "April to October",
        "see https://a.example/60yuan",
        "一两块钱",
    ],
)
def test_numbers_that_measure_nothing_are_left_out(text: str) -> None:
    assert measured(text) == []


def test_an_odd_twenty_may_be_twenty_four() -> None:
    assert measured("二十多公里")[0].same(measured("twenty-four kilometres")[0])
    assert not measured("二十多公里")[0].same(measured("eighty kilometres")[0])


def test_the_place_of_a_quantity_is_where_its_words_stand() -> None:
    text = comparable("From April the ticket, sold at the gate, is 60 yuan for adults; in winter it is 四十元.")
    assert [text[q.start : q.end] for q in quantities(text)] == ["60 yuan", "四十元"]
