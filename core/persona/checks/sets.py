"""Check the sets of rules that a persona names, and the rules of theirs that it changes."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Span
from ..findings import Findings
from ..names import suggestion
from ..nodes import Mapping, Node, get, items, text
from ..rule_sets import SETS, rule_set


def check_sets(tree: Node, findings: Findings) -> None:
    """Report sets that there are not, and changes of rules that no set of the persona has."""
    for node in items(get(tree, "ethics", "sets")):
        name = text(node)
        if name and name not in SETS:
            advice = suggestion(name, SETS, "sets")
            findings.error("P0330", f"there is no set of rules `{name}`", node.span, advice)
    known = set_rules(tree)
    for name, span in _changed(tree):
        if name not in known:
            own = next((other for other in SETS if any(rule.id == name for rule in rule_set(other))), None)
            advice = f"add `{own}` to `sets`" if own else suggestion(name, known, "rules of the sets")
            findings.error("P0331", f"no set of rules that is named here has a rule `{name}`", span, advice)


def set_rules(tree: Node) -> list[str]:
    """Return the ids of the rules of all sets that a persona names, of those switched off, too."""
    return [rule.id for node in items(get(tree, "ethics", "sets")) for rule in rule_set(text(node) or "")]


def _changed(tree: Node) -> Iterator[tuple[str, Span]]:
    for node in items(get(tree, "ethics", "without")):
        if name := text(node):
            yield name, node.span
    words = get(tree, "ethics", "say")
    if isinstance(words, Mapping):
        yield from words.keys.items()
