"""Check that nothing that is known stands twice: questions in tables, and records of one id in several files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...diagnostics import Span, split_lines
from ..findings import Findings
from ..schema import base
from ..sources.knowledge import Knowledge
from ..sources.records import read_records
from .examples import same_form


def check_repeats(knowledge: Knowledge, root: Path, languages: Sequence[str], findings: Findings) -> None:
    """Report questions that stand twice, and ids that two files of records share."""
    passages = {passage.id: passage for passage in knowledge.passages}
    seen: dict[tuple[str, str], str] = {}
    lines: dict[str, list[str]] = {}
    for question in knowledge.questions:
        passage = passages.get(question.passage)
        form = same_form(question.text)
        if passage is None or not form:
            continue
        first = seen.setdefault((form, base(question.language)), question.passage)
        if first == question.passage:
            continue
        before = passages[first]
        equal = same_form(before.text) == same_form(passage.text)
        where = _where(before.source, passage.source)
        message = f"this question stands twice; the first is {where}, with {'the same' if equal else 'another'} answer"
        advice = "delete one of them" if equal else "keep the answer that is right; nobody can tell which one users get"
        findings.warning("P0213", message, _row(passage.source, root, lines), advice)
    _records(knowledge, root, languages, findings)


def _where(first: str, second: str) -> str:
    (file, _, line), other = first.rpartition(":"), second.rpartition(":")[0]
    return f"on line {line}" if file == other else f"at {first}"


def _row(source: str, root: Path, lines: dict[str, list[str]]) -> Span:
    name, _, number = source.rpartition(":")
    path, line = str(root / name), int(number)
    if name not in lines:
        lines[name] = split_lines((root / name).read_bytes().decode("utf-8-sig", errors="replace"))
    width = len(lines[name][line - 1].rstrip()) if line <= len(lines[name]) else 0
    return Span(path, line, 1, line, width + 1)


def _records(knowledge: Knowledge, root: Path, languages: Sequence[str], findings: Findings) -> None:
    first: dict[str, str] = {}
    shared: dict[str, set[str]] = {}
    for name, records in knowledge.records.items():
        for record in records:
            before = first.setdefault(str(record["id"]), name)
            if before != name:
                shared.setdefault(name, set()).add(str(record["id"]))
    for name, ids in shared.items():
        for found in read_records(root / name, languages).records:
            if found.id in ids:
                message = f"the record `{found.id}` stands in {first[found.id]} too"
                findings.warning("P0214", message, found.span, "give one of them another `id`: skills find only one")
