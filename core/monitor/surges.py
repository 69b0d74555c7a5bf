"""Tell whether something happens more often than it should, from little history. Knows numbers only.

The count of the last hour is held against the same hour of the days before, and the hours beside it. Counts of one
window are taken for Poisson with a rate that is itself uncertain and varies from day to day: a gamma belief about the
rate makes the next count negative binomial (Gelman et al., Bayesian Data Analysis, 3rd ed., 2.6). The belief begins at
Gamma(1/2, 1/4), half a window's worth of little knowledge; where windows scatter more than Poisson (their variance is
above their mean) the belief is widened by as much (quasi-Poisson: McCullagh & Nelder, Generalized Linear Models, 6.2).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

HOUR = 3600
DAY = 86400
DAYS = 14  # that are looked back upon
SHAPE, RATE = 0.5, 0.25  # of the belief before anything was counted
ALARM = 1e-6  # a count that is rarer than this is a surge; 1e-5 and more told too much for nothing
CALM = 0.05  # a surge is over when its count is no rarer than this
LEAST_WINDOWS = 4  # of the same time of day; with fewer, all hours count


@dataclass(frozen=True, slots=True)
class Expected:
    """Hold what a window should hold: the mean, how rare a count like the present one is, and from how many windows."""

    mean: float
    rarity: float  # probability of as many or more
    windows: int  # with none the mean is a belief, nothing that was counted

    def is_surge(self, count: int, floor: int, times: float) -> bool:
        """Tell whether a count is a surge: rare, at least `floor`, and `times` what is expected."""
        return count >= floor and count >= times * self.mean and self.rarity < ALARM

    def is_calm(self, count: int, floor: int) -> bool:
        """Tell whether a surge that was told is over."""
        return count < floor / 2 or self.rarity > CALM


def window(counts: Mapping[int, int], end: float, slot: int) -> int:
    """Return the count of the hour before a time, from counts by the start of each slot."""
    last = int(end // slot) * slot  # the slot that runs
    return sum(counts.get(start, 0) for start in range(last - HOUR + slot, last + slot, slot))


def history(
    counts: Mapping[int, int], now: float, first: float, slot: int, surges: Iterable[tuple[float, float]] = ()
) -> list[int]:
    """Return the counts of earlier hours that the present one is held against.

    `first` is when counting began; windows that touch one of `surges` (start, end) are left out, or a surge would be
    expected from then on. The running slot is not over, while theirs are: the present hour is up to ten minutes short,
    and errs to silence.
    """
    known = list(surges)

    def usable(end: float) -> bool:
        start = end - HOUR
        return start >= first and not any(start < until and end > since for since, until in known)

    same = [now - day * DAY + beside * HOUR for day in range(1, DAYS + 1) for beside in (-1, 0, 1)]
    ends = [end for end in same if usable(end)]
    if len(ends) < LEAST_WINDOWS:
        ends = [end for hours in range(1, 25) if usable(end := now - hours * HOUR)]
    return [window(counts, end, slot) for end in ends]


def expected(count: int, before: Sequence[int]) -> Expected:
    """Return what a window should hold after others, and how rare `count` is."""
    n, total = len(before), sum(before)
    shape, rate = SHAPE + total, RATE + n
    mean = shape / rate
    spread = 1.0
    if n > 1 and total:
        average = total / n
        spread = max(1.0, sum((x - average) ** 2 for x in before) / (n - 1) / average)
    shape, rate = shape / spread, rate / spread  # the same mean, as if from less
    if spread > 1.0:
        shape = min(shape, mean / (spread - 1.0) if mean else shape)
        rate = shape / mean
    return Expected(mean, tail(count, shape, rate), n)


def tail(count: int, shape: float, rate: float) -> float:
    """Return the probability that a negative binomial count is at least `count`.

    Its rate has a gamma distribution of this shape and rate.
    """
    if count <= 0:
        return 1.0
    p = rate / (rate + 1.0)
    log_p, log_q = math.log(p), math.log1p(-p)

    def mass(k: int) -> float:
        return math.exp(math.lgamma(k + shape) - math.lgamma(shape) - math.lgamma(k + 1) + shape * log_p + k * log_q)

    if count <= shape / rate:
        return max(0.0, 1.0 - math.fsum(mass(k) for k in range(count)))
    total, k = 0.0, count
    while True:  # beyond the mean the terms only fall
        term = mass(k)
        total += term
        if term <= total * 1e-9 or total > 1.0:
            return min(1.0, total)
        k += 1
