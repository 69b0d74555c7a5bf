"""Read a persona's conversation tests, tests/*.yaml, with the place of every turn, and check what they name.

Knows the persona only as a tree, which may have faults of its own, and runs nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ..diagnostics import Diagnostic, Span, has_errors, in_order
from .examples import SOUNDS
from .expectations import SINGLE, Expect, Item, Items, ManyTurns, Turn
from .files import PICTURES, READABLE, find_file
from .findings import Findings
from .names import suggestion
from .nodes import Mapping, Node, Scalar, get, items, key_span, plain, text
from .nodes import Sequence as NodeList
from .references import check_intent, check_pattern, intent_names
from .schema import PERSONAL_DATA, base
from .source import read
from .wording import explain_errors

FOLDER = "tests"
_ADAPTER: TypeAdapter[tuple[Item, ...]] = TypeAdapter(Items)
_MAY_BE_NULL = ("intent", "source", "rule", "skill")
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class PlacedTurn:
    """Hold a turn with where it stands; `places` are those of its expectations, as `expect.intent`."""

    turn: Turn
    span: Span
    places: dict[str, Span]


@dataclass(frozen=True, slots=True)
class Conversation:
    """Hold one test: what a user says, turn by turn, and what is expected."""

    name: str
    user: str
    channel: str
    turns: tuple[PlacedTurn, ...]
    span: Span


@dataclass(slots=True)
class ConversationFile:
    """Hold the conversations of a file; none when it has errors."""

    conversations: list[Conversation] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Known:
    """Hold the names that expectations may use."""

    root: Path
    languages: Collection[str]
    intents: Collection[str]
    rules: Collection[str]
    skills: Collection[str]
    slots: Collection[str]


def conversation_files(root: Path) -> list[Path]:
    """Return the test files of the persona in a folder."""
    return sorted(path for ending in ("*.yaml", "*.yml") for path in (root / FOLDER).glob(ending) if path.is_file())


def check_conversations(tree: Node, root: Path, languages: Collection[str], findings: Findings) -> None:
    """Report the mistakes in all test files of a persona."""
    for path in conversation_files(root):
        findings.all += read_conversations(path, tree, root, languages).diagnostics


def read_conversations(path: Path, tree: Node, root: Path, languages: Collection[str]) -> ConversationFile:
    """Read one test file of the persona whose tree and folder these are."""
    node, diagnostics = read(path)
    if node is None:
        return ConversationFile(diagnostics=diagnostics)
    findings = Findings(diagnostics)
    known = _names_of(tree, root, languages)
    for item in items(node):
        _check_item(item, known, findings)
    _check_doubles(node, findings)
    try:
        read_items = _ADAPTER.validate_python(plain(node, written=True))
    except ValidationError as error:
        known_errors = [finding for finding in findings.all if finding.severity == "error"]
        errors = [fault for fault in error.errors(include_url=False) if not _misplaced(fault["loc"])]
        findings.all += explain_errors(errors, node, known_errors, Items)
        return ConversationFile(diagnostics=in_order(findings.all))
    found = in_order(findings.all)
    if has_errors(found):
        return ConversationFile(diagnostics=found)
    return ConversationFile([_placed(item, node) for item, node in zip(read_items, items(node))], found)


def _names_of(tree: Node, root: Path, languages: Collection[str]) -> _Known:
    intents = items(get(tree, "intents"))
    slots = [get(intent, "slots") for intent in intents]
    return _Known(
        root=root,
        languages=languages,
        intents=intent_names(tree),
        rules=[id for rule in items(get(tree, "ethics", "rules")) if (id := text(get(rule, "id")))],
        skills={skill for intent in intents if (skill := text(get(intent, "skill")))},
        slots={name for node in slots if isinstance(node, Mapping) for name in node.entries},
    )


def _placed(item: Item, node: Node) -> Conversation:
    turns, nodes = (item.turns, items(get(node, "turns"))) if isinstance(item, ManyTurns) else ((item,), (node,))
    placed = tuple(_placed_turn(turn, below) for turn, below in zip(turns, nodes))
    return Conversation(item.name or _shortened(_first_said(turns[0])), item.user, item.channel, placed, _start(node))


def _placed_turn(turn: Turn, node: Node) -> PlacedTurn:
    places = {}
    for side in ("expect", "expect_not"):
        block = get(node, side)
        for key, span in block.keys.items() if isinstance(block, Mapping) else ():
            places[f"{side}.{key}"] = span
            inner = block.entries[key] if isinstance(block, Mapping) else None
            for name, place in inner.keys.items() if isinstance(inner, Mapping) else ():
                places[f"{side}.{key}.{name}"] = place
    return PlacedTurn(turn, _start(node), places)


def _start(node: Node) -> Span:
    """Return the first key of a block: one place on one line."""
    return next(iter(node.keys.values())) if isinstance(node, Mapping) and node.keys else node.span


def _first_said(turn: Turn) -> str:
    return turn.say or turn.audio or turn.image or ""


def _shortened(said: str) -> str:
    said = " ".join(said.split())
    return said if len(said) <= _SHOWN else said[: _SHOWN - 1] + "…"


def _check_item(item: Node, known: _Known, findings: Findings) -> None:
    """Report what is wrong with one conversation beside its form."""
    if not isinstance(item, Mapping):
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
        findings.warning("P0502", message, _start(item), advice)


def _misplaced(loc: tuple[int | str, ...]) -> bool:
    """Tell whether an error is about a key of a turn beside `turns`, which `_check_item` reports."""
    return len(loc) == 3 and loc[1] == "many" and loc[2] in Turn.model_fields


def _check_turn(turn: Mapping, known: _Known, findings: Findings) -> list[Node]:
    """Report the faults of a turn and return its blocks of expectations."""
    known_keys = all(key in Turn.model_fields for key in turn.entries)
    if known_keys and not any(key in turn.entries for key in SINGLE):
        message, advice = "in this turn the user says nothing", "add `say: …`, or `audio:` or `image:` with a file"
        findings.error("P0501", message, _start(turn), advice)
    for key in Expect.model_fields:
        if (span := key_span(turn, key)) is not None:
            findings.error("P0107", f"unknown key `{key}` in a turn", span, f"`{key}` belongs under `expect`")
    for key, kinds in (("audio", SOUNDS), ("image", PICTURES)):
        node = get(turn, key)
        if isinstance(node, Scalar) and isinstance(node.value, str) and node.value.strip():
            findings.all += find_file(node.value.strip(), known.root, node.span, kinds)[1]
    expect, unwanted = get(turn, "expect"), get(turn, "expect_not")
    for block, nullable in ((expect, _MAY_BE_NULL), (unwanted, ())):
        _check_values(block, nullable, findings)
        _check_names(block, known, findings)
    _check_sense(expect, unwanted, findings)
    return [block for block in (expect, unwanted) if block is not None]


def _check_values(block: Node | None, nullable: Collection[str], findings: Findings) -> None:
    """Report keys with nothing after the colon; `null` says that there is none of it."""
    for key, node in block.entries.items() if isinstance(block, Mapping) else ():
        if isinstance(node, Scalar) and node.value is None and not (node.written and key in nullable):
            advice = "write a value after the colon, or delete the line"
            if key in nullable:
                advice = f"write a value after the colon, or `{key}: null` when there must be none"
            findings.error("P0114", f"`{key}` has no value", block_key(block, key), advice)


def block_key(block: Node | None, key: str) -> Span:
    """Return where a key of a block stands."""
    span = key_span(block, key)
    if span is None:
        raise LookupError(key)
    return span


def _check_names(block: Node | None, known: _Known, findings: Findings) -> None:
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
        _check_source(node, known.root, findings)
    for key in ("text", "transcript", "picture_text"):
        pattern = get(block, key, "matches")
        if isinstance(pattern, Scalar) and pattern.value is not None:
            check_pattern(pattern, findings)


def _check_name(node: Node, known: Collection[str], code: str, message: str, what: str, findings: Findings) -> None:
    name = text(node)
    if name and name not in known:
        findings.error(code, message.format(name), node.span, suggestion(name, known, what))


def _check_source(node: Node, root: Path, findings: Findings) -> None:
    said = text(node)
    if said and not (root / said).is_dir():
        findings.all += find_file(said.split(":")[0], root, node.span, READABLE)[1]


def _check_sense(expect: Node | None, unwanted: Node | None, findings: Findings) -> None:
    """Report expectations that no answer can meet."""
    outside = get(expect, "out_of_scope")
    if isinstance(outside, Scalar) and outside.value is True and text(get(expect, "intent")):
        message = "a message that belongs to no intent has no intent: no answer can meet both"
        findings.error("P0506", message, block_key(expect, "out_of_scope"), "delete one of the two")
    for key in ("intent", "rule", "skill", "language", "source", "text"):
        wanted = {said for node in _said(get(expect, key)) if (said := text(node))}
        several = key in ("intent", "skill", "language") and len(wanted) > 1
        for node in _said(get(unwanted, key)):
            if text(node) in wanted and not several:
                message = f"`{text(node)}` is expected, and also expected not to be: no answer can meet both"
                findings.error("P0506", message, node.span, "delete one of the two")


def _said(node: Node | None) -> tuple[Node, ...]:
    return items(get(node, "contains") if isinstance(node, Mapping) else node)


def _check_doubles(node: Node, findings: Findings) -> None:
    """Report conversations of one name: reports could not tell them apart."""
    seen: dict[str, Span] = {}
    for item, place in _named(node):
        first = seen.setdefault(item, place)
        if first is not place:
            message = f"there are two conversations named `{item}`; the first is on line {first.line}"
            findings.warning("P0507", message, place, "give one of them another name")


def _named(node: Node) -> Iterator[tuple[str, Span]]:
    for item in node.items if isinstance(node, NodeList) else ():
        name = get(item, "name")
        if name is not None and (said := text(name)):
            yield said, name.span
