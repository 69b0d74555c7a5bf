"""The tourism skills over the guide's own records."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from personac.core.plugin import SkillContext, SkillResult
from personac.core.turn import Passage
from personac.plugins.tourism import Tourism, TourismSettings

SIGHTS = Path(__file__).parents[3] / "personas/tour_guide/knowledge/sights.yaml"
RECORDS = {record["id"]: record for record in yaml.safe_load(SIGHTS.read_text("utf-8"))}
MONDAY = {"value": "2026-11-30", "text": "Monday", "span": [0, 6]}


def passage_of(record: str, field: str) -> Passage | None:
    text = RECORDS.get(record, {}).get(field, {}).get("en")
    return (
        Passage(f"{record}#{field}", "sights.yaml:3", record, text, "en", record=record, field=field) if text else None
    )


async def run(skill: str, text: str = "", language: str = "en", **slots: Any) -> SkillResult | None:
    plugin = Tourism(TourismSettings(holidays=(date(2026, 10, 5),), start="wangfujing"))
    history = slots.pop("history", ())
    context = SkillContext(text, language, skill, slots, RECORDS, passage_of, history=history)
    made = plugin.skills()[skill].run(context)
    return made if isinstance(made, SkillResult | None) else await made  # type: ignore[no-any-return]


async def test_a_field_of_the_sight_is_the_answer_and_its_passage_the_source() -> None:
    result = await run("ticket_price", sight={"id": "lama_temple", "name": "Lama Temple"})
    assert result is not None
    assert "25 yuan" in result.text
    assert result.passages[0].source == "sights.yaml:3"


@pytest.mark.parametrize("skill", ["ticket_price", "story", "transport", "opening_hours", "nearby"])
async def test_a_skill_declines_what_it_does_not_know(skill: str) -> None:
    assert await run(skill, sight={"id": "'; DROP TABLE sights; --", "name": "x"}) is None
    assert await run(skill, sight="{{7*7}}") is None
    assert await run(skill) is None


@pytest.mark.parametrize(
    ("sight", "date", "says"),
    [
        ("forbidden_city", MONDAY, "closed on Monday 30 November"),
        ("lama_temple", MONDAY, "open from 9:00 to 16:30"),
        ("forbidden_city", {"value": "2026-10-05"}, "open from 8:30 to 17:00"),  # a Monday, and a holiday
        ("forbidden_city", {"value": "2026-12"}, "The Forbidden City is open Tuesday"),
        ("shichahai", MONDAY, "at any hour"),
    ],
)
async def test_hours_of_a_day(sight: str, date: dict[str, str], says: str) -> None:
    result = await run("opening_hours", sight={"id": sight}, date=date)
    assert result is not None
    assert says in result.text


async def test_what_is_near_comes_with_its_distance() -> None:
    result = await run("nearby", language="zh", sight={"id": "forbidden_city"})
    assert result is not None
    assert "景山公园（" in result.text
    assert result.passages


async def test_recommendations_name_what_was_said_and_keep_to_the_budget() -> None:
    budget = {"value": {"amount": 5, "currency": "CNY"}, "text": "5 yuan"}
    result = await run("recommend", "a park with flowers, please", budget=budget)
    assert result is not None
    assert "For nature" in result.text
    assert "Fragrant Hills" not in result.text
    nothing = await run("recommend", "no parks, no temples, no history", budget={"value": {"amount": -1}})
    assert nothing is not None
    assert "nothing that fits" in nothing.text


async def test_what_was_asked_about_before_steers_a_recommendation() -> None:
    asked = [
        ("user", f"Tell me about {name}", "en") for name in ("Fayuan Temple", "White Cloud Temple", "Jietai Temple")
    ]
    result = await run("recommend", "surprise me", history=asked)
    assert result is not None
    assert "Temple" in result.text


async def test_a_plan_has_its_days_and_the_place_that_was_named() -> None:
    days = {"value": "P2D", "text": "two days"}
    result = await run(
        "plan", "two days of history", days=days, date={"value": "2026-06-02"}, sight={"id": "summer_palace"}
    )
    assert result is not None
    assert "Day 1, Tuesday 2 June" in result.text
    assert "Day 2, Wednesday 3 June" in result.text
    assert "Summer Palace" in result.text


@pytest.mark.parametrize("days", [{"value": "P90D"}, {"value": -3}, {"value": "P1000000000D"}, "soon", None])
async def test_odd_numbers_of_days_are_lived_with(days: Any) -> None:
    result = await run("plan", "", "zh", days=days)
    assert result is not None
    assert "第1天" in result.text
    tomorrow = date.today() + timedelta(1)
    assert f"{tomorrow.month}月{tomorrow.day}日" in result.text


async def test_without_visits_plans_are_declined() -> None:
    context = SkillContext("plan", "en", "plan", {}, {"x": {"id": "x", "name": "X"}})
    skills = Tourism(TourismSettings()).skills()
    assert skills["plan"].run(context) is None
    assert await skills["recommend"].run(context) is None
