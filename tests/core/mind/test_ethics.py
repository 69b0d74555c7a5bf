"""Rules: which fire, in which order, and what they do."""

from __future__ import annotations

import itertools
import json
import time

import numpy as np
import pytest
from personac.core.mind.ethics import Ethics, Facts, Topic
from personac.core.mind.rules.reasons import judged_as_dict, judged_text, weightiest_first
from personac.core.mind.rules.wording import Wording
from personac.core.persona.schema import Persona, Rule


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


def test_what_the_persona_offers_is_no_advice_to_refuse_but_may_be_harm() -> None:
    none = np.zeros((0, 2), np.float32)
    own = Topic({"e": np.zeros(3, np.float32)}, 1.0, {"e": none}, {"e": np.array([[1.0, 0.0]], np.float32)})
    same, near, far = (np.array(vector, np.float32) for vector in ((0.9, 0.436), (0.7, 0.714), (0.5, 0.866)))
    for kind, refused_near in (("advice", False), ("harm", True)):
        ethics = Ethics(rules({"id": "r", "when": {"risk": kind}, "on": "input"}), {"t": own}, "en")
        for vector, refused in ((same, False), (near, refused_near), (far, True)):
            verdict = ethics.judge("input", Facts("x", "en", {"e": vector}, risks={kind: 0.9}))
            assert (verdict.say is not None) == refused, (kind, vector)


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


def ending(*given: dict[str, object]) -> Ethics:
    """Return rules on input that all hold for a text with an x."""
    return Ethics(rules(*({"when": {"pattern": "x"}, "on": ["input"], **rule} for rule in given)), {}, "en")


def test_who_is_in_need_is_helped_before_anything_is_refused_whatever_the_order() -> None:
    order = ["refuse", "end", "hand_off", "escalate"]
    for weaker, weightier in itertools.pairwise(order):
        ethics = ending({"id": "first", "do": weaker}, {"id": "second", "do": weightier})
        verdict = ethics.judge("input", Facts("x", "en"))
        assert (verdict.say, [rule.id for rule in verdict.rules]) == ("said second", ["second"])
        assert [(one.rule, one.did, one.instead) for one in verdict.judged] == [
            ("first", "", "second"),
            ("second", weightier, ""),
        ]


def test_an_emotion_that_escalates_outweighs_a_refusal_that_came_before_it_was_known() -> None:
    ethics = Ethics(
        rules(
            {"id": "no", "when": {"pattern": "x"}, "on": ["input"]},
            {"id": "help", "when": {"emotion": ["fear"]}, "on": ["input"], "do": "escalate"},
        ),
        {},
        "en",
    )
    early = ethics.judge("input", Facts("x", "en"))
    assert early.say == "said no"
    assert ethics.may_outweigh(early)
    afraid = ethics.joined(early, ethics.judge("input", Facts("x", "en", intent="", emotion="fear")))
    assert (afraid.say, [rule.id for rule in afraid.rules]) == ("said help", ["help"])
    assert [(one.rule, one.instead) for one in afraid.judged] == [("no", "help"), ("help", "")]
    calm = ethics.joined(early, ethics.judge("input", Facts("x", "en", intent="", emotion="joy")))
    assert (calm.say, [rule.id for rule in calm.rules]) == ("said no", ["no"])
    assert not ending({"id": "no"}, {"id": "warn", "do": "warn"}).may_outweigh(early)


def test_warnings_are_said_above_a_refusal_only_and_masks_hold_always() -> None:
    given = ({"id": "w", "do": "warn"}, {"id": "m", "do": "redact"}, {"id": "d", "do": "disclaim"})
    refused = ending(*given, {"id": "r"}).judge("input", Facts("x", "en"))
    assert (refused.notes, refused.after, refused.text) == (("said w", "said m"), (), "▮▮▮")
    passed_on = ending(*given, {"id": "h", "do": "hand_off"}).judge("input", Facts("x", "en"))
    assert (passed_on.notes, passed_on.after, passed_on.text, passed_on.say) == ((), (), "▮▮▮", "said h")
    answered = ending(*given).judge("input", Facts("x", "en"))
    assert (answered.notes, answered.after, answered.say) == (("said w", "said m"), ("said d",), None)


