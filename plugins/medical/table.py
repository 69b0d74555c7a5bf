"""The persona's own table of symptoms and conditions, read from its records; knows no words of users and no dialogue.

A record with `ask` is a symptom; one with `symptoms` is a condition, with how often a person with it has each symptom.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from ...core.errors import SettingsInvalid
from ...core.evidence import NO, YES, Evidence

Urgency = Literal["emergency", "today", "soon", "routine"]
URGENCIES: tuple[Urgency, ...] = get_args(Urgency)  # the most urgent first
BACKGROUND = 0.02  # how often a person has a symptom that has nothing to do with the condition


@dataclass(frozen=True, slots=True)
class Symptom:
    """Hold something that people feel: how it is named and asked for by language; `red_flag` sends to urgent care."""

    id: str
    names: Mapping[str, str]
    aliases: tuple[str, ...]
    ask: Mapping[str, str]
    red_flag: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """Hold what may be behind symptoms; `symptoms` has the chance of each, `common` the weight beside the others."""

    id: str
    names: Mapping[str, str]
    symptoms: Mapping[str, float]
    common: float
    urgency: Urgency


@dataclass(frozen=True, slots=True)
class Table:
    """Hold symptoms and conditions by id, and what the former say about the latter."""

    symptoms: Mapping[str, Symptom]
    conditions: Mapping[str, Condition]
    evidence: Evidence

    @classmethod
    def read(cls, records: Mapping[str, Mapping[str, Any]]) -> Table:
        """Read a persona's records; raise SettingsInvalid naming the record that does not fit."""
        symptoms = {id: _symptom(id, record) for id, record in records.items() if "ask" in record}
        conditions = {id: _condition(id, record, symptoms) for id, record in records.items() if "symptoms" in record}
        if not conditions:
            raise SettingsInvalid(
                "the plugin medical finds no conditions: a knowledge file needs records with `symptoms: {fever: 0.8}`, "
                "and others, such as `fever`, with the question to `ask`"
            )
        return cls(symptoms, conditions, _evidence(symptoms, conditions))

    def urgency(self, condition: str) -> Urgency:
        """Return how soon a person with a condition should be seen."""
        return self.conditions[condition].urgency


def _symptom(id: str, record: Mapping[str, Any]) -> Symptom:
    aliases = record.get("aliases") or ()
    if not isinstance(aliases, list | tuple):
        raise SettingsInvalid(f"`aliases` of the symptom {id} should be a list of texts")
    return Symptom(
        id,
        _by_language(id, "name", record.get("name", id.replace("_", " "))),
        tuple(str(alias) for alias in aliases),
        _by_language(id, "ask", record["ask"]),
        record.get("red_flag") is True,
    )


def _condition(id: str, record: Mapping[str, Any], symptoms: Mapping[str, Symptom]) -> Condition:
    chances = record["symptoms"]
    if not isinstance(chances, Mapping) or not chances:
        raise SettingsInvalid(f"`symptoms` of {id} should say how often each occurs, as {{fever: 0.8, cough: 0.6}}")
    for name, chance in chances.items():
        if name not in symptoms:
            raise SettingsInvalid(
                f"{id} has the symptom {name}, of which there is no record with the question to `ask`"
            )
        if isinstance(chance, bool) or not isinstance(chance, int | float) or not 0 < chance < 1:
            raise SettingsInvalid(f"the chance of {name} in {id} should lie between 0 and 1, not {chance!r}")
    common, urgency = record.get("common", 1), record.get("urgency", "routine")
    if isinstance(common, bool) or not isinstance(common, int | float) or not common > 0:
        raise SettingsInvalid(f"`common` of {id} should be a number above 0, not {common!r}")
    if urgency not in URGENCIES:
        raise SettingsInvalid(f"`urgency` of {id} should be one of {', '.join(URGENCIES)}, not {urgency!r}")
    names = _by_language(id, "name", record.get("name", id.replace("_", " ")))
    return Condition(id, names, {name: float(chance) for name, chance in chances.items()}, float(common), urgency)


def _by_language(id: str, key: str, value: Any) -> Mapping[str, str]:
    said = value if isinstance(value, Mapping) else {"": value}
    if not said or not all(isinstance(text, str) and text.strip() for text in said.values()):
        raise SettingsInvalid(f"`{key}` of {id} should be a text, or a text for each language")
    return {str(language): text.strip() for language, text in said.items()}


def _evidence(symptoms: Mapping[str, Symptom], conditions: Mapping[str, Condition]) -> Evidence:
    """Return the table as evidence: log chances of yes and of no, given each condition (naive Bayes)."""
    chance = np.array([[c.symptoms.get(name, BACKGROUND) for c in conditions.values()] for name in symptoms])
    rates = np.zeros((len(symptoms), 2, len(conditions)))
    rates[:, YES], rates[:, NO] = chance, 1 - chance
    common = np.array([condition.common for condition in conditions.values()])
    return Evidence(tuple(conditions), tuple(symptoms), np.log(rates), np.log(common / common.sum()), rates)
