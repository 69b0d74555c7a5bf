"""What tests of several parts share: the persona of a small shop, quick to compile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

FERN = """personac: 1
name: Fern
languages: [en]
knowledge:
  - path: faq.csv
intents:
  - name: hello
    examples: [hi there, hello friend, good morning]
    responses: {en: [Welcome to the shop!]}
  - name: goodbye
    examples: [bye bye, see you later, good night]
    responses: {en: [Until next time!]}
"""


@pytest.fixture(scope="session")
def write_fern() -> Callable[[Path, str], Path]:
    """Return a function that writes the persona Fern, with more YAML behind it, into a folder, and returns that."""

    def write(parent: Path, more: str = "") -> Path:
        folder = parent / "fern"
        folder.mkdir()
        (folder / "persona.yaml").write_text(FERN + more, "utf-8")
        (folder / "faq.csv").write_text("question,answer\nWhen do you open?,We open at 9:00.\n", "utf-8")
        return folder

    return write
