"""Extensions in, named factories out: entry points are read, checked against their contract, and loaded by name."""

from __future__ import annotations

import inspect
import shutil
import tempfile
import uuid
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, get_args

from .contracts import Connector
from .errors import ExtensionInvalid, SettingsInvalid
from .hosting.fit import check_class
from .hosting.folder import load_folder
from .hosting.host import Host, Loaded
from .hosting.isolated import isolate
from .hosting.make import make
from .persona.plugin_facts import PluginFacts
from .persona.plugin_use import GROUP as PLUGINS
from .persona.plugin_use import PluginUse
from .persona.source import resolve_environment
from .plugin import Manifest, Place, Shipped

CONNECTORS = "personac.connectors"
SITE = "web"  # the connector that serves HTTP, the pages of all personas and what others hang into it


@cache
def _points(group: str) -> dict[str, list[EntryPoint]]:
    """Return the entry points of a group by their names; of one that is there twice, both, unless they are the same."""
    found: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=group):
        same = found.setdefault(point.name, [])
        if all(other.value != point.value for other in same):
            same.append(point)
    return found


def plugin_names() -> set[str]:
    """Return the names of the installed plugins; none of them is imported."""
    return set(_points(PLUGINS))


def connector_names() -> set[str]:
    """Return the names of the installed connectors."""
    return set(_points(CONNECTORS))


def _load(group: str, name: str, kind: str) -> Any:
    points = _points(group).get(name)
    if not points:
        known = ", ".join(sorted(_points(group))) or "none"
        raise ExtensionInvalid(f"no {kind} named {name!r} is installed; installed: {known}")
    if len(points) > 1:
        owners = " and ".join(sorted(f"{point.dist.name if point.dist else '?'} ({point.value})" for point in points))
        raise ExtensionInvalid(f"two {kind}s named {name!r} are installed, by {owners}; uninstall one of them")
    try:
        return points[0].load()
    except (Exception, SystemExit) as error:
        text = f"the {kind} {name!r} ({points[0].value}) cannot be loaded: {type(error).__name__}: {error}"
        raise ExtensionInvalid(text) from error


@cache
def load_plugin(name: str) -> type[Any]:
    """Load the class of an installed plugin; raise ExtensionInvalid, with what is expected, when it does not fit."""
    return check_class(name, _load(PLUGINS, name, "plugin"))


def load_host(
    uses: Iterable[PluginUse], environ: Mapping[str, str], files: Path = Path("."), data: Path | None = None
) -> Host:
    """Make the plugins that a persona names, with its settings for them.

    `files` has what the persona ships; each plugin writes below `data`, without which that is deleted in the end.
    Raise ExtensionInvalid, or SettingsInvalid for settings that do not fit.
    """
    made: dict[str, Loaded] = {}
    kept = data or Path(tempfile.gettempdir()) / f"personac-{uuid.uuid4().hex}"
    for use in uses:
        if use.name in made:
            raise ExtensionInvalid(f"the persona names the plugin {use.name!r} twice")
        settings = resolve_environment(use.settings, environ)
        place = Place(files, kept / use.name)
        made[use.name] = (
            isolate(use, settings, place) if use.isolate else make(class_of(use), use.name, settings, place)
        )
    return Host(made, lambda: None if data else shutil.rmtree(kept, ignore_errors=True))


def class_of(use: PluginUse) -> type[Any]:
    """Return the class of a plugin, from its folder where it is not installed; raise ExtensionInvalid."""
    return load_plugin(use.name) if use.folder is None else check_class(use.name, load_folder(use.folder, use.name))


def plugin_facts(use: PluginUse) -> PluginFacts:
    """Return what `check` needs to know of a plugin; what is wrong with it stands in `fault`."""
    if use.folder is None and use.name not in plugin_names():
        return PluginFacts()
    try:
        found = class_of(use)
        manifest: Manifest = found.manifest
        if manifest.open_ended:
            return PluginFacts(True, manifest.settings, None, slot_types=None)
        made = make(found, use.name, use.settings)
        skills, types = set(made.skills), set(made.slot_types)
        if use.isolate and types:
            raise ExtensionInvalid(f"the plugin {use.name!r} brings slot types, so it cannot run in its own process")
        return PluginFacts(True, manifest.settings, skills, "", types, made.rules, made.knowledge)
    except SettingsInvalid:
        return PluginFacts(True, found.manifest.settings, None, slot_types=None)
    except ExtensionInvalid as error:
        return PluginFacts(True, fault=str(error))


def shipped(use: PluginUse) -> list[str]:
    """Return the files of the persona that its settings for a plugin name; raise ExtensionInvalid."""
    fields = class_of(use).manifest.settings.model_fields.items()
    marked = {name: field for name, field in fields if _ships(field.annotation, field.metadata)}
    found = [use.settings.get(name, field.default) for name, field in marked.items()]
    named = [name for value in found for name in (value if isinstance(value, list | tuple) else [value])]
    return [name for name in named if isinstance(name, str) and name]


def _ships(kind: Any, marks: Iterable[Any] = ()) -> bool:
    """Tell whether a type, or one inside it, is that of a file of the persona."""
    return any(isinstance(mark, Shipped) for mark in marks) or any(
        isinstance(inner, Shipped) or _ships(inner) for inner in get_args(kind)
    )


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
