"""Read records (things with fields, such as sights or fees) from YAML and JSON.

A file holds a list of records, or a block with one record under each name. A record has an `id` or a `name`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...diagnostics import Diagnostic, Span
from ..files import PICTURES
from ..language import guess_language, is_language_map
from ..nodes import Mapping, Node, Scalar, get, plain, text
from ..nodes import Sequence as NodeList
from ..recovery import read_around
from ..schema import base

_NOT_SAID = ("id", "name", "aliases")


@dataclass(frozen=True, slots=True)
class Record:
    """Hold one record; `names` are by language."""

    id: str
    names: dict[str, str]
    node: Mapping
    span: Span

    def picture(self) -> Scalar | None:
        """Return the field that names the record's picture."""
        node = self.node.entries.get("image")
        return node if isinstance(node, Scalar) and node.written.lower().endswith(PICTURES) else None

    def texts(self, languages: Sequence[str]) -> Iterator[tuple[str, str, str, Span]]:
        """Yield (field, language, text, place) for all that the record says; fields of blocks are `block.field`."""
        for key, node in self.node.entries.items():
            if key not in _NOT_SAID and node is not self.picture():
                yield from _texts(key, node, languages)


@dataclass(slots=True)
class RecordFile:
    """Hold the records of a file as far as they could be read."""

    records: list[Record] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def values(self) -> list[dict[str, Any]]:
        """Return the records as plugins see them: as written, with the id."""
        return [{"id": record.id, **plain(record.node)} for record in self.records]

    def fields(self) -> list[str]:
        """Return the names of all fields, in the order of the file."""
        return list(dict.fromkeys(key for record in self.records for key in record.node.entries))


def read_records(path: Path, languages: Sequence[str]) -> RecordFile:
    """Read a file of records."""
    root, diagnostics, _ = read_around(path)
    found = RecordFile(diagnostics=diagnostics)
    if root is None:
        return found
    seen: dict[str, Span] = {}
    for key, span, node in _listed(root):
        if not isinstance(node, Mapping):
            message, advice = "a record is a block of fields", "write each as `- id: …` with its fields below"
            found.diagnostics.append(Diagnostic("P0207", "error", message, span or node.span, advice))
            continue
        names = _names(node, languages)
        id = text(get(node, "id")) or key or _slug(next(iter(names.values()), ""))
        place = span or _first_line(node)
        if not id:
            message, advice = "this record has neither `id` nor `name`", "add `id: short_name`"
            found.diagnostics.append(Diagnostic("P0207", "error", message, place, advice))
            continue
        if id in seen:
            message = f"the record `{id}` stands here twice; the first is on line {seen[id].line}"
            found.diagnostics.append(
                Diagnostic("P0208", "error", message, place, "give it another `id`, or join the two")
            )
            continue
        seen[id] = place
        found.records.append(Record(id, names or {languages[0]: id.replace("_", " ")}, node, place))
    if not found.records and not found.diagnostics:
        found.diagnostics.append(Diagnostic("P0206", "warning", "the file has no records", root.span))
    return found


def humanised(key: str) -> str:
    """Return `opening_hours` as words."""
    return re.sub(r"[_\-]+", " ", key.replace(".", " · ")).strip()


def _listed(root: Node) -> Iterator[tuple[str | None, Span | None, Node]]:
    if isinstance(root, NodeList):
        yield from ((None, None, item) for item in root.items)
    elif isinstance(root, Mapping):
        only = next(iter(root.entries.values())) if len(root.entries) == 1 else None
        if isinstance(only, NodeList):  # sights: [...]
            yield from ((None, None, item) for item in only.items)
            return
        yield from ((key, root.keys[key], node) for key, node in root.entries.items())
    else:
        yield None, None, root


def _names(node: Mapping, languages: Sequence[str]) -> dict[str, str]:
    name = node.entries.get("name")
    if isinstance(name, Mapping):
        return {code: said for code, item in name.entries.items() if (said := text(item))}
    said = text(name)
    return {guess_language(said, languages): said} if said else {}


def _texts(key: str, node: Node, languages: Sequence[str]) -> Iterator[tuple[str, str, str, Span]]:
    if isinstance(node, Scalar):
        if isinstance(node.value, str) and node.value.strip():
            yield key, guess_language(node.value, languages), _tidy(node.value), node.span
    elif isinstance(node, Mapping) and is_language_map(list(node.entries)):
        for code, item in node.entries.items():
            if parts := _said(item):
                yield key, code, _tidy(_separator(code).join(parts)), node.keys[code]
    elif isinstance(node, Mapping):
        for inner, item in node.entries.items():
            yield from _texts(f"{key}.{inner}", item, languages)
    else:
        said = _said(node)
        if said:
            code = guess_language(" ".join(said), languages)
            yield key, code, _tidy(_separator(code).join(said)), node.span


def _said(node: Node) -> list[str]:
    """Return a text, or the texts of a list of nothing else."""
    nodes = node.items if isinstance(node, NodeList) else (node,)
    said = [text(item) for item in nodes]
    return [item for item in said if item and item.strip()] if all(said) else []


def _separator(language: str) -> str:
    return "；" if base(language) in ("zh", "ja", "yue") else "; "


def _tidy(value: str) -> str:
    return " ".join(value.split())


def _slug(name: str) -> str:
    return "_".join(re.findall(r"\w+", name.casefold()))


def _first_line(node: Mapping) -> Span:
    return next(iter(node.keys.values()), node.span)