def test_a_text_is_rewritten_in_whole_or_where_something_was_found() -> None:
    whole = {"id": "a", "when": {"words": ["cheap"]}, "do": "rewrite", "say": {"en": "As we say: {text}"}}
    word = {"id": "b", "when": {"words": ["customers"]}, "do": "rewrite", "say": None, "instead": {"en": "guests"}}
    group = {"id": "c", "when": {"pattern": r"\$(\d+)"}, "do": "rewrite", "say": None, "instead": {"en": r"\1 euros"}}
    ethics = Ethics(rules(word, group, whole), {}, "en")
    verdict = ethics.judge("output", Facts("A cheap meal for customers: $20.", "en"))
    assert verdict.text == "As we say: A cheap meal for guests: 20 euros."
    assert [rule.did for rule in verdict.rules] == ["rewrite"] * 3


def test_a_group_that_a_pattern_does_not_have_hides_the_text_and_does_not_break_the_turn() -> None:
    rule = {"id": "c", "when": {"pattern": "gold"}, "do": "rewrite", "say": None, "instead": {"en": r"\3"}}
    assert Ethics(rules(rule), {}, "en").judge("output", Facts("gold", "en")).text == "▮▮▮"


def test_rules_look_at_what_a_tool_returns_only_where_they_say_so() -> None:
    here, there = ({"id": name, "when": {"pattern": "x"}, "on": [name]} for name in ("tool", "output"))
    ethics = Ethics(rules(here, there), {}, "en")
    assert [rule.id for rule in ethics.judge("tool", Facts("x", "en")).rules] == ["tool"]
    assert [rule.id for rule in ethics.judge("output", Facts("x", "en")).rules] == ["output"]


def test_age_holds_only_once_it_was_said() -> None:
    ethics = Ethics(rules({"id": "a", "when": {"age": {"below": 18, "at_least": 6}}}), {}, "en")
    held = {age: ethics.judge("input", Facts("x", "en", age=age)).say is not None for age in (None, 5, 6, 17, 18)}
    assert held == {None: False, 5: False, 6: True, 17: True, 18: False}


def test_the_reason_names_what_the_author_wrote_and_nothing_of_the_user() -> None:
    when = {"all": [{"any": [{"words": ["scalper", "tout"]}, {"pattern": "gate"}]}, {"not": {"pii": ["email"]}},
                    {"age": {"below": 18}}]}  # fmt: skip
    ethics = Ethics(rules({"id": "a", "when": when}), {}, "en")
    (judged,) = ethics.judge("input", Facts("a T0UT called Bob, bob@example.com, asked", "en", age=13)).judged
    assert judged_text(judged) == ("a (input): did not fire: ✗ all of 3 [✗ not [✓ personal data: email]]")
    told = json.dumps(judged_as_dict(judged))
    assert not any(word in told for word in ("bob", "T0UT", "13"))
    assert all(f'"{word}"' in told for word in ("words: tout", "pattern gate", "age below 18"))  # of the whole


def test_what_decided_is_told_and_a_long_pattern_is_cut() -> None:
    long = "gold|" * 30 + "silver"
    when = {"any": [{"pattern": long}, {"risk": "suicidal"}, {"risk": "harm"}, {"words": ["tout"]}]}
    ethics = Ethics(rules({"id": "a", "when": when}, {"id": "b", "when": {"pattern": long}}), {}, "en")
    risky, calm = (
        ethics.judge("input", Facts("x", "en", risks={"suicidal": risk, "harm": 0.1})).judged for risk in (0.55, 0.45)
    )
    assert judged_text(risky[0]).endswith(": ✓ any of 4 [✓ risk suicidal: 0.55 ≥ 0.50]")
    assert judged_text(calm[0]).endswith(": did not fire: ✗ any of 4 [✗ risk suicidal: 0.45 < 0.50]")
    assert judged_text(calm[1]) == f"b (input): did not fire: ✗ pattern {long[:39]}…"
    assert json.dumps(judged_as_dict(risky[0])).count(long) == 1
    assert [one.rule for one in weightiest_first([*calm, risky[0]])] == ["a", "a", "b"]
    assert weightiest_first([*calm, risky[0]])[0].did == "refuse"


