"""What one reply is counted as: signs of trouble, and the rules that fired. Knows replies and rules, never words.

A sign is a short name: `turns`, `refused`, `risk:jailbreak`, `rule:no-medical-advice`. Names come from the persona or
from this file, never from a user.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..message import Reply
from ..persona.schema import Rule

TURNS = "turns"
ACTIONS = {"refuse": "refused", "end": "refused", "escalate": "escalated", "hand_off": "handed_off"}
NEGATIVE = frozenset({"anger", "sadness", "fear", "disgust"})
ATTACKS = frozenset({"jailbreak", "injection", "prompt_leak"})
ATTACK = "attacks"
PLAIN = (
    TURNS, "refused", "escalated", "handed_off", ATTACK, "out_of_scope", "negative", "feedback_bad", "feedback_good",
)  # fmt: skip
"""The signs that are always there, in the order in which they are shown; `rule:` and `risk:` come beside them."""
WATCHED = ("refused", "escalated", "handed_off", ATTACK, "out_of_scope", "negative", "feedback_bad")
"""The signs whose surges are told."""


def signs(reply: Reply, risks: Mapping[str, frozenset[str]]) -> list[str]:
    """Return what a reply is counted as, each sign once; `risks` are the kinds of danger that a rule looks at."""
    found = {TURNS}
    found |= {ACTIONS[rule.did] for rule in reply.rules if rule.did in ACTIONS}
    if reply.hand_off:
        found.add(ACTIONS["hand_off"])
    fired = [rule.id for rule in reply.rules]
    found |= {f"rule:{rule}" for rule in fired}
    dangers = {danger for rule in fired for danger in risks.get(rule, ())}
    found |= {f"risk:{danger}" for danger in dangers}
    if dangers & ATTACKS:
        found.add(ATTACK)
    if reply.out_of_scope:
        found.add("out_of_scope")
    if reply.emotion in NEGATIVE:
        found.add("negative")
    return sorted(found)


def opinion(good: bool) -> str:
    """Return what a user's opinion is counted as."""
    return "feedback_good" if good else "feedback_bad"


def risks_of(rules: Iterable[Rule]) -> dict[str, frozenset[str]]:
    """Return the kinds of danger (`risk:`) that the condition of each rule names, by the rule's id."""
    return {rule.id: frozenset(_risks(rule.when.model_dump(by_alias=True))) for rule in rules}


def _risks(condition: Mapping[str, Any]) -> Iterator[str]:
    for key, value in condition.items():
        if key == "risk" and value:
            yield from [value] if isinstance(value, str) else value
        elif key in ("any", "all"):
            for part in value or ():
                yield from _risks(part)
