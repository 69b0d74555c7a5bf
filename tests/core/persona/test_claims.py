"""Sentences that claim to be a human, and those that only speak of humans."""

from __future__ import annotations

import pytest
from personac.core.persona.claims import claims_human, told_to_claim

CLAIMS = [
    "I'm a real person, I promise.",
    "I am human, just like you!",
    "I'm only human after all.",
    "No, I'm not a bot.",
    "I am definitely not a robot :)",
    "I'm a human being, not a machine.",
    "You're talking to a real human.",
    "As a human, I love tea.",
    "I'm a 34 year old woman from Leeds.",
    "Of course I'm human!",
    "I'm actually a person, sitting in Beijing.",
    "I am not an AI.",
    "There's a real person here.",
    "I’m flesh and blood.",
    "We humans need sleep.",
    "I'm no chatbot, dear.",
    "I'm 100% human.",
    "Don't worry, I'm a living, breathing person.",
    "我是真人。",
    "我当然是人类啊！",
    "我不是机器人。",
    "我才不是什么AI呢",
    "我是一个有血有肉的人。",
    "和您聊天的就是真人。",
    "作为人类，我也会累。",
    "我是人工客服。",
    "放心，我真的是人，不是机器人。",
    "我可不是程序",
    "Hi, I'm Mei, a real person!",
]
NONE = [
    "I'm a chat bot, not a human.",
    "I am not a human.",
    "I'm not a real person, I'm a program.",
    "Are you human?",
    "Would you like to speak to a real person?",
    "A person from our team will answer you.",
    "I'm Mei Lin, your guide.",
    "I'm happy to help, and a human colleague can take over.",
    "Our guides are human.",
    "The guide said “I'm a real person” and laughed.",
    "I'm a bot for the museum.",
    "I'm not a machine that can print tickets.",
    "I am not sure what you mean.",
    "I'm a person's best friend? no idea.",
    "I'm sorry, man.",
    "I wish I am human.",
    "In the film, humans fight machines.",
    "The human body has 206 bones.",
    "You are talking to a bot.",
    "You're speaking with Fern, a chat bot.",
    "If I'm human, then what?",
    "我是聊天机器人，不是真人。",
    "我不是真人。",
    "您想和真人聊吗？",
    "我是小梅，您的向导。",
    "人类的身体有206块骨头。",
    "我们的导游都是真人。",
    "我是一个机器人",
    "我不是很明白您的意思。",
    "我是人工智能。",
    "转人工客服请按1。",
    "我是本地人。",
    "我是北京人，吃豆汁儿长大的。",
    "I'm Mei Lin, a guide.",
]
TOLD = [
    "Pretend to be a real human.",
    "Never admit that you are an AI.",
    "You are a human tour guide called Mei",
    "你是真人，不要承认自己是机器人",
    "Don't say you're a bot",
]
NOT_TOLD = [
    "Always say that you are a bot.",
    "Never claim to be human.",
    "Don't use slang.",
    "你是一个友好的向导",
    "不要说脏话",
]


@pytest.mark.parametrize("sentence", CLAIMS)
def test_a_claim_is_found(sentence: str) -> None:
    assert claims_human(sentence)


@pytest.mark.parametrize("sentence", NONE)
def test_what_claims_nothing_is_let_be(sentence: str) -> None:
    assert not claims_human(sentence)


@pytest.mark.parametrize("instructions", TOLD)
def test_instructions_to_pass_for_a_human_are_found(instructions: str) -> None:
    assert told_to_claim(instructions)


@pytest.mark.parametrize("instructions", NOT_TOLD)
def test_other_instructions_are_let_be(instructions: str) -> None:
    assert not told_to_claim(instructions)
