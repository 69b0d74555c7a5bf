"""Read what a persona knows into passages, with the line that each comes from.

Knows nothing of vectors or search. Ids are made of paths, names of records and headings, so that they stay the same
while what they name stays the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ..diagnostics import Diagnostic, Span
from ..turn import Passage
from .files import READABLE, find_file, find_files, relative
from .language import guess_language
from .pages import cut_markdown, cut_text
from .records import humanised, read_records
from .schema import LANGUAGE_PATTERN, Example, Intent, Persona, base
from .source import read_text
from .tables import MAX_BYTES, Row, read_table

FAQ_COLUMNS = ("question", "answer", "language", "intent", "image")
EXAMPLE_COLUMNS = ("text", "language", "image", "audio")


class Question(NamedTuple):
    """Hold a question whose answer is known to be a passage."""

    text: str
    passage: str
    language: str
    intent: str | None


@dataclass(slots=True)
class Knowledge:
    """Hold what a persona knows; `records` are by file, as written."""

    passages: list[Passage] = field(default_factory=list)
    records: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    rows: list[tuple[str, Row]] = field(default_factory=list)
    """The rows of the question tables that name an intent."""


def read_knowledge(persona: Persona, root: Path) -> Knowledge:
    """Read all that the persona's `knowledge` names, each file once, in the order of the persona."""
    knowledge = Knowledge()
    nowhere = Span(str(root), 1, 1, 1, 1)
    files: dict[Path, None] = {}
    for source in persona.knowledge:
        found, diagnostics = find_files(source.path, root, nowhere, READABLE)
        knowledge.diagnostics += diagnostics
        files.update(dict.fromkeys(found))
    for file in files:
        add_file(knowledge, file, root, persona.languages)
    return knowledge


def add_file(knowledge: Knowledge, file: Path, root: Path, languages: Sequence[str]) -> None:
    """Read one file into the knowledge."""
    name = relative(file, root)
    kind = file.suffix.lower()
    if kind == ".csv":
        _add_table(knowledge, file, name, languages)
    elif kind in (".md", ".txt"):
        _add_page(knowledge, file, name, languages)
    else:
        _add_records(knowledge, file, name, languages)


def read_examples(intent: Intent, root: Path) -> list[tuple[Example, str]]:
    """Return an intent's examples with where each stands; those of a file that cannot be read are left out."""
    if not isinstance(intent.examples, str):
        return [(example, f"intent {intent.name}") for example in intent.examples]
    file, _ = find_file(intent.examples, root, Span(str(root), 1, 1, 1, 1), (".csv", ".txt"))
    return [(example, f"{intent.examples}:{span.line}") for example, span in example_file(file)[0]] if file else []


def example_file(file: Path) -> tuple[list[tuple[Example, Span]], list[Diagnostic]]:
    """Read examples from a csv with the column `text`, or from a txt with one on each line."""
    if file.suffix.lower() == ".csv":
        table = read_table(file, ("text",), EXAMPLE_COLUMNS)
        return [
            (Example(text=row["text"], image=row["image"] or None, audio=row["audio"] or None), row.span)
            for row in table.rows
        ], table.diagnostics
    content, diagnostics = read_text(file, MAX_BYTES)
    lines = (content or "").split("\n")
    examples = [
        (Example(text=line.strip()), Span(str(file), number, 1, number, len(line.rstrip()) + 1))
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]
    if content is not None and not examples:
        diagnostics.append(Diagnostic("P0206", "warning", "the file has no examples", Span(str(file), 1, 1, 1, 1)))
    return examples, diagnostics


def _add_table(knowledge: Knowledge, file: Path, name: str, languages: Sequence[str]) -> None:
    table = read_table(file, ("question", "answer"), FAQ_COLUMNS)
    knowledge.diagnostics += table.diagnostics
    for row in table.rows:
        code = row["language"]
        if code and not re.match(LANGUAGE_PATTERN, code):
            message = f"`{code}` is not a language code"
            advice = 'write a code such as en or zh, or nothing; an answer with a comma in it needs "…" around it'
            knowledge.diagnostics.append(Diagnostic("P0117", "error", message, row.place("language"), advice))
            continue
        language = code or guess_language(f"{row['question']} {row['answer']}", languages)
        intent = row["intent"] or None
        if intent:
            knowledge.rows.append((intent, row))
        id, line = f"{name}#{row.span.line}", f"{name}:{row.span.line}"
        knowledge.passages.append(Passage(id, line, row["question"], row["answer"], language, intent))
        knowledge.questions.append(Question(row["question"], id, language, intent))


def _add_page(knowledge: Knowledge, file: Path, name: str, languages: Sequence[str]) -> None:
    content, diagnostics = read_text(file, MAX_BYTES)
    knowledge.diagnostics += diagnostics
    if content is None:
        return
    content = content.replace("\r\n", "\n").replace("\r", "\n")
    pieces = cut_markdown(content) if file.suffix.lower() == ".md" else cut_text(content)
    if not pieces:
        message = "there is no text to answer from in this file"
        knowledge.diagnostics.append(Diagnostic("P0206", "warning", message, Span(str(file), 1, 1, 1, 1)))
    told = _told_language(file)
    counts: dict[str, int] = {}
    for piece in pieces:
        slug = "-".join(re.findall(r"\w+", piece.headings[-1].casefold())) if piece.headings else ""
        counts[slug] = counts.get(slug, 0) + 1
        id = f"{name}#{slug}-{counts[slug]}" if slug else f"{name}#{counts[slug]}"
        title = " · ".join(piece.headings)
        language = told or guess_language(piece.text, languages)
        knowledge.passages.append(Passage(id, f"{name}:{piece.line}", title, piece.text, language))


def _told_language(file: Path) -> str | None:
    """Return the language in a name such as beijing.zh.md."""
    suffixes = file.suffixes
    code = suffixes[-2].removeprefix(".") if len(suffixes) > 1 else ""
    return code if re.match(LANGUAGE_PATTERN, code) else None


def _add_records(knowledge: Knowledge, file: Path, name: str, languages: Sequence[str]) -> None:
    found = read_records(file, languages)
    knowledge.diagnostics += found.diagnostics
    knowledge.records[name] = found.values()
    for record in found.records:
        for key, language, text, span in record.texts(languages):
            called = next((said for code, said in record.names.items() if base(code) == base(language)), None)
            title = f"{called or next(iter(record.names.values()))} · {humanised(key)}"
            id = f"{name}#{record.id}.{key}.{language}"
            knowledge.passages.append(
                Passage(id, f"{name}:{span.line}", title, text, language, record=record.id, field=key)
            )
