"""Symptoms heard in sentences, in two languages."""

from __future__ import annotations

import pytest
from personac.plugins.medical.hearing import Ear, answer
from personac.plugins.medical.table import Symptom


def symptom(id: str, en: str, zh: str, *aliases: str) -> Symptom:
    return Symptom(id, {"en": en, "zh": zh}, aliases, {"en": f"{en}?", "zh": f"{zh}？"}, False)


EAR = Ear(
    [
        symptom("fever", "fever", "发烧", "high temperature", "发热"),
        symptom("cough", "cough", "咳嗽", "coughing"),
        symptom("rash", "rash", "皮疹", "起疹子"),
        symptom("breathlessness", "shortness of breath", "气短", "can't catch my breath", "喘不上气"),
        symptom("headache", "headache", "头痛", "头疼", "head hurts"),
        symptom("chest_pain", "chest pain", "胸痛"),
    ]
)


@pytest.mark.parametrize(
    ("text", "there", "denied"),
    [
        ("I've got a fever and I'm coughing", {"fever", "cough"}, set()),
        ("A cough, but no fever.", {"cough"}, {"fever"}),
        ("I can't catch my breath", {"breathlessness"}, set()),
        ("I can’t catch my breath", {"breathlessness"}, set()),
        ("no fever, rash or headache", set(), {"fever", "rash", "headache"}),
        ("I don't have a headache. I do have a rash.", {"rash"}, {"headache"}),
        ("My head  hurts and I have a high\ntemperature", {"headache", "fever"}, set()),
        ("not only a cough, a fever too", {"cough", "fever"}, set()),
        ("feverish dreams of coughs", set(), set()),
        ("我发烧还咳嗽", {"fever", "cough"}, set()),
        ("没有发烧，就是头疼", {"headache"}, {"fever"}),
        ("咳嗽，但是不发热", {"cough"}, {"fever"}),
        ("头疼，喘不上气，没起疹子", {"headache", "breathlessness"}, {"rash"}),
        ("不知道是不是发烧", {"fever"}, set()),
        ("咳嗽不停", {"cough"}, set()),
        ("", set(), set()),
        ("😷" * 50, set(), set()),
    ],
)
def test_what_is_there_and_what_is_denied(text: str, there: set[str], denied: set[str]) -> None:
    found = EAR.symptoms(text)
    assert {name for name, said in found.items() if said} == there
    assert {name for name, said in found.items() if not said} == denied


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Yes", "yes"), ("yeah, a lot", "yes"), ("a bit", "yes"), ("It does", "yes"), ("有一点", "yes"),
        ("是的", "yes"), ("嗯", "yes"), ("No.", "no"), ("not really", "no"), ("I don't think so", "no"), ("nope", "no"),
        ("没有", "no"),
        ("不疼", "no"), ("没", "no"), ("I'm not sure", "unsure"), ("I don't know", "unsure"), ("不知道", "unsure"),
        ("说不清", "unsure"), ("What does that mean?", None), ("故宫几点开门", None), ("", None),
    ],
)  # fmt: skip
def test_yes_no_and_not_sure(text: str, said: str | None) -> None:
    assert answer(text) == said


def test_a_long_and_hostile_text_is_read_quickly() -> None:
    assert EAR.symptoms("no " * 5000 + "fever, " * 5000) is not None


def test_an_ear_without_symptoms_hears_none() -> None:
    assert not Ear([]).symptoms("fever")
