"""A preview says what was just written, before anything new was learnt; nobody else sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from personac.core.assemble import assemble
from personac.core.cli.building import build, installed
from personac.core.compile.artifact import latest, read_manifest
from personac.core.compile.preview import forget_previews, preview
from personac.core.errors import PersonaInvalid
from personac.core.store.sqlite import SQLiteStore

YAML = """personac: 1
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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a compiled persona."""
    folder = tmp_path / "fern"
    folder.mkdir()
    (folder / "persona.yaml").write_text(YAML, "utf-8")
    (folder / "faq.csv").write_text("question,answer\nWhen do you open?,We open at 9:00.\n", "utf-8")
    build(folder, None, quiet=True)
    return folder


def quiet(name: str, done: int, total: int) -> None:
    """Show no progress; a preview must not train."""
    assert name != "train"


async def test_words_are_new_and_the_network_is_not(folder: Path, ask: Any) -> None:
    before = latest(folder / "build" / "fern")
    assert before is not None
    (folder / "persona.yaml").write_text(YAML.replace("Until next time!", "So long!"), "utf-8")
    (folder / "faq.csv").write_text("question,answer\nWhen do you open?,We open at 10:30.\n", "utf-8")
    made = preview(folder, None, installed(), before, quiet)
    assert made is not None
    assert latest(folder / "build" / "fern") == before
    assert (made / "fusion.onnx").read_bytes() == (before / "fusion.onnx").read_bytes()
    runtime = assemble(made, SQLiteStore(None))
    assert (await ask(runtime, "bye bye")).text == "So long!"
    assert "10:30" in (await ask(runtime, "When do you open?")).text
    runtime.close()
    forget_previews(folder, None)
    assert not made.exists()
    assert read_manifest(before)


def test_a_network_that_reads_with_other_encoders_does_not_fit(folder: Path) -> None:
    before = latest(folder / "build" / "fern")
    assert before is not None
    (folder / "persona.yaml").write_text(YAML.replace("languages: [en]", "languages: [en, zh]"), "utf-8")
    assert preview(folder, None, installed(), before, quiet) is None


def test_a_persona_with_errors_has_no_preview(folder: Path) -> None:
    before = latest(folder / "build" / "fern")
    assert before is not None
    (folder / "persona.yaml").write_text(YAML.replace("name: Fern", "nam: Fern"), "utf-8")
    with pytest.raises(PersonaInvalid):
        preview(folder, None, installed(), before, quiet)
