"""Hold a plugin against the contract, and refuse what does not fit with both signatures shown.

Knows classes and signatures; does not know where plugins come from.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, get_args

import pluggy
from pydantic import BaseModel

from ..errors import ExtensionInvalid
from ..persona.plugin_use import ISOLATE
from ..plugin import CONTRACT, Hooks, Manifest, Reads, Skill, SkillContext

PROJECT = "personac"
HOOKS = frozenset(name for name in vars(Hooks) if not name.startswith("_"))
EXPECTED = "[async] (context: SkillContext, [slot, …]) -> SkillResult | None"
_NAME = re.compile(r"[^\W\d][\w-]*")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def check_class(name: str, found: Any) -> type[Any]:
    """Return the class of a plugin; raise ExtensionInvalid when it is none, or has no manifest that fits."""
    if not inspect.isclass(found):
        raise ExtensionInvalid(f"the plugin {name!r} is {_article(found)}; expected: a class with a `manifest`")
    manifest = getattr(found, "manifest", None)
    if not isinstance(manifest, Manifest):
        raise ExtensionInvalid(
            f"the plugin {name!r} has no `manifest = Manifest(name=…, version=…, contract={CONTRACT})`"
        )
    if manifest.name != name:
        raise ExtensionInvalid(f"the plugin {name!r} calls itself {manifest.name!r} in its manifest; both must be one")
    if manifest.contract != CONTRACT:
        what = "install a newer personac" if manifest.contract > CONTRACT else "install a newer version of the plugin"
        raise ExtensionInvalid(
            f"the plugin {name!r} is made for version {manifest.contract} of the contract, and this personac has "
            f"version {CONTRACT}; {what}"
        )
    strange = [read for read in manifest.reads if read not in get_args(Reads)]
    if strange:
        known = ", ".join(get_args(Reads))
        raise ExtensionInvalid(f"the plugin {name!r} reads {strange[0]!r}, which there is not; it may read: {known}")
    if not (inspect.isclass(manifest.settings) and issubclass(manifest.settings, BaseModel)):
        raise ExtensionInvalid(f"the plugin {name!r}: `settings` of its manifest is not a pydantic model")
    if ISOLATE in manifest.settings.model_fields:
        raise ExtensionInvalid(f"the plugin {name!r}: a setting `{ISOLATE}` is what every plugin has; rename it")
    try:
        inspect.signature(found).bind(None)
    except TypeError:
        raise ExtensionInvalid(
            _both(f"the plugin {name!r}", f"{found.__name__}{inspect.signature(found)}", f"{found.__name__}(settings)")
        ) from None
    return found


def check_hooks(name: str, plugin: Any) -> pluggy.PluginManager:
    """Return a manager that calls the hooks of a plugin; raise ExtensionInvalid for hooks that do not fit."""
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    for attribute in sorted(HOOKS.intersection(dir(type(plugin)))):
        method = getattr(plugin, attribute)
        if getattr(method, f"{PROJECT}_impl", None) is None:
            raise ExtensionInvalid(
                f"the plugin {name!r} has a method `{attribute}` that is no hook: mark it with @hook"
            )
        if inspect.iscoroutinefunction(method):
            raise ExtensionInvalid(
                _both(f"the plugin {name!r}", f"async {attribute}{inspect.signature(method)}", _hook(attribute))
            )
    try:
        manager.register(plugin, name)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise ExtensionInvalid(_refused(name, plugin, error)) from error
    return manager


def check_skills(name: str, plugin: Any, hooked: Any) -> dict[str, Skill]:
    """Return the skills of a plugin by their names; raise ExtensionInvalid for one that does not fit."""
    found: dict[str, Skill] = {}
    for attribute in dir(type(plugin)):
        options = getattr(getattr(type(plugin), attribute, None), "__personac_skill__", None)
        if options is not None:
            own, described = options
            if own in found:
                raise ExtensionInvalid(f"the plugin {name!r} has two skills named {own!r}; rename one of them")
            checks = {slot: _bound(plugin, check) for slot, check in described.checks.items()}
            found[own] = replace(described, run=getattr(plugin, attribute), checks=checks)
    if not isinstance(hooked, Mapping):
        raise ExtensionInvalid(
            f"the plugin {name!r}: `skills` returned {_article(hooked)}; expected: {_hook('skills')}"
        )
    for own, made in hooked.items():
        if own in found:
            raise ExtensionInvalid(f"the plugin {name!r} has two skills named {own!r}; rename one of them")
        if not isinstance(made, Skill):
            raise ExtensionInvalid(f"the skill {name}.{own} is {_article(made)}; expected: Skill(run=…)")
        found[own] = made
    for own, made in found.items():
        _check_skill(f"{name}.{own}", made)
    return found


def _bound(plugin: Any, check: Any) -> Any:
    """Return a check of a slot; one that is a method of the plugin, bound to it."""
    name = str(getattr(check, "__name__", ""))
    return getattr(plugin, name) if getattr(type(plugin), name, None) is check else check


def _check_skill(name: str, made: Skill) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name.partition(".")[2]):
        raise ExtensionInvalid(f"the skill {name} needs a name of letters, digits, _ and -")
    if not callable(made.run):
        raise ExtensionInvalid(f"the skill {name} runs {_article(made.run)}; expected: {EXPECTED}")
    try:
        signature = inspect.signature(made.run)
    except (TypeError, ValueError):
        raise ExtensionInvalid(f"the skill {name} has no signature to read; expected: {EXPECTED}") from None
    kind = "async " if inspect.iscoroutinefunction(made.run) else ""
    parameters = list(signature.parameters.values())
    takes_context = parameters and parameters[0].kind in (
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        inspect.Parameter.VAR_POSITIONAL,
    )
    rest = [p for p in parameters[1:] if p.kind is inspect.Parameter.POSITIONAL_ONLY]
    if not takes_context or rest or inspect.isasyncgenfunction(made.run) or inspect.isgeneratorfunction(made.run):
        raise ExtensionInvalid(_both(f"the skill {name}", f"{kind}{signature}", EXPECTED))
    for parameter in parameters[1:]:
        known = parameter.annotation is not inspect.Parameter.empty or parameter.name in made.slots
        variable = parameter.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        if not variable and not known:
            raise ExtensionInvalid(
                _both(f"the skill {name}", f"{kind}{signature}", f"{EXPECTED}, each slot with its type")
            )
    for slot, check in made.checks.items():
        if not callable(check) or inspect.iscoroutinefunction(check):
            raise ExtensionInvalid(f"the skill {name}: the check of {slot!r} is no plain function (value, language)")
        try:
            inspect.signature(check).bind(None, "en")
        except TypeError:
            what, found = f"the check of {slot!r} of the skill {name}", str(inspect.signature(check))
            raise ExtensionInvalid(_both(what, found, "(value, language) -> str | None")) from None
    _check_names(name, made, set(made.slots) | {parameter.name for parameter in parameters[1:]})
    if not 0 < made.seconds <= 120:
        raise ExtensionInvalid(f"the skill {name}: `seconds` is {made.seconds:g}; it may be up to 120")


def _check_names(name: str, made: Skill, slots: set[str]) -> None:
    """Raise ExtensionInvalid when a skill asks for, checks or confirms what is none of its slots."""
    said = "; its slots: " + (", ".join(sorted(slots)) or "none")
    for what, named in (("asks for", made.ask), ("checks", made.checks)):
        unknown = next((slot for slot in named if slot not in slots), None)
        if unknown is not None:
            raise ExtensionInvalid(f"the skill {name}: it {what} {unknown!r}, which is none of its slots{said}")
    for language, words in made.confirm.items():
        unknown = next((slot for slot in _PLACEHOLDER.findall(words) if slot not in slots), None)
        if unknown is not None:
            raise ExtensionInvalid(
                f"the skill {name}: `confirm` in {language} says {{{unknown}}}, which is none of its slots{said}"
            )


def _refused(name: str, plugin: Any, error: pluggy.PluginValidationError) -> str:
    """Return what is wrong with a hook, with the signature that was found and the one that is expected."""
    match = re.search(r"hook '(\w+)'", str(error))
    attribute = match[1] if match else ""
    method = getattr(plugin, attribute, None)
    if attribute in HOOKS and method is not None:
        return _both(f"the plugin {name!r}", f"{attribute}{inspect.signature(method)}", _hook(attribute))
    known = ", ".join(sorted(HOOKS))
    return f"the plugin {name!r} has a hook `{attribute}` that the contract does not have; its hooks: {known}"


def _hook(attribute: str) -> str:
    return f"{attribute}{inspect.signature(getattr(Hooks, attribute))}"


def _both(what: str, found: str, expected: str) -> str:
    return f"{what} does not fit.\n  found:    {found}\n  expected: {expected}"


def _article(value: Any) -> str:
    kind = type(value).__name__
    return "nothing" if value is None else f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


__all__ = ["EXPECTED", "HOOKS", "SkillContext", "check_class", "check_hooks", "check_skills"]
