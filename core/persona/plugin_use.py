"""How a persona names its plugins: by name, or by name with settings. Knows no plugin."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class PluginUse:
    """Name a plugin that a persona uses, and what the persona sets."""

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PluginFacts:
    """Tell what is known of a plugin: whether it is there, what may be set, its skills (None: not known), its fault."""

    installed: bool = False
    settings: type[BaseModel] | None = None
    skills: Collection[str] | None = ()
    fault: str = ""


def plugin_use(written: str | Mapping[str, Any]) -> PluginUse:
    """Read one item of `plugins`."""
    if isinstance(written, str):
        return PluginUse(written)
    name, settings = next(iter(written.items()))
    return PluginUse(name, settings or {})
