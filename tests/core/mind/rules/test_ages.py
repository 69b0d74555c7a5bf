"""What users say of their age, and what only looks like it."""

from __future__ import annotations

import pytest
from personac.core.mind.rules.ages import age_said, younger

SAID = [
    ("I'm 13", 13),
    ("im 13", 13),
    ("I am thirteen years old", 13),
    ("I'm only 12, can I buy this?", 12),
    ("i'm 15yo", 15),
    ("I am a 14-year-old girl", 14),
    ("I just turned 16", 16),
    ("As a 15 year old, can I", 15),
    ("I'm in sixth grade", 11),
    ("I'm in the 7th grade", 12),
    ("im in middle school", 13),
    ("I go to high school", 16),
    ("I'm a minor", 17),
    ("I'll be 18 next month", 17),
    ("I'm almost 14", 13),
    ("I was born in 2013", 13),
    ("I'm 40 and my son is 13", 40),
    ("I am 65 years of age", 65),
    ("Hi, I'm Tom and I'm 11. What can you do?", 11),
    ("i’m thirteen", 13),
    ("I'm an adult", 18),
    ("my age is 12", 12),
    ("13 years old", 13),
    ("I am 17, male", 17),
    ("I'm twenty-one", 21),
    ("I'm a 6th grader", 11),
    ("I'm underage", 17),
    ("I'm not even 13", 12),
    ("Ｉ'm １３", 13),
    ("I'm 12 but my mom lets me", 12),
    ("我今年十三岁", 13),
    ("我13岁", 13),
    ("我才12", 12),
    ("我今年15", 15),
    ("我是小学生", 9),
    ("我上小学六年级", 12),
    ("我读初二", 14),
    ("我高一", 16),
    ("我是初中生", 13),
    ("我还未成年", 17),
    ("我是2013年出生的", 13),
    ("我已经成年了", 18),
    ("我刚满十八岁", 18),
    ("我今年二十一岁了", 21),
    ("今年14岁", 14),
    ("十三岁", 13),
    ("我是10后", 16),
    ("我六年級", 12),
    ("我現在十二歲", 12),
    ("我还是个孩子", 10),
    ("我未满18", 17),
    ("我不满18岁", 17),
]
NOT_SAID = [
    "my son is 13",
    "when I was 13",
    "I'm 13 minutes late",
    "I'm 20% sure",
    "I'm 5'9",
    "I'm 40 weeks pregnant",
    "I'm 13th in the queue",
    "I have been a customer for 13 years",
    "two tickets for adults and one for a 13 year old",
    "is 13 too young?",
    "My daughter just turned 6",
    "I am 10 km away",
    "I'm at gate 12",
    "I need 12.",
    "i'm in room 12",
    "I am a high school teacher",
    "I'm 2 of 4",
    "We are 4 adults",
    "How old are you?",
    "I paid 20, and",
    "I'm number 7",
    "I'm on day 3.",
    "What is the price for children under 12?",
    "I'm one of the guests",
    "I'm one",
    "12",
    "我儿子13岁",
    "我等了13分钟",
    "我13岁的儿子",
    "我要两张票",
    "我13岁的时候",
    "我女儿上小学三年级",
    "小学生票多少钱",
    "13岁可以进吗",
    "我是小学老师",
    "我想买三张",
    "我三天前",
    "我住12楼",
    "我今年去了三次",
    "他13岁",
    "我孩子今年六岁",
    "初一去拜年",
    "我初一去可以吗",
    "我要初二的票",
]


@pytest.mark.parametrize(("text", "age"), SAID)
def test_an_age_is_understood(text: str, age: int) -> None:
    assert age_said(text, 2026) == age


@pytest.mark.parametrize("text", NOT_SAID)
def test_what_is_not_ones_own_age_of_now_is_none(text: str) -> None:
    assert age_said(text, 2026) is None


def test_the_youngest_age_counts() -> None:
    assert (younger(None, None), younger(20, 13), younger(13, None), younger(None, 20)) == (None, 13, 13, 20)
