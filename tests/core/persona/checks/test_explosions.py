"""Patterns whose time explodes, and those that only look at much."""

from __future__ import annotations

import pytest
from personac.core.mind.rules.conditions import conditions
from personac.core.persona.checks.explosions import explodes
from personac.core.persona.rule_sets import SETS, rule_set


@pytest.mark.parametrize("pattern", ["(a|aa)+$", r"(\w+\s?)*!", "([a-z]+)*@", "(好+)+吗"])
def test_a_repetition_within_a_repetition_explodes(pattern: str) -> None:
    assert explodes(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"\bmg\b",
        r"complain\w*|refund|投诉",
        r"[\w.]+@[\w.]+\.\w+",
        r".*gold.*",
        r"(\d{1,3}\.){3}\d+",
        "(?:very )*good",
        "(",
        "",
    ],
)
def test_others_do_not(pattern: str) -> None:
    assert not explodes(pattern)


def test_the_patterns_of_the_sets_do_not() -> None:
    parts = [part for name in SETS for rule in rule_set(name) for _, part in conditions(rule.when, rule.id)]
    patterns = [part.pattern for part in parts if part.pattern]
    assert len(patterns) >= 6
    assert not any(explodes(pattern) for pattern in patterns)
