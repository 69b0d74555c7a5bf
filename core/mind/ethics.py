"""Ethics rules at run time: which rules fire on a text, in which order they act, and what they do.

Order and precedence are told in docs/ethics.md. Topics are compared with the vectors that the turn already has; no rule
calls a model of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..message import FiredRule
from ..persona.schema import Condition, Rule
from ..turn import Judged, Reason, Verdict
from .phrases import choose
from .rules.conditions import MASK, PATTERN_SECONDS, Conditions, conditions
from .rules.facts import Facts
from .rules.topics import Topic, read_topics
from .rules.wording import Wording

ENDING = ("escalate", "hand_off", "end", "refuse")
"""The actions that end a turn, the weightiest first: who is in need is helped before anything is refused."""
Side = Literal["input", "output", "tool"]


@dataclass(frozen=True, slots=True)
class _Held:
    """Hold a rule whose condition held, with its place in the order of the rules."""

    place: int
    rule: Rule


class Ethics:
    """Judge texts by a persona's rules."""

    def __init__(
        self,
        rules: Sequence[Rule],
        topics: Mapping[str, Topic],
        default_language: str,
        wording: Wording | None = None,
    ) -> None:
        """Take the rules in their order; `wording` fills the placeholders of what they say."""
        self._rules = rules
        self._default = default_language
        self._wording = wording or Wording()
        self._conditions = Conditions(rules, topics)
        self._late = {
            rule.id: _mentions(rule, lambda c: c.intent is not None or c.emotion is not None) for rule in rules
        }
        self._by_id = {rule.id: rule for rule in rules}
        ages = [part.age for rule in rules for _, part in conditions(rule.when, rule.id) if part.age is not None]
        self._ages = {bound for age in ages for bound in (age.below, age.at_least) if bound is not None}
        self._reading = {
            side for rule in rules for side in rule.on if _mentions(rule, lambda condition: condition.topic is not None)
        }
        self._risking = {
            side for rule in rules for side in rule.on if _mentions(rule, lambda condition: condition.risk is not None)
        }

    def age_group(self, age: int) -> int:
        """Return the lowest age that no rule tells from an age; 0 below all bounds."""
        return max((bound for bound in self._ages if bound <= age), default=0)

    def reads(self, side: Side) -> bool:
        """Tell whether a rule of a side compares vectors."""
        return side in self._reading

    def reads_risks(self, side: Side) -> bool:
        """Tell whether a rule of a side looks at risks."""
        return side in self._risking

    def has(self, rule: str) -> bool:
        """Tell whether a rule is among them, by its id."""
        return rule in self._by_id

    def judge(self, side: Side, facts: Facts) -> Verdict:
        """Apply the rules of one side.

        On input, rules that look at intent or emotion are judged once the message was understood, the others before.
        """
        understood = facts.intent is not None or facts.emotion is not None
        held: list[_Held] = []
        whys: list[tuple[Rule, Reason]] = []
        for place, rule in enumerate(self._rules):
            if side not in rule.on or (side == "input" and self._late[rule.id] != understood):
                continue
            why = self._conditions.why(rule.when, rule.id, facts)
            whys.append((rule, why))
            if why.held:
                held.append(_Held(place, rule))
        return self._act(side, facts, held, whys)

    def may_outweigh(self, verdict: Verdict) -> bool:
        """Tell whether a rule that waits for the message to be understood could end the turn in another way."""
        if verdict.ended_by is None:
            return True
        weightier = ENDING[: _weight(verdict)]
        return any(self._late[rule.id] and "input" in rule.on and rule.do in weightier for rule in self._rules)

    def joined(self, early: Verdict, late: Verdict) -> Verdict:
        """Return one verdict of the two on a message, before and after it was understood."""
        judged = (*early.judged, *late.judged)
        if early.ended_by is None and late.ended_by is None:
            rules, notes, after = (*early.rules, *late.rules), (*early.notes, *late.notes), (*early.after, *late.after)
            return Verdict(late.text, rules, (), None, notes, after, None, judged)
        won, lost = (late, early) if _weight(late) < _weight(early) else (early, late)
        winner = won.ended_by
        warned = lost is early and winner is not None and winner.did == "refuse"
        kept = tuple(rule for rule in lost.rules if rule.did == "redact" or (warned and rule.did == "warn"))
        rules = (*kept, *won.rules) if lost is early else (*won.rules, *kept)
        notes = (*early.notes, *late.notes) if warned else won.notes
        acting = {rule.id for rule in rules}
        judged = tuple(_given_way(one, winner) if one.did and one.rule not in acting else one for one in judged)
        return Verdict(late.text, rules, (), won.say, notes, (), winner, judged)

    def closing(self, rule_id: str, language: str) -> Verdict | None:
        """Return what is said in a conversation that a rule closed; None when there is no such rule any more."""
        rule = self._by_id.get(rule_id)
        if rule is None or rule.do != "end":
            return None
        fired = FiredRule(rule.id, rule.do)
        return Verdict("", (fired,), say=self._words(rule, language), ended_by=fired)

    def _act(self, side: Side, facts: Facts, held: Sequence[_Held], whys: Sequence[tuple[Rule, Reason]]) -> Verdict:
        ending = [one for one in held if one.rule.do in ENDING]
        winner = min(ending, key=lambda one: (ENDING.index(one.rule.do), one.place), default=None)
        acting = [one for one in held if winner is None or one is winner or _beside(one, winner)]
        text = facts.text
        for action in ("redact", "rewrite"):
            for one in acting:
                if one.rule.do == action:
                    text = self._changed(one.rule, text, facts.language)
        notes = [self._words(one.rule, facts.language) for one in acting if one.rule.do in ("warn", "redact")]
        after = [self._words(one.rule, facts.language) for one in acting if one.rule.do == "disclaim"]
        fired = {one.rule.id: FiredRule(one.rule.id, one.rule.do) for one in acting}
        ended_by = fired[winner.rule.id] if winner else None
        if winner is not None and winner.rule.do != "refuse":
            notes = []
        judged = tuple(
            Judged(rule.id, side, rule.do if rule.id in fired else "", why, _outweighed(rule, why, ended_by, fired))
            for rule, why in whys
        )
        say = self._words(winner.rule, facts.language) if winner else None
        return Verdict(
            text, tuple(fired.values()), (), say, _spoken(notes), () if winner else _spoken(after), ended_by, judged
        )

    def _changed(self, rule: Rule, text: str, language: str) -> str:
        if rule.do == "redact":
            return self._conditions.masked(rule.when, rule.id, text)
        if rule.instead is not None:
            instead = choose(rule.instead, language, self._default) or MASK
            text = self._conditions.replaced(rule.when, rule.id, text, instead)
        words = choose(rule.say or {}, language, self._default)
        return self._wording.fill(words, language).replace("{text}", text) if words else text

    def _words(self, rule: Rule, language: str) -> str:
        """Return what a rule says; an ending one has words of ours where its author gave none."""
        words = choose(rule.say or {}, language, self._default)
        if words is None and rule.do in ENDING:
            return self._wording.own(rule, language)
        return self._wording.fill(words, language) if words else ""


def _beside(one: _Held, winner: _Held) -> bool:
    """Tell whether a rule acts although another one ends the turn: masks always, warnings above a refusal."""
    if one.rule.do == "redact":
        return True
    return one.rule.do == "warn" and winner.rule.do == "refuse" and one.place < winner.place


def _outweighed(rule: Rule, why: Reason, ended_by: FiredRule | None, fired: Mapping[str, FiredRule]) -> str:
    return ended_by.id if why.held and ended_by is not None and rule.id not in fired else ""


def _given_way(judged: Judged, winner: FiredRule | None) -> Judged:
    return Judged(judged.rule, judged.side, "", judged.why, winner.id if winner else "")


def _weight(verdict: Verdict) -> int:
    return ENDING.index(verdict.ended_by.did) if verdict.ended_by is not None else len(ENDING)


def _spoken(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, words)))


def _mentions(rule: Rule, wanted: Callable[[Condition], bool]) -> bool:
    return any(wanted(condition) for _, condition in conditions(rule.when, rule.id))


__all__ = ["ENDING", "MASK", "PATTERN_SECONDS", "Ethics", "Facts", "Side", "Topic", "conditions", "read_topics"]
