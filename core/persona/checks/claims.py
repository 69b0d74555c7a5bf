"""Check that a persona's own words never claim that it is a human, and that no instruction asks it to."""

from __future__ import annotations

from collections.abc import Iterator

from ..claims import claims_human, told_to_claim
from ..findings import Findings
from ..nodes import Mapping, Node, Scalar, Sequence, get, text
from .translations import local_texts

_ADVICE = "say what it is, or leave the sentence out: a persona never passes for a human"


def check_claims(tree: Node, findings: Findings) -> None:
    """Report words of the persona that claim to be human, and instructions to pass for one."""
    for name, node, _ in local_texts(tree):
        for leaf in _leaves(node):
            said = text(leaf)
            if said and claims_human(said):
                findings.warning("P0336", f"`{name}` claims that the persona is a human", leaf.span, _ADVICE)
    instructions = get(tree, "tone", "instructions")
    told = text(instructions)
    if instructions is not None and told and told_to_claim(told):
        advice = "leave that out: such sentences of a language model are not said"
        findings.warning("P0336", "the instructions ask it to pass for a human", instructions.span, advice)


def _leaves(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Mapping):
        for value in node.entries.values():
            yield from _leaves(value)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _leaves(item)
