"""Every figure of a text, and when a source states one."""

from __future__ import annotations

import pytest
from personac.core.mind.values.figures import Figures, holds, in_text


def stated(claim: str, source: str) -> bool:
    """Tell whether a source states all figures of a claim."""
    wanted, known = in_text(claim), in_text(source)
    assert wanted, f"no figure in {claim}"
    return all(holds(known, quantity) for quantity in wanted.quantities) and all(
        any(span.members <= other.members for other in getattr(known, kind))
        for kind in ("weekdays", "months")
        for span in getattr(wanted, kind)
    )


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("It costs ¥60.", "60元"),
        ("It costs sixty yuan.", "门票60元"),
        ("RMB 60", "60 yuan"),
        ("Open at 9 am.", "上午9点开门"),
        ("Open at 9:00.", "早上九点开门"),
        ("Open at nine o'clock.", "9:00 to 17:00"),
        ("Opens at half past eight.", "8:30"),
        ("Closes at 5 pm.", "8:30到17:00开放"),
        ("It has two gates.", "There are 2 gates."),
        ("About 1,200 visitors.", "1200 visitors"),
        ("1200人", "一千二百人"),
        ("It grew by 20%.", "增长了百分之二十"),
        ("1.5 hours", "90 minutes"),
        ("Closed on Mondays.", "周一闭馆"),
        ("On Wednesdays.", "Tuesday to Sunday"),
        ("星期三开放", "周二至周日"),
        ("In June.", "4月至10月"),
        ("In January.", "from November to March"),
        ("On 1 April.", "4月1日"),
        ("Take Line 5.", "地铁5号线"),
        ("The third ring road", "第三条，环路"),
    ],
)
def test_one_figure_in_two_writings_is_one(claim: str, source: str) -> None:
    assert stated(claim, source)


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("60 yuan", "60 minutes"),
        ("60 yuan", "60 dollars"),
        ("60 yuan", "61 yuan"),
        ("1001 yuan", "1000 yuan"),
        ("In 2025.", "In 2024."),
        ("It costs 30.", "It opens at 8:30."),
        ("8:30 pm", "8:30 to 17:00"),
        ("9 pm", "上午9点"),
        ("On Monday.", "Tuesday to Sunday"),
        ("In May.", "from November to March"),
        ("10 percent", "10 yuan"),
        ("25 people", "20多人"),
        ("3 weeks", "3 days"),
        ("二十元", "十二元"),
        ("5 million", "5 thousand"),
        ("On 1 April 2024.", "1 April"),
    ],
)
def test_another_value_or_unit_is_another_figure(claim: str, source: str) -> None:
    assert not stated(claim, source)


@pytest.mark.parametrize(
    "text", ["You may march on.", "千万别去", "One of them is enough.", "Feel free to ask.", "万一"]
)
def test_words_that_only_look_like_figures_are_none(text: str) -> None:
    assert not in_text(text)


def test_no_figures_are_false() -> None:
    assert not Figures((), (), (), (), frozenset())
