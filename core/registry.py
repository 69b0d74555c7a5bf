"""Extensions in, named factories out: entry points are read, checked against their contract, and loaded by name."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from .contracts import Connector, Plugin, Skill
from .errors import ExtensionInvalid

PLUGINS = "personac.plugins"
CONNECTORS = "personac.connectors"
SITE = "web"  # the connector that serves HTTP, the pages of all personas and what others hang into it


@cache
def _points(group: str) -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=group)}


def plugin_names() -> set[str]:
    """Return the names of the installed plugins."""
    return set(_points(PLUGINS))


def connector_names() -> set[str]:
    """Return the names of the installed connectors."""
    return set(_points(CONNECTORS))


def skill_names() -> set[str]:
    """Return all skills of the installed plugins as plugin.skill."""
    return {f"{name}.{skill}" for name in plugin_names() for skill in load_plugin(name).skills()}


def _load(group: str, name: str, kind: str) -> Any:
    point = _points(group).get(name)
    if point is None:
        known = ", ".join(sorted(_points(group))) or "none"
        raise ExtensionInvalid(f"no {kind} named {name!r} is installed; installed: {known}")
    try:
        return point.load()
    except Exception as error:
        raise ExtensionInvalid(f"the {kind} {name!r} ({point.value}) cannot be loaded: {error}") from error


@cache
def load_plugin(name: str) -> Plugin:
    """Load a plugin; raise ExtensionInvalid, with the expected signature, when it does not fit."""
    plugin = _load(PLUGINS, name, "plugin")
    if not isinstance(plugin, Plugin):
        raise ExtensionInvalid(
            f"the plugin {name!r} needs an attribute `name` and a method `skills() -> Mapping[str, Skill]`"
        )
    for skill, function in plugin.skills().items():
        _check_skill(f"{name}.{skill}", function)
    return plugin


def _check_skill(name: str, function: Any) -> None:
    call = function if inspect.isfunction(function) else getattr(type(function), "__call__", None)  # noqa: B004
    expected = "async (context: SkillContext) -> SkillResult | None"
    if call is None or not inspect.iscoroutinefunction(call):
        raise ExtensionInvalid(f"the skill {name} is not async; expected {expected}")
    parameters = [p for p in inspect.signature(function).parameters.values() if p.default is p.empty]
    if len(parameters) != 1:
        found = f"async {inspect.signature(function)}"
        raise ExtensionInvalid(f"the skill {name} does not fit.\n  found:    {found}\n  expected: {expected}")


def load_skills(plugins: Iterable[str]) -> dict[str, Skill]:
    """Load the skills of some plugins by plugin.skill."""
    return {f"{name}.{skill}": function for name in plugins for skill, function in load_plugin(name).skills().items()}


def load_connector(name: str) -> type[Connector]:
    """Load the class of a connector; raise ExtensionInvalid, with the expected signature, when it does not fit."""
    connector: type[Connector] = _load(CONNECTORS, name, "connector")
    expected = "open(self, bot: Bot, settings: Mapping[str, Any], desk: Desk) -> Channel"
    call = getattr(connector, "open", None)
    if not callable(call):
        raise ExtensionInvalid(f"the connector {name!r} needs a method `{expected}`")
    try:
        inspect.signature(call).bind(None, None, {}, None)
    except TypeError:
        found = f"open{inspect.signature(call)}"
        text = f"the connector {name!r} does not fit.\n  found:    {found}\n  expected: {expected}"
        raise ExtensionInvalid(text) from None
    if inspect.iscoroutinefunction(call):
        raise ExtensionInvalid(f"the connector {name!r}: `open` is not async; what takes time belongs into `run`")
    if getattr(connector, "name", None) != name:
        raise ExtensionInvalid(f"the connector {name!r} calls itself {getattr(connector, 'name', None)!r}")
    return connector


def connector_faults(name: str, settings: Mapping[str, Any]) -> Mapping[str, str]:
    """Return what a connector finds wrong with its block as it is written, by key; nothing when it cannot tell."""
    try:
        check = getattr((load_site() if name == SITE else load_connector(name))(), "check", None)
    except ExtensionInvalid:  # told when it is served
        return {}
    faults: Mapping[str, str] = check(settings) if check is not None else {}
    return faults


def load_site() -> Any:
    """Load the class of the connector that serves the pages: made of host and port, with `bind` and `serve`."""
    site = _load(CONNECTORS, SITE, "connector")
    if not hasattr(site, "serve") or not hasattr(site, "bind"):
        raise ExtensionInvalid(f"the connector {SITE!r} needs the methods `bind()` and `async serve(bots, …)`")
    return site
