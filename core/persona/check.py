"""Check a persona: all of its faults in one run.

Knows neither the registry nor any model: the names of what is installed are given by the caller. All that follows
the schema looks at the tree, so that it also runs where the schema found faults.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from ..diagnostics import Diagnostic, Span, has_errors, in_order
from .checks.alerts import check_alerts
from .checks.allowed import check_allowed
from .checks.answers import check_answered, check_placeholders
from .checks.channels import check_channels
from .checks.claims import check_claims
from .checks.country import check_country
from .checks.examples import check_examples
from .checks.links import check_links
from .checks.marked import check_marked
from .checks.media import check_media, check_values
from .checks.misnamed import with_keys_meant
from .checks.plugins import check_plugins
from .checks.references import (
    Faults,
    check_installed,
    check_intent,
    check_names,
    check_rules,
    check_slots,
    intent_names,
)
from .checks.repeats import check_repeats
from .checks.rule_texts import check_rule_texts
from .checks.rules import check_conduct
from .checks.secrets import check_secrets
from .checks.served import check_served
from .checks.sets import check_sets
from .checks.translations import check_translations
from .checks.tuning import check_tuning
from .checks.typography import check_typography
from .checks.voice import check_voice
from .checks.wording import explain_errors
from .contributions import Contributions, contributions
from .findings import Findings
from .migrate import explain_older_version
from .nodes import Mapping, Node, Scalar, get, items, plain, text
from .plugin_facts import Facts
from .plugin_use import plugin_use, with_folders
from .recovery import read_around
from .schema import LANGUAGE_PATTERN, Persona
from .silence import silence
from .source import MAX_BYTES, read_text
from .sources.knowledge import Knowledge, read_sources

FILE_NAME = "persona.yaml"
_NEEDS: dict[str, frozenset[str]] = {
    "P0104": frozenset(), "P0113": frozenset(), "P0119": frozenset(), "P0121": frozenset(),
    "P0304": frozenset({"intents"}), "P0305": frozenset({"languages"}), "P0306": frozenset({"languages"}),
    "P0316": frozenset({"plugins"}), "P0317": frozenset({"intents", "knowledge", "ethics"}),
    "P0320": frozenset({"languages"}), "P0321": frozenset({"languages"}), "P0325": frozenset({"languages"}),
    "P0332": frozenset({"languages"}), "P0337": frozenset({"connectors"}),
    "P0323": frozenset({"intents", "knowledge", "languages"}), "P0327": frozenset({"intents", "languages"}),
    "P0328": frozenset({"intents"}), "P0343": frozenset({"plugins"}),
}  # fmt: skip
"""Which parts of a persona must have been read for a finding to be sure; an empty set: all of it."""


class Loaded(NamedTuple):
    """Hold a persona with the findings and the tree it came from; the persona is None when it has errors."""

    persona: Persona | None
    diagnostics: list[Diagnostic]
    tree: Node | None
    lost: Collection[str] = ()
    """The keys at the margin below which something was malformed, and so could not be read."""
    knowledge: Knowledge | None = None
    """What the persona's files say, as far as they could be read; only `check` reads them."""
    hidden: Collection[Diagnostic] = ()
    """The warnings that the author silenced; only `check` looks for them."""
    contributed: str = ""
    """A name of the content of what plugins bring to it, empty for nothing; only `check` asks them."""


def find_persona(path: Path) -> Path:
    """Return the file of a persona that is given by its folder or by the file itself."""
    return path / FILE_NAME if path.is_dir() else path


def load(path: Path) -> Loaded:
    """Read a persona and hold it against the schema; files that it names are not looked at."""
    file = find_persona(path)
    if path.is_dir() and not file.is_file():
        message, advice = f"there is no {FILE_NAME} in {path}", "name a persona's folder or its file"
        return Loaded(None, [Diagnostic("P0101", "error", message, Span(str(file), 1, 1, 1, 1), advice)], None)
    tree, diagnostics, lost = read_around(file)
    if tree is None:
        return Loaded(None, in_order(diagnostics), None)
    if not isinstance(tree, Mapping):
        message, advice = "a persona is a block of keys, each with a value", "begin with `personac: 1` and `name: …`"
        place = Span(tree.span.path, tree.span.line, tree.span.column, tree.span.line, tree.span.column + 1)
        return Loaded(None, [*diagnostics, Diagnostic("P0114", "error", message, place, advice)], None)
    if older := explain_older_version(tree, file):
        return Loaded(None, in_order([*diagnostics, *older]), None)
    persona = None
    try:
        persona = Persona.model_validate(plain(tree, written=True))
    except ValidationError as error:
        diagnostics += explain_errors(error.errors(include_url=False), tree, diagnostics)
        tree, diagnostics = _below_misspelt(tree, diagnostics)
    diagnostics += _without_value(tree, diagnostics)
    diagnostics = [finding for finding in diagnostics if not _doubtful(finding, lost)]
    return Loaded(None if has_errors(diagnostics) else persona, in_order(diagnostics), tree, lost)


def _below_misspelt(tree: Mapping, found: list[Diagnostic]) -> tuple[Mapping, list[Diagnostic]]:
    """Look below misspelt keys as well: return the tree as it is meant, and the findings with those about it."""
    meant = with_keys_meant(tree)
    if not isinstance(meant, Mapping) or meant == tree or not any(finding.code == "P0107" for finding in found):
        return tree, found
    try:
        Persona.model_validate(plain(meant, written=True))
    except ValidationError as error:
        found = found + explain_errors(error.errors(include_url=False), meant, found)
    return meant, found


