"""What plugins bring to what a persona is made of: ethics rules and knowledge.

Knows plugins by the facts that are told of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from ..turn import Passage
from .plugin_facts import Facts
from .plugin_use import PluginUse
from .schema import Persona, Rule


@dataclass(frozen=True, slots=True)
class Contributions:
    """Hold what the plugins of a persona bring, in their order."""

    rules: tuple[Rule, ...] = ()
    passages: tuple[Passage, ...] = ()

    @property
    def digest(self) -> str:
        """Return a name of the content, empty where there is none."""
        if not (self.rules or self.passages):
            return ""
        told = [rule.model_dump_json() for rule in self.rules] + [repr(passage) for passage in self.passages]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]

    def given_to(self, persona: Persona) -> Persona:
        """Return the persona with the rules behind its own."""
        if not self.rules:
            return persona
        ethics = persona.ethics.model_copy(update={"rules": (*persona.ethics.rules, *self.rules)})
        return persona.model_copy(update={"ethics": ethics})


def contributions(uses: Iterable[PluginUse], facts: Facts | None) -> Contributions:
    """Return what plugins bring; nothing of those that are not there or do not fit, which is told elsewhere."""
    rules: list[Rule] = []
    passages: list[Passage] = []
    if facts is None:
        return Contributions()
    for use in uses:
        known = facts(use)
        rules += known.rules
        passages += [
            Passage(f"plugin:{use.name}#{fact.key}", use.name, fact.title, fact.text.strip(), fact.language)
            for fact in known.knowledge
        ]
    return Contributions(tuple(rules), tuple(passages))
