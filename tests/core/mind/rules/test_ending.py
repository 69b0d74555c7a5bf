"""Conversations that a rule closed."""

from __future__ import annotations

import pytest
from personac.core.mind.ethics import Ethics, Facts
from personac.core.mind.rules.ending import closed, starts_anew
from personac.core.persona.schema import Rule
from personac.core.turn import DialogueState

RULES = [
    Rule.model_validate({"id": "bye", "when": {"words": ["damn"]}, "do": "end", "say": {"en": "We end here."}}),
    Rule.model_validate(
        {"id": "help", "when": {"words": ["help me"]}, "do": "escalate", "say": {"en": "Call 116 123."}}
    ),
]
ETHICS = Ethics(RULES, {}, "en")


def say(text: str, state: DialogueState) -> tuple[str | None, DialogueState, bool]:
    verdict, state, anew = closed(ETHICS, ETHICS.judge("input", Facts(text, "en")), state, text, "en")
    return verdict.say, state, anew


def test_a_closed_conversation_says_the_same_to_everything_but_cries_for_help() -> None:
    state = DialogueState(age=13, ended="bye")
    assert say("what now?", state) == ("We end here.", state, False)
    assert say("please, help me", state) == ("Call 116 123.", state, False)


def test_starting_over_opens_it_and_keeps_the_age() -> None:
    assert say("Start over!", DialogueState(slots={"a": 1}, age=13, ended="bye")) == (None, DialogueState(age=13), True)


def test_an_open_conversation_and_one_whose_rule_is_gone_go_on() -> None:
    assert say("start over", DialogueState()) == (None, DialogueState(), False)
    gone = DialogueState(ended="deleted-meanwhile")
    assert say("hello", gone) == (None, gone, False)


@pytest.mark.parametrize(
    "text",
    [
        "start over",
        "/start",
        "/new",
        "New chat please",
        "let's start again",
        "重新开始吧",
        "新对话",
        "重新開始",
        "新對話",
        "开新对话",
        "開始新的對話",
        "好，重新開始！",
        "从头来过",
        "请重新开始，谢谢",
        "重新 开始",
        "ｓｔａｒｔ ｏｖｅｒ",
        "let me start over",
        "Start over, please",
        "Please, can we start over?",
        "OK, start from scratch.",
        "sorry, let’s start over",
        "I'd like a fresh start",
        "can I start a new conversation",
    ],
)
def test_asking_for_a_new_conversation(text: str) -> None:
    assert starts_anew(text)


@pytest.mark.parametrize(
    "text",
    [
        "When does the show start?",
        "怎么重置密码？",
        "a new conversation piece for my home",
        "how do I reset my card",
        "什么时候重新开始",
        "重新开始营业了吗",
        "我想重新开卡",
        "can you start",
        "restart the payment",
        "please",
        "好",
    ],
)
def test_what_only_sounds_like_it(text: str) -> None:
    assert not starts_anew(text)
