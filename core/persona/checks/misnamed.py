"""Read misspelt keys as what they are surely meant for, so that what stands below them is checked in the same run.

The misspelt keys themselves are reported elsewhere; a guess that is not sure is left alone.
"""

from __future__ import annotations

import difflib
from typing import Any

from ..nodes import Mapping, Node, Sequence
from ..schema import Persona
from ..shapes import fields, inner
from ..synonyms import key_meant

_SURE = 0.75  # the share of letters in common (Ratcliff and Obershelp's measure)


def with_keys_meant(node: Node, kind: Any = Persona) -> Node:
    """Return a tree in which each surely misspelt key is the one that is meant; places stay."""
    if isinstance(node, Sequence):
        return Sequence(tuple(with_keys_meant(item, inner(kind, i)) for i, item in enumerate(node.items)), node.span)
    if not isinstance(node, Mapping) or kind is None:
        return node
    known = fields(kind)
    free = [name for name in known if name not in node.entries]
    entries: dict[str, Node] = {}
    keys = {}
    for key, value in node.entries.items():
        name = key if not known or key in known else _meant(key, free) or key
        if name in entries:
            name = key
        entries[name] = with_keys_meant(value, inner(kind, name))
        keys[name] = node.keys[key]
    return Mapping(entries, keys, node.span)


def _meant(key: str, free: list[str]) -> str | None:
    near = difflib.get_close_matches(key.casefold().replace("-", "_"), free, 1, _SURE)
    return key_meant(key, free) or (near[0] if near else None)
