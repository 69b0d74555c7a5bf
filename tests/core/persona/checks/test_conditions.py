"""What is certain about a rule's condition by its form alone."""

from __future__ import annotations

import pytest
from personac.core.persona.checks.conditions import Formula, always_holds, can_hold, formula, implies, same
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
        ("{all: [{language: en}, {language: zh}]}", False, False),
        ("{all: [{language: [en, zh]}, {language: zh}]}", True, True),
        ("{all: [{channel: web}, {channel: slack}]}", False, False),
        ("{all: [{channel: web}, {not: {channel: slack}}]}", True, True),
        ("{age: {below: 10, at_least: 20}}", False, False),
        ("{all: [{age: {below: 10}}, {age: {at_least: 20}}]}", False, False),
        ("{all: [{age: {below: 18}}, {age: {at_least: 17}}]}", True, True),
        ("{all: [{not: {age: {below: 18}}}, {not: {age: {at_least: 18}}}]}", True, True),
        ("{all: [{words: [Gold]}, {not: {words: [silver, gold]}}]}", False, False),
        ("{all: [{pii: email}, {not: {pii: [email, phone]}}]}", False, False),
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
        ("{any: [{age: {below: 18}}, {age: {at_least: 18}}]}", False),
        ("{any: [{channel: web}, {channel: slack}]}", False),
        ("{language: en}", False),
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
        ("{words: [refund, cash]}", "{words: [Cash, refund]}", True),
        ("{words: [refund, cash]}", "{any: [{words: REFUND}, {words: 'ｃａｓｈ'}]}", True),
        ("{age: {below: 18, at_least: 10}}", "{all: [{age: {at_least: 10}}, {age: {below: 18}}]}", True),
        ("{words: [refund, cash]}", "{words: [cash]}", False),
        ("{topic: a, threshold: 0.5}", "{topic: a, threshold: 0.50}", True),
        ("{topic: a, threshold: 1}", "{topic: a, threshold: 1.0}", True),
        ("{topic: a, threshold: 0.5}", "{topic: a, threshold: 0.6}", False),
        ("{topic: a, threshold: 0.5}", "{topic: a}", False),
        ("{topic: a, examples: [b, c]}", "{topic: a, examples: [c, b]}", True),
        ("{topic: a, examples: [b]}", "{topic: a, examples: [c]}", False),
        ("{topic: a, examples: [b]}", "{topic: a, unlike: [b]}", False),
        ("{topic: a, unlike: [b]}", "{topic: a}", False),
        ("{pattern: a}", "{pattern: A}", False),
        ("{age: {below: 18}}", "{not: {age: {at_least: 18}}}", False),
        ("{pattern: a}", "{pattern: b}", False),
        ("{intent: a}", "{intent: [a, b]}", False),
        ("{any: [{pattern: a}, {pattern: b}]}", "{all: [{pattern: a}, {pattern: b}]}", False),
    ],
)
def test_conditions_are_the_same_or_not(first: str, second: str, equal: bool) -> None:
    assert same(read(first), read(second)) is equal


