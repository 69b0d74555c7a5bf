"""Check what rules do: whether they can fire, whether one says what another says, whether there is anything to mask."""

from __future__ import annotations

from dataclasses import dataclass

from ...diagnostics import Span
from ..findings import Findings
from ..nodes import Node, get, items, key_span, text
from .conditions import Formula, always_holds, can_hold, formula, mentions, same

_SIDES = ("input", "output")
_ENDING = ("refuse", "hand_off", "escalate")


@dataclass(frozen=True, slots=True)
class _Rule:
    id: str
    when: Formula
    span: Span
    sides: tuple[str, ...]
    does: str


def check_conduct(tree: Node, findings: Findings) -> None:
    """Report rules that never or always fire, that repeat another's condition, or that mask nothing."""
    rules = [rule for node in items(get(tree, "ethics", "rules")) if (rule := _rule(node))]
    for index, rule in enumerate(rules):
        if not any(can_hold(rule.when, side) for side in rule.sides):
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
        earlier = next((other for other in rules[:index] if _shared(other, rule)), None)
        if earlier is not None:
            _repeated(earlier, rule, findings)


def _rule(node: Node) -> _Rule | None:
    when, id, span = formula(get(node, "when")), text(get(node, "id")), key_span(node, "when")
    given = [text(item) for item in items(get(node, "on"))] or list(_SIDES)
    sides = tuple(side for side in given if side in _SIDES)
    does = text(get(node, "do")) or "refuse"
    return _Rule(id, when, span, sides, does) if when and id and span and sides else None


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


def _shared(first: _Rule, second: _Rule) -> bool:
    return bool(set(first.sides) & set(second.sides)) and same(first.when, second.when)


def _repeated(earlier: _Rule, rule: _Rule, findings: Findings) -> None:
    place = f"on line {earlier.span.line}"
    if earlier.does in _ENDING and set(rule.sides) <= set(earlier.sides):
        message = f"`{rule.id}` never comes to act: `{earlier.id}`, {place}, has the same condition and ends the turn"
        findings.warning("P0321", message, rule.span, "delete one of them, or make their conditions differ")
        return
    differ = f", and does something else (`{earlier.does}`, not `{rule.does}`)" if earlier.does != rule.does else ""
    message = f"`{rule.id}` has the same condition as `{earlier.id}`, {place}{differ}"
    findings.warning("P0321", message, rule.span, "join the two into one rule, or make their conditions differ")
