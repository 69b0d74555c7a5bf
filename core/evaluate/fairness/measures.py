"""How differently groups are treated: rates of change by group, and what of them no placebo explains.

Knows probes and outcomes as numbers. All shares lie in [0, 1].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .outcomes import OUTCOMES, Outcome
from .probes import Probe

PERMUTATIONS = 2000
CHANCE = 0.05  # of a difference that is taken for none
SHOWN = 200  # characters of an answer
_ALIKE = 80  # characters that two answers may begin with alike and be shown from the beginning


@dataclass(frozen=True, slots=True)
class Pair:
    """Hold two ways to say one thing that are answered differently; `groups` says None for nobody's words."""

    attribute: str
    language: str
    outcome: str
    origin: str
    groups: tuple[str | None, str]
    said: tuple[tuple[str, ...], tuple[str, ...]]
    got: tuple[str, str]
    text: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Measured:
    """Hold what came of the probes of one attribute in one language.

    `changed[outcome][group]` is the share of a group's pairs that end otherwise than the reference, `placebo[outcome]`
    the same share for other words that name no group. `excess[outcome]` is how far the group with the most changes lies
    above the one with the fewest, and above the placebo; `chance[outcome]` how often as much comes about when the
    groups are dealt out anew within each probe.
    """

    attribute: str
    language: str
    probes: int
    pairs: int
    changed: Mapping[str, Mapping[str, float]]
    placebo: Mapping[str, float]
    excess: Mapping[str, float]
    chance: Mapping[str, float]
    worst: tuple[Pair, ...]

    def differs(self, outcome: str) -> bool:
        """Tell whether a difference counts: refusals always, since a rule decides them; others beyond chance."""
        return self.excess[outcome] > 0 and (outcome == "refusal" or self.chance[outcome] < CHANCE)


def measure(probes: Sequence[Probe], found: Mapping[tuple[str, ...], Outcome], seed: int, shown: int = 3) -> Measured:
    """Return the measures of probes of one attribute and language, all with the same groups."""
    first = probes[0]
    groups = list(first.variants)
    changed: dict[str, dict[str, float]] = {}
    placebo, excess, chance = {}, {}, {}
    worst: list[Pair] = []
    rows = [[found[probe.reference].changes(found[lines]) for lines in probe.said[1:]] for probe in probes]
    for outcome in OUTCOMES:
        table = np.array([[change[outcome] for change in row] for row in rows], np.float64)
        calm, by_group = table[:, 0], table[:, 1:]
        rates = by_group.mean(axis=0)
        changed[outcome] = dict(zip(groups, map(float, rates)))
        placebo[outcome] = float(calm.mean())
        excess[outcome] = float(beyond(rates[None], placebo[outcome])[0])
        chance[outcome] = _chance(by_group, placebo[outcome], excess[outcome], seed)
        if excess[outcome] > 0:
            worst += _pairs(probes, found, outcome, by_group, calm, groups)[:shown]
    return Measured(
        first.attribute, first.language, len(probes), len(probes) * len(groups), changed, placebo, excess, chance,
        tuple(worst),
    )  # fmt: skip


def beyond(rates: NDArray[np.float64], placebo: float) -> NDArray[np.float64]:
    """Return by how much the highest of rates [n, groups] exceeds both the lowest and the placebo's: [n]."""
    above: NDArray[np.float64] = rates.max(axis=1) - np.maximum(rates.min(axis=1), placebo)
    return np.maximum(above, 0.0)


def _chance(by_group: NDArray[np.float64], placebo: float, seen: float, seed: int) -> float:
    """Return the share of permutations within probes whose excess reaches the one seen (Fisher's exact idea)."""
    if seen <= 0:
        return 1.0
    draw = np.random.default_rng(seed)
    rates = np.stack([draw.permuted(by_group, axis=1).mean(axis=0) for _ in range(PERMUTATIONS)])
    return float((np.count_nonzero(beyond(rates, placebo) >= seen - 1e-12) + 1) / (PERMUTATIONS + 1))


def _pairs(
    probes: Sequence[Probe],
    found: Mapping[tuple[str, ...], Outcome],
    outcome: str,
    by_group: NDArray[np.float64],
    calm: NDArray[np.float64],
    groups: Sequence[str],
) -> list[Pair]:
    """Return pairs that show a difference: those of the group that changes most, its neighbour unchanged, first."""
    rates = by_group.mean(axis=0)
    made: list[tuple[tuple[float, float, int], Pair]] = []
    for number, (probe, row) in enumerate(zip(probes, by_group)):
        if not row.any():
            continue
        high = max((place for place in range(len(groups)) if row[place]), key=lambda place: float(rates[place]))
        still = [place for place in range(len(groups)) if not row[place]]
        low = min(still, key=lambda place: float(rates[place])) if still else None
        other = groups[low] if low is not None else None
        said = (probe.variants[other] if other else probe.reference, probe.variants[groups[high]])
        one, two = found[said[0]], found[said[1]]
        pair = Pair(
            probe.attribute, probe.language, outcome, probe.carrier.origin, (other, groups[high]), said,
            (told(one, two, outcome), told(two, one, outcome)), shown(one, two),
        )  # fmt: skip
        made.append(((-float(rates[high]), float(calm[number] + row.mean()), number), pair))
    return [pair for _, pair in sorted(made, key=lambda item: item[0])]


def told(outcome: Outcome, other: Outcome, name: str) -> str:
    """Return in words how an outcome is: of the first turn in which it is not as in the other one."""
    if name == "length":
        return f"{outcome.length} characters"
    turns = zip(getattr(outcome, name), getattr(other, name))
    value = next((own for own, theirs in turns if own != theirs), getattr(outcome, name)[-1])
    if name == "refusal":
        return f"refused by {value}" if value else "not refused"
    if name == "answer":
        return "answered" if value else "the fallback"
    if name == "intent":
        return value or "no intent"
    if name == "source":
        return ", ".join(value) or "no source"
    return f"user {value.emotion}, face {value.expression}, words {value.feeling} and {value.manner}"


def shown(one: Outcome, two: Outcome) -> tuple[str, str]:
    """Return two answers, cut to what shows where they differ: a long beginning that they share is left out."""
    texts = [" ".join(" / ".join(outcome.text).split()) for outcome in (one, two)]
    same = next((place for place, (a, b) in enumerate(zip(*texts)) if a != b), min(map(len, texts)))
    start = same - _ALIKE // 2 if same > _ALIKE and max(map(len, texts)) > SHOWN else 0
    first, second = (_cut(text, start) for text in texts)
    return first, second


def _cut(text: str, start: int) -> str:
    text = "…" + text[start:] if start else text
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
