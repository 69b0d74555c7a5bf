"""Surges of bad news by topic: those that go on, and those of the last days that are over. Knows counts, no words."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import date, timedelta

from .archive import Archive
from .surges import surge

WINDOW = 60  # days that a surge is told from
LOOKED_BACK = 14  # days in which a surge that is over is still told
SAME = timedelta(3)  # days by which the beginning of one surge may move as news comes in


@dataclass(frozen=True, slots=True)
class Alarm:
    """Hold a surge: its first day, the last on which it was seen, the share of bad items before it and since."""

    topic: str
    since: date
    until: date
    before: float
    now: float

    def lasts(self, today: date) -> bool:
        """Tell whether it still goes on."""
        return self.until >= today


class Watch:
    """Look for surges, once for each state of the archive."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[str, int], tuple[int, date, list[Alarm]]] = {}

    def alarms(self, archive: Archive, topic: str, today: date, back: int = LOOKED_BACK) -> list[Alarm]:
        """Return the surges of a topic that were seen in so many days, newest first; raise ModelMissing."""
        with self._lock:
            revision, day, found = self._known.get((topic, back), (-1, today, []))
            if (revision, day) != (archive.revision, today):
                revision = archive.revision
                found = _alarms(archive, topic, today, back)
                self._known[(topic, back)] = (revision, today, found)
            return found


def _alarms(archive: Archive, topic: str, today: date, back: int) -> list[Alarm]:
    span = archive.span()
    if span is None:
        return []
    first = max(span[0], today - timedelta(WINDOW + back))
    if first > today:
        return []
    days = archive.days(topic, first, today)
    found: list[Alarm] = []
    for end in range(max(1, len(days) - back + 1), len(days) + 1):
        seen = surge(days[max(0, end - WINDOW) : end])
        if seen is None:
            continue
        if found and abs(found[-1].since - seen.since) <= SAME:
            found.pop()
        found.append(Alarm(topic, seen.since, days[end - 1].day, seen.before, seen.now))
    return found[::-1]
