"""Opinions of news in two languages, and surges of bad news."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from personac.plugins.finance.sentiment import opinion
from personac.plugins.finance.surges import Day, surge


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Operating profit rose to EUR 5 mn from EUR 3 mn.", "positive"),
        ("Net sales fell by 8 % in the third quarter.", "negative"),
        ("The operating loss narrowed to EUR 0.2 mn.", "positive"),
        ("The quarter ended with a loss of EUR 2.1 mn, compared to a profit of EUR 1.4 mn.", "negative"),
        ("EBIT was EUR 12.4 mn, compared to EUR 9.8 mn a year before.", "positive"),
        ("Costs increased sharply.", "negative"),
        ("Unemployment fell last month.", "positive"),
        ("The company will lay off 40 people.", "negative"),
        ("Demand did not grow.", "negative"),
        ("Operating profit decreased from EUR 19 .9 m while net sales increased from EUR 155 .7 m .", "negative"),
        ("Net sales of EUR 58.9 mn in the second quarter of 2007 , down from EUR 62.4 mn a year earlier .", "negative"),
        ("Net profit of 7.99 mln euro $ 10.4 mln for 2006 , compared to 8.4 mln euro for 2005", "negative"),
        ("It will cut a total of 28 jobs.", "negative"),
        ("The firm cut its sales forecast to 6 pct.", "negative"),
        ("Cash flow was a negative EUR 3 mn, compared to EUR 23 mn.", "negative"),
        ("The share capital increases by EUR 15,665 .", "neutral"),
        ("The company is based in Turku and makes elevators.", "neutral"),
        ("The meeting is held on Tuesday.", "neutral"),
        ("公司净利润同比增长三成。", "positive"),
        ("销量大幅下滑，公司宣布裁员。", "negative"),
        ("成本下降，毛利提升。", "positive"),
        ("亏损收窄。", "positive"),
        ("公司总部位于上海。", "neutral"),
        ("", "neutral"),
        ("📉" * 200, "neutral"),
        ("Der Gewinn stieg.", "neutral"),
    ],
)
def test_news_is_good_bad_or_neither(text: str, label: str) -> None:
    found = opinion(text)
    assert found.label == label, found
    assert bool(found.because) == (label != "neutral") or found.score == 0
    assert -1 <= found.score <= 1


def test_a_long_text_is_read_in_bounded_time() -> None:
    assert opinion("profit rose but loss grew; " * 50_000).label in ("positive", "negative", "neutral")


def days(shares: list[float], items: int = 20, seed: int = 3) -> list[Day]:
    random = np.random.default_rng(seed)
    return [
        Day(date(2026, 1, 1) + timedelta(at), items, int(random.binomial(items, share)))
        for at, share in enumerate(shares)
    ]


def test_a_surge_is_found_with_its_first_day() -> None:
    pytest.importorskip("ruptures", reason="the extra finance is not installed")
    found = surge(days([0.1] * 30 + [0.6] * 4))
    assert found is not None
    assert abs((found.since - date(2026, 1, 31)).days) <= 1
    assert found.now - found.before > 0.3


@pytest.mark.parametrize(
    "shares", [[0.1] * 40, [0.6] * 40, [0.6] * 20 + [0.1] * 20, [0.1] * 5 + [0.6] * 3, [0.1] * 30 + [0.16] * 4, []]
)
def test_usual_days_falls_and_little_history_are_no_surge(shares: list[float]) -> None:
    pytest.importorskip("ruptures", reason="the extra finance is not installed")
    assert surge(days(shares)) is None


def test_days_without_news_are_lived_with() -> None:
    pytest.importorskip("ruptures", reason="the extra finance is not installed")
    assert surge([Day(date(2026, 1, 1) + timedelta(at), 0, 0) for at in range(40)]) is None
