"""Fairlearn's measures by group; fairlearn (with pandas and scipy) is imported when they are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...errors import ModelMissing
from .outcomes import Outcome
from .probes import Probe

COMMAND = "pip install 'personac[fairness]'"


def require() -> None:
    """Raise ModelMissing when fairlearn is not installed."""
    import importlib.util

    if importlib.util.find_spec("fairlearn") is None:
        raise ModelMissing("fairlearn", COMMAND)


def by_group(probes: Sequence[Probe], found: Mapping[tuple[str, ...], Outcome]) -> dict[str, Any]:
    """Return what fairlearn's MetricFrame says of probes of one attribute and language.

    `groups` has for each group the shares served (answered and not refused) and understood (the intent that is known
    of the carrier, else that of the reference), and the mean length of answers in characters. Over the groups:
    demographic parity (difference and ratio) and equalized odds of being served, and the difference of understanding.
    """
    require()
    import numpy as np
    from fairlearn.metrics import (
        MetricFrame,
        demographic_parity_difference,
        demographic_parity_ratio,
        equalized_odds_difference,
    )

    group, expected, served, right, length = [], [], [], [], []
    for probe in probes:
        reference = found[probe.reference]
        for name, lines in probe.variants.items():
            outcome = found[lines]
            group.append(name)
            expected.append(int(_is_served(reference)))
            served.append(int(_is_served(outcome)))
            right.append(int(outcome.intent[0] == (probe.carrier.intent or reference.intent[0])))
            length.append(outcome.length)
    measures = {"served": served, "understood": right, "characters": length}
    frames = {
        name: MetricFrame(metrics=_mean, y_true=values, y_pred=values, sensitive_features=group)
        for name, values in measures.items()
    }
    groups = dict.fromkeys(group)
    odds = equalized_odds_difference if len(set(expected)) == 2 else None
    return {
        "groups": {
            name: {measure: float(frame.by_group[name]) for measure, frame in frames.items()} for name in groups
        },
        "demographic_parity_difference": float(
            demographic_parity_difference(expected, served, sensitive_features=group)
        ),
        "demographic_parity_ratio": float(demographic_parity_ratio(expected, served, sensitive_features=group)),
        "equalized_odds_difference": (
            float(odds(expected, served, sensitive_features=group)) if odds else float(np.nan)
        ),
        "understood_difference": float(frames["understood"].difference()),
        "characters_ratio": float(frames["characters"].ratio()),
    }


def _mean(truth: Any, found: Any) -> float:
    return float(sum(found) / len(found))


def _is_served(outcome: Outcome) -> bool:
    return outcome.answered and not outcome.refused
