"""What a visit to a sight takes: where it is, when it is open, what it costs, what it has; read from records.

Knows no words of users and makes no plans.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ...core.errors import SettingsInvalid

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SUMMER = range(4, 11)  # the months of the summer season, April to October
EARTH = 6371.0  # km
WALK_KM = 1.2  # what is nearer is walked
WALK_MINUTES = 14.0  # a kilometre on foot, with the way's bends
RIDE_MINUTES = 15.0  # to get on and off anything that rides
CITY_MINUTES = 3.2  # a kilometre by metro or bus
FAR_KM, FAR_MINUTES = 25.0, 1.8  # a kilometre out of town, beyond so many


@dataclass(frozen=True, slots=True)
class Visit:
    """Hold a sight as plans need it: hours of the day (8.5 is 8:30), and how much it has of what is liked, 1 to 3."""

    id: str
    at: tuple[float, float]  # latitude, longitude
    hours: float
    summer: tuple[float, float]
    winter: tuple[float, float]
    closed: frozenset[int]  # weekdays, Monday is 0
    fee: tuple[float, float]  # in summer, in winter
    likes: Mapping[str, float]

    def open_on(self, day: date, holidays: Collection[date] = ()) -> tuple[float, float] | None:
        """Return when it opens and closes on a day, None when it is closed; what closes weekly opens on holidays."""
        if day.weekday() in self.closed and day not in holidays:
            return None
        return self.summer if day.month in SUMMER else self.winter

    def costs(self, day: date) -> float:
        """Return the fee on a day, in the currency of the records."""
        return self.fee[0] if day.month in SUMMER else self.fee[1]


def visits(records: Mapping[str, Mapping[str, Any]]) -> dict[str, Visit]:
    """Return the records that say what a visit takes; raise SettingsInvalid naming the one that does not fit."""
    return {id: _visit(id, record["visit"]) for id, record in records.items() if "visit" in record}


def kilometres(one: Visit, other: Visit) -> float:
    """Return the distance on the sphere (haversine)."""
    (lat1, lon1), (lat2, lon2) = (tuple(map(math.radians, place.at)) for place in (one, other))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH * math.asin(math.sqrt(half))


def minutes(one: Visit, other: Visit) -> int:
    """Return about how long the way takes: on foot when it is near, else by what rides."""
    far = kilometres(one, other)
    if far <= WALK_KM:
        return round(far * WALK_MINUTES)
    town, beyond = min(far, FAR_KM), max(0.0, far - FAR_KM)
    return round(RIDE_MINUTES + town * CITY_MINUTES + beyond * FAR_MINUTES)


def near(known: Mapping[str, Visit], id: str, count: int, within: float = 5.0) -> list[tuple[Visit, float]]:
    """Return the nearest other sights with their distance in km, nearest first."""
    others = [(visit, kilometres(known[id], visit)) for visit in known.values() if visit.id != id]
    return sorted((pair for pair in others if pair[1] <= within), key=lambda pair: pair[1])[:count]


def _visit(id: str, data: Any) -> Visit:
    if not isinstance(data, Mapping):
        raise SettingsInvalid(f"`visit` of {id} should be a block: {{at: [39.9, 116.4], hours: 2, summer: [8, 17], …}}")
    summer = _pair(id, "summer", data.get("summer"), 0, 24)
    winter = _pair(id, "winter", data.get("winter", list(summer)), 0, 24)
    closed, likes = data.get("closed", {}), data.get("likes", {})
    if not isinstance(closed, Mapping) or not set(closed) <= set(WEEKDAYS):
        raise SettingsInvalid(f"`closed` of {id} should name weekdays, as {{mon: 1}}: {', '.join(WEEKDAYS)}")
    if not isinstance(likes, Mapping) or not all(_number(value) and 0 < value <= 3 for value in likes.values()):
        raise SettingsInvalid(f"`likes` of {id} should say how much it has of each, from 1 to 3, as {{history: 3}}")
    hours, fee = data.get("hours", 1), data.get("fee", [0, 0])
    if not _number(hours) or not 0 < hours <= 24:
        raise SettingsInvalid(f"`hours` of {id} should be how long a visit takes, not {hours!r}")
    for name, (first, last) in (("summer", summer), ("winter", winter)):
        if first >= last:
            raise SettingsInvalid(f"{id} closes before it opens: `{name}: [{first:g}, {last:g}]`")
    at, fees = _pair(id, "at", data.get("at"), -180, 180), _pair(id, "fee", fee, 0, 1e9)
    weekdays = frozenset(WEEKDAYS.index(name) for name in closed)
    return Visit(id, at, float(hours), summer, winter, weekdays, fees, {str(k): float(v) for k, v in likes.items()})


def _pair(id: str, key: str, value: Any, low: float, high: float) -> tuple[float, float]:
    if isinstance(value, Sequence) and len(value) == 2 and all(_number(one) and low <= one <= high for one in value):
        return float(value[0]), float(value[1])
    raise SettingsInvalid(f"`{key}` of {id} should be two numbers from {low:g} to {high:g}, not {value!r}")


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
