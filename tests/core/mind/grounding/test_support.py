"""Quotations, and which sentences their sources support."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from personac.core.mind.grounding.support import QUOTE_CHARACTERS, Sources, quote
from personac.core.mind.slots.names import Aliases
from personac.core.turn import Passage

RECORDS = [
    {"id": "fc", "name": {"en": "Forbidden City", "zh": "故宫"}, "aliases": ["Palace Museum", "紫禁城"]},
    {"id": "th", "name": {"en": "Temple of Heaven", "zh": "天坛"}},
]
HOURS = Passage(
    "a",
    "a.md:1",
    "Forbidden City · opening hours",
    "The Forbidden City is open Tuesday to Sunday from 8:30 to 17:00 between April and October, with last entry at "
    "16:00, and from 8:30 to 16:30 between November and March, with last entry at 15:30. The Forbidden City is closed "
    "on Mondays, except on public holidays.",
    "en",
)
PRICE = Passage(
    "b",
    "a.md:2",
    "Forbidden City · price",
    "A Forbidden City ticket costs 60 yuan from April to October and 40 yuan from November to March; the Treasure "
    "Gallery is 10 yuan extra. Tickets are sold online only, up to seven days ahead, at tickets.example@palace.cn.",
    "en",
)
PRICE_ZH = Passage("c", "a.md:3", "故宫 · 门票", "故宫门票旺季60元，淡季40元。游客从午门进，周一闭馆。", "zh")
FARE = Passage("d", "a.md:4", "Temple of Heaven · price", "The Temple of Heaven costs 15 yuan.", "en")


def judge(sentence: str, *passages: Passage) -> str:
    """Return how a sentence stands."""
    return Sources(passages, speaker="Mei Lin", aliases=Aliases(RECORDS)).judge(sentence).standing


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        ("The Forbidden City opens at 8:30 and closes at 17:00 from April to October.", HOURS),
        ("It is open from 8:30 am to 5 pm in summer.", HOURS),
        ("In winter, the last entry is at 15:30.", HOURS),
        ("It is closed on Mondays.", HOURS),
        ("It is open on Wednesdays.", HOURS),
        ("In June a Forbidden City ticket costs sixty yuan.", PRICE),
        ("A ticket costs ¥60 from April to October.", PRICE),
        ("Tickets are sold online, up to seven days ahead.", PRICE),
        ("故宫门票淡季40元。", PRICE_ZH),
    ],
)
def test_what_a_source_says_in_other_words_is_supported(sentence: str, passage: Passage) -> None:
    assert judge(sentence, passage) == "supported"


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        ("A ticket costs 80 yuan.", PRICE),
        ("A ticket costs 60 dollars.", PRICE),
        ("The visit takes 60 minutes.", PRICE),
        ("A ticket costs 60 yuan from November to March.", PRICE),
        ("A ticket costs 60 yuan in winter.", PRICE),
        ("A ticket costs 60 yuan a month.", PRICE),
        ("A student ticket costs 60 yuan.", PRICE),
        ("The Forbidden City is free.", PRICE),
        ("Tickets are not sold online.", PRICE),
        ("Marco Polo sells the tickets.", PRICE),
        ("The Temple of Heaven costs 60 yuan.", PRICE),
        ("Write to tickets@forbidden.example.", PRICE),
        ("In winter, the last entry is at 16:00.", HOURS),
        ("It is open on Mondays.", HOURS),
        ("It is not open on Tuesday.", HOURS),
        ("It is closed on Tuesdays.", HOURS),
        ("You can hire a dragon boat there.", HOURS),
        ("Yes.", HOURS),
        ("故宫门票旺季80元。", PRICE_ZH),
        ("故宫门票淡季60元。", PRICE_ZH),
        ("故宫周一开放。", PRICE_ZH),
        ("天坛门票60元。", PRICE_ZH),
    ],
)
def test_what_no_source_says_is_not_supported(sentence: str, passage: Passage) -> None:
    assert judge(sentence, passage) == "unsupported"


SHOW = Passage("e", "a.md:5", "Park · price", "The park costs 3 yuan, or 10 yuan during the spring tulip show.", "en")
CALLS = Passage("f", "a.md:6", "Numbers", "Dial 110 for the police, 119 for fire and 120 for an ambulance.", "en")
ARRIVES = Passage("g", "a.md:7", "New card", "A new card arrives by post within 5 working days.", "en")


def answers(question: str, sentence: str, passage: Passage) -> str:
    """Return how a sentence stands as the answer to a question."""
    return Sources((passage,), aliases=Aliases(RECORDS), question=question).judge(sentence).standing


@pytest.mark.parametrize(
    ("sentence", "standing"),
    [
        ("The park costs 3 yuan during the tulip show.", "unsupported"),
        ("During the tulip show, the park costs 3 yuan.", "unsupported"),
        ("During the tulip show, the park costs 10 yuan.", "supported"),
        ("The park costs 3 yuan, and 10 yuan during the spring tulip show.", "supported"),
    ],
)
def test_a_figure_keeps_the_words_that_stand_beside_it(sentence: str, standing: str) -> None:
    assert answers("What does the park cost?", sentence, SHOW) == standing


@pytest.mark.parametrize(
    ("sentence", "passage", "standing"),
    [
        ("119", CALLS, "unsupported"),
        ("119 120", CALLS, "unsupported"),
        ("60 yuan.", PRICE, "unsupported"),
        ("5 working days.", ARRIVES, "supported"),
        ("15 yuan", FARE, "supported"),
    ],
)
def test_a_bare_figure_answers_only_where_it_is_the_only_one(sentence: str, passage: Passage, standing: str) -> None:
    assert answers("What is it?", sentence, passage) == standing


def test_what_is_true_of_another_place_is_no_answer() -> None:
    fact = "The Temple of Heaven costs 15 yuan."
    assert answers("What does the Forbidden City cost?", fact, FARE) == "unsupported"
    assert answers("What does the Temple of Heaven cost?", fact, FARE) == "supported"
    assert answers("故宫的门票多少钱？", fact, FARE) == "unsupported"
    assert answers("What does a ticket cost?", fact, FARE) == "supported"


@pytest.mark.parametrize(
    "sentence",
    [
        "The Temple of Heaven is a special day, and the price is 15 yuan.",
        "The Temple of Heaven costs 15 yuan, and it is a traditional holiday.",
        "If you lost your luggage, the Temple of Heaven costs 15 yuan.",
        "What does the Temple of Heaven cost?",
    ],
)
def test_a_right_figure_carries_no_claim_beside_it(sentence: str) -> None:
    assert answers("I lost my luggage; what does the Temple of Heaven cost?", sentence, FARE) == "unsupported"


def test_two_halves_from_two_sources_make_no_support() -> None:
    assert judge("The Temple of Heaven costs 60 yuan.", PRICE, FARE) == "unsupported"
    assert judge("The Temple of Heaven costs 15 yuan.", PRICE, FARE) == "supported"


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        ("The Palace Museum ticket costs 60 yuan in the high season.", PRICE_ZH),
        ("You enter by Wumen.", PRICE_ZH),
        ("故宫门票要六十元。", PRICE),
        ("紫禁城周一闭馆。", HOURS),
    ],
)
def test_across_languages_figures_and_names_are_checked_and_the_meaning_is_left_open(
    sentence: str, passage: Passage
) -> None:
    assert judge(sentence, passage) == "unsure"


@pytest.mark.parametrize(
    "sentence",
    ["Sure, happy to help!", "I'm sorry, I don't know that.", "您好！", "这个我不清楚。", "还有什么可以帮您的吗？"],
)
def test_courtesies_claim_nothing(sentence: str) -> None:
    assert judge(sentence, PRICE) == "courtesy"


_UNITS = st.sampled_from(["yuan", "minutes", "percent", "dollars", "元", "kilometres", "visitors", "天", "am", ""])
_NUMBERS = st.integers(2, 99_999)


@given(st.lists(st.tuples(_NUMBERS, _UNITS), min_size=1, max_size=4), _NUMBERS, _UNITS, st.booleans())
def test_a_number_that_is_in_no_source_is_never_passed(
    known: list[tuple[int, str]], number: int, unit: str, comma: bool
) -> None:
    text = "The boat trip costs " + ", ".join(f"{value} {name}" for value, name in known) + "."
    source = Passage("x", "x", "Boat trip", text, "en")
    hours = {value % 12 for value, name in known if name == "am"}
    said = f"{number:,}" if comma else str(number)
    standing = judge(f"The boat trip costs {said} {unit}.", source)
    if number not in {value for value, _ in known} and number % 12 not in hours:
        assert standing == "unsupported"


@given(st.text(max_size=200))
def test_any_text_is_judged(text: str) -> None:
    assert judge(text, PRICE, PRICE_ZH) in ("supported", "courtesy", "unsure", "unsupported")


def test_a_long_passage_is_quoted_where_it_answers() -> None:
    filler = "This sentence is about nothing at all. " * 20
    text = f"{filler}The dragon boat leaves at noon from the north pier. {filler}".strip()
    passage = Passage("a", "a.md:1", "Boats", text, "en")
    said = quote(passage, "When does the dragon boat leave?")
    assert "noon" in said
    assert said in text
    assert len(said) <= QUOTE_CHARACTERS
