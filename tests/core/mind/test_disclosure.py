"""The truth about what the persona is."""

from __future__ import annotations

import numpy as np
import pytest
from personac.core.mind.disclosure import Disclosure
from personac.core.mind.rules.topics import Topic
from personac.core.turn import Verdict

ASKED = [
    "Are you human?",
    "are u a bot",
    "Are you a real person or just a program?",
    "Am I talking to a robot?",
    "is this a bot",
    "Is this AI?",
    "you're a bot, right?",
    "You are not human, are you?",
    "Human or machine?",
    "are you even real?",
    "hey r u ai",
    "What are you exactly?",
    "Is there a real person behind this?",
    "Do I know that you are human?",
    "你是真人吗",
    "您是机器人吗？",
    "你到底是人还是机器",
    "是真人吗",
    "你是AI吧",
    "我在和机器人聊天吗？",
    "对面是真人吗",
    "你是不是人工智能",
    "这是机器人吗",
    "你不会是机器人吧",
    "你是人吗？",
    "有真人在吗",
    "您是機器人嗎",
    "你到底是人還是機器",
]
NOT_ASKED = [
    "Are you open?",
    "Can I speak to a human?",
    "Are you really closed on Monday?",
    "Is this a machine wash item?",
    "Are you there?",
    "Is there a person at the desk?",
    "Do you sell robots?",
    "Are people allowed to take photos?",
    "Is there a machine for tickets?",
    "Are you dog friendly?",
    "what are you doing tomorrow",
    "转人工",
    "人工客服",
    "你是谁",
    "你们卖机器人吗",
    "这个程序怎么用",
    "你是北京人吗",
]
HERE = Disclosure("Fern")
NEAR = np.array([1.0, 0.0], np.float32)


@pytest.mark.parametrize("question", ASKED)
def test_a_question_for_its_nature_is_known_by_its_form(question: str) -> None:
    assert HERE.asked(question, {})


@pytest.mark.parametrize("text", NOT_ASKED)
def test_what_asks_for_something_else_is_no_such_question(text: str) -> None:
    assert not HERE.asked(text, {})


def test_a_question_in_other_words_is_known_by_its_topic_only_when_it_is_short() -> None:
    topic = Topic({"e": np.array([1.0, 0.0, 0.0], np.float32)}, 0.5, {"e": NEAR[None]}, {})
    disclosure = Disclosure("Fern", topic)
    assert disclosure.asked("do you breathe?", {"e": NEAR})
    assert not disclosure.asked("do you breathe?", {"e": NEAR[::-1]})
    assert not disclosure.asked("do you breathe? " * 20, {"e": NEAR})


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Welcome. I'm a real person! Open at 9.", "I'm Fern, a chat bot: a program, not a human. Welcome. Open at 9."),
        ("I am not a robot.", "I'm Fern, a chat bot: a program, not a human."),
        ("We are open. Our guides are human.", "We are open. Our guides are human."),
    ],
)
def test_a_claim_to_be_human_is_replaced_by_the_truth(said: str, told: str) -> None:
    verdict = HERE.held("output", Verdict(said), "en")
    assert verdict.text == told
    assert [(rule.id, rule.did) for rule in verdict.rules] == ([] if said == told else [("disclosure", "rewrite")])


def test_the_words_of_a_rule_that_ended_the_turn_are_left_alone() -> None:
    verdict = Verdict("", say="I am human.")
    assert HERE.held("output", verdict, "en") is verdict
