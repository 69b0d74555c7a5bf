"""Read the training data of Rasa's NLU: examples with their entities, synonyms, lookup tables, patterns.

Source of the format: Rasa 3, "Training Data Format", sections NLU Training Data and Entities.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .project import Document, Project
from .shapes import a_dict, a_list, a_text

_ENTITY = re.compile(r"\[([^\[\]]+)\](?:\(([^()]*)\)|(\{[^{}]*\})|(\[\{[^\[\]]*\}\]))")


@dataclass(frozen=True, slots=True)
class Mention:
    """Hold a part of an example that is an entity; `value` is what it stands for."""

    entity: str
    text: str
    value: str
    role: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """Hold what a user may say: as it is written in the file, as it is said, and the entities in it."""

    written: str
    text: str
    mentions: tuple[Mention, ...] = ()


@dataclass(slots=True)
class Nlu:
    """Hold the training data of a project; what has a name is by that name, in the order of the files."""

    intents: dict[str, list[Example]] = field(default_factory=dict)
    synonyms: dict[str, list[str]] = field(default_factory=dict)
    lookups: dict[str, list[str]] = field(default_factory=dict)
    patterns: dict[str, list[str]] = field(default_factory=dict)


def read_nlu(project: Project) -> Nlu:
    """Read all NLU items of a project."""
    nlu = Nlu()
    for _, item in items(project):
        if name := a_text(item.get("intent")):
            nlu.intents.setdefault(name, []).extend(read_example(line) for line in lines(item.get("examples")))
        for key, table in (("synonym", nlu.synonyms), ("lookup", nlu.lookups), ("regex", nlu.patterns)):
            if name := a_text(item.get(key)):
                table.setdefault(name, []).extend(lines(item.get("examples")))
    return nlu


def items(project: Project) -> Iterator[tuple[Document, dict[str, Any]]]:
    """Yield each item under `nlu:` with the file that it stands in."""
    for document, section in project.sections("nlu"):
        for item in a_list(section):
            if isinstance(item, dict):
                yield document, item


def lines(examples: Any) -> list[str]:
    """Return the examples of an item: lines that begin with a dash, or a list of blocks with `text`."""
    if isinstance(examples, list):
        texts = [a_text(a_dict(example).get("text") if isinstance(example, dict) else example) for example in examples]
        return [text for text in texts if text]
    if not isinstance(examples, str):
        return []
    found = [line.strip()[1:].strip() for line in examples.splitlines() if line.strip().startswith("-")]
    return [line for line in found if line]


def read_example(written: str) -> Example:
    """Read one example; a mark of an entity that is not well-formed stays text."""
    mentions: list[Mention] = []

    def replaced(match: re.Match[str]) -> str:
        found = _mentions(match)
        mentions.extend(found)
        return match[1] if found else match[0]

    said = _ENTITY.sub(replaced, written)
    return Example(written, " ".join(said.split()), tuple(mentions))


def _mentions(match: re.Match[str]) -> list[Mention]:
    text = match[1]
    if match[2] is not None:
        entity, _, value = match[2].partition(":")
        return [Mention(entity.strip(), text, value.strip() or text)] if entity.strip() else []
    try:
        told = json.loads(match[3] or match[4])
    except (ValueError, RecursionError):
        return []
    found = []
    for item in told if isinstance(told, list) else [told]:
        said = a_dict(item)
        if entity := a_text(said.get("entity")):
            value = a_text(said.get("value")) or text
            found.append(Mention(entity, text, value, a_text(said.get("role")), a_text(said.get("group"))))
    return found
