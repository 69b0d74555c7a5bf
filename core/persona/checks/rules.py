"""Check what rules do: whether they can fire and act, whether one says what another says, what an action needs."""

from __future__ import annotations

from dataclasses import dataclass

from ...diagnostics import Span
from ..findings import Findings
from ..nodes import Node, get, items, key_span, text
from .conditions import Formula, always_holds, can_hold, formula, implies, mentions, same

_SIDES = ("input", "output", "tool")
_USUAL = ("input", "output")
_ENDING = ("escalate", "hand_off", "end", "refuse")  # the weightiest first
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


def check_conduct(tree: Node, findings: Findings) -> None:
    """Report rules that never or always fire, that repeat another's condition, or that mask nothing."""
    nodes = items(get(tree, "ethics", "rules"))
    rules = [rule for place, node in enumerate(nodes) if (rule := _rule(node, place))]
    able = [rule for rule in rules if any(can_hold(rule.when, side) for side in rule.sides)]
    for rule in rules:
        _words(rule, findings)
        if rule not in able:
            _never(rule, findings)
            continue
        if all(always_holds(rule.when, side) for side in rule.sides):
            message = f"`{rule.id}` fires on every message"
            advice = "narrow it; a pattern with nothing between two | fits everything" if _patterned(rule) else None
            findings.warning("P0325", message, rule.span, advice or "narrow what it looks for")
        if rule.does == "redact" and not (_patterned(rule) or mentions(rule.when, "pii")):
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
        _against_others(rule, able, findings)


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
    return mentions(rule.when, "pattern") or mentions(rule.when, "words")


def _never(rule: _Rule, findings: Findings) -> None:
    message = f"`{rule.id}` can never fire"
    if "input" not in rule.sides and can_hold(rule.when, "input"):
        message += ": what the persona says has no intent and no emotion"
        findings.warning("P0320", message, rule.span, "write `on: input`")
        return
    if mentions(rule.when, "intent") or mentions(rule.when, "emotion"):
        advice = "a message has one intent and one emotion; to catch either of two, join them with `any:`"
    else:
        advice = "one part asks for what another part denies: delete one of them"
    findings.warning("P0320", f"{message}: the parts of its condition exclude each other", rule.span, advice)


def _against_others(rule: _Rule, rules: list[_Rule], findings: Findings) -> None:
    """Report a rule that another one keeps from acting, or that says what an earlier one says."""
    others = [other for other in rules if other is not rule and set(other.sides) & set(rule.sides)]
    stopped = next((other for other in others if _stops(other, rule) and implies(rule.when, other.when)), None)
    if stopped is not None:
        place = f"on line {stopped.span.line}"
        alike = same(rule.when, stopped.when)
        holds = "has the same condition" if alike else "holds whenever this one does"
        message = f"`{rule.id}` never comes to act: `{stopped.id}`, {place}, {holds} and ends the turn"
        advice = "delete one of them, or make their conditions differ"
        findings.warning("P0321" if alike else "P0332", message, rule.span, advice)
        return
    earlier = next((other for other in others if other.place < rule.place and same(other.when, rule.when)), None)
    if earlier is None or _stops(rule, earlier):
        return
    place = f"on line {earlier.span.line}"
    differ = f", and does something else (`{earlier.does}`, not `{rule.does}`)" if earlier.does != rule.does else ""
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
