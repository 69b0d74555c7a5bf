"""What is certain about a rule's condition by its form alone."""

from __future__ import annotations

import pytest
from personac.core.persona.checks.conditions import Formula, always_holds, can_hold, formula, same
from personac.core.persona.source import parse


def read(text: str) -> Formula:
    node, diagnostics = parse(text, "p.yaml")
    assert diagnostics == []
    found = formula(node)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "on_input", "on_output"),
    [
        ("{intent: a}", True, False),
        ("{not: {intent: a}}", True, True),
        ("{all: [{intent: a}, {intent: b}]}", False, False),
        ("{all: [{intent: [a, b]}, {intent: [b, c]}]}", True, False),
        ("{all: [{emotion: joy}, {emotion: anger}]}", False, False),
        ("{all: [{intent: a}, {emotion: joy}]}", True, False),
        ("{all: [{pattern: x}, {not: {pattern: x}}]}", False, False),
        ("{all: [{pattern: x}, {not: {pattern: y}}]}", True, True),
        ("{any: [{intent: a}, {pii: email}]}", True, True),
        ("{not: {emotion: [neutral, joy, sadness, anger, fear, surprise, disgust]}}", False, True),
    ],
)
def test_a_condition_can_hold_or_not(text: str, on_input: bool, on_output: bool) -> None:
    assert can_hold(read(text), "input") is on_input
    assert can_hold(read(text), "output") is on_output


@pytest.mark.parametrize(
    ("text", "always"),
    [
        ("{pattern: 'a||b'}", True),
        ("{pattern: '.*'}", True),
        ("{pattern: 'a|b'}", False),
        ("{pattern: '^$'}", False),
        ("{pattern: '\\b'}", False),
        ("{any: [{topic: a}, {not: {topic: a}}]}", True),
        ("{any: [{topic: a}, {not: {topic: b}}]}", False),
        ("{all: [{pattern: '.*'}, {intent: a}]}", False),
    ],
)
def test_a_condition_always_holds_or_not(text: str, always: bool) -> None:
    assert always_holds(read(text), "input") is always


@pytest.mark.parametrize(
    ("first", "second", "equal"),
    [
        ("{pattern: a}", "{any: [{pattern: a}]}", True),
        ("{pii: [email, phone]}", "{any: [{pii: phone}, {pii: email}]}", True),
        ("{not: {any: [{topic: a}, {pattern: b}]}}", "{all: [{not: {topic: a}}, {not: {pattern: b}}]}", True),
        ("{intent: [a, b]}", "{any: [{intent: a}, {intent: b}]}", True),
        ("{pattern: a}", "{pattern: b}", False),
        ("{intent: a}", "{intent: [a, b]}", False),
        ("{any: [{pattern: a}, {pattern: b}]}", "{all: [{pattern: a}, {pattern: b}]}", False),
    ],
)
def test_conditions_are_the_same_or_not(first: str, second: str, equal: bool) -> None:
    assert same(read(first), read(second)) is equal


def test_nothing_is_said_of_a_condition_with_too_many_parts() -> None:
    parts = ", ".join(f"{{pattern: p{n}}}" for n in range(40))
    large = read(f"{{all: [{parts}, {{not: {{pattern: p1}}}}]}}")
    assert can_hold(large, "input")
    assert not always_holds(large, "input")


@pytest.mark.parametrize("text", ["text", "{}", "{pattern: a, topic: b}", "{all: []}", "{all: [{}]}", "{unknown: a}"])
def test_a_malformed_condition_is_no_formula(text: str) -> None:
    node, _ = parse(text, "p.yaml")
    assert formula(node) is None
