"""Plan days of visits: what fits between morning and evening, with opening hours, closing days and ways.

A prize-collecting route problem with time windows, solved by PyVRP (Wouda, Lan and Kool 2024), a day being a vehicle.
Knows no words.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ...core.errors import ModelMissing
from .tastes import worth
from .visits import Visit, minutes

MORNING, EVENING = 9.0, 19.0
MOST_DAYS = 10
CANDIDATES = 24  # sights that are looked at, beside those that must be in the plan
ROUNDS = 400  # of the solver
PRIZE = 60  # minutes of way that a point of worth may cost
MUST = 50_000  # the prize of what must be seen
NEVER = 100_000  # minutes to a sight on a day on which it is closed


@dataclass(frozen=True, slots=True)
class Stop:
    """Hold one visit of a plan: hours of the day, and the minutes of the way to it from the one before."""

    visit: Visit
    arrive: float
    leave: float
    way: int


def plan(
    known: Mapping[str, Visit],
    days: Sequence[date],
    *,
    likes: Mapping[str, float],
    must: Sequence[str] = (),
    start: str | None = None,
    holidays: Collection[date] = (),
    seed: int = 0,
) -> list[list[Stop]]:
    """Return the stops of each day; those that `must` be seen come in where any day has room for them.

    Each day begins and ends at the sight `start`, or at the first one. The same arguments give the same plan. Raise
    ModelMissing without PyVRP.
    """
    chosen = _candidates(known, likes, days, must, holidays)
    if not chosen or not days:
        return [[] for _ in days]
    pyvrp = _pyvrp()
    model = pyvrp.Model()
    home = known.get(start or "")
    base = model.add_location(0, 0)
    depot = model.add_depot(base)
    places = [model.add_location(index + 1, 0) for index in range(len(chosen))]
    profiles = [model.add_profile() for _ in days]
    early, late = _m(MORNING) - 60, _m(EVENING) + 60  # an hour for the way there and back
    for profile in profiles:
        model.add_vehicle_type(1, start_depot=depot, end_depot=depot, tw_early=early, tw_late=late, profile=profile)
    for visit, place in zip(chosen, places):
        opens, closes = _window(visit, days, holidays)
        prize = MUST if visit.id in must else max(1, round(PRIZE * worth(visit, likes)))
        early = max(_m(opens), _m(MORNING))
        late = _m(min(closes, EVENING) - visit.hours)
        service = round(60 * visit.hours)
        model.add_client(place, service_duration=service, required=False, prize=prize, tw_early=early, tw_late=late)
    for day, profile in zip(days, profiles):
        for to, place in zip(chosen, places):
            out = minutes(home, to) if home is not None else 0
            shut = NEVER if to.open_on(day, holidays) is None else 0
            model.add_edge(base, place, out + shut, out, profile)
            model.add_edge(place, base, out, out, profile)
            for source, other in zip(chosen, places):
                if source is not to:
                    way = minutes(source, to)
                    model.add_edge(other, place, way + shut, way, profile)
    result = model.solve(pyvrp.stop.MaxIterations(ROUNDS), seed=seed, collect_stats=False, display=False)
    found: list[list[Stop]] = [[] for _ in days]
    for route in result.best.routes() if result.is_feasible() else ():
        found[route.vehicle_type()] = _stops(route, chosen, home)
    return found


def _candidates(
    known: Mapping[str, Visit],
    likes: Mapping[str, float],
    days: Sequence[date],
    must: Sequence[str],
    holidays: Collection[date],
) -> list[Visit]:
    """Return what may come into the plan: what must, then what is worth most, all open on a day and long enough."""
    fit = [visit for visit in known.values() if _fits(visit, days, holidays)]
    asked = [visit for visit in fit if visit.id in must]
    others = [visit for visit in fit if visit.id not in must and worth(visit, likes) > 0]
    return asked + sorted(others, key=lambda visit: (-worth(visit, likes), visit.id))[:CANDIDATES]


def _fits(visit: Visit, days: Sequence[date], holidays: Collection[date]) -> bool:
    if not any(visit.open_on(day, holidays) for day in days):
        return False
    opens, closes = _window(visit, days, holidays)
    return min(closes, EVENING) - visit.hours >= max(opens, MORNING)


def _window(visit: Visit, days: Sequence[date], holidays: Collection[date]) -> tuple[float, float]:
    """Return the hours in which it is open on every day on which it is open at all."""
    hours = [open_ for day in days if (open_ := visit.open_on(day, holidays)) is not None]
    return max(first for first, _ in hours), min(last for _, last in hours)


def _stops(route: Any, chosen: Sequence[Visit], home: Visit | None) -> list[Stop]:
    found: list[Stop] = []
    before = home
    for activity in route.schedule():
        if activity.is_client():
            visit = chosen[activity.idx]
            way = minutes(before, visit) if before is not None else 0
            found.append(Stop(visit, activity.start_time / 60, activity.end_time / 60, way))
            before = visit
    return found


def _m(hours: float) -> int:
    return round(60 * hours)


def _pyvrp() -> Any:
    try:
        import pyvrp
        import pyvrp.stop
    except ImportError as error:
        raise ModelMissing("PyVRP", "pip install 'personac[tourism]'") from error
    return pyvrp
