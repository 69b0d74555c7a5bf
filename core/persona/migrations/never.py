"""Version 0 to 1: a list of what a persona must never do becomes a list of rules."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import yaml

from ..language import script_of
from .edits import Edit, indent
from .layout import Entry, Layout, Piece
from .moves import STEP, colon, unusual, written_like

_ASKED = {"en": ("Can you {}?", "Please {}."), "zh": ("你能{}吗？", "请{}。")}


def never_as_rules(layout: Layout) -> list[Edit]:
    """Turn the items of `never` into rules, where they stand."""
    entry = layout.root.entry("never")
    if entry is None:
        return []
    rules = rules_of(layout)
    taken = [item.text for rule in (rules.value.items if rules else ()) if (item := _id(rule))]
    edits: list[Edit] = []
    for thing in entry.value.items if entry.value.kind == "list" else (entry.value,):
        topic = thing.entries[0].key if thing.kind == "block" else thing
        if thing.kind in ("alias", "list") or len(thing.entries) > 1:
            raise unusual(thing)
        taken.append(rule_id(topic.text, taken))
        one = _rule_in_brackets if layout.root.flow else _rule_on_lines
        edits += one(layout, entry, thing, topic, taken[-1])
    if layout.root.flow and entry.value.kind != "list":
        edits = [Edit(entry.value.start, entry.value.end, f"[{edits[0].text}]")]
    return edits


def _rule_on_lines(layout: Layout, entry: Entry, thing: Piece, topic: Piece, name: str) -> list[Edit]:
    column = layout.column(thing.start)
    inner = layout.newline + " " * (column + STEP)
    made = f"id: {name}{layout.newline}{' ' * column}when:{inner}topic: "
    edits = [Edit(thing.start, thing.start, made), *indent(layout, layout.next_line(thing.start), thing.end, 2 * STEP)]
    end = layout.line_end(topic.end)
    if thing.kind == "scalar":
        shown = yaml.safe_dump(asked(topic.text), default_flow_style=True, allow_unicode=True, width=10**6).strip()
        return [*edits, Edit(end, end, f"{inner}examples: {shown}")]
    said = thing.entries[0]
    at = colon(layout, said)
    if said.value.start <= end:
        return [*edits, Edit(at, said.value.start, f"{inner}examples: ")]
    return [*edits, Edit(at, at + 1, ""), Edit(end, end, f"{inner}examples:")]


def _rule_in_brackets(layout: Layout, entry: Entry, thing: Piece, topic: Piece, name: str) -> list[Edit]:
    keys = {key: written_like(layout, entry.key, key) for key in ("id", "when", "topic", "examples")}
    known = thing.entries[0].value if thing.entries else None
    examples = layout.of(known) if known else json.dumps(asked(topic.text), ensure_ascii=False)
    when = f"{{{keys['topic']}: {layout.of(topic)}, {keys['examples']}: {examples}}}"
    shown = json.dumps(name, ensure_ascii=False)
    return [Edit(thing.start, thing.end, f"{{{keys['id']}: {shown}, {keys['when']}: {when}}}")]


def rules_of(layout: Layout) -> Entry | None:
    """Return the rules that a persona has already."""
    ethics = layout.root.entry("ethics")
    return ethics.value.entry("rules") if ethics else None


def rule_id(topic: str, taken: Sequence[str]) -> str:
    """Return a short name for a rule, made of its topic, that no other rule has."""
    words = "-".join(re.findall(r"\w+", topic.casefold()))[:60].strip("-")
    name = words if re.match(r"[^\W\d]", words) else f"rule-{words}".strip("-")
    return next(found for n in range(1, len(taken) + 2) if (found := name if n == 1 else f"{name}-{n}") not in taken)


def asked(topic: str) -> list[str]:
    """Return how a user may ask for what must never be done."""
    return [form.format(topic) for form in _ASKED["zh" if script_of(topic) == "han" else "en"]]


def _id(rule: Piece) -> Piece | None:
    entry = rule.entry("id")
    return entry.value if entry else None
