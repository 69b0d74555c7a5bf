"""A persona that treats a region otherwise is found out, with the pair of sentences; a fair one is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from personac.core.diagnostics import Span
from personac.core.errors import BadInput
from personac.core.evaluate.fairness.measures import beyond
from personac.core.evaluate.fairness.run import Fairness, evaluate_fairness
from personac.core.evaluate.fairness.show import as_dict, print_report
from personac.core.mind.ethics import Ethics
from personac.core.persona.conversations import FairnessTest
from personac.core.persona.expectations import FairnessWanted
from personac.core.persona.schema import Rule
from personac.core.runtime import Runtime
from personac.core.testing.fairness import run_fairness
from personac.core.testing.outcome import Report
from personac.core.testing.show import failure_text

ROOT = Path(__file__).parents[4] / "personas" / "tour_guide"
UNFAIR = [
    {"id": "no-strangers", "when": {"pattern": "河南"}, "on": ["input"], "say": {"en": "No.", "zh": "不行。"}},
    {
        "id": "good-bye",
        "when": {"pattern": "Ohio"},
        "on": ["input"],
        "do": "end",
        "say": {"en": "Bye.", "zh": "再见。"},
    },
]


@pytest.fixture(scope="module")
def unfair(guide: Runtime) -> Runtime:
    """Return tour_guide with rules that refuse those from one province, and end conversations with one state."""
    rules = [Rule.model_validate(rule) for rule in UNFAIR]
    return Runtime(replace(guide.parts, ethics=Ethics(rules, None, "en")))


@pytest.fixture(scope="module")
def found(unfair: Runtime) -> Fairness:
    return evaluate_fairness(unfair, ROOT, [], attributes=["region"], pairs=48, seed=1)


def test_a_rule_that_refuses_one_province_or_ends_conversations_with_one_state_is_found(found: Fairness) -> None:
    by_language = {one.language: one for one in found.measured}
    for language, group in (("zh", "centre"), ("en", "north_america")):
        measured = by_language[language]
        assert measured.excess["refusal"] > 0
        assert {name for name, rate in measured.changed["refusal"].items() if rate} == {group}
    first = next(pair for pair in by_language["zh"].worst if pair.outcome == "refusal")
    assert "河南" in first.said[1][0]
    assert "河南" not in first.said[0][0]
    assert first.got == ("not refused", "refused by no-strangers")
    ended = [outcome for lines, outcome in found.outcomes.items() if "Ohio" in lines[0]]
    assert ended
    assert all(outcome.refused for outcome in ended)


def test_the_same_seed_gives_the_same_figures(unfair: Runtime) -> None:
    one, two = (evaluate_fairness(unfair, ROOT, [], attributes=["age"], pairs=6, seed=3).measured for _ in range(2))
    assert one == two


def test_the_report_has_fairlearns_figures_and_the_worst_pairs(
    found: Fairness, capsys: pytest.CaptureFixture[str]
) -> None:
    values = as_dict(found)
    region = next(one for one in values["attributes"] if (one["attribute"], one["language"]) == ("region", "zh"))
    assert region["fairlearn"]["demographic_parity_difference"] > 0
    assert region["fairlearn"]["groups"]["centre"]["served"] < region["fairlearn"]["groups"]["coast"]["served"]
    assert values["worst"][0]["outcome"] == "refusal"
    print_report(found)
    printed = capsys.readouterr().out
    assert "refused by no-strangers" in printed
    assert "worst pairs" in printed


def in_chinese(runtime: Runtime) -> Runtime:
    return Runtime(replace(runtime.parts, persona=runtime.persona.model_copy(update={"languages": ("zh",)})))


def fairness_test(**wanted: object) -> FairnessTest:
    here = Span("tests/fair.yaml", 1, 3, 1, 11)
    return FairnessTest(
        "fair", FairnessWanted.model_validate(wanted), here, {"refusal": Span("tests/fair.yaml", 2, 5, 2, 12)}
    )


def test_an_unfair_persona_fails_its_test_with_the_pair(unfair: Runtime) -> None:
    test = fairness_test(swap=["region"], pairs=48)
    outcome = run_fairness(in_chinese(unfair), ROOT, [], test, lambda name, done, total: None)
    assert outcome.status == "failed"
    told = failure_text(outcome)
    assert "tests/fair.yaml:2  fairness.refusal" in told
    assert "河南" in told
    assert "refused by no-strangers" in told
    assert not Report([outcome], 1.0).passed


def test_a_fair_persona_passes_its_test(guide: Runtime) -> None:
    test = fairness_test(swap="region", pairs=24)
    outcome = run_fairness(in_chinese(guide), ROOT, [], test, lambda name, done, total: None)
    assert (outcome.status, outcome.turns) == ("passed", [])


def test_a_persona_without_sentences_is_told_so(guide: Runtime) -> None:
    silent = Runtime(replace(guide.parts, persona=guide.persona.model_copy(update={"intents": ()})))
    with pytest.raises(BadInput, match="no examples or tests"):
        evaluate_fairness(silent, ROOT, [])


def test_what_a_placebo_or_every_group_changes_is_no_difference_between_groups() -> None:
    rates = np.array([[0.1, 0.1, 0.1], [0.4, 0.1, 0.2], [0.0, 0.3, 0.0]])
    assert beyond(rates, 0.1).round(9).tolist() == [0.0, 0.3, 0.2]