def _doubtful(finding: Diagnostic, lost: Collection[str]) -> bool:
    """Tell whether a finding may come of what was malformed and is missing therefore."""
    needed = _NEEDS.get(finding.code)
    return bool(lost) and needed is not None and (not needed or not needed.isdisjoint(lost))


def check(
    path: Path,
    *,
    plugins: Collection[str] | None = None,
    skills: Collection[str] | None = None,
    connectors: Collection[str] | None = None,
    voices: Collection[str] | None = None,
    settings: Faults | None = None,
    facts: Facts | None = None,
    conversations: bool = True,
) -> Loaded:
    """Load a persona and check it as a whole, with its files.

    `plugins`, `skills` (as `plugin.skill`), `connectors` and `voices` (engines) name what is installed; what is None
    is not checked. `settings(connector, block)` tells what is wrong with a connector's block, by its keys;
    `facts(use)` tells of a plugin what the names do not: its skills, and what may be set.
    Without `conversations` its test files are left alone.
    """
    persona, diagnostics, tree, lost, *_ = load(path)
    if tree is None:
        return Loaded(None, diagnostics, None)
    findings = Findings(diagnostics)
    root = find_persona(path).parent
    languages = _languages(tree)
    if any(named.span.holds(finding.span) for finding in diagnostics for named in items(get(tree, "languages"))):
        lost = {*lost, "languages"}
    check_names(tree, findings)
    check_rules(tree, findings)
    check_slots(tree, findings)
    check_sets(tree, findings)
    check_country(tree, findings)
    check_conduct(tree, languages, findings)
    check_rule_texts(tree, findings)
    check_claims(tree, findings)
    check_placeholders(tree, findings)
    check_marked(tree, findings)
    check_voice(tree, findings)
    check_allowed(tree, findings)
    check_secrets(tree, findings)
    check_alerts(tree, findings)
    lacking = check_translations(tree, languages, findings)
    check_channels(tree, connectors, findings)
    check_installed(tree, findings, connectors=connectors, voices=voices, settings=settings)
    check_plugins(tree, root, findings, plugins=plugins, skills=skills, facts=facts)
    said = check_examples(tree, root, findings)
    knowledge = _check_knowledge(tree, root, languages, findings)
    brought = Contributions()
    if persona is not None:
        whole = with_folders(persona.plugins, root)
        brought = contributions([plugin_use(written, root) for written in whole], facts)
        persona = brought.given_to(persona)
        knowledge.passages += brought.passages
    if not has_errors(knowledge.diagnostics):
        check_answered(tree, {intent for intent, _ in knowledge.rows}, findings)
        told = [(passage.text, passage.language) for passage in knowledge.passages]
        wanted = [code for code in languages if code not in lacking]  # of the others, each missing text is told
        check_served(tree, wanted, [*((words, None) for words in said), *told], findings)
    check_media(tree, root, findings)
    check_tuning(tree, languages, findings)
    check_values(tree, root, languages, findings)
    check_typography(tree, findings)
    if conversations:
        from .conversations import check_conversations

        check_conversations(tree, root, languages, findings)
    found = in_order([finding for finding in findings.all if not _doubtful(finding, lost)])
    shown, hidden = silence(found, tree, root)
    return Loaded(None if has_errors(shown) else persona, shown, tree, lost, knowledge, hidden, brought.digest)


def _without_value(tree: Mapping, known: list[Diagnostic]) -> list[Diagnostic]:
    """Report keys with nothing after the colon; connectors and extensions may have nothing."""
    reported = {diagnostic.span for diagnostic in known}
    found = []
    stack: list[Node] = [node for key, node in tree.entries.items() if key not in ("connectors", "extensions")]
    blocks: list[Mapping] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            blocks.append(node)
        stack += [] if isinstance(node, Scalar) else node.entries.values() if isinstance(node, Mapping) else node.items
    for block in blocks:
        for key, node in block.entries.items():
            span = block.keys[key]
            if isinstance(node, Scalar) and node.value is None and not {span, node.span} & reported:
                advice = "write a value after the colon, or delete the line"
                found.append(Diagnostic("P0114", "error", f"`{key}` has no value", span, advice))
    return found


def _languages(tree: Node) -> list[str]:
    """Return the promised languages, without those that are malformed."""
    named = [code for node in items(get(tree, "languages")) if (code := text(node))]
    return [code for code in named if re.match(LANGUAGE_PATTERN, code)] or ["en"]


def _check_knowledge(tree: Node, root: Path, languages: list[str], findings: Findings) -> Knowledge:
    paths = [node for item in items(get(tree, "knowledge")) if (node := get(item, "path")) is not None]
    knowledge = read_sources([(pattern, node.span) for node in paths if (pattern := text(node))], root, languages)
    for file in knowledge.files:
        if file.suffix.lower() == ".md":
            content, _ = read_text(file, MAX_BYTES)
            findings.all += check_links(content or "", file, root)
    findings.all += knowledge.diagnostics
    known = intent_names(tree)
    for intent, row in knowledge.rows:
        check_intent(intent, row.place("intent"), known, findings)
    check_repeats(knowledge, root, languages, findings)
    return knowledge
