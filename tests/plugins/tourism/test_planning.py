"""Visits, tastes and plans over the guide's own sights."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from personac.core.errors import SettingsInvalid
from personac.plugins.tourism.planning import EVENING, MORNING, plan
from personac.plugins.tourism.tastes import learnt, recommended, tastes, worth
from personac.plugins.tourism.visits import Visit, kilometres, minutes, near, visits

SIGHTS = Path(__file__).parents[3] / "personas/tour_guide/knowledge/sights.yaml"
TUESDAY, MONDAY = date(2026, 6, 2), date(2026, 6, 1)


def records() -> dict[str, dict[str, Any]]:
    return {record["id"]: record for record in yaml.safe_load(SIGHTS.read_text("utf-8"))}


@pytest.fixture(scope="module")
def known() -> dict[str, Visit]:
    return visits(records())


def test_what_closes_on_mondays_opens_on_a_holiday(known: dict[str, Visit]) -> None:
    palace = known["forbidden_city"]
    assert palace.open_on(TUESDAY) == (8.5, 17)
    assert palace.open_on(MONDAY) is None
    assert palace.open_on(MONDAY, {MONDAY}) == (8.5, 17)
    assert palace.open_on(date(2026, 12, 1)) == (8.5, 16.5)
    assert (palace.costs(TUESDAY), palace.costs(date(2026, 1, 1))) == (60, 40)


def test_distances_and_ways_are_those_of_the_city(known: dict[str, Visit]) -> None:
    assert kilometres(known["forbidden_city"], known["jingshan_park"]) == pytest.approx(1.0, abs=0.2)
    assert kilometres(known["forbidden_city"], known["mutianyu_great_wall"]) == pytest.approx(59, abs=4)
    assert minutes(known["forbidden_city"], known["jingshan_park"]) < 20
    assert 60 < minutes(known["forbidden_city"], known["mutianyu_great_wall"]) < 240
    assert near(known, "tiananmen_square", 3)[0][0].id in ("national_museum", "mao_memorial_hall")


@pytest.mark.parametrize(
    ("text", "likes"),
    [
        ("I love history and old temples", {"history": 1, "religion": 1}),
        ("something for the kids, but no museums", {"family": 1, "art": -1}),
        ("喜欢公园，不喜欢购物", {"nature": 1, "shopping": -1}),
        ("带孩子去哪儿好", {"family": 1}),
        ("surprise me", {}),
    ],
)
def test_tastes_are_heard(text: str, likes: dict[str, float]) -> None:
    assert {name: said for name, said in tastes(text).items() if name in likes or not likes} == likes


def test_recommendations_follow_tastes_days_and_budgets(known: dict[str, Visit]) -> None:
    best = recommended(known, {"family": 1.0}, TUESDAY)
    assert all(visit.likes["family"] >= 2 for visit in best[:5])
    assert not [visit for visit in recommended(known, {"art": 1.0}, MONDAY) if visit.id == "art_museum"]
    assert all(visit.costs(TUESDAY) <= 20 for visit in recommended(known, {}, TUESDAY, budget=20))
    assert "lama_temple" not in [
        visit.id for visit in recommended(known, {"religion": 1}, TUESDAY, seen={"lama_temple"})
    ]
    assert not recommended(known, {"religion": -1.0}, TUESDAY, seen=set(known))


def test_what_was_asked_about_tells_of_tastes(known: dict[str, Visit]) -> None:
    likes = learnt({"shopping": -1.0}, [known["lama_temple"], known["fayuan_temple"]])
    assert likes["religion"] > likes["history"] > 0 > likes["shopping"]
    assert worth(known["white_cloud_temple"], likes) > worth(known["sanlitun"], likes)


@pytest.mark.parametrize("count", [1, 3])
def test_a_plan_keeps_hours_ways_and_closing_days(known: dict[str, Visit], count: int) -> None:
    days = [MONDAY + timedelta(n) for n in range(count)]
    found = plan(known, days, likes={"history": 1.0}, must=["forbidden_city", "summer_palace"], start="wangfujing")
    seen = [stop.visit.id for stops in found for stop in stops]
    assert len(seen) == len(set(seen))
    assert "summer_palace" in seen
    assert ("forbidden_city" in seen) == (count > 1)  # a Monday alone has none
    for day, stops in zip(days, found):
        assert stops
        clock = MORNING - 1
        for stop in stops:
            opened = stop.visit.open_on(day)
            assert opened is not None, f"{stop.visit.id} is closed on {day}"
            assert opened[0] <= stop.arrive <= stop.leave <= min(opened[1], EVENING) + 1e-9
            assert stop.arrive - clock >= stop.way / 60 - 1e-9
            assert stop.leave - stop.arrive == pytest.approx(stop.visit.hours, abs=0.02)
            clock = stop.leave


def test_the_same_wishes_give_the_same_plan(known: dict[str, Visit]) -> None:
    first, again = (plan(known, [TUESDAY], likes={"nature": 1.0}, start="wangfujing") for _ in range(2))
    assert first == again


def test_no_days_and_no_sights_are_lived_with(known: dict[str, Visit]) -> None:
    assert plan(known, [], likes={}) == []
    assert plan({}, [TUESDAY], likes={}) == [[]]
    closed = {id: visit for id, visit in known.items() if 0 in visit.closed}
    assert plan(closed, [MONDAY], likes={}) == [[]]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"at": [39.9]}, "`at` of lama_temple"),
        ({"at": [39.9, "east"]}, "`at` of lama_temple"),
        ({"summer": [17, 9]}, "closes before it opens"),
        ({"closed": {"monday": 1}}, "name weekdays"),
        ({"likes": {"history": 9}}, "from 1 to 3"),
        ({"hours": True}, "how long a visit takes"),
        ({"fee": [-1, 0]}, "`fee` of lama_temple"),
    ],
)
def test_a_visit_that_does_not_fit_is_named(change: dict[str, Any], says: str) -> None:
    wrong = records()["lama_temple"]
    wrong["visit"] = {**wrong["visit"], **change}
    with pytest.raises(SettingsInvalid, match=says):
        visits({"lama_temple": wrong})
