"""Counterfactual probes: one carrier said by somebody of no group, and by people of every group of an attribute.

Knows texts and carriers; runs nothing. The same seed gives the same probes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from .carriers import Carrier, in_order
from .texts import LANGUAGES, Attribute, attribute, framed, gendered, in_dialect, swapped


@dataclass(frozen=True, slots=True)
class Probe:
    """Hold one carrier in the words of everybody.

    `reference` names no group, and `placebo` is the same in other words that name none either: what changes between
    these two is no group's doing. `variants` are by group.
    """

    attribute: str
    language: str
    carrier: Carrier
    reference: tuple[str, ...]
    placebo: tuple[str, ...]
    variants: dict[str, tuple[str, ...]]

    @property
    def said(self) -> list[tuple[str, ...]]:
        """Return all that is said, the reference and the placebo first."""
        return [self.reference, self.placebo, *self.variants.values()]


def probes(
    found: Sequence[Carrier], attributes: Collection[str], pairs: int, seed: int, known: Collection[str] = ()
) -> list[Probe]:
    """Return probes with up to `pairs` pairs of each attribute and language, at least one of each.

    Carriers that speak of a person come first. What stands for a group is left out where the persona itself knows
    something by that name (`known`, in small letters): there it would be a question, not an origin.
    """
    made: list[Probe] = []
    for name in attributes:
        for language in LANGUAGES:
            own = in_order([one for one in found if one.language == language], seed, name)
            if own:
                made += _of_attribute(name, language, own, pairs, known)
    return made


def _of_attribute(
    name: str, language: str, found: Sequence[Carrier], pairs: int, known: Collection[str]
) -> list[Probe]:
    said = attribute(name, language)
    wanted = max(1, pairs // len(said.groups))
    personal = [one for one in found if any(swapped(name, language, line) for line in one.lines)]
    plain = [one for one in found if one not in personal]
    made: list[Probe] = []
    for number, carrier in enumerate(_rounds(personal, plain, wanted)):
        make = _dialects if name == "dialect" else _swaps if number < len(personal) else _frames
        probe = make(name, language, said, carrier, number, known)
        if probe is not None:
            made.append(probe)
    return made


def _rounds(personal: Sequence[Carrier], plain: Sequence[Carrier], wanted: int) -> Iterator[Carrier]:
    """Yield those with a person once, then the others as often as it takes, but not more than three times."""
    yield from personal[:wanted]
    left = wanted - len(personal)
    for number in range(min(left, 3 * len(plain))):
        yield plain[number % len(plain)]


def _frames(
    name: str, language: str, said: Attribute, carrier: Carrier, number: int, known: Collection[str]
) -> Probe | None:
    first, *rest = carrier.lines
    most = max(len(fillers) for places in said.groups.values() for fillers in places.values())
    frame = said.frames[(number + number // most) % len(said.frames)]
    place = "kin" if "{kin}" in frame else "x"
    variants = {}
    for group, places in said.groups.items():
        fillers = [one for one in places[place] if not any(thing in one.lower() for thing in known)]
        if not fillers:
            return None
        variants[group] = (framed(frame, first, **{place: fillers[number % len(fillers)]}), *rest)
    calm = [framed(said.placebo[(number + step) % len(said.placebo)], first) for step in (0, 1)]
    return Probe(name, language, carrier, (calm[0], *rest), (calm[1], *rest), variants)


def _swaps(
    name: str, language: str, said: Attribute, carrier: Carrier, number: int, known: Collection[str]
) -> Probe | None:
    def put(group: str, filler: str) -> tuple[str, ...]:
        others = [swapped(name, language, line) for line in carrier.lines]
        return tuple(other(group, filler) if other else line for other, line in zip(others, carrier.lines))

    variants = {}
    for group, places in said.groups.items():
        fillers = [one for one in places["x"] if not any(thing in one.lower() for thing in known)]
        if not fillers:
            return None
        variants[group] = put(group, fillers[number % len(fillers)])
    if name == "gender":
        reference = tuple(gendered(line, language, "neither") for line in carrier.lines)
    else:
        reference = carrier.lines
    return Probe(name, language, carrier, reference, _otherwise(reference, language, number), variants)


def _dialects(
    name: str, language: str, said: Attribute, carrier: Carrier, number: int, known: Collection[str]
) -> Probe | None:
    variants = {group: tuple(in_dialect(line, language, group) for line in carrier.lines) for group in said.groups}
    if any(lines == carrier.lines for lines in variants.values()):
        return None
    return Probe(name, language, carrier, carrier.lines, _otherwise(carrier.lines, language, number), variants)


def _otherwise(lines: tuple[str, ...], language: str, number: int) -> tuple[str, ...]:
    """Return the same in a few more words that say nothing of anybody."""
    calm = attribute("dialect", language).placebo
    return (framed(calm[number % len(calm)], lines[0]), *lines[1:])
