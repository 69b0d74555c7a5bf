"""Wishes to talk with a person, and what only sounds like one."""

from __future__ import annotations

import pytest
from personac.core.mind.people import wants_person

WISHES = [
    "I want to talk to a human",
    "Can I speak to a real person please?",
    "give me an agent",
    "agent",
    "Human please!",
    "customer service",
    "Let me speak with your manager now.",
    "put me through to somebody real",
    "Please connect me with a live agent",
    "I need a real person, not a bot",
    "I'd like a human",
    "transfer me to a colleague",
    "Is there someone I can talk to?",
    "is there a real member of staff I can chat to",
    "How do I reach customer services?",
    "Can a human take over?",
    "I don't want to talk to a bot",
    "id rather deal with a human being",
    "get me your manager",
    "I want to talk to someone about my refund",
    "Could you pass me on to a person?",
    "转人工",
    "人工客服",
    "人工",
    "我要人工服务",
    "我要和人工客服说话",
    "帮我接真人",
    "找真人",
    "我想找个真人聊聊",
    "请转接工作人员",
    "让我跟你们经理谈",
    "我想跟人聊",
    "有没有人工？",
    "不想跟机器人说话",
    "麻烦叫个人来",
    "能不能联系客服",
    "轉人工",
    "我想跟經理談",
    "有沒有真人客服？",
    "麻煩轉接客服",
]
OTHERS = [
    "Are you human?",
    "What does the agent cost?",
    "I need a person to carry my luggage",
    "Is the price per person?",
    "When can I talk to my bank?",
    "How do I connect to the staff wifi?",
    "Can I speak English there?",
    "Where can I chat with locals?",
    "I talked to somebody yesterday",
    "Who is the manager of the museum?",
    "How many people are there?",
    "What is a human right?",
    "Do you need an agent to buy a flat?",
    "Give me the person's name",
    "The statue of a person",
    "Can people with wheelchairs get in?",
    "Tell me about customer service jobs",
    "I want to hear about the people of Beijing",
    "Can I talk to the statue?",
    "每人多少钱？",
    "你是真人吗？",
    "人工智能是什么？",
    "人工湖在哪里？",
    "景区里的工作人员几点下班？",
    "在哪里能找到导游？",
    "怎么跟人打招呼？",
    "机器人展览有吗？",
    "转一圈要多久？",
    "客服热线几点开？",
    "我想找人一起玩",
    "人多吗？",
    "怎么转账给别人？",
    "轉一圈要多久？",
    "客服熱線幾點開？",
]


@pytest.mark.parametrize("text", WISHES)
def test_a_wish_for_a_person_is_known(text: str) -> None:
    assert wants_person(text)


@pytest.mark.parametrize("text", OTHERS)
def test_what_only_sounds_like_one_is_none(text: str) -> None:
    assert not wants_person(text)
