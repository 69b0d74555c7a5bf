"""Search over records: wishes read from words in both languages, places found, and what is asked about them told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from personac.core.plugin import SkillContext, SkillResult
from personac.core.turn import Passage
from personac.plugins.tourism import Tourism, TourismSettings
from personac.plugins.tourism.search.figures import figures

RECORDS: dict[str, dict[str, Any]] = {
    str(record["id"]): record
    for record in (
        {
            "id": "old_gate",
            "name": {"en": "Old Gate", "zh": "古城门"},
            "kind": "sight",
            "rating": 4.6,
            "price": 20,
            "duration": "1 - 2 hours",
            "address": {"en": "1 Gate Street", "zh": "城门街1号"},
            "nearby": ["Lotus Inn", "Noodle House"],
        },
        {
            "id": "lake_park",
            "name": {"en": "Lake Park", "zh": "湖心公园"},
            "kind": "sight",
            "rating": 4.2,
            "price": 0,
            "duration": "2 - 4 hours",
            "address": {"en": "9 Lake Road", "zh": "湖滨路9号"},
            "nearby": ["Grand Hotel"],
        },
        {
            "id": "lotus_inn",
            "name": {"en": "Lotus Inn", "zh": "莲花客栈"},
            "kind": "hotel",
            "rating": 4.4,
            "price": 320,
            "type": "budget",
            "facilities": ["parking", "laundry service", "WiFi in all rooms"],
        },
        {
            "id": "grand_hotel",
            "name": {"en": "Grand Hotel", "zh": "大饭店"},
            "kind": "hotel",
            "rating": 4.9,
            "price": 1200,
            "type": "luxury",
            "facilities": ["swimming pool", "WiFi in all rooms", "gym"],
        },
        {
            "id": "plain_hotel",
            "name": {"en": "Plain Hotel", "zh": "平安旅馆"},
            "kind": "hotel",
            "price": 150,
            "type": "budget",
            "facilities": ["parking"],
        },
        {
            "id": "sea_hotel",
            "name": {"en": "Sea Hotel", "zh": "海景酒店"},
            "kind": "hotel",
            "rating": 4.1,
            "price": 480,
            "type": "luxury",
            "facilities": ["gym", "早餐服务"],
        },
        {
            "id": "noodle_house",
            "name": {"en": "Noodle House", "zh": "面馆"},
            "kind": "restaurant",
            "rating": 4.5,
            "price": 40,
            "dishes": ["beef noodles", "炸酱面"],
            "phone": "010 555 0199",
        },
        {
            "id": "duck_hall",
            "name": {"en": "Duck Hall", "zh": "鸭王府"},
            "kind": "restaurant",
            "rating": 4.0,
            "price": 130,
            "dishes": ["roast duck", "烤鸭"],
            "phone": "010 555 0142",
        },
    )
}
KINDS = {
    "sight": ("sight", "park", "景点"),
    "hotel": ("hotel", "酒店", "住"),
    "restaurant": ("restaurant", "餐馆", "吃"),
}


class Chat:
    """Keep what the skills keep of one conversation."""

    def __init__(self, language: str = "en") -> None:
        self.language = language
        self.kept: dict[str, Any] = {}
        self.skills = Tourism(TourismSettings(kinds=KINDS)).skills()

    def say(self, text: str, skill: str = "find") -> str:
        """Return the answer of a skill."""
        context = SkillContext(text, self.language, skill, {}, RECORDS, _passage_of, kept=self.kept)
        result = self.skills[skill].run(context)
        assert isinstance(result, SkillResult | None)
        if result is None:
            return ""
        self.kept = json.loads(json.dumps(result.keep)) if result.keep is not None else self.kept
        return result.text


def _passage_of(record: str, field: str) -> Passage | None:
    value = RECORDS[record].get(field)
    return Passage(f"{record}#{field}", "places.yaml:1", record, str(value), "en") if value is not None else None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("评分4.5分以上", (4.5, float("inf"), "points")),
        ("一百到一百五十块钱之间", (100, 150, "money")),
        ("不超过三百块", (float("-inf"), 300, "money")),
        ("1,200元以上", (1200, float("inf"), "money")),
        ("玩两个小时左右", (1.6, 2.4, "hours")),
        ("12小时 - 3天", (12, 72, "hours")),
        ("2、3个小时", (2, 3, "hours")),
        ("四点五分", (4.5, 4.5, "points")),
        ("under 300 yuan", (float("-inf"), 300, "money")),
        ("between 100 and 150 yuan", (100, 150, "money")),
        ("at least 4 stars", (4, float("inf"), "points")),
    ],
)
def test_figures_are_read_with_their_limits(text: str, found: tuple[float, float, str]) -> None:
    (figure,) = figures(text)
    assert (figure.low, figure.high, figure.unit) == pytest.approx(found)


@pytest.mark.parametrize("text", ["给我推荐一个", "room 12", "十分好"[:1], "三个人"])
def test_bare_numbers_are_no_figures(text: str) -> None:
    assert not list(figures(text))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("recommend a hotel rated at least 4.5", ["Grand Hotel"]),
        ("a hotel for under 200 yuan, please find one", ["Plain Hotel"]),
        ("find me a hotel with a gym between 400 and 500 yuan", ["Sea Hotel"]),
        ("I'd like a luxury hotel with a swimming pool", ["Grand Hotel"]),
        ("a hotel with laundry, can you recommend one?", ["Lotus Inn"]),
        ("suggest a free park", ["Lake Park"]),
        ("where can I eat roast duck?", ["Duck Hall"]),
        ("find a hotel near the Old Gate", ["Lotus Inn"]),
        ("recommend a sight for 2 to 4 hours", ["Lake Park"]),
        ("find a cheap hotel", ["Plain Hotel"]),
    ],
)
def test_wishes_in_english(text: str, names: Sequence[str]) -> None:
    assert Chat().say(text).startswith(("I'd suggest " + names[0], "Near Old Gate: I'd suggest " + names[0]))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("推荐一家评分4.5分以上的酒店", "大饭店"),
        ("找一家两百块以下的酒店", "平安旅馆"),
        ("想吃炸酱面，有推荐的餐馆吗", "面馆"),
        ("有没有带早餐的酒店", "海景酒店"),
        ("想去一个免费的景点", "湖心公园"),
        ("推荐一个要门票的景点", "古城门"),
        ("古城门附近有什么酒店推荐", "莲花客栈"),
        ("找个离古城门近的餐馆", "面馆"),
    ],
)
def test_wishes_in_chinese(text: str, name: str) -> None:
    assert f"推荐{name}" in Chat("zh").say(text)


def test_what_fits_nothing_is_said_with_what_it_misses() -> None:
    text = Chat().say("recommend a luxury hotel with parking")
    assert text.startswith("Nothing I know fits all of that.")
    assert text.endswith("parking.")
    assert "没有完全符合" in Chat("zh").say("推荐一家评分4.8分以上，300元以下的酒店")
    assert Chat().say("find a sight near Duck Hall") == "I know nothing of that kind near Duck Hall."


def test_a_conversation_goes_on_about_what_was_offered() -> None:
    chat = Chat("zh")
    assert "大饭店" in chat.say("推荐一家酒店")
    assert "莲花客栈" in chat.say("价格要500元以下")
    assert "海景酒店" in chat.say("换一家")
    assert chat.say("价格是多少？", "tell") == "海景酒店：price480元。"
    assert "面馆" in chat.say("再找一家餐馆，要有炸酱面")
    assert chat.say("电话多少？", "tell") == "面馆：phone010 555 0199。"
    assert "海景酒店：price480元" in chat.say("刚才那家酒店的价格呢？", "tell")


def test_further_wishes_go_on_and_a_new_search_begins_anew() -> None:
    chat = Chat("zh")
    assert "平安旅馆" in chat.say("推荐一家500元以下的酒店，便宜点的")
    assert "莲花客栈" in chat.say("还要酒店评分4.2分以上")
    assert "大饭店" in chat.say("再推荐一家酒店，要有健身房")
    assert "大饭店" in chat.say("另外评分要4.5分以上")
    assert chat.say("大饭店附近找一家餐馆") == "我不知道大饭店附近有这样的地方。"
    assert chat.say("另外要有烤鸭") == "我不知道大饭店附近有这样的地方。"


def test_a_place_is_looked_for_and_asked_about_in_one_message() -> None:
    text = Chat("zh").say("推荐一家500元以下的酒店，告诉我价格和周边的景点")
    assert text.startswith("推荐莲花客栈")
    text = Chat().say("find me a hotel with a swimming pool, and what is nearby?")
    assert text.startswith("I'd suggest Grand Hotel")


def test_facilities_are_told_as_yes_or_no() -> None:
    chat = Chat()
    assert chat.say("does the Grand Hotel have a gym?", "tell") == "Yes, Grand Hotel has gym."
    assert chat.say("does it have parking?", "tell") == "No, Grand Hotel doesn't list parking."
    assert chat.say("is there wifi?", "tell") == "Yes, Grand Hotel has wifi."
    assert chat.say("has the hotel a swimming pool?") == "Yes, Grand Hotel has swimming pool."


def test_either_skill_answers_what_was_meant_for_the_other() -> None:
    assert "Grand Hotel" in Chat().say("recommend a luxury hotel", "tell")
    assert Chat().say("what is the address of the Old Gate?", "find") == "Old Gate: address 1 Gate Street."


def test_without_a_place_it_is_asked_which() -> None:
    assert Chat().say("what is the address?", "tell") == "Which place do you mean?"
    assert Chat().say("hm", "tell") == ""


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE hotels; -- hotel", "{{7*7}}酒店", "\0\0", "酒店" * 900, "9" * 400 + "元的酒店"]
)
def test_odd_texts_are_lived_with(text: str) -> None:
    assert isinstance(Chat("zh").say(text), str)


def test_records_without_kinds_are_one_kind() -> None:
    records = {
        id: {k: v for k, v in own.items() if k != "kind"} for id, own in RECORDS.items() if own["kind"] == "hotel"
    }
    skills = Tourism(TourismSettings()).skills()
    result = skills["find"].run(SkillContext("recommend one with a gym", "en", "find", {}, records))
    assert result.text.startswith("I'd suggest Grand Hotel")
    assert skills["find"].run(SkillContext("recommend one", "en", "find", {}, {})) is None
