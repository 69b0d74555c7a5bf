"""Read a persona's conversation tests, tests/*.yaml, with the place of every turn.

Knows the persona only as a tree, which may have faults of its own, and runs nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ..diagnostics import Diagnostic, Span, has_errors, in_order
from .checks.wording import explain_errors
from .expectations import FairnessWanted, FairTest, Item, Items, ManyTurns, OneTurn, Turn
from .expected import check_item, names_of, start_of
from .findings import Findings
from .nodes import Mapping, Node, get, items, plain, text
from .nodes import Sequence as NodeList
from .source import read

FOLDER = "tests"
_ADAPTER: TypeAdapter[tuple[Item, ...]] = TypeAdapter(Items)
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


@dataclass(frozen=True, slots=True)
class FairnessTest:
    """Hold one test of fairness; `places` are those of its limits, as `refusal`."""

    name: str
    wanted: FairnessWanted
    span: Span
    places: dict[str, Span]


@dataclass(slots=True)
class ConversationFile:
    """Hold the tests of a file; none when it has errors."""

    conversations: list[Conversation] = field(default_factory=list)
    fairness: list[FairnessTest] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)


def conversation_files(root: Path) -> list[Path]:
    """Return the test files of the persona in a folder."""
    return sorted(path for ending in ("*.yaml", "*.yml") for path in (root / FOLDER).glob(ending) if path.is_file())


def tested_rules(root: Path) -> Iterator[Node]:
    """Yield the ids of rules that the tests of the persona in a folder name, as they stand there."""
    for path in conversation_files(root):
        for item in items(read(path)[0]):
            for turn in items(get(item, "turns")) or (item,):
                for side in ("expect", "expect_not"):
                    yield from items(get(turn, side, "rule"))


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
    known = names_of(tree, root, languages)
    for item in items(node):
        check_item(item, known, findings)
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
    made = ConversationFile(diagnostics=found)
    for test, below in zip(read_items, items(node)):
        if isinstance(test, FairTest):
            limits = get(below, "fairness", "at_most")
            places = dict(limits.keys) if isinstance(limits, Mapping) else {}
            made.fairness.append(FairnessTest(test.name, test.fairness, start_of(below), places))
        else:
            made.conversations.append(_placed(test, below))
    return made


def _placed(item: OneTurn | ManyTurns, node: Node) -> Conversation:
    turns, nodes = (item.turns, items(get(node, "turns"))) if isinstance(item, ManyTurns) else ((item,), (node,))
    placed = tuple(_placed_turn(turn, below) for turn, below in zip(turns, nodes))
    return Conversation(item.name or _shortened(_first_said(turns[0])), item.user, item.channel, placed, start_of(node))


def _placed_turn(turn: Turn, node: Node) -> PlacedTurn:
    places = {}
    for side in ("expect", "expect_not"):
        block = get(node, side)
        for key, span in block.keys.items() if isinstance(block, Mapping) else ():
            places[f"{side}.{key}"] = span
            inner = block.entries[key] if isinstance(block, Mapping) else None
            for name, place in inner.keys.items() if isinstance(inner, Mapping) else ():
                places[f"{side}.{key}.{name}"] = place
    return PlacedTurn(turn, start_of(node), places)


def _first_said(turn: Turn) -> str:
    return turn.say or turn.audio or turn.image or ""


def _shortened(said: str) -> str:
    said = " ".join(said.split())
    return said if len(said) <= _SHOWN else said[: _SHOWN - 1] + "…"


def _misplaced(loc: tuple[int | str, ...]) -> bool:
    """Tell whether an error is about a key of a turn beside `turns`, which `check_item` reports."""
    return len(loc) == 3 and loc[1] == "many" and loc[2] in Turn.model_fields


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
