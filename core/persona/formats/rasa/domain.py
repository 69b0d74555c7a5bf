"""Read the domain of a Rasa project, from one file or many: what it knows by name.

Source of the format: Rasa 3, "Domain" and "Forms"; the older way of forms (Rasa 2: slots with their mappings right
under the form) is read too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .project import Project
from .shapes import a_dict, a_list, a_text, named

FALLBACK_INTENTS = ("nlu_fallback", "out_of_scope_fallback")


@dataclass(slots=True)
class Slot:
    """Hold a slot: its type, its values when it has some, and what fills it."""

    name: str
    type: str = "text"
    values: list[str] = field(default_factory=list)
    mappings: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Domain:
    """Hold a domain; a form is the list of the slots that it asks for."""

    intents: list[str] = field(default_factory=list)
    slots: dict[str, Slot] = field(default_factory=dict)
    responses: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    forms: dict[str, list[str]] = field(default_factory=dict)
    actions: list[str] = field(default_factory=list)
    plain_entities: list[str] = field(default_factory=list)
    parted_entities: list[str] = field(default_factory=list)


def read_domain(project: Project) -> Domain:
    """Read the domain."""
    domain = Domain()
    for _, section in project.sections("intents"):
        domain.intents += [name for item in a_list(section) if (name := named(item)[0]) and name not in domain.intents]
    for _, section in project.sections("entities"):
        for item in a_list(section):
            name, settings = named(item)
            parted = bool(settings.get("roles") or settings.get("groups"))
            if name:
                (domain.parted_entities if parted else domain.plain_entities).append(name)
    for _, section in project.sections("actions"):
        domain.actions += [name for item in a_list(section) if (name := named(item)[0])]
    for _, section in project.sections("slots"):
        for name, told in a_dict(section).items():
            domain.slots[name] = _slot(name, a_dict(told))
    for _, section in project.sections("responses"):
        for name, variants in a_dict(section).items():
            found = [item if isinstance(item, dict) else {"text": a_text(item)} for item in a_list(variants)]
            domain.responses.setdefault(name, []).extend(found)
    for _, section in project.sections("forms"):
        for item in section if isinstance(section, list) else [section]:
            forms = item if isinstance(item, dict) else {a_text(item): {}} if a_text(item) else {}
            for name, told in forms.items():
                domain.forms[name] = _form(a_dict(told), domain)
    return domain


def _slot(name: str, told: dict[str, Any]) -> Slot:
    values = [text for value in a_list(told.get("values")) if (text := a_text(value))]
    mappings = [mapping for mapping in a_list(told.get("mappings")) if isinstance(mapping, dict)]
    return Slot(name, a_text(told.get("type")) or "text", values, mappings)


def _form(told: dict[str, Any], domain: Domain) -> list[str]:
    """Return the slots of a form; mappings that stand in the form are added to the slots."""
    required = told.get("required_slots", {k: v for k, v in told.items() if k != "ignored_intents"})
    if not isinstance(required, dict):
        return [name for item in a_list(required) if (name := a_text(item))]
    for name, mappings in required.items():
        slot = domain.slots.setdefault(name, Slot(name))
        slot.mappings += [mapping for mapping in a_list(mappings) if isinstance(mapping, dict)]
    return list(required)
