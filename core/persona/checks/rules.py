"""Check what rules do: whether they can fire and act, whether one says what another says, what an action needs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ...diagnostics import Span
from ..findings import Findings
from ..nodes import Node, get, items, key_span, text
from .conditions import Formula, always_holds, can_hold, formula, implies, named, same

_SIDES = ("input", "output", "tool")
_USUAL = ("input", "output")
_ENDING = ("escalate", "hand_off", "end", "refuse")  # the weightiest first
_SINGLE = ("intent", "emotion", "language", "channel")  # of which a message has one
_NEEDS_WORDS = {"warn": "before the answer", "disclaim": "after the answer"}


@dataclass(frozen=True, slots=True)
class _Rule:
    id: str
    when: Formula
    span: Span
    sides: tuple[str, ...]
    does: str
    node: Node
    place: int


def check_conduct(tree: Node, languages: Sequence[str], findings: Findings) -> None:
    """Report rules that never or always fire, that repeat another's condition, or that mask nothing."""
    nodes = items(get(tree, "ethics", "rules"))
    rules = [rule for place, node in enumerate(nodes) if (rule := _rule(node, place))]
    able = [rule for rule in rules if any(can_hold(rule.when, side, languages) for side in rule.sides)]
    for rule in rules:
        _words(rule, findings)
        if rule not in able:
            _never(rule, languages, findings)
            continue
        if all(always_holds(rule.when, side, languages) for side in rule.sides):
            advice = "narrow what it looks for"
            if not always_holds(rule.when, rule.sides[0]):
                advice = f"every message is in {_listed(languages, 'or')}; narrow it, or delete it"
            elif _patterned(rule):
                advice = "narrow it; a pattern with nothing between two | fits everything"
            findings.warning("P0325", f"`{rule.id}` fires on every message", rule.span, advice)
        if rule.does == "redact" and not (_patterned(rule) or named(rule.when, "pii")):
            message = f"`{rule.id}` masks nothing: its condition names no words that could be masked"
            findings.warning(
                "P0322", message, rule.span, "mask by `words:`, `pattern:` or `pii:`, or write `do: refuse`"
            )
        if rule.does == "rewrite" and get(rule.node, "instead") is not None and not _patterned(rule):
            message = f"`{rule.id}` replaces nothing: its condition names no words that could be replaced"
            findings.warning(
                "P0322", message, rule.span, "replace `words:` or a `pattern:`, or write `say:` with {text}"
            )
    for rule in able:
        _against_others(rule, able, languages, findings)


def _rule(node: Node, place: int) -> _Rule | None:
    when, id, span = formula(get(node, "when")), text(get(node, "id")), key_span(node, "when")
    given = [text(item) for item in items(get(node, "on"))] or list(_USUAL)
    sides = tuple(side for side in given if side in _SIDES)
    does = text(get(node, "do")) or "refuse"
    return _Rule(id, when, span, sides, does, node, place) if when and id and span and sides else None


def _words(rule: _Rule, findings: Findings) -> None:
    """Report words that an action needs and does not have, and settings that it does not use."""
    instead, say = get(rule.node, "instead"), get(rule.node, "say")
    unused = key_span(rule.node, "instead")
    if rule.does != "rewrite" and instead is not None and unused is not None:
        advice = "write `do: rewrite`, or delete it"
        findings.warning("P0334", f"`instead` is for `do: rewrite`, and `{rule.id}` does `{rule.does}`", unused, advice)
    elif rule.does == "rewrite" and instead is None and say is None:
        message = f"`{rule.id}` rewrites, and does not say how"
        advice = "add `instead:` with what stands in the place of what was found, or `say:` with {text}"
        findings.warning("P0335", message, rule.span, advice)
    elif rule.does in _NEEDS_WORDS and say is None:
        message = f"`{rule.id}` says something {_NEEDS_WORDS[rule.does]}, and has no words for it"
        findings.warning("P0335", message, rule.span, "add `say:` with the words")


