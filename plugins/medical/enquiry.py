"""One enquiry: what was said, what to ask next, when to stop, and what it comes to.

Red flags are asked for before anything else; then what tells most. Knows no words; `talk.py` says it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...core.evidence import YES
from .table import URGENCIES, Table, Urgency

QUESTIONS = 10  # at most
FIRST = 3  # of them, the first, may be for what would be an emergency
FLAG = 0.04  # a red flag with this chance of a yes is asked for first
RARE = 0.004  # an emergency with less than this is not asked for
SETTLED = 0.85  # one condition with this much is enough
TELLING = 0.03  # nats that a question must promise
CEILING = 0.9  # no condition is ever given more: there is no certainty without an examination
GRAVE = 0.08  # an emergency with this chance decides how soon a person should be seen
LIKELY = 0.08  # conditions below this are not named
NAMED = 3


@dataclass(frozen=True, slots=True)
class Enquiry:
    """Hold what an enquiry has gathered: answers by symptom, and what was asked, whatever came of it."""

    answers: Mapping[str, bool] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    asking: str | None = None

    def heard(self, answers: Mapping[str, bool]) -> Enquiry:
        """Return it with further answers; what is said later counts."""
        return Enquiry({**self.answers, **answers}, self.asked, self.asking)

    def ask(self, symptom: str) -> Enquiry:
        """Return it with a question open."""
        return Enquiry(self.answers, (*self.asked, symptom), symptom)

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON-ready values."""
        return {"answers": dict(self.answers), "asked": list(self.asked), "asking": self.asking}

    @classmethod
    def of(cls, data: object, known: Iterable[str]) -> Enquiry:
        """Return what `as_dict` said, as far as it is about symptoms that there are; empty for anything else."""
        if not isinstance(data, Mapping):
            return cls()
        names = frozenset(known)
        answers, asked, asking = data.get("answers"), data.get("asked"), data.get("asking")
        said = answers.items() if isinstance(answers, Mapping) else ()
        questions = asked if isinstance(asked, list | tuple) else ()
        return cls(
            {name: there for name, there in said if name in names and isinstance(there, bool)},
            tuple(name for name in questions if isinstance(name, str) and name in names),
            asking if isinstance(asking, str) and asking in names else None,
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """Hold what an enquiry comes to: likely conditions with their chances, red flags, how soon to be seen."""

    conditions: tuple[tuple[str, float], ...]
    flags: tuple[str, ...]
    urgency: Urgency
    grave: str | None = None  # the emergency that decides it, when it is not among the likely


def flags(table: Table, enquiry: Enquiry) -> tuple[str, ...]:
    """Return the red flags that were said to be there."""
    return tuple(name for name, there in enquiry.answers.items() if there and table.symptoms[name].red_flag)


def next_question(table: Table, enquiry: Enquiry) -> str | None:
    """Return the symptom to ask for, None when enough is known or nothing more would tell."""
    if flags(table, enquiry) or len(enquiry.asked) >= QUESTIONS:
        return None
    evidence = table.evidence
    if len(enquiry.asked) < FIRST and (first := _grave_question(table, enquiry)) is not None:
        return first
    if float(evidence.probabilities(enquiry.answers).max()) >= SETTLED:
        return None
    best = evidence.next_question(enquiry.answers, enquiry.asked)
    return best[0] if best is not None and best[1] >= TELLING else None


def _grave_question(table: Table, enquiry: Enquiry) -> str | None:
    """Return the question for a red flag that may be there, or whose yes would make an emergency likely."""
    evidence = table.evidence
    now = evidence.probabilities(enquiry.answers)
    grave = [at for at, name in enumerate(evidence.labels) if table.urgency(name) == "emergency" and now[at] >= RARE]
    worth: dict[str, float] = {}
    for at, name in enumerate(evidence.findings):
        if name in enquiry.answers or name in enquiry.asked:
            continue
        chances = evidence.rates[at, YES]
        after = now * chances / float(now @ chances)
        raising = [float(now[one] * chances[one]) for one in grave if after[one] >= GRAVE > now[one]]
        if table.symptoms[name].red_flag and float(now @ chances) >= FLAG:
            raising.append(float(now @ chances))
        if raising:
            worth[name] = max(raising)
    return max(worth, key=lambda name: worth[name], default=None)


def finding(table: Table, enquiry: Enquiry) -> Finding:
    """Return what the answers come to; never a certainty."""
    ranking = table.evidence.ranking(enquiry.answers)
    likely = tuple((name, min(chance, CEILING)) for name, chance in ranking[:NAMED] if chance >= LIKELY)
    raised = flags(table, enquiry)
    urgency: Urgency = table.urgency(ranking[0][0])
    grave = next((n for n, chance in ranking if chance >= GRAVE and table.urgency(n) == "emergency"), None)
    if raised or grave is not None:
        urgency = "emergency"
    urgency = min((urgency, *(table.urgency(name) for name, chance in likely if chance >= 0.2)), key=URGENCIES.index)
    named = {name for name, _ in likely}
    return Finding(likely, raised, urgency, grave if grave not in named else None)
