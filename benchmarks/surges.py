"""How soon planted surges are told, and how often there is an alarm for nothing: simulated weeks of counts.

    python benchmarks/surges.py [--seeds 20] [--weeks 4] [--json]

Counts of ten minutes are Poisson; the rate follows the hour of the day (nights have a twentieth of the noon), the day
of the week (two days have half), and varies from day to day by a gamma factor (coefficient of variation 0.3), which the
method does not know. The look is made each ten minutes with the rules and limits that are shipped. A surge of three
hours is planted at the same noon hour after half a day, three days and two weeks.
"""

from __future__ import annotations

import json
import math
import statistics

import click
import numpy as np
from personac.core.monitor import surges
from personac.core.monitor.book import SLOT

FLOOR, TIMES = 10, 2.0  # as `alerts` has them when nothing is said
RATES = (0.2, 1.0, 5.0, 25.0, 100.0)  # in the busiest hour
PLANTED = (3.0, 5.0, 10.0)  # times the usual
AFTER = {"half a day": 0.5, "3 days": 3.0, "14 days": 14.0}
START = 20_000 * surges.DAY  # midnight
LONG = 3 * surges.HOUR


def rates(random: np.random.Generator, peak: float, days: int) -> np.ndarray:
    """Return the expected count of each slot."""
    slots = np.arange(days * surges.DAY // SLOT)
    hour = (slots * SLOT % surges.DAY) / surges.HOUR
    shape = 0.05 + 0.95 * np.clip(np.sin((hour - 6) / 14 * math.pi), 0, None) * (hour >= 6) * (hour <= 20)
    day = slots * SLOT // surges.DAY
    week = np.where(day % 7 >= 5, 0.5, 1.0)
    vary = random.gamma(1 / 0.09, 0.09, days)[day]
    return peak * SLOT / surges.HOUR * shape * week * vary


def run(counts: np.ndarray, first: int, last: int) -> list[tuple[float, float]]:
    """Look from slot to slot and return (seconds from the start, seconds until it was over) of each alarm."""
    known = {START + i * SLOT: int(n) for i, n in enumerate(counts) if n}
    told: list[tuple[float, float]] = []
    since: float | None = None
    for i in range(first, last):
        now = START + (i + 1) * SLOT - 1.0
        past = [(START + a - surges.HOUR, START + b) for a, b in told]
        if since is not None:
            past.append((START + since - surges.HOUR, now))
        count = surges.window(known, now, SLOT)
        if since is None and count < FLOOR:
            continue
        found = surges.expected(count, surges.history(known, now, START, SLOT, past))
        if since is None and found.is_surge(count, FLOOR, TIMES):
            since = now - START
        elif since is not None and found.is_calm(count, FLOOR):
            told.append((since, now - START))
            since = None
    if since is not None:
        told.append((since, math.inf))
    return told


def false_alarms(peak: float, seeds: int, weeks: int) -> float:
    """Return alarms for nothing in a week of one sign."""
    alarms = 0
    for seed in range(seeds):
        random = np.random.default_rng(1000 + seed)
        counts = random.poisson(rates(random, peak, 7 * weeks))
        alarms += len(run(counts, 0, len(counts)))
    return alarms / seeds / weeks


def planted(peak: float, times: float, after: float, seeds: int) -> tuple[float, float | None]:
    """Return the share of planted surges that were told, and the median of minutes until then."""
    delays = []
    for seed in range(seeds):
        random = np.random.default_rng(2000 + seed)
        begin = int((int(after) * surges.DAY + surges.DAY // 2) // SLOT)  # noon
        expected = rates(random, peak, int(after) + 1)
        expected[begin : begin + LONG // SLOT] *= times
        counts = random.poisson(expected)
        told = run(counts, begin - 6, begin + LONG // SLOT)
        soon = [a - begin * SLOT for a, _ in told if a >= begin * SLOT]
        if soon:
            delays.append(soon[0] / 60)
    return len(delays) / seeds, statistics.median(delays) if delays else None


@click.command()
@click.option("--seeds", default=20, show_default=True)
@click.option("--weeks", default=4, show_default=True)
@click.option("--json", "as_json", is_flag=True)
def main(seeds: int, weeks: int, as_json: bool) -> None:
    """Measure delay and false alarms."""
    found = []
    for peak in RATES:
        row: dict[str, object] = {"peak_per_hour": peak, "false_alarms_per_week": false_alarms(peak, seeds, weeks)}
        for name, after in AFTER.items():
            for times in PLANTED:
                share, delay = planted(peak, times, after, seeds)
                row[f"x{times:g} after {name}"] = [share, delay and round(delay)]
        found.append(row)
        if not as_json:
            click.echo(json.dumps(row))
    if as_json:
        click.echo(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
