"""Check what conversation tests name and expect, against the persona's own tree, and whether it can be met.

Looks at the tree of a test, so that it also runs where its form has faults; knows no types of the format but its keys.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from ..diagnostics import Span
from .checks.examples import SOUNDS
from .checks.references import check_intent, check_pattern, intent_names
from .checks.sets import set_rules
from .expectations import NULLABLE, SINGLE, Expect, Turn
from .files import PICTURES, READABLE, find_file, find_files, relative
from .findings import Findings
from .names import suggestion
from .nodes import Mapping, Node, Scalar, get, items, key_span, text
from .schema import PERSONAL_DATA, base


@dataclass(frozen=True, slots=True)
class Known:
    """Hold the names that expectations may use."""

    root: Path
    languages: Collection[str]
    intents: Collection[str]
    rules: Collection[str]
    off: Collection[str]
    skills: Collection[str]
    slots: Collection[str]
    sources: Collection[str]


def names_of(tree: Node, root: Path, languages: Collection[str]) -> Known:
    """Return the names that a persona has."""
    intents = items(get(tree, "intents"))
    slots = [get(intent, "slots") for intent in intents]
    own = [id for rule in items(get(tree, "ethics", "rules")) if (id := text(get(rule, "id")))]
    theirs = set_rules(tree)
    switched_off = {text(node) for node in items(get(tree, "ethics", "without"))}
    return Known(
        root=root,
        languages=languages,
        intents=intent_names(tree),
        rules=[*own, *theirs, "disclosure"],
        off=[id for id in theirs if id in switched_off and id not in own],
        skills={skill for intent in intents if (skill := text(get(intent, "skill")))},
        slots={name for node in slots if isinstance(node, Mapping) for name in node.entries},
        sources=_knowledge_files(tree, root),
    )


def _knowledge_files(tree: Node, root: Path) -> set[str]:
    """Return the files that the persona answers from, as citations name them."""
    patterns = [node for source in items(get(tree, "knowledge")) if (node := get(source, "path")) is not None]
    found = [find_files(text(node) or "", root, node.span, READABLE)[0] for node in patterns]
    return {relative(file, root) for files in found for file in files}


def start_of(node: Node) -> Span:
    """Return the first key of a block: one place on one line."""
    return next(iter(node.keys.values())) if isinstance(node, Mapping) and node.keys else node.span


def check_item(item: Node, known: Known, findings: Findings) -> None:
    """Report what is wrong with one conversation beside its form."""
    if not isinstance(item, Mapping) or "fairness" in item.entries:
        return
    if "turns" in item.entries:
        for key in Turn.model_fields:
            if (span := key_span(item, key)) is not None:
                advice = "write it below `turns:`, after `- `, or delete `turns:` for a conversation of one turn"
                findings.error("P0107", f"`{key}` belongs to a turn, and this conversation has `turns`", span, advice)
    elif not any(key in item.entries for key in SINGLE):
        return  # without `turns`: said by the form
    turns = items(get(item, "turns")) if "turns" in item.entries else (item,)
    blocks = []
    for turn in turns:
        if isinstance(turn, Mapping):
            blocks += _check_turn(turn, known, findings)
    if turns and not any(isinstance(block, Mapping) and block.entries for block in blocks):
        message, advice = (
            "this test expects nothing, so it cannot fail",
            "add `expect:` to a turn, with what must be so",
        )
        findings.warning("P0502", message, start_of(item), advice)


def _check_turn(turn: Mapping, known: Known, findings: Findings) -> list[Node]:
    """Report the faults of a turn and return its blocks of expectations."""
    known_keys = all(key in Turn.model_fields for key in turn.entries)
    if known_keys and not any(key in turn.entries for key in SINGLE):
        message, advice = "in this turn the user says nothing", "add `say: …`, or `audio:` or `image:` with a file"
        findings.error("P0501", message, start_of(turn), advice)
    for key in Expect.model_fields:
        if (span := key_span(turn, key)) is not None:
            findings.error("P0107", f"unknown key `{key}` in a turn", span, f"`{key}` belongs under `expect`")
    for key, kinds in (("audio", SOUNDS), ("image", PICTURES)):
        node = get(turn, key)
        if isinstance(node, Scalar) and isinstance(node.value, str) and node.value.strip():
            findings.all += find_file(node.value.strip(), known.root, node.span, kinds)[1]
    expect, unwanted = get(turn, "expect"), get(turn, "expect_not")
    for block, nullable in ((expect, NULLABLE), (unwanted, ())):
        _check_values(block, nullable, findings)
        _check_names(block, known, findings)
    _check_off(expect, unwanted, known, findings)
    _check_sense(expect, unwanted, findings)
    return [block for block in (expect, unwanted) if block is not None]


def _check_values(block: Node | None, nullable: Collection[str], findings: Findings) -> None:
    """Report keys with nothing after the colon; `null` says that there is none of it."""
    for key, node in block.entries.items() if isinstance(block, Mapping) else ():
        if isinstance(node, Scalar) and node.value is None and not (node.written and key in nullable):
            advice = "write a value after the colon, or delete the line"
            if key in nullable:
                advice = f"write a value after the colon, or `{key}: null` when there must be none"
            findings.error("P0114", f"`{key}` has no value", _key(block, key), advice)


def _key(block: Node | None, key: str) -> Span:
    """Return where a key of a block stands."""
    span = key_span(block, key)
    if span is None:
        raise LookupError(key)
    return span


def _check_names(block: Node | None, known: Known, findings: Findings) -> None:
    """Report names that the persona does not have."""
    for node in items(get(block, "intent")):
        check_intent(text(node), node.span, known.intents, findings)
    for node in items(get(block, "rule")):
        _check_name(node, known.rules, "P0503", "there is no rule `{}`", "rules", findings)
    for node in items(get(block, "skill")):
        _check_name(node, known.skills, "P0504", "no intent of this persona has the skill `{}`", "skills", findings)
    for node in items(get(block, "redactions")):
        message = "`{}` is not a kind of personal data that is known"
        _check_name(node, PERSONAL_DATA, "P0308", message, "kinds", findings)
    for node in items(get(block, "language")):
        code = text(node)
        if code and not any(base(code) == base(own) for own in known.languages):
            advice = suggestion(code, known.languages, "languages")
            findings.error("P0305", f"the persona does not answer in `{code}`", node.span, advice)
    slots = get(block, "slots")
    for name, span in slots.keys.items() if isinstance(slots, Mapping) else ():
        if name not in known.slots:
            findings.error("P0505", f"no intent has a slot `{name}`", span, suggestion(name, known.slots, "slots"))
    for node in items(get(block, "source")):
        _check_source(node, known.sources, findings)
    for key in ("text", "transcript", "picture_text"):
        pattern = get(block, key, "matches")
        if isinstance(pattern, Scalar) and pattern.value is not None:
            check_pattern(pattern, findings)


def _check_name(node: Node, known: Collection[str], code: str, message: str, what: str, findings: Findings) -> None:
    name = text(node)
    if name and name not in known:
        findings.error(code, message.format(name), node.span, suggestion(name, known, what))


def _check_off(expect: Node | None, unwanted: Node | None, known: Known, findings: Findings) -> None:
    """Report rules that `without` switches off: none of them fires, so one half fails and the other is empty."""
    for node in items(get(expect, "rule")):
        if (id := text(node)) in known.off:
            message = f"`{id}` is switched off by `without`, so it never fires: no answer can meet this"
            findings.error("P0508", message, node.span, f"delete this, or take `{id}` out of `without`")
    for node in items(get(unwanted, "rule")):
        if (id := text(node)) in known.off:
            message = f"`{id}` is switched off by `without`, so it never fires: this cannot fail"
            findings.warning("P0508", message, node.span, f"delete this, or take `{id}` out of `without`")


def _check_source(node: Node, sources: Collection[str], findings: Findings) -> None:
    """Report a source that is no file of the persona's knowledge, no place in one, and no folder with some."""
    path = (text(node) or "").split(":")[0].rstrip("/")
    if path and not any(file == path or file.startswith(f"{path}/") for file in sources):
        advice = suggestion(path, sources, "knowledge files")
        findings.error("P0201", f"the persona's knowledge has no file `{path}`", node.span, advice)


def _check_sense(expect: Node | None, unwanted: Node | None, findings: Findings) -> None:
    """Report expectations that no answer can meet."""
    outside = get(expect, "out_of_scope")
    if isinstance(outside, Scalar) and outside.value is True and text(get(expect, "intent")):
        message = "a message that belongs to no intent has no intent: no answer can meet both"
        findings.error("P0506", message, _key(expect, "out_of_scope"), "delete one of the two")
    for key in ("intent", "rule", "skill", "language", "source", "text"):
        wanted = {said for node in _said(get(expect, key)) if (said := text(node))}
        several = key in ("intent", "skill", "language") and len(wanted) > 1
        for node in _said(get(unwanted, key)):
            if text(node) in wanted and not several:
                message = f"`{text(node)}` is expected, and also expected not to be: no answer can meet both"
                findings.error("P0506", message, node.span, "delete one of the two")


def _said(node: Node | None) -> tuple[Node, ...]:
    return items(get(node, "contains") if isinstance(node, Mapping) else node)
