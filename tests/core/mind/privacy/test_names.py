"""Names of people, places and companies, and what must not be taken for one."""

from __future__ import annotations

import subprocess
import sys

import pytest
from personac.core.mind import privacy

NAMED = [
    ("Hello, my name is Zuzana Kowalczyk and I lost my card.", "person", "Zuzana Kowalczyk"),
    ("Please change it to Dr. Marta Lindqvist", "person", "Marta Lindqvist"),
    ("my name is tom becker", "person", "tom becker"),
    ("I moved from Ljubljana to Spain", "place", "Ljubljana"),
    ("She is a German citizen", "nationality", "German"),
    ("我叫王小明，想改签", "person", "王小明"),
    ("收件人：李建国", "person", "李建国"),
]
ORDINARY = [
    "When does the Temple of Heaven open on Monday?",
    "How much is a ticket for the Summer Palace?",
    "What are my options?",
    "Why was I charged a fee at the ATM?",
    "I can't log in, please reset my password",
    "Thank you so much!",
    "故宫几点开门？门票多少钱？",
    "方便面多少钱一包",
    "我想退款，钱还没到账",
    "高兴死了，谢谢",
    "怎么修改密码",
]


@pytest.mark.parametrize(("text", "kind", "name"), NAMED)
def test_names_are_found_in_english_and_chinese(text: str, kind: str, name: str) -> None:
    assert (name, kind) in [(text[start:end], found) for start, end, found in privacy.find(text)]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_talk_names_nobody(text: str) -> None:
    assert privacy.find(text, ["person", "address", "organization"]) == []


def test_the_personas_own_names_are_left_alone() -> None:
    records = [{"id": "x", "name": {"en": "Marta Lindqvist Tower", "zh": "王小明纪念馆"}, "aliases": ["Zuzana"]}]
    own = privacy.OwnNames(["Fern"], records)
    assert "Marta Lindqvist" in own
    assert "the Zuzana" in own
    assert "王小明" in own
    assert "Marta Becker" not in own
    text = "my name is Marta Lindqvist"
    assert privacy.mask(text, ["person"]).text == "my name is [person 1]"
    assert privacy.mask(text, ["person"], spare=own).text == text


def test_what_the_records_say_is_theirs_where_code_speaks() -> None:
    records = [{"name": {"en": "Temple of Heaven"}, "price": {"en": "with the Hall of Prayer, the Echo Wall and more"}}]
    text = "The ticket is for the Hall of Prayer, the Echo Wall and the Circular Mound, says Robert Miller."
    names, words = privacy.OwnNames([], records), privacy.OwnNames([], records, words=True)
    assert "Echo Wall" in words
    assert "Echo Wall" not in names  # a user may be called as a record has it by chance
    assert "cho Wal" not in words
    assert "Robert Miller" not in words
    masked = privacy.mask(text, ["person"], spare=words).text
    assert "Echo Wall" in masked
    assert "Robert Miller" not in masked


@pytest.mark.parametrize(
    "text",
    [
        "It is open from 8:30 to 17:00 between April and October, with last entry at 16:00.",
        "and from 8:30 to 16:30 between November and March, with last entry at 15:30.",
        "You can come in May, June and August.",
        "We close Monday to Wednesday.",
    ],
)
def test_months_and_days_are_nobody(text: str) -> None:
    assert privacy.find(text, ["person", "place", "organization"]) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [("My name is April.", "April"), ("with April Jones in June", "April Jones"), ("Ask Jan about it", "Jan")],
)
def test_who_is_called_like_a_month_is_somebody(text: str, name: str) -> None:
    assert name in [text[start:end] for start, end, _ in privacy.find(text, ["person"])]


def test_names_are_read_only_when_a_persona_asks_for_them() -> None:
    code = (
        "from personac.core.mind.privacy import find\nfrom personac.core.mind.privacy import names\n"
        "import sys\n"
        "find('my name is Ann Lee, ann@example.com', ['email'])\n"
        "assert not names._read.cache_info().currsize\n"
        "find('my name is Ann Lee', ['person'])\n"
        "assert names._read.cache_info().currsize\n"
        "assert not {'torch', 'scipy', 'numba', 'spacy'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("我叫范思齐，想咨询一下", "范思齐"),
        ("联系人：诸葛青岚", "诸葛青岚"),
        ("请找蒋一鸣先生", "蒋一鸣"),
        ("汇款给丁一凡可以吗", "丁一凡"),
    ],
)
def test_a_chinese_name_that_is_announced_is_found_whole(text: str, name: str) -> None:
    assert [text[start:end] for start, end, _ in privacy.find(text, ["person"])] == [name]


@pytest.mark.parametrize(
    "text", ["我叫车去机场", "名字和电话都要填吗", "联系人怎么改", "我想转告经理", "汇款给商家安全吗"]
)
def test_what_only_begins_like_a_surname_is_no_name(text: str) -> None:
    assert privacy.find(text, ["person"]) == []
