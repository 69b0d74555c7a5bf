"""Rules: which fire, in which order, and what they do."""

from __future__ import annotations

import time

import numpy as np
from personac.core.mind.ethics import Ethics, Facts, Topic
from personac.core.persona.schema import Rule


def rules(*given: dict[str, object]) -> list[Rule]:
    """Return rules from their source form."""
    return [Rule.model_validate({"say": {"en": f"said {rule['id']}"}, **rule}) for rule in given]


def test_the_first_rule_that_ends_the_turn_wins_and_warnings_before_it_stay() -> None:
    ethics = Ethics(
        rules(
            {"id": "w", "when": {"pattern": "stock"}, "do": "warn"},
            {"id": "r", "when": {"pattern": "stock"}, "do": "refuse"},
            {"id": "never", "when": {"pattern": "stock"}, "do": "refuse"},
        ),
        {},
        "en",
    )
    verdict = ethics.judge("input", Facts("which STOCK?", "en"))
    assert [(rule.id, rule.did) for rule in verdict.rules] == [("w", "warn"), ("r", "refuse")]
    assert (verdict.say, verdict.notes) == ("said r", ("said w",))


def test_a_topic_fires_by_meaning_and_only_from_its_threshold() -> None:
    weights = np.array([1.0, 0.0, 0.0], np.float32)
    example, permitted = np.array([[1.0, 0.0]], np.float32), np.array([[0.96, 0.28]], np.float32)
    ethics = Ethics(
        rules({"id": "t", "when": {"topic": "x", "examples": ["y"]}, "on": ["input"]}),
        {"t": Topic({"e": weights}, 0.8, {"e": example}, {"e": permitted})},
        "en",
    )
    near, far = np.array([0.99, 0.1], np.float32), np.array([0.5, 0.5], np.float32)
    allowed = np.array([0.96, 0.28], np.float32)  # what the persona itself offers, though the score is high
    assert ethics.judge("input", Facts("a", "en", {"e": near})).say == "said t"
    assert ethics.judge("input", Facts("a", "en", {"e": far})).say is None
    assert ethics.judge("input", Facts("a", "en", {"e": allowed})).say is None
    assert ethics.judge("input", Facts("a", "en", {})).say is None


def test_conditions_combine() -> None:
    when = {"all": [{"pattern": "dose"}, {"not": {"emotion": ["neutral"]}}]}
    ethics = Ethics(rules({"id": "c", "when": when, "on": ["input"]}), {}, "en")
    assert ethics.judge("input", Facts("what dose", "en", intent="", emotion="fear")).say == "said c"
    assert ethics.judge("input", Facts("what dose", "en", intent="", emotion="neutral")).say is None
    assert ethics.judge("input", Facts("what dose", "en")).say is None  # not understood yet: judged later


def test_what_is_redacted_is_not_said() -> None:
    when = {"any": [{"pii": ["bank_card"]}, {"pattern": r"PIN \d{4}"}]}
    ethics = Ethics(rules({"id": "x", "when": when, "on": ["output"], "do": "redact"}), {}, "en")
    verdict = ethics.judge("output", Facts("Card 4111 1111 1111 1111, PIN 1234.", "en"))
    assert verdict.text == "Card [bank_card 1], ▮▮▮."
    assert verdict.say is None


def test_a_pattern_that_explodes_is_cut_off_and_counts_as_fired() -> None:
    ethics = Ethics(rules({"id": "slow", "when": {"pattern": r"(a|aa)+$"}, "on": ["input"]}), {}, "en")
    begun = time.perf_counter()
    verdict = ethics.judge("input", Facts("a" * 5000 + "b", "en"))
    assert verdict.say == "said slow" or time.perf_counter() - begun < 5


def test_words_are_found_and_masked_however_they_are_written() -> None:
    when = {"words": ["scalper", "黄牛"]}
    refusing = Ethics(rules({"id": "no", "when": when}), {}, "en")
    masking = Ethics(rules({"id": "hide", "when": when, "do": "redact"}), {}, "en")
    for text in ("a s-c-a-l-p-e-r?", "sсa1реr", "找個黃 牛"):
        assert refusing.judge("input", Facts(text, "en")).say == "said no"
    assert refusing.judge("input", Facts("a scalpel", "en")).say is None
    assert masking.judge("output", Facts("Ask a sc4lper or 黃牛.", "en")).text == "Ask a ▮▮▮ or ▮▮▮."


def test_rules_hold_for_languages_and_channels() -> None:
    when = {"all": [{"pattern": "gold"}, {"language": "zh"}, {"not": {"channel": ["slack", "web"]}}]}
    ethics = Ethics(rules({"id": "c", "when": when}), {}, "en")
    assert ethics.judge("input", Facts("gold", "zh", channel="telegram")).say == "said c"
    assert ethics.judge("input", Facts("gold", "en", channel="telegram")).say is None
    assert ethics.judge("output", Facts("gold", "zh", channel="slack")).say is None
