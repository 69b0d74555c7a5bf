"""What a surge is: rare, many and far above what is usual at that time."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from personac.core.monitor.surges import DAY, HOUR, expected, history, tail, window

SLOT = 600
NOW = 20_000 * DAY + 12 * HOUR


@pytest.mark.parametrize(("count", "shape", "rate"), [(0, 1.0, 1.0), (3, 0.5, 0.25), (40, 12.0, 3.0), (9, 30.0, 10.0)])
def test_the_tail_is_that_of_a_negative_binomial(count: int, shape: float, rate: float) -> None:
    random = np.random.default_rng(7)
    drawn = random.poisson(random.gamma(shape, 1 / rate, 200_000))
    assert tail(count, shape, rate) == pytest.approx(float(np.mean(drawn >= count)), abs=0.005)


def test_tails_fall_and_stay_exact_where_they_are_tiny() -> None:
    tails = [tail(count, 50.0, 10.0) for count in range(60)]
    assert tails[0] == 1.0
    assert all(a > b > 0 for a, b in itertools.pairwise(tails))
    p = 10 / 11
    assert tail(1, 50.0, 10.0) == pytest.approx(1 - math.exp(50 * math.log(p)))


def test_a_count_is_held_against_the_same_time_of_earlier_days() -> None:
    counts = {int(NOW) - day * DAY - back * SLOT: 2 for day in range(10) for back in range(6)}
    before = history(counts, NOW, NOW - 9.5 * DAY, SLOT)
    assert window(counts, NOW, SLOT) == 12
    assert before.count(12) == 9
    assert len(before) == 27
    without = history(counts, NOW, NOW - 9.5 * DAY, SLOT, [(NOW - DAY - 60, NOW - DAY)])
    assert len(without) < len(before)


def test_a_surge_is_told_and_the_usual_scatter_is_not() -> None:
    calm = [4, 6, 5, 3, 7, 5, 4, 6]
    assert not expected(11, calm).is_surge(11, 10, 2.0)
    assert expected(25, calm).is_surge(25, 10, 2.0)
    assert not expected(9, [0] * 8).is_surge(9, 10, 2.0), "fewer than the floor"
    wild = [0, 30, 2, 45, 1, 38, 0, 28]
    assert not expected(40, wild).is_surge(40, 10, 2.0), "days differ by as much"
    assert expected(5, calm).is_calm(5, 10)


def test_without_any_history_only_many_are_a_surge() -> None:
    assert not expected(10, []).is_surge(10, 10, 2.0)
    assert expected(100, []).is_surge(100, 10, 2.0)