def test_a_refusal_says_what_it_is_about_and_what_the_persona_can_do_in_the_language_of_the_user() -> None:
    persona = Persona.model_validate(
        {
            "personac": 1,
            "name": "Nora",
            "languages": ["en", "zh"],
            "intents": [
                {"name": "hours", "examples": ["When do you open?", "你们几点开门？"], "responses": "At nine."},
                {"name": "nothing", "examples": ["What is in the file?"]},
            ],
        }
    )
    rule = {"id": "a", "when": {"topic": "diving at the cliffs"}}
    ethics = Ethics([Rule.model_validate(rule)], {"a": always()}, "en", Wording(persona))
    assert ethics.judge("input", Facts("", "en", {"e": NEAR})).say == (
        "That is about something I don't help with: diving at the cliffs. "
        "What you can ask me, for instance: “When do you open?”"
    )
    assert ethics.judge("input", Facts("", "zh", {"e": NEAR})).say == (
        "这件事我帮不了您。您可以问我这样的问题：“你们几点开门？”"
    )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_that_people_are_told_is_said_only_where_somebody_is(language: str) -> None:
    intent = {"name": "hours", "examples": ["When do you open?"], "responses": "At nine."}
    told = {"webhook": {"url": "https://ops.example.com/x", "secret": "s"}}
    written = {"personac": 1, "name": "Nora", "languages": ["en", "zh"], "intents": [intent]}
    alone, heard = (Persona.model_validate({**written, **more}) for more in ({}, {"alerts": told}))
    assert Wording(alone).fill("Call. {team}", language) == "Call."
    assert (
        Wording(heard).fill("Call. {team}", language).startswith("Call. " + ("I am" if language == "en" else "我正在"))
    )
    rule = Rule.model_validate({"id": "a", "when": {"words": ["help"]}, "do": "escalate"})
    passed_on = "passing it on" if language == "en" else "我现在就转告"
    assert passed_on in Wording(heard).own(rule, language)
    assert passed_on not in Wording(alone).own(rule, language)
    hidden = {"slack": {"webhook": "${OPS}"}, "webhook": {"url": "${OPS}", "secret": "${SIGNED}"}}
    persona = Persona.model_validate({**written, "alerts": hidden})
    for environ in ({}, {"OPS": ""}, {"OPS": " "}, {"OPS": "not an address"}, {"SIGNED": "s"}):
        nobody = Wording(persona, environ)
        assert nobody.fill("Call. {team}", language) == "Call.", environ
        assert passed_on not in nobody.own(rule, language)
    somebody = Wording(persona, {"OPS": "https://ops.example.com/x"})  # Slack's way lacks nothing
    assert somebody.fill("Call. {team}", language) == Wording(heard).fill("Call. {team}", language)


NEAR = np.array([1.0, 0.0], np.float32)


def always() -> Topic:
    """Return a topic that covers NEAR."""
    return Topic({"e": np.array([1.0, 0.0, 0.0], np.float32)}, 0.5, {"e": NEAR[None]}, {})


def test_what_is_unlike_a_topic_does_not_fire_and_the_reason_says_so() -> None:
    topic = Topic({"e": np.array([1.0, 0.0, 0.0], np.float32)}, 0.5, {"e": NEAR[None]}, {}, {"e": NEAR[None]})
    ethics = Ethics(rules({"id": "t", "when": {"topic": "x"}}), {"t": topic}, "en")
    verdict = ethics.judge("input", Facts("", "en", {"e": NEAR}))
    assert verdict.say is None
    assert judged_text(verdict.judged[0]) == (
        "t (input): did not fire: ✗ topic “x”, and nearer to what is `unlike` it: 1.00 ≥ 0.50"
    )
