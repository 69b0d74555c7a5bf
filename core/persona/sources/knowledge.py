"""Read what a persona knows into passages, with the line, page or paragraph that each comes from.

Knows nothing of vectors or search. Ids are made of paths, names of records and headings, so that they stay the same
while what they name stays the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ...diagnostics import Diagnostic, Span
from ...turn import Passage
from ..files import PICTURES, READABLE, find_file, find_files, relative
from ..language import guess_language
from ..schema import LANGUAGE_PATTERN, Example, Intent, Persona, base
from ..source import read_text
from .chunks import cut
from .documents import DOCUMENTS, read_document
from .pictures import captions, find_picture, pictured
from .records import humanised, read_records
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
    pictures: dict[str, str] = field(default_factory=dict)
    """The pictures of records, by id, as paths below the persona's folder."""
    files: dict[Path, None] = field(default_factory=dict)
    """Every file that was looked at, in order: sources, captions and pictures."""


def read_knowledge(persona: Persona, root: Path) -> Knowledge:
    """Read all that the persona's `knowledge` names, each file once, in the order of the persona."""
    nowhere = Span(str(root), 1, 1, 1, 1)
    return read_sources([(source.path, nowhere) for source in persona.knowledge], root, persona.languages)


def read_sources(sources: Iterable[tuple[str, Span]], root: Path, languages: Sequence[str]) -> Knowledge:
    """Read files and patterns of files, each given with the place that names it."""
    reader = _Reader(root, languages)
    files: dict[Path, None] = {}
    for pattern, span in sources:
        found, diagnostics = find_files(pattern, root, span, READABLE)
        reader.knowledge.diagnostics += diagnostics
        files.update(dict.fromkeys(found))
    for file in files:
        reader.read(file)
    reader.report_pictures()
    return reader.knowledge


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


class _Reader:
    """Read one file after another into the same knowledge."""

    def __init__(self, root: Path, languages: Sequence[str]) -> None:
        self.knowledge = Knowledge()
        self._root, self._languages = root, languages
        self._bare: list[Path] = []  # pictures without a caption
        self._pictures: dict[tuple[str, Path], str | None] = {}

    def read(self, file: Path) -> None:
        """Read a file, unless it was read with another."""
        if file in self.knowledge.files:
            return
        self.knowledge.files[file] = None
        kind = file.suffix.lower()
        if kind == ".csv":
            self._table(file)
        elif kind in PICTURES:
            waiting = captions(file)
            self._bare += [] if waiting else [file]
            for caption in waiting:
                self.read(caption)
        elif kind in DOCUMENTS:
            self._document(file)
        else:
            self._records(file)

    def report_pictures(self) -> None:
        """Report pictures that were named as knowledge, and of which nothing is said."""
        used = {passage.image for passage in self.knowledge.passages}
        for picture in self._bare:
            if relative(picture, self._root) not in used:
                message = "this picture has no caption, so it answers nothing"
                advice = f"write what it shows into a file beside it: `{picture.name}.txt`"
                place = Span(str(picture), 1, 1, 1, 1)
                self.knowledge.diagnostics.append(Diagnostic("P0236", "warning", message, place, advice))

    def _table(self, file: Path) -> None:
        knowledge, name = self.knowledge, relative(file, self._root)
        table = read_table(file, ("question", "answer"), FAQ_COLUMNS)
        knowledge.diagnostics += table.diagnostics
        for row in table.rows:
            question, answer, code, intent, image = (row[column] for column in FAQ_COLUMNS)
            if code and not re.match(LANGUAGE_PATTERN, code):
                message = f"`{code}` is not a language code"
                advice = 'write a code such as en or zh, or nothing; an answer with a comma in it needs "…" around it'
                knowledge.diagnostics.append(Diagnostic("P0117", "error", message, row.place("language"), advice))
                continue
            language = code or guess_language(f"{question} {answer}", self._languages)
            if intent:
                knowledge.rows.append((intent, row))
            id, source = f"{name}#{row.line}", f"{name}:{row.line}"
            picture = self._picture(image, file, row.place("image")) if image else None
            knowledge.passages.append(Passage(id, source, question, answer, language, intent or None, image=picture))
            knowledge.questions.append(Question(question, id, language, intent or None))

    def _document(self, file: Path) -> None:
        name = relative(file, self._root)
        document = read_document(file)
        self.knowledge.diagnostics += document.diagnostics
        picture = pictured(file)
        if picture is not None:
            self.knowledge.files[picture] = None
        told = _told_language(file)
        counts: dict[str, int] = {}
        for piece in cut(document.blocks):
            slug = "-".join(re.findall(r"\w+", piece.headings[-1].casefold())) if piece.headings else ""
            counts[slug] = counts.get(slug, 0) + 1
            id = f"{name}#{slug}-{counts[slug]}" if slug else f"{name}#{counts[slug]}"
            source = f"{name}:{document.mark}{piece.place}"
            language = told or guess_language(piece.text, self._languages)
            image = self._picture(piece.image, file) if piece.image else None
            image = relative(picture, self._root) if picture is not None else image
            title = " · ".join(piece.headings)
            self.knowledge.passages.append(Passage(id, source, title, piece.text, language, image=image))

    def _records(self, file: Path) -> None:
        name = relative(file, self._root)
        found = read_records(file, self._languages)
        self.knowledge.diagnostics += found.diagnostics
        self.knowledge.records[name] = found.values()
        for record in found.records:
            named = record.picture()
            image = self._picture(named.written, file, named.span) if named is not None else None
            if image is not None:
                self.knowledge.pictures.setdefault(record.id, image)
            for key, language, text, span in record.texts(self._languages):
                called = next((said for code, said in record.names.items() if base(code) == base(language)), None)
                title = f"{called or next(iter(record.names.values()))} · {humanised(key)}"
                id, source = f"{name}#{record.id}.{key}.{language}", f"{name}:{span.line}"
                self.knowledge.passages.append(
                    Passage(id, source, title, text, language, record=record.id, field=key, image=image)
                )

    def _picture(self, named: str, file: Path, span: Span | None = None) -> str | None:
        """Return the path of a picture that a file names; with a place, one that is not there is reported."""
        key = (named, file.parent)
        if key not in self._pictures or (span is not None and self._pictures[key] is None):
            found = find_picture(named, file, self._root)
            if found is not None:
                self.knowledge.files[found] = None
            elif span is not None:
                self.knowledge.diagnostics += find_file(named, self._root, span, PICTURES)[1]
            self._pictures[key] = relative(found, self._root) if found is not None else None
        return self._pictures[key]


def _told_language(file: Path) -> str | None:
    """Return the language in a name such as beijing.zh.md."""
    suffixes = file.suffixes
    code = suffixes[-2].removeprefix(".") if len(suffixes) > 1 else ""
    return code if re.match(LANGUAGE_PATTERN, code) else None
