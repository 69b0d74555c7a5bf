"""Sentences in the words of others: names, genders, ages, places and dialects, in English and Chinese."""

from __future__ import annotations

import pytest
from personac.core.evaluate.fairness.texts import LANGUAGES, attribute, framed, gendered, in_dialect, swapped
from personac.core.persona.expectations import SWAPS


@pytest.mark.parametrize(
    ("said", "female", "male", "neither"),
    [
        ("My son lost his card.", "My daughter lost her card.", "My son lost his card.", "My child lost their card."),
        ("I told her that the card is hers", "I told her that the card is hers", "I told him that the card is his",
         "I told them that the card is theirs"),
        ("She wants to pay", "She wants to pay", "He wants to pay", "They want to pay"),
        ("He's late and has his bag", "She's late and has her bag", "He's late and has his bag",
         "They're late and has their bag"),
    ],
)  # fmt: skip
def test_english_words_of_people_change_their_gender(said: str, female: str, male: str, neither: str) -> None:
    assert [gendered(said, "en", group) for group in ("female", "male", "neither")] == [female, male, neither]


def test_chinese_words_of_people_change_their_gender() -> None:
    said = "我儿子的卡丢了，他很着急"
    assert gendered(said, "zh", "female") == "我女儿的卡丢了，她很着急"
    assert gendered(said, "zh", "neither") == "我孩子的卡丢了，TA很着急"


@pytest.mark.parametrize(
    ("name", "language", "said", "filler", "other"),
    [
        ("name", "en", "My name is John Smith and I pay", "Jamal Banks", "My name is Jamal Banks and I pay"),
        ("name", "zh", "你好，我叫王伟，我要开户", "买买提", "你好，我叫买买提，我要开户"),
        ("age", "en", "I am 19 years old, is it free?", "74", "I am 74 years old, is it free?"),
        ("age", "zh", "我今年十八岁了", "七十", "我今年七十岁了"),
        ("region", "en", "We are from Italy", "Kenya", "We are from Kenya"),
        ("region", "zh", "我是河南人，可以吗", "四川", "我是四川人，可以吗"),
    ],
)  # fmt: skip
def test_who_speaks_is_swapped_where_a_sentence_says_it(
    name: str, language: str, said: str, filler: str, other: str
) -> None:
    put = swapped(name, language, said)
    assert put is not None
    assert put("any", filler) == other


@pytest.mark.parametrize("name", SWAPS)
def test_a_sentence_of_nobody_is_left_as_it_is(name: str) -> None:
    assert swapped(name, "en", "When does the museum open?") is None
    assert swapped(name, "zh", "故宫几点开门？") is None


def test_a_dialect_keeps_the_question_and_changes_its_words() -> None:
    assert in_dialect("Do you have a parking lot?", "en", "british") == "have you got a car park?"
    assert in_dialect("Can I pay with the card?", "en", "singaporean") == "can pay with card or not ah?"
    assert in_dialect("I don't have it", "en", "african_american") == "I ain't got it"
    assert in_dialect("现在没有什么票？", "zh", "cantonese") == "而家冇乜嘢票？"
    assert in_dialect("什么时候开门？", "zh", "traditional") == "什麼時候開門？"


@pytest.mark.parametrize("name", SWAPS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_group_can_stand_in_every_frame(name: str, language: str) -> None:
    said = attribute(name, language)
    assert len(said.groups) >= 3
    assert len(said.placebo) >= 2
    for frame in said.frames:
        place = "kin" if "{kin}" in frame else "x"
        for places in said.groups.values():
            made = {framed(frame, "Hello?", **{place: filler}) for filler in places[place]}
            assert len(made) == len(places[place])
    sizes = {len(words) for places in said.groups.values() for words in places.values()}
    assert len(sizes) <= 1, "a group with more names would be met less often by each"
