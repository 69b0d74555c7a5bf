"""Write a persona as YAML that its author can go on with.

Texts of several lines are written as blocks, short lists on one line; nothing is folded, no key is sorted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

SCHEMA_FILE = "persona.schema.json"
MODELINE = f"# yaml-language-server: $schema={SCHEMA_FILE}"
_SHORT = 100
_LIKE_A_NUMBER = re.compile(r"[-+]?[0-9.]+([eE][-+]?[0-9]+)?")  # 1e5 is a number for personac, not for PyYAML


class _Dumper(yaml.SafeDumper):
    """Write the way people do."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else '"' if _LIKE_A_NUMBER.fullmatch(value) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _list(dumper: yaml.SafeDumper, value: list[Any] | tuple[Any, ...]) -> yaml.SequenceNode:
    plain = all(isinstance(item, str | int | float) and "\n" not in str(item) for item in value)
    flow = plain and sum(len(str(item)) + 2 for item in value) <= _SHORT
    return dumper.represent_sequence("tag:yaml.org,2002:seq", list(value), flow_style=flow)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)
_Dumper.add_representer(tuple, _list)


def to_yaml(persona: Mapping[str, Any], header: str = "") -> str:
    """Return a persona, given as plain values by key, as YAML; `header` stands above it as comments."""
    comments = "".join(f"# {line}".rstrip() + "\n" for line in header.splitlines())
    return f"{MODELINE}\n{comments}\n{dump(dict(persona))}"


def dump(value: Any) -> str:
    """Return plain values as YAML in the same hand."""
    return yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)
