"""Check the files that a persona names besides its knowledge and examples: its face, its voice, the values of slots."""

from __future__ import annotations

from pathlib import Path

from ..files import PICTURES, READABLE, find_file
from ..findings import Findings
from ..names import suggestion
from ..nodes import Mapping, Node, Scalar, get, items, text
from ..sources.records import read_records
from ..sources.tables import read_table
from .voice import RECORDINGS


def check_media(tree: Node, root: Path, findings: Findings) -> None:
    """Report pictures and recordings that are not there."""
    for key in ("reference", "consent_recording"):
        recording = get(tree, "voice", key)
        if recording is not None and (path := text(recording)):
            findings.all += find_file(path, root, recording.span, RECORDINGS)[1]
    image = get(tree, "face", "image")
    if image is not None and (path := text(image)):
        findings.all += find_file(path, root, image.span, (".svg", *PICTURES))[1]
    expressions = get(tree, "face", "expressions")
    for node in expressions.entries.values() if isinstance(expressions, Mapping) else ():
        if (path := text(node)) and path.lower().endswith((".svg", *PICTURES)):
            findings.all += find_file(path, root, node.span, (".svg", *PICTURES))[1]


def check_values(tree: Node, root: Path, languages: list[str], findings: Findings) -> None:
    """Report slots whose values are in a file or field that is not there."""
    for intent in items(get(tree, "intents")):
        slots = get(intent, "slots")
        for slot in slots.entries.values() if isinstance(slots, Mapping) else ():
            node = get(slot, "values")
            if isinstance(node, Scalar) and isinstance(node.value, str) and node.value.strip():
                _check_field(node, root, languages, findings)


def _check_field(node: Scalar, root: Path, languages: list[str], findings: Findings) -> None:
    path, _, name = node.written.partition("#")
    if not path.lower().endswith(READABLE):
        message = (
            f'expected a list of texts, or a file\'s field such as knowledge/sights.yaml#name, found "{path[:40]}"'
        )
        findings.error("P0114", message, node.span, f"write the values as a list: [{path[:40]}]")
        return
    file, diagnostics = find_file(path, root, node.span, (".yaml", ".yml", ".json", ".csv"))
    findings.all += diagnostics
    if file is None:
        return
    if file.suffix.lower() == ".csv":
        table = read_table(file, (), ())
        fields, diagnostics = list(table.columns), table.diagnostics
    else:
        records = read_records(file, languages)
        fields, diagnostics = records.fields(), records.diagnostics
    findings.all += diagnostics
    if not fields or name in fields:
        return
    if not name:
        findings.error(
            "P0209", f"which field of `{path}`?", node.span, f"write `{path}#{fields[0]}`, or another of its fields"
        )
    else:
        findings.error("P0209", f"`{path}` has no field `{name}`", node.span, suggestion(name, fields, "fields"))
