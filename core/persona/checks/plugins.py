"""Look at plugins and skills: is each installed, does it fit, does it take these settings, has it this skill?

Knows plugins only by the facts that the caller tells of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from pydantic import ValidationError

from ...diagnostics import Diagnostic, Span
from ..findings import Findings
from ..names import suggestion
from ..nodes import Mapping, Node, Scalar, get, items, plain, text
from ..plugin_facts import Facts, PluginFacts
from ..plugin_use import ISOLATE, PluginUse, plugin_use
from .wording import explain_errors

ALL = "all"  # skills, among the tools of a language model


def check_plugins(
    tree: Node,
    root: Path,
    findings: Findings,
    *,
    plugins: Collection[str] | None,
    skills: Collection[str] | None,
    facts: Facts | None = None,
) -> None:
    """Report plugins that are not installed, are named twice or do not fit, and skills that are not there.

    `plugins` and `skills` (as plugin.skill) name what is installed, `facts` tells more of a plugin; None: not known.
    """
    named: dict[str, PluginFacts] = {}
    for written, place, block in uses_of(tree):
        settings = plain(block) if block is not None else None
        use = plugin_use({written: settings if isinstance(settings, dict) else {}}, root)
        name = use.name
        if name in named:
            findings.error("P0341", f"the plugin `{name}` is named twice", place, "keep one of them")
            continue
        named[name] = PluginFacts()
        if plugins is not None and use.folder is None and name not in plugins:
            advice = suggestion(name, plugins, "installed plugins")
            findings.error("P0310", f"the plugin `{name}` is not installed", place, advice)
        elif facts is not None:
            known = named[name] = facts(use)
            if known.fault:
                findings.error("P0340", known.fault, place, "until it fits, the persona cannot be run with it")
            elif block is not None:
                _check_settings(name, block, known, root, findings)
    for intent in items(get(tree, "intents")):
        node = get(intent, "skill")
        skill = text(node)
        if node is not None and skill and "." in skill:
            _check_skill(skill, node.span, named, plugins, skills, facts, findings)
        slots = get(intent, "slots")
        for slot in slots.entries.values() if isinstance(slots, Mapping) else ():
            kind = get(slot, "type")
            if kind is not None and "." in (written := text(kind) or "") and facts is not None:
                _check_type(written, kind.span, named, findings)
    tools = get(get(tree, "model"), "tools")
    for node in [tools] if isinstance(tools, Scalar) else items(tools):
        skill = text(node)
        if skill and skill != ALL:
            _check_skill(skill, node.span, named, plugins, skills, facts, findings)


def uses_of(tree: Node) -> Iterator[tuple[str, Span, Node | None]]:
    """Yield the plugins that a persona names: the name, its place, and the block of its settings."""
    for node in items(get(tree, "plugins")):
        if isinstance(node, Mapping):
            for name, block in node.entries.items():
                yield name, node.keys[name], block
        elif written := text(node):
            yield written, node.span, None


def _check_skill(
    skill: str,
    span: Span,
    named: dict[str, PluginFacts],
    plugins: Collection[str] | None,
    skills: Collection[str] | None,
    facts: Facts | None,
    findings: Findings,
) -> None:
    plugin, _, own = skill.partition(".")
    there = plugins is None or plugin in plugins
    if facts is not None:
        known = named[plugin] if plugin in named else facts(PluginUse(plugin)) if there else PluginFacts()
        choices = [f"{plugin}.{name}" for name in known.skills or ()]
        missing = known.installed and not known.fault and known.skills is not None and own not in known.skills
    else:
        choices = list(skills or ())
        missing = skills is not None and skill not in skills and (there or plugin not in named)
    if missing:
        findings.error("P0311", f"there is no skill `{skill}`", span, suggestion(skill, choices, "skills"))
    elif plugin not in named and not there:
        advice = suggestion(plugin, plugins or (), "installed plugins")
        findings.error("P0311", f"there is no skill `{skill}`: its plugin is not installed", span, advice)
    elif plugin not in named:
        advice = f"add it: `plugins: [{', '.join([*named, plugin])}]`"
        findings.error("P0316", f"`{skill}` needs the plugin `{plugin}`, which is not switched on", span, advice)


def _check_type(kind: str, span: Span, named: dict[str, PluginFacts], findings: Findings) -> None:
    plugin, _, own = kind.partition(".")
    known = named.get(plugin)
    if known is None:
        advice = f"add it: `plugins: [{', '.join([*named, plugin])}]`"
        message = f"the slot type `{kind}` needs the plugin `{plugin}`, which is not switched on"
        findings.error("P0343", message, span, advice)
    elif known.installed and not known.fault and known.slot_types is not None and own not in known.slot_types:
        choices = [f"{plugin}.{name}" for name in known.slot_types]
        findings.error("P0343", f"there is no slot type `{kind}`", span, suggestion(kind, choices, "slot types"))


def _check_settings(name: str, block: Node, known: PluginFacts, root: Path, findings: Findings) -> None:
    """Hold settings against the plugin's model; what comes from the environment is not known yet."""
    if known.settings is None or not isinstance(block, Mapping):
        return
    isolate = get(block, ISOLATE)
    if isolate is not None and not (isinstance(isolate, Scalar) and isinstance(isolate.value, bool)):
        findings.error("P0342", f"`{ISOLATE}` of the plugin `{name}` is true or false", isolate.span, None)
    written = plain(block, written=True)
    try:
        values = {key: value for key, value in written.items() if key != ISOLATE}
        known.settings.model_validate(values, context={"files": root})
    except ValidationError as error:
        for finding in explain_errors(error.errors(include_url=False), block, findings.all, known.settings):
            if not _is_variable(block, finding.span):
                findings.all.append(_of_plugin(name, finding))


def _of_plugin(name: str, finding: Diagnostic) -> Diagnostic:
    message = f"settings of the plugin `{name}`: {finding.message}"
    return Diagnostic("P0342", "error", message, finding.span, finding.help)


def _is_variable(block: Node, span: Span) -> bool:
    """Tell whether what stands at a place is read from the environment."""
    if isinstance(block, Scalar):
        return block.span == span and "${" in block.written
    inside = block.entries.values() if isinstance(block, Mapping) else block.items
    return any(_is_variable(node, span) for node in inside)