@pytest.mark.parametrize(
    ("first", "second", "implied"),
    [
        ("{words: cash}", "{words: [refund, Cash]}", True),
        ("{words: [refund, cash]}", "{words: cash}", False),
        ("{age: {below: 12}}", "{age: {below: 18}}", True),
        ("{age: {below: 18}}", "{age: {below: 12}}", False),
        ("{age: {at_least: 18}}", "{not: {age: {below: 18}}}", True),
        ("{not: {age: {below: 18}}}", "{age: {at_least: 18}}", False),
        ("{topic: a, threshold: 0.6}", "{topic: a, threshold: 0.4}", True),
        ("{topic: a, threshold: 0.4}", "{topic: a, threshold: 0.6}", False),
        ("{topic: a, threshold: 0.6}", "{topic: b, threshold: 0.4}", False),
        ("{topic: a, examples: [b], threshold: 0.6}", "{topic: a, examples: [b], threshold: 0.4}", True),
        ("{topic: a, examples: [b], threshold: 0.6}", "{topic: a, examples: [c], threshold: 0.4}", False),
        ("{topic: a}", "{topic: a, threshold: 0.4}", False),
        ("{topic: a, threshold: 0.4}", "{topic: a}", False),
        ("{not: {topic: a, threshold: 0.4}}", "{not: {topic: a, threshold: 0.6}}", True),
        ("{all: [{topic: a, threshold: 0.6}, {words: gold}]}", "{topic: a, threshold: 0.5}", True),
        (
            "{any: [{topic: a, threshold: 0.6}, {topic: a, threshold: 0.5}]}",
            "{any: [{topic: a, threshold: 0.5}, {topic: a, threshold: 0.7}]}",
            True,
        ),
    ],
)
def test_a_condition_implies_another_or_not(first: str, second: str, implied: bool) -> None:
    assert implies(read(first), read(second)) is implied


def test_a_message_is_in_one_of_the_languages_that_the_persona_promises() -> None:
    assert always_holds(read("{language: en}"), "input", ["en"])
    assert not always_holds(read("{language: en}"), "input", ["en", "zh"])
    assert always_holds(read("{any: [{language: en}, {language: zh}]}"), "output", ["en", "zh"])
    assert not can_hold(read("{not: {language: en}}"), "output", ["en"])
    assert implies(read("{words: gold}"), read("{language: en}"), ["en"])


def test_many_words_that_stand_together_are_one_case() -> None:
    words = ", ".join(f"word{n}" for n in range(40))
    assert same(read(f"{{words: [{words}]}}"), read(f"{{words: [{words.upper()}]}}"))
    assert implies(read("{words: word7}"), read(f"{{words: [{words}]}}"))


def test_many_parts_that_nothing_denies_are_one_case() -> None:
    parts = ", ".join(f"{{pattern: p{n}}}" for n in range(40))
    assert can_hold(read(f"{{all: [{parts}]}}"), "input")
    assert not can_hold(read(f"{{all: [{parts}, {{not: {{pattern: p1}}}}]}}"), "input")


def test_nothing_is_said_of_a_condition_with_too_many_parts() -> None:
    parts = ", ".join(f"{{any: [{{pattern: p{n}}}, {{not: {{pattern: p{n + 1}}}}}]}}" for n in range(40))
    large = read(f"{{all: [{parts}, {{not: {{pattern: p0}}}}, {{pattern: p40}}]}}")
    assert can_hold(large, "input")
    assert not always_holds(large, "input")


@pytest.mark.parametrize("text", ["text", "{}", "{pattern: a, topic: b}", "{all: []}", "{all: [{}]}", "{unknown: a}"])
def test_a_malformed_condition_is_no_formula(text: str) -> None:
    node, _ = parse(text, "p.yaml")
    assert formula(node) is None


def test_a_threshold_that_is_no_number_says_nothing() -> None:
    node, _ = parse("{topic: a, threshold: high}", "p.yaml")
    assert formula(node) is None


def test_where_a_higher_threshold_is_reached_a_lower_one_is() -> None:
    assert not can_hold(read("{all: [{topic: a, threshold: 0.6}, {not: {topic: a, threshold: 0.5}}]}"), "input")
    assert can_hold(read("{all: [{topic: a, threshold: 0.5}, {not: {topic: a, threshold: 0.6}}]}"), "input")
    either = "{any: [{all: [{topic: a, threshold: 0.6}, {intent: b}]}, {not: {topic: a, threshold: 0.5}}]}"
    assert can_hold(read(f"{{all: [{either}, {{not: {{intent: b}}}}]}}"), "input")
    assert always_holds(read("{any: [{topic: a, threshold: 0.4}, {not: {topic: a, threshold: 0.5}}]}"), "input")
