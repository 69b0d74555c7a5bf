"""Check the examples that say which of their words fill slots."""

from __future__ import annotations

from ..findings import Findings
from ..names import suggestion
from ..nodes import Mapping, Node, get, items, text
from ..sources.marked import place


def check_marked(tree: Node, findings: Findings) -> None:
    """Report slots of examples that the intent does not have, and values that the example's words do not say."""
    for intent in items(get(tree, "intents")):
        slots = get(intent, "slots")
        known = slots.entries if isinstance(slots, Mapping) else {}
        for example in items(get(intent, "examples")):
            marked = get(example, "slots")
            if not isinstance(marked, Mapping):
                continue
            words = text(get(example, "text")) or ""
            for name, node in marked.entries.items():
                said = text(node)
                if name not in known:
                    advice = suggestion(name, known, "slots of this intent") if known else "add it under `slots:`"
                    findings.error("P0328", f"the intent has no slot `{name}`", marked.keys[name], advice)
                elif said and place(words, said) is None:
                    shown = said if len(said) <= 40 else said[:39] + "…"
                    message = f"the example does not say “{shown}”"
                    findings.error("P0328", message, node.span, "copy the value as it stands in the `text`")
