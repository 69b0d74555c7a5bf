"""Read the tests of personas: what `personac test` runs and `personac eval fairness` says."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..diagnostics import Diagnostic
from ..errors import PersonaInvalid
from ..persona.check import FILE_NAME, find_persona
from ..persona.conversations import FOLDER, Conversation, FairnessTest, conversation_files, read_conversations
from .building import installed
from .check import personas_at


@dataclass(slots=True)
class Suite:
    """Hold a persona with its tests."""

    path: Path
    root: Path
    conversations: list[Conversation] = field(default_factory=list)
    fairness: list[FairnessTest] = field(default_factory=list)


def read_suites(paths: list[Path]) -> tuple[list[Suite], list[Diagnostic]]:
    """Return the tests of all personas, and the findings of their test files; a path may be one of these.

    Raise PersonaInvalid when a persona itself has errors.
    """
    known = installed()
    suites, found = [], []
    for path in paths:
        only = path if _is_test_file(path) else None
        for persona_at in [path.parent.parent] if only else personas_at(path):
            loaded = known.check(persona_at, conversations=False)
            persona, diagnostics, tree = loaded.persona, loaded.diagnostics, loaded.tree
            if persona is None or tree is None:
                raise PersonaInvalid(diagnostics)
            suite = Suite(persona_at, find_persona(persona_at).parent)
            for file in [only] if only else conversation_files(suite.root):
                read = read_conversations(file, tree, suite.root, persona.languages)
                suite.conversations.extend(read.conversations)
                suite.fairness.extend(read.fairness)
                found += read.diagnostics
            suites.append(suite)
    return suites, found


def _is_test_file(path: Path) -> bool:
    return path.is_file() and path.parent.name == FOLDER and (path.parent.parent / FILE_NAME).is_file()
