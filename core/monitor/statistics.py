"""Statistics about users that may leave the house: counts of a month with differential privacy (by OpenDP).

Dwork et al., Calibrating Noise to Sensitivity (2006). The unit is one user in one month: with or without all that a
user did in it, each result is as likely within a factor of exp(epsilon). Each of the five tables gets a fifth of
epsilon (sequential composition) and discrete Laplace noise for MONTH_MOST, the most that a user counts in a table.
Names of rows come from the persona and the calendar, never from what users said, and so does their number. A count is
told when it is larger than what the noise of all rows of a release stays within, in 19 releases of 20 (union bound):
then no row that is told is noise alone, and the choice of rows makes no statement about their accuracy untrue. That
costs nothing (post-processing). Days begin with the one on which the server first opened its book, which no user
decides; on which day the first user came is not told without noise. A month has a budget: what was released is kept and
told again unchanged, so that asking repeatedly does not average the noise away; beyond the budget nothing new is
released.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import ModelMissing, PersonacError
from .tallies import KINDS, MONTH_MOST, Tallies, days_of

BUDGET = 4.0  # epsilon that may be spent for one month
LEAST_EPSILON = 0.01
DOUBT = 0.05  # of releases may have a row whose noise is beyond the margin


class BudgetSpent(PersonacError):
    """Report that a month has no budget left for what is asked."""


class NotServedYet(PersonacError):
    """Report a month that was over before a persona was first served: there is nothing to tell."""


def scale_of(epsilon: float) -> float:
    """Return the scale of the noise in each table."""
    return MONTH_MOST * len(KINDS) / epsilon


def margin(scale: float, rows: int, doubt: float = DOUBT) -> int:
    """Return what the noise of all rows of a release stays within, either way, with all but a probability.

    Of discrete Laplace noise X, P(|X| > m) = 2 a^(m+1) / (1 + a), where a = exp(-1 / scale).
    """
    tails = 2.0 * max(rows, 1) / (doubt * (1.0 + math.exp(-1.0 / scale)))
    return max(0, math.ceil(scale * math.log(tails)) - 1)


def noisy(counts: Sequence[int], epsilon: float) -> list[int]:
    """Return counts with noise, as one table that a fifth of epsilon is spent on; raise ModelMissing."""
    try:
        import opendp.prelude as dp  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        raise ModelMissing("the package opendp", "pip install 'personac[statistics]'") from None
    dp.enable_features("contrib")
    domain, metric = dp.vector_domain(dp.atom_domain(T=int)), dp.l1_distance(T=int)
    mechanism = dp.m.make_laplace(domain, metric, scale=scale_of(epsilon))
    spent: float = mechanism.map(MONTH_MOST)  # type: ignore[no-untyped-call, unused-ignore]
    if spent > epsilon / len(KINDS) * (1 + 1e-9):
        raise ArithmeticError("the noise is too small for its budget")
    return [int(n) for n in mechanism(list(counts))]


def release(tallies: Tallies, month: str, epsilon: float) -> dict[str, Any]:
    """Return the statistics of a month; raise BudgetSpent, or NotServedYet, which costs nothing.

    A month that is over is released once for an epsilon, and the same is told again to whoever asks for no more. The
    month that runs is released anew on each day that it is asked for.
    """
    book = tallies.book
    now = book.clock()
    days = days_of(month, now, book.since)
    if not days:
        raise NotServedYet(f"it was first served after {month}, so nothing is told and nothing spent")
    with book.change() as database:
        rows = database.execute("SELECT epsilon, told FROM releases WHERE month = ? ORDER BY id", (month,)).fetchall()
    spent = sum(row[0] for row in rows)
    kept = [json.loads(told) for own, told in rows if own >= epsilon]
    told: dict[str, Any] | None = next((one for one in kept if one["until"] == days[-1]), None)
    if told is None:
        if spent + epsilon > BUDGET * (1 + 1e-9):
            left = max(0.0, BUDGET - spent)
            raise BudgetSpent(
                f"{month} has {left:g} of its epsilon of {BUDGET:g} left; ask for less, or for what was released before"
            )
        told = _made(tallies, month, epsilon, days[-1])
        with book.change() as database:  # two who ask at once must not both spend the same
            (again,) = database.execute("SELECT count(*) FROM releases WHERE month = ?", (month,)).fetchone()
            if again != len(rows):
                raise BudgetSpent(f"{month} was released by somebody else just now; ask again")
            given = (month, now, epsilon, json.dumps(told, ensure_ascii=False))
            database.execute("INSERT INTO releases(month, at, epsilon, told) VALUES (?, ?, ?, ?)", given)
        spent += epsilon
    return {**_certain({"rows": _rows(tallies, month), **told}), "spent": round(spent, 6), "budget": BUDGET}


def _made(tallies: Tallies, month: str, epsilon: float, until: str) -> dict[str, Any]:
    tables: dict[str, dict[str, int]] = {}
    for kind, counts in tallies.counts(month).items():
        values = noisy(list(counts.values()), epsilon) if counts else []
        tables[kind] = dict(zip(counts, values, strict=True))
    told = {
        "month": month,
        "until": until,
        "epsilon": epsilon,
        "unit": "one user in one month",
        "most_per_user": MONTH_MOST,
        "rows": _rows(tallies, month),
        **tables,
    }
    return _certain(told)


def _rows(tallies: Tallies, month: str) -> int:
    return sum(map(len, tallies.counts(month).values()))


def _certain(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return a release without what may be noise alone, also one that an earlier version kept more of."""
    within = margin(scale_of(told["epsilon"]), told["rows"])
    tables = {kind: {key: n for key, n in told[kind].items() if n > within} for kind in KINDS}
    return {**told, "within": within, **tables}
