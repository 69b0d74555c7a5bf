"""What is known of a plugin without running it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TypeAlias

from pydantic import BaseModel

from ..plugin import Fact
from .plugin_use import PluginUse
from .schema import Rule


@dataclass(frozen=True, slots=True)
class PluginFacts:
    """Tell whether a plugin is there, what may be set, what it brings (None: not known), and what is wrong with it."""

    installed: bool = False
    settings: type[BaseModel] | None = None
    skills: Collection[str] | None = ()
    fault: str = ""
    slot_types: Collection[str] | None = ()
    rules: tuple[Rule, ...] = ()
    knowledge: tuple[Fact, ...] = ()


Facts: TypeAlias = Callable[[PluginUse], PluginFacts]
