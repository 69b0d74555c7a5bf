"""Enquiries over the clinic's own table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from personac.core.errors import SettingsInvalid
from personac.plugins.medical.enquiry import CEILING, QUESTIONS, Enquiry, finding, flags, next_question
from personac.plugins.medical.table import URGENCIES, Table

CLINIC = Path(__file__).parents[3] / "personas/clinic/knowledge"


def records() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name in ("symptoms.yaml", "conditions.yaml"):
        found |= {record["id"]: record for record in yaml.safe_load((CLINIC / name).read_text("utf-8"))}
    return found


@pytest.fixture(scope="module")
def table() -> Table:
    return Table.read(records())


def run(table: Table, condition: str, told: int = 1) -> tuple[Enquiry, list[str]]:
    """Answer as a typical patient: yes to what most with the condition have."""
    chances = table.conditions[condition].symptoms
    first = sorted(chances, key=lambda name: -chances[name])[:told]
    enquiry, asked = Enquiry(dict.fromkeys(first, True)), []
    while (question := next_question(table, enquiry)) is not None:
        asked.append(question)
        enquiry = enquiry.ask(question).heard({question: chances.get(question, 0) >= 0.5})
    return enquiry, asked


def test_typical_patients_are_understood_in_few_questions(table: Table) -> None:
    right = 0
    for condition in table.conditions:
        enquiry, asked = run(table, condition, told=2)
        assert len(asked) <= QUESTIONS
        right += condition in [name for name, _ in finding(table, enquiry).conditions]
    assert right >= 0.9 * len(table.conditions)


def test_an_emergency_is_one_whatever_else_is_likely(table: Table) -> None:
    for condition in table.conditions.values():
        if condition.urgency == "emergency":
            enquiry, _ = run(table, condition.id, told=2)
            assert finding(table, enquiry).urgency == "emergency", condition.id


def test_a_red_flag_ends_the_questions(table: Table) -> None:
    enquiry = Enquiry({"chest_pressure": True})
    assert next_question(table, enquiry) is None
    assert flags(table, enquiry) == ("chest_pressure",)
    assert finding(table, enquiry).urgency == "emergency"


def test_red_flags_that_fit_come_first(table: Table) -> None:
    assert table.symptoms[next_question(table, Enquiry({"chest_pain": True})) or ""].red_flag
    assert next_question(table, Enquiry({"fever": True, "headache": True})) == "stiff_neck"
    assert not table.symptoms[next_question(table, Enquiry({"sneezing": True})) or ""].red_flag


def test_a_cold_is_no_emergency_and_never_a_certainty(table: Table) -> None:
    told = dict.fromkeys(("runny_nose", "sneezing", "sore_throat", "blocked_nose"), True)
    found = finding(table, Enquiry({**told, "fever": False, "itchy_eyes": False}))
    assert found.conditions[0][0] == "common_cold"
    assert found.urgency == "routine"
    assert all(chance <= CEILING for _, chance in found.conditions)


def test_nothing_is_asked_twice(table: Table) -> None:
    for condition in table.conditions:
        _, asked = run(table, condition)
        assert len(asked) == len(set(asked))


def test_an_enquiry_is_read_as_it_was_written_and_garbage_is_empty(table: Table) -> None:
    enquiry = Enquiry({"fever": True, "cough": False}, ("cough",), "cough")
    assert Enquiry.of(enquiry.as_dict(), table.symptoms) == enquiry
    for garbage in (None, "x", [], {"answers": 3, "asked": "fever", "asking": {}}, {"answers": {"nonsense": True}}):
        assert Enquiry.of(garbage, table.symptoms) == Enquiry()


@pytest.mark.parametrize(
    ("id", "change", "says"),
    [
        ("influenza", {"symptoms": {"fever": 1.5}}, "between 0 and 1"),
        ("influenza", {"symptoms": {"fever": True}}, "between 0 and 1"),
        ("influenza", {"symptoms": {"no_such": 0.5}}, "no record with the question"),
        ("influenza", {"symptoms": {}}, "how often each occurs"),
        ("influenza", {"common": -1}, "above 0"),
        ("influenza", {"urgency": "whenever"}, ", ".join(URGENCIES)),
        ("fever", {"ask": {"en": ""}}, "`ask` of fever"),
        ("fever", {"aliases": "hot"}, "list of texts"),
    ],
)
def test_a_record_that_does_not_fit_is_named(id: str, change: dict[str, Any], says: str) -> None:
    wrong = records()
    wrong[id] = {**wrong[id], **change}
    with pytest.raises(SettingsInvalid, match=says):
        Table.read(wrong)


def test_without_conditions_it_says_what_is_needed() -> None:
    with pytest.raises(SettingsInvalid, match="finds no conditions"):
        Table.read({"palace": {"name": "Palace"}})
