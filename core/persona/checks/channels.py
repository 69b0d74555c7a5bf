"""Check the channels that conditions of rules name: a rule waits in vain for one that no message comes from."""

from __future__ import annotations

from collections.abc import Collection

from ..findings import Findings
from ..names import suggestion
from ..nodes import Mapping, Node, get, items, text
from .references import conditions_of

OWN = ("terminal", "test", "eval", "web", "api", "openai")
"""Channels of every persona: `chat` and `dev`, its tests, `eval`; its page, the page's REST interface and OpenAI's."""


def check_channels(tree: Node, connectors: Collection[str] | None, findings: Findings) -> None:
    """Report channels that there are not, or that the persona is not on; None: it is not known what is installed."""
    block = get(tree, "connectors")
    on = list(block.entries) if isinstance(block, Mapping) else []
    if connectors is None:
        return
    sure = all(name in connectors for name in on)  # else the name is told, which may be meant for this one
    for condition in conditions_of(tree):
        for node in items(get(condition, "channel")):
            name = text(node)
            if not name or name in OWN or name in on:
                continue
            if name not in connectors:
                advice = suggestion(name, {*OWN, *connectors, *on}, "channels")
                findings.warning("P0337", f"there is no channel `{name}` here", node.span, advice)
            elif on and sure:
                listed = ", ".join(f"`{other}`" for other in on)
                message = f"the persona is not on `{name}`; its connectors are {listed}"
                advice = f"add `{name}` to `connectors`, or delete this condition"
                findings.warning("P0337", message, node.span, advice)
