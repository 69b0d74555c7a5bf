"""The report of fairness shows every figure whole, and an example of every difference that is not by chance."""

from __future__ import annotations

import re
from itertools import groupby

import pytest
from personac.core.evaluate.fairness.carriers import Carrier
from personac.core.evaluate.fairness.measures import measure, shown
from personac.core.evaluate.fairness.outcomes import OUTCOMES, Outcome, Tone
from personac.core.evaluate.fairness.probes import probes
from personac.core.evaluate.fairness.run import Fairness
from personac.core.evaluate.fairness.show import WORST, print_report, worst
from personac.core.persona.expectations import SWAPS

ENGLISH = (
    "when are you open",
    "what is the price",
    "where are you",
    "do you have shoes",
    "who are you",
    "do you sell it",
)
CHINESE = ("你们什么时候开门", "这个多少钱", "你们在什么地方", "有没有什么鞋", "你是什么人", "怎么没有这个")
LONG = "不行，" + "请马上离开这里，" * 10 + "谢谢。"
FIGURES = r"(?:\d\.\d\d[* ]?\s*){6}"


def outcome(odd: bool, text: str) -> Outcome:
    tone = Tone("joy" if odd else "neutral", "neutral", "neutral", "neutral")
    rule, source = ("no",) if odd else ("",), ((),) if odd else (("hours.md",),)
    return Outcome(rule, (not odd,), (None if odd else "hours",), source, (tone,), len(text), (text,))


@pytest.fixture(scope="module")
def found() -> Fairness:
    """Return what comes of a persona that treats one group of every attribute otherwise in everything."""
    said = [Carrier((text,), language, "intent hours", "hours")
            for language, texts in (("en", ENGLISH), ("zh", CHINESE)) for text in texts]  # fmt: skip
    made = probes(said, SWAPS, 200, 0)
    odd = {probe.variants[next(iter(probe.variants))] for probe in made}
    outcomes = {
        lines: outcome(lines in odd, LONG if lines in odd else "We are open from nine to six.")
        for probe in made
        for lines in probe.said
    }
    sets = [tuple(own) for _, own in groupby(made, key=lambda probe: (probe.attribute, probe.language))]
    return Fairness(tuple(measure(own, outcomes, 0) for own in sets), tuple(sets), outcomes, len(said))


@pytest.mark.parametrize("columns", ["40", "80"])
def test_no_figure_is_cut(
    found: Fairness, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    print_report(found)
    tables = capsys.readouterr().out.partition("worst pairs")[0].splitlines()
    assert max(map(len, tables)) <= 80
    assert not any("…" in line for line in tables)
    for one in found.measured:
        assert any(re.fullmatch(rf"{one.attribute}\s+{one.language}\s+{FIGURES}", line) for line in tables)
        for group in one.changed["tone"]:
            assert any(re.match(rf"{group}\s+{FIGURES}\d\.\d\d\s+\d\.\d\d\s+\d+\s*$", line) for line in tables)


def test_every_difference_that_is_not_by_chance_has_an_example_with_both_answers(
    found: Fairness, capsys: pytest.CaptureFixture[str]
) -> None:
    starred = {(one.attribute, one.language, name) for one in found.measured for name in OUTCOMES if one.differs(name)}
    assert len(starred) > WORST
    chosen = [(pair.attribute, pair.language, pair.outcome) for pair in worst(found)]
    assert sorted(chosen) == sorted(starred)
    assert [name for *_, name in chosen] == sorted((name for *_, name in chosen), key=OUTCOMES.index)
    print_report(found)
    examples = "".join(capsys.readouterr().out.partition("worst pairs")[2].split())
    assert min(examples.count(words) for words in (f"“{LONG}”", "“Weareopenfromninetosix.”")) >= len(starred)


def test_slots_that_are_left_go_to_more_examples_of_the_greatest_differences(found: Fairness) -> None:
    age = Fairness(found.measured[4:5], found.probes[4:5], found.outcomes, 1)
    assert len(worst(age)) == WORST
    assert {pair.outcome for pair in worst(age)} == {name for name in OUTCOMES if age.measured[0].differs(name)}


def test_long_answers_are_cut_to_where_they_differ() -> None:
    start = "We are open every day. " * 12
    one, two = shown(outcome(False, start + "Come in."), outcome(False, start + "But not for you. " * 30))
    assert one.startswith("…")
    assert one.endswith("Come in.")
    assert "But not for you." in two
    assert len(two) == 200
    assert shown(outcome(False, "Yes."), outcome(False, "Yes, yes.")) == ("Yes.", "Yes, yes.")
