"""Bring a persona of an older version of the language to the present one, by edits of its text.

What no step touches stays as it was, to the byte: comments, order, quotes, line ends. Writes no file.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ..diagnostics import Diagnostic, Span, has_errors, in_order, split_lines
from .findings import Findings
from .migrations import version_0
from .migrations.edits import apply
from .migrations.layout import Layout, Piece, read_layout
from .migrations.moves import Refused
from .migrations.version_0 import Pass
from .nodes import Mapping as Block
from .nodes import Scalar, plain
from .source import MAX_BYTES, parse, read_text

VERSION = 1


@dataclass(frozen=True, slots=True)
class Step:
    """Lead from one version of the language to the next.

    `problems` reports what the step cannot do, `passes` edit the text in their order, and `meaning` says what comes
    out as plain values.
    """

    problems: Callable[[Block, Findings], None]
    passes: tuple[Pass, ...]
    meaning: Callable[[Mapping[str, Any]], dict[str, Any]]


STEPS: dict[int, Step] = {0: Step(version_0.problems, version_0.PASSES, version_0.meaning)}
"""By the version that each begins with."""


@dataclass(frozen=True, slots=True)
class Migration:
    """Hold a persona's text before and after; `new` is None when it cannot be migrated, and the findings say why."""

    version: int | None
    old: str
    new: str | None
    diagnostics: list[Diagnostic] = field(default_factory=list)

    @property
    def needed(self) -> bool:
        """Tell whether there was anything to do."""
        return self.new is not None and self.new != self.old


def migrate(file: Path) -> Migration:
    """Return a persona's file in the present version of the language; texts include a byte-order mark."""
    content, diagnostics = read_text(file, MAX_BYTES)
    if content is None:
        return Migration(None, "", None, diagnostics)
    mark = "\ufeff" if file.read_bytes().startswith(codecs.BOM_UTF8) else ""
    made = migrate_text(content, str(file))
    return Migration(made.version, mark + made.old, None if made.new is None else mark + made.new, made.diagnostics)


def migrate_text(content: str, path: str) -> Migration:
    """Return a persona's text in the present version; findings name `path`."""
    tree, diagnostics = parse(content, path)
    if not isinstance(tree, Block) or diagnostics:
        return Migration(None, content, None, diagnostics or [_no_version(Span(path, 1, 1, 1, 1), VERSION)])
    begun = version_of(tree)
    if begun is None or (begun != VERSION and begun not in STEPS):
        return Migration(None, content, None, [_unknown(tree, path)])
    notes, text, version = [], content, begun
    while version != VERSION:
        step = STEPS[version]
        tree, _ = parse(text, path)
        if not isinstance(tree, Block):
            raise ValueError(f"the step from version {version} left no persona behind")
        findings = Findings()
        step.problems(tree, findings)
        notes += findings.all
        if has_errors(notes):
            return Migration(begun, content, None, in_order(notes))
        edited, refused = _edited(text, tree, step, path)
        if refused is not None:
            return Migration(begun, content, None, in_order([*notes, refused]))
        text, version = edited, version + 1
    return Migration(begun, content, text, in_order(notes))


def version_of(tree: Block) -> int | None:
    """Return the version of the language that a persona says it is written in; None when it says none."""
    node = tree.entries.get("personac")
    given = node.value if isinstance(node, Scalar) else None
    if isinstance(given, str) and given.isdecimal() and len(given) < 9:
        given = int(given)
    return given if isinstance(given, int) and not isinstance(given, bool) else None


def explain_older_version(tree: Block, file: Path) -> list[Diagnostic]:
    """Return the findings for a persona in an older version of the language: what to do, and what is in the way."""
    version = version_of(tree)
    if version not in STEPS:
        return []
    node = tree.entries["personac"]
    message = f"this persona is written in version {version} of the persona language, and the present one is {VERSION}"
    older = Diagnostic("P0118", "error", message, node.span, f"run `personac migrate {_shown(str(file))}`")
    return [older, *migrate(file).diagnostics]


def _shown(path: str) -> str:
    return f'"{path}"' if " " in path else path


def _edited(text: str, tree: Block, step: Step, path: str) -> tuple[str, Diagnostic | None]:
    """Return the text with a step made, or why it cannot be."""
    layout = read_layout(text)
    wanted = step.meaning(plain(tree))
    try:
        for run in step.passes:
            edits = run(layout)
            layout = read_layout(apply(layout.text, edits)) if edits else layout
        found, faults = parse(layout.text, path)
        got = plain(found) if found is not None and not faults else {}
    except Refused as refused:
        return text, _refusal(refused, layout, text, path)
    except yaml.YAMLError:  # what an edit made is no YAML: it meets something that nobody thought of
        got = {}
    if said(got) != said(wanted):
        named = next((key for key in tree.entries if _changed(key, wanted, got)), next(iter(tree.entries)))
        message = f"`{named}` is written in a way that migrate cannot change without changing what it means"
        advice = "write out what stands there by * or <<, and each value on lines of its own; then migrate again"
        return text, Diagnostic("P0603", "error", message, tree.keys[named], advice)
    return layout.text, None


def _changed(key: str, wanted: dict[str, Any], got: dict[str, Any]) -> bool:
    """Tell whether what a key of the old version became is not what it should be."""
    homes = {"faq": "knowledge", "never": "ethics", "greeting": "tone", "fallback": "tone", "language": "languages"}
    return bool(said(wanted.get(homes.get(key, key))) != said(got.get(homes.get(key, key))))


def said(value: Any) -> Any:
    """Return plain values without the line breaks at the end of texts, which mean nothing in a persona."""
    if isinstance(value, dict):
        return {key: said(item) for key, item in value.items()}
    if isinstance(value, list):
        return [said(item) for item in value]
    return value.rstrip("\n") if isinstance(value, str) else value


def _refusal(refused: Refused, layout: Layout, text: str, path: str) -> Diagnostic:
    """Say where a text cannot be migrated; the place is sought in the text as it was."""
    shown = layout.text[refused.piece.start : refused.piece.end]
    start = refused.piece.start if layout.text == text else max(text.find(shown), 0)
    return Diagnostic(refused.code, "error", refused.message, _span(text, start, refused.piece, path), refused.advice)


def _span(text: str, start: int, piece: Piece, path: str) -> Span:
    before = split_lines(text[:start])
    first = split_lines(text[start : start + piece.end - piece.start])[0]
    line, column = len(before), len(before[-1]) + 1
    return Span(path, line, column, line, column + max(1, len(first)))


def _no_version(span: Span, likely: int) -> Diagnostic:
    advice = f"begin it with the version of the language that it is written in: `personac: {likely}`"
    return Diagnostic("P0118", "error", "the persona does not say in which version of the language it is", span, advice)


def _unknown(tree: Block, path: str) -> Diagnostic:
    node = tree.entries.get("personac")
    if node is None:
        likely = 0 if version_0.KEYS & tree.entries.keys() else VERSION
        return _no_version(next(iter(tree.keys.values()), Span(path, 1, 1, 1, 1)), likely)
    given = f"version {node.written}" if isinstance(node, Scalar) else "this version"
    known = " and ".join(map(str, [*STEPS, VERSION]))
    message = f"{given} of the persona language is not known here; known are {known}"
    advice = "if it comes from a newer personac, update this one: pip install --upgrade personac"
    return Diagnostic("P0118", "error", message, node.span, advice)
