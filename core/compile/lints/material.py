"""What the lints look at: the examples of all intents and the passages, each with its language and its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...diagnostics import Span, split_lines
from ...models.language import LanguageDetector
from ...persona.files import find_file
from ...persona.nodes import Mapping, Node, get, items, text
from ...persona.schema import Persona
from ...persona.source import read_text
from ...persona.sources.knowledge import Knowledge, example_file
from ...persona.sources.tables import MAX_BYTES
from ...turn import Passage

_LINE = re.compile(r"(.+):(\d+)$")


@dataclass(frozen=True, slots=True)
class Said:
    """Hold the words of one example: of an intent's own list or file, or a question of the knowledge that names it.

    A question of the knowledge that names no intent has an empty one.
    """

    text: str
    intent: str
    language: str
    span: Span


@dataclass(slots=True)
class Material:
    """Hold a persona with all that its lints look at."""

    persona: Persona
    tree: Node
    root: Path
    knowledge: Knowledge
    examples: list[Said] = field(default_factory=list)
    questions: list[Said] = field(default_factory=list)
    """Those of the knowledge that no intent has."""
    _lines: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def gather(cls, persona: Persona, tree: Node, root: Path, knowledge: Knowledge) -> Material:
        """Gather the examples of a persona that has no errors."""
        material = cls(persona, tree, root, knowledge)
        detector = LanguageDetector(persona.languages)
        known = {intent.name for intent in persona.intents}
        for intent in items(get(tree, "intents")):
            name = text(get(intent, "name")) or ""
            for words, span in _examples(get(intent, "examples"), root):
                if any(char.isalpha() for char in words):
                    material.examples.append(Said(words, name, detector.detect(words), span))
        passages = {passage.id: passage for passage in knowledge.passages}
        for question in knowledge.questions:
            place = material.place(passages[question.passage])
            if question.intent in known:
                material.examples.append(Said(question.text, question.intent or "", question.language, place))
            else:
                material.questions.append(Said(question.text, "", question.language, place))
        return material

    def place(self, passage: Passage) -> Span:
        """Return where a passage begins: its line, or the file where that has no lines."""
        match = _LINE.match(passage.source)
        name = match[1] if match else passage.source.partition(":")[0]
        path = str(self.root / name)
        number = int(match[2]) if match else 1
        lines = self.lines(self.root / name) if match else []
        if not match or number > len(lines):
            return Span(path, 1, 1, 1, 1)
        line = lines[number - 1]
        return Span(path, number, len(line) - len(line.lstrip()) + 1, number, len(line.rstrip()) + 1)

    def lines(self, file: Path) -> list[str]:
        """Return the lines of a text file; none of one that is no text."""
        path = str(file)
        if path not in self._lines:
            content, _ = read_text(file, MAX_BYTES)
            self._lines[path] = split_lines(content or "")
        return self._lines[path]


def _examples(node: Node | None, root: Path) -> Iterator[tuple[str, Span]]:
    path = text(node)
    if node is not None and path:
        file, _ = find_file(path, root, node.span, (".csv", ".txt"))
        yield from ((example.text, span) for example, span in (example_file(file)[0] if file else ()) if example.text)
        return
    for item in items(node):
        said = get(item, "text") if isinstance(item, Mapping) else item
        if said is not None and (words := text(said)):
            yield words, said.span


def quoted(words: str, limit: int = 80) -> str:
    """Return words in quotation marks, cut where they are long."""
    words = " ".join(words.split())
    return f"“{words if len(words) <= limit else words[: limit - 1] + '…'}”"


def there(other: Span, here: Span) -> str:
    """Return in words where another place is, seen from this one."""
    return f"on line {other.line}" if other.path == here.path else f"at {other}"


def listed(parts: Sequence[str]) -> str:
    """Join parts as a sentence does."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
