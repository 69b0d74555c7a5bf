"""When bad news surges: where the share of negative items of a topic steps up, found by change-point detection.

Knows days and counts, no words. ruptures (with scipy) is loaded when it is first needed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.errors import ModelMissing

QUIET = 10  # days before a step that are needed to tell it from the usual
PENALTY = 3.0  # of a change point, in variances times the logarithm of the days
RISE = 0.2  # the share of negative items has to rise by as much
SURE = 3.0  # and by as many standard errors
FEWEST = 5  # negative items that a surge has at least
SMOOTH = 1.0  # items that are added to each day, with the share of all days


@dataclass(frozen=True, slots=True)
class Day:
    """Hold what was said of a topic on a day: how many items, how many of them negative."""

    day: date
    items: int
    negative: int


@dataclass(frozen=True, slots=True)
class Surge:
    """Hold a step up of the share of negative items: its first day, the share before it and since."""

    since: date
    before: float
    now: float


def surge(days: Sequence[Day]) -> Surge | None:
    """Return the surge that goes on on the last day, None when there is none; days in order, none left out.

    Segments of least squares with a penalty for each change (PELT, Killick et al. 2012), on shares whose variance the
    arcsine of their root makes even. Raise ModelMissing without ruptures.
    """
    if len(days) <= QUIET:
        return None
    items = np.array([day.items for day in days], np.float64)
    negative = np.array([day.negative for day in days], np.float64)
    risen = _risen(items, negative)
    if not risen.any():  # no change point could be one, and looking for them takes longer
        return None
    usual = _share(items, negative)
    shares = (negative + SMOOTH * usual) / (items + SMOOTH)
    start = _last_change(np.arcsin(np.sqrt(shares)))
    if start is None or not risen[start]:
        return None
    before, now = _share(items[:start], negative[:start]), _share(items[start:], negative[start:])
    return Surge(days[start].day, before, now)


def _risen(items: NDArray[np.float64], negative: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell of each day whether the share of negative items since is above that before it by enough."""
    before = np.maximum(np.cumsum(items) - items, 1.0)
    since = np.maximum(items.sum() - np.cumsum(items) + items, 1.0)
    bad = np.cumsum(negative) - negative
    rise = (negative.sum() - bad) / since - bad / before
    pooled = _share(items, negative)
    error = np.sqrt(max(pooled * (1 - pooled), 1e-6) * (1 / before + 1 / since))
    enough: NDArray[np.bool_] = np.asarray(rise >= np.maximum(RISE, SURE * error), np.bool_)
    enough &= (negative.sum() - bad >= FEWEST) & (np.arange(len(items)) >= QUIET)
    return enough


def _share(items: NDArray[np.float64], negative: NDArray[np.float64]) -> float:
    return float(negative.sum() / max(items.sum(), 1.0))


def _last_change(signal: NDArray[np.float64]) -> int | None:
    """Return the place of the last change of the mean, None when there is none."""
    noise = float(np.median(np.abs(np.diff(signal)))) / 0.6745 / math.sqrt(2)  # unmoved by the changes themselves
    penalty = PENALTY * max(noise, 0.02) ** 2 * math.log(len(signal))
    search = _ruptures().KernelCPD(kernel="linear", min_size=1, jump=1)  # least squares as a kernel: PELT in C
    ends: list[int] = search.fit(signal.reshape(-1, 1)).predict(pen=penalty)
    return ends[-2] if len(ends) > 1 else None


def _ruptures() -> Any:
    try:
        import ruptures
    except ImportError as error:
        raise ModelMissing("ruptures", "pip install 'personac[finance]'") from error
    return ruptures
