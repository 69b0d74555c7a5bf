"""What plugins read in Chinese, they read in simplified and in traditional characters alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from personac.core.mind.values.typed import find
from personac.plugins.customer_service.reading import agreed, numbers, score
from personac.plugins.finance.asking import names_all, names_another, period
from personac.plugins.medical.hearing import Ear, answer
from personac.plugins.medical.table import Symptom
from personac.plugins.reminders.when import moment, subject
from personac.plugins.tourism.search.fields import fold
from personac.plugins.tourism.tastes import tastes

TODAY = date(2026, 11, 30)
NOW = datetime(2026, 11, 30, 9, tzinfo=ZoneInfo("Asia/Taipei"))


def heard(text: str) -> dict[str, bool]:
    """Return what is heard for a table that is written in both."""
    rows = (
        Symptom("headache", {"zh": "頭痛"}, (), {}, False),
        Symptom("dizziness", {"zh": "头晕"}, (), {}, False),
    )
    return dict(Ear(rows).symptoms(text))


@pytest.mark.parametrize(
    ("read", "simplified", "traditional"),
    [
        (lambda text: [one.value for one in find("number", text, TODAY)], "排两天", "排兩天"),
        (lambda text: [one.value for one in find("date", text, TODAY)], "下周三", "下週三"),
        (lambda text: [one.value for one in find("time", text, TODAY)], "下午三点钟", "下午三點鐘"),
        (tastes, "喜欢现代建筑，不想购物", "喜歡現代建築，不想購物"),
        (fold, "离故宫近的餐厅", "離故宮近的餐廳"),
        (agreed, "冻结吧", "凍結吧"),
        (score, "两分", "兩分"),
        (numbers, "订单 A10023，2026年11月3号的", "訂單 A10023，2026年11月3號的"),
        (lambda text: period(text, TODAY), "最近两周", "最近兩週"),
        (names_all, "所有公司", "所有公司"),
        (names_another, "关于台达电子的新闻", "關於臺達電子的新聞"),
        (answer, "没有", "沒有"),
        (answer, "经常", "經常"),
        (heard, "没有头痛，但头晕", "沒有頭痛，但頭暈"),
        (lambda text: moment(text, {}, NOW), "两小时后", "兩小時後"),
    ],
)
def test_both_writings_are_read_alike(read: Callable[[str], Any], simplified: str, traditional: str) -> None:
    assert read(simplified), simplified
    assert read(traditional) == read(simplified)


def test_the_subject_of_a_reminder_stays_as_it_was_written() -> None:
    assert subject("兩小時後提醒我給媽媽打電話", {}) == "給媽媽打電話"
    assert subject("两小时后提醒我给妈妈打电话", {}) == "给妈妈打电话"