def _patterned(rule: _Rule) -> bool:
    return bool(named(rule.when, "pattern") or named(rule.when, "words"))


def _never(rule: _Rule, languages: Sequence[str], findings: Findings) -> None:
    message = f"`{rule.id}` can never fire"
    if any(can_hold(rule.when, side) for side in rule.sides):  # in another language
        if named(rule.when, "language") <= set(languages):  # else that language is told: P0305
            message += f": it asks for a language other than {_listed(languages, 'and')}"
            findings.warning("P0320", message, rule.span, "add that language to `languages`, or delete the rule")
        return
    if "input" not in rule.sides and can_hold(rule.when, "input", languages):
        told = {"output": "what the persona says", "tool": "what skills return"}
        looked_at = " and ".join(told[side] for side in sorted(rule.sides))
        message += f": {looked_at} {'has' if len(rule.sides) == 1 else 'have'} no intent and no emotion"
        findings.warning("P0320", message, rule.span, "write `on: input`")
        return
    single = [kind for kind in _SINGLE if len(named(rule.when, kind)) > 1]
    if single:
        advice = f"a message has one {' and one '.join(single)}; to catch either of two, join them with `any:`"
    elif len(ages := named(rule.when, "age")) > 1:
        advice = f"no age is in all of the ranges{_apart(ages)}"
    else:
        advice = "one part asks for what another part denies: delete one of them"
    findings.warning("P0320", f"{message}: the parts of its condition exclude each other", rule.span, advice)


def _apart(ages: Collection[tuple[str, int]]) -> str:
    """Return which two bounds of ages leave no age between them, empty where none do."""
    ends = min((age for key, age in ages if key == "below"), default=None)
    begins = max((age for key, age in ages if key == "at_least"), default=None)
    if ends is None or begins is None or ends > begins:
        return ""
    there = "there" if ends == begins else f"at {begins}"
    return f": `below: {ends}` ends before {ends}, and `at_least: {begins}` begins {there}"


def _against_others(rule: _Rule, rules: list[_Rule], languages: Sequence[str], findings: Findings) -> None:
    """Report a rule that another one keeps from acting, or that says what an earlier one says."""
    others = [other for other in rules if other is not rule and set(other.sides) & set(rule.sides)]
    stopping = (other for other in others if _stops(other, rule) and implies(rule.when, other.when, languages))
    stopped = next(stopping, None)
    if stopped is not None:
        place = f"on line {stopped.span.line}"
        alike = same(rule.when, stopped.when, languages)
        holds = "has the same condition" if alike else "holds whenever this one does"
        message = f"`{rule.id}` never comes to act: `{stopped.id}`, {place}, {holds} and ends the turn"
        advice = "delete one of them, or make their conditions differ"
        findings.warning("P0321" if alike else "P0332", message, rule.span, advice)
        return
    before = (other for other in others if other.place < rule.place and same(other.when, rule.when, languages))
    earlier = next(before, None)
    if earlier is None or _stops(rule, earlier):
        return
    place = f"on line {earlier.span.line}"
    differ = f", and does something else (`{rule.does}`, not `{earlier.does}`)" if earlier.does != rule.does else ""
    message = f"`{rule.id}` has the same condition as `{earlier.id}`, {place}{differ}"
    findings.warning("P0321", message, rule.span, "join the two into one rule, or make their conditions differ")


def _stops(other: _Rule, rule: _Rule) -> bool:
    """Tell whether a rule never acts where another one fires; docs/ethics.md has the order."""
    if other.does not in _ENDING or not set(rule.sides) <= set(other.sides) or rule.does == "redact":
        return False
    earlier = rule.place < other.place
    if rule.does == "warn":
        return not (other.does == "refuse" and earlier)
    if rule.does in _ENDING:
        weights = _ENDING.index(rule.does) - _ENDING.index(other.does)
        return weights > 0 or (weights == 0 and not earlier)
    return True


def _listed(languages: Sequence[str], word: str) -> str:
    return f" {word} ".join(f"`{code}`" for code in languages)
