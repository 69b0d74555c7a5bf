"""Check that intents can be answered, and that their responses use the slots that they have."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from ..findings import Findings
from ..names import suggestion
from ..nodes import Mapping, Node, Scalar, get, items, key_span, part, text
from ..nodes import Sequence as NodeList
from ..schema import NAME_PATTERN

PLACEHOLDER = re.compile(r"\{+\s*([^{}\n]{1,60}?)\s*\}+")


def check_answered(tree: Node, rows: Collection[str], findings: Findings) -> None:
    """Report intents that nothing answers; `rows` are the intents that question tables name."""
    ruled = {
        text(node) for condition in _blocks(get(tree, "ethics", "rules")) for node in items(get(condition, "intent"))
    }
    for intent in items(get(tree, "intents")):
        name, span = text(get(intent, "name")), key_span(intent, "name")
        answered = get(intent, "responses") is not None or get(intent, "skill") is not None
        if not name or span is None or answered or name in rows or name in ruled:
            continue
        if any(finding.severity == "error" and intent.span.holds(finding.span) for finding in findings.all):
            continue  # perhaps the answer is what is misspelt
        node = get(intent, "name")
        advice = "add `responses:` with what to say, or `skill:`"
        if get(tree, "knowledge") is not None:
            advice += "; or name it in the `intent` column of a table of questions"
        message = f"nothing answers `{name}`: it has no responses and no skill"
        findings.warning("P0317", message, node.span if node else span, advice)


def check_placeholders(tree: Node, findings: Findings) -> None:
    """Report `{…}` in responses that is no slot or may be empty, and slots that are asked for and then not used."""
    for intent in items(get(tree, "intents")):
        slots = get(intent, "slots")
        known = slots.entries if isinstance(slots, Mapping) else {}
        used: set[str] = set()
        responses = list(texts_below(get(intent, "responses")))
        confirm = get(intent, "confirm") if get(intent, "skill") is None else None  # a skill brings slots of its own
        for node in [*responses, *texts_below(confirm)]:
            for match in PLACEHOLDER.finditer(node.written):
                used.add(match[1])
                _placeholder(node, match, known, findings)
        if not responses or get(intent, "skill") is not None:
            continue
        for name, slot in known.items():
            required = get(slot, "required")
            if (
                isinstance(required, Scalar)
                and required.value is True
                and name not in used
                and isinstance(slots, Mapping)
            ):
                message = f"`{name}` is asked for, and then no response uses it"
                advice = f"write {{{name}}} where a response is to say it, add a `skill:`, or delete the slot"
                findings.warning("P0319", message, slots.keys[name], advice)


def _placeholder(node: Scalar, match: re.Match[str], known: dict[str, Node], findings: Findings) -> None:
    name, span = match[1], part(node, *match.span())
    shown = match[0] if len(match[0]) <= 40 else match[0][:39] + "…"
    if name not in known:
        if re.match(NAME_PATTERN, name):
            message = f"`{shown}` is said as it stands: the intent has no slot `{name}`"
            advice = suggestion(name, known, "slots of this intent") if known else "add it under `slots:`, or delete it"
            findings.warning("P0318", message, span, advice)
        return
    if match[0] != f"{{{name}}}":
        findings.warning(
            "P0318", f"`{shown}` is said as it stands", span, f"write {{{name}}}, with one brace, no blanks"
        )
        return
    required = get(known[name], "required")
    if not (isinstance(required, Scalar) and required.value is True):
        message = f"`{shown}` is said as it stands when the user has not named one: the slot is not required"
        findings.warning("P0326", message, span, f"make `{name}` `required: true` with a question under `ask:`")


def texts_below(node: Node | None) -> Iterator[Scalar]:
    """Yield all texts at and below a node."""
    if isinstance(node, Scalar):
        if isinstance(node.value, str):
            yield node
    elif node is not None:
        for item in node.entries.values() if isinstance(node, Mapping) else node.items:
            yield from texts_below(item)


def _blocks(node: Node | None) -> Iterator[Mapping]:
    """Yield all blocks below a node."""
    stack = [node]
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            yield node
            stack += node.entries.values()
        elif isinstance(node, NodeList):
            stack += node.items
