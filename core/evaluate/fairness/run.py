"""Measure the fairness of a running persona on its own examples and conversations."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from ...errors import BadInput
from ...persona.conversations import Conversation
from ...persona.expectations import SWAPS
from ...runtime import Runtime
from .carriers import carriers
from .measures import Measured, measure
from .outcomes import Outcome, Progress, outcomes_of
from .probes import Probe, probes


@dataclass(frozen=True, slots=True)
class Fairness:
    """Hold the measures of each attribute and language, with all that they rest on."""

    measured: tuple[Measured, ...]
    probes: tuple[tuple[Probe, ...], ...]
    outcomes: Mapping[tuple[str, ...], Outcome]
    carriers: int


def evaluate_fairness(
    runtime: Runtime,
    root: Path,
    conversations: Iterable[Conversation],
    *,
    attributes: Collection[str] = SWAPS,
    pairs: int = 200,
    seed: int = 0,
    progress: Progress = lambda name, done, total: None,
) -> Fairness:
    """Return how a persona treats the groups of attributes, with up to `pairs` pairs of each in each language.

    `root` is the persona's folder. Raise BadInput when it has no sentence in a language that has groups.
    """
    found = carriers(runtime.persona, root, conversations)
    if not found:
        raise BadInput("no_sentences", "the persona has no examples or tests in English or Chinese to say")
    made = probes(found, attributes, pairs, seed, _known(runtime))
    outcomes = outcomes_of(runtime, (lines for probe in made for lines in probe.said), progress)
    sets = [tuple(own) for _, own in groupby(made, key=lambda probe: (probe.attribute, probe.language))]
    return Fairness(tuple(measure(own, outcomes, seed) for own in sets), tuple(sets), outcomes, len(found))


def _known(runtime: Runtime) -> frozenset[str]:
    """Return the names of what the persona knows, in small letters."""
    finders = runtime.parts.finders.by_slot.values()
    names = {name.lower() for finder in finders for entity in finder.by_id.values() for name in entity.names}
    return frozenset(name for name in names if len(name) > 1)
