"""Make a plugin for one persona: its settings read, its hooks and skills held against the contract.

Knows classes that fit; does not know where they come from.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from ..errors import ExtensionInvalid, SettingsInvalid
from ..plugin import Manifest, Place
from .brought import knowledge, rules, slot_types
from .fit import check_hooks, check_skills
from .host import Loaded
from .typed import slots_of


def make(found: type[Any], name: str, settings: Mapping[str, Any], place: Place | None = None) -> Loaded:
    """Return a plugin with its skills; raise ExtensionInvalid, or SettingsInvalid.

    Without a place it is made to be looked at, and is not opened.
    """
    manifest: Manifest = found.manifest
    try:
        read = manifest.settings.model_validate(dict(settings), context={"files": place.files} if place else None)
    except ValidationError as error:
        said = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'it'}: {e['msg']}" for e in error.errors())
        raise SettingsInvalid(f"the settings of the plugin {name!r} do not fit: {said}") from error
    try:
        plugin = found(read)
    except Exception as error:
        at = "".join(traceback.format_exception(error)[-2:]).strip()
        raise ExtensionInvalid(f"the plugin {name!r} cannot be made: {type(error).__name__}: {error}\n{at}") from error
    manifest = _narrowed(name, manifest, plugin.manifest)
    manager = check_hooks(name, plugin)
    try:
        hooked: Any = next(iter(manager.hook.skills()), {})
    except Exception as error:
        raise ExtensionInvalid(f"the plugin {name!r}: `skills` failed: {type(error).__name__}: {error}") from error
    skills = check_skills(name, plugin, hooked)
    typed = {own: replace(skill, slots=slots_of(f"{name}.{own}", skill)) for own, skill in skills.items()}
    types = slot_types(name, manager)
    if place is not None:
        try:
            manager.hook.open(place=place)
        except SettingsInvalid:
            raise
        except Exception as error:
            raise ExtensionInvalid(f"the plugin {name!r}: `open` failed: {type(error).__name__}: {error}") from error
    brought = (knowledge(name, manager), rules(name, manager)) if place is None else ((), ())
    return Loaded(name, manifest, plugin, typed, manager.hook.close, types, *brought)


def _narrowed(name: str, declared: Manifest, own: Manifest) -> Manifest:
    """Return the manifest of a plugin as its settings make it: it may read less than its class declares, never more."""
    if own == declared or (set(own.reads) <= set(declared.reads) and replace(own, reads=declared.reads) == declared):
        return own
    raise ExtensionInvalid(f"the plugin {name!r} changes its manifest when it is made; it may only leave out `reads`")
