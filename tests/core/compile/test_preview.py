"""A preview says what was just written, before anything new was learnt; nobody else sees it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from personac.core.assemble import assemble
from personac.core.cli.building import build, installed
from personac.core.compile.artifact import latest, read_manifest
from personac.core.compile.preview import forget_previews, preview
from personac.core.errors import PersonaInvalid
from personac.core.store.sqlite import SQLiteStore


@pytest.fixture
def folder(tmp_path: Path, write_fern: Callable[..., Path]) -> Path:
    """Return a compiled persona."""
    folder = write_fern(tmp_path)
    build(folder, None, quiet=True)
    return folder


def edit(folder: Path, old: str, new: str) -> None:
    """Change a text in the persona's file."""
    path = folder / "persona.yaml"
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


def quiet(name: str, done: int, total: int) -> None:
    """Show no progress; a preview must not train."""
    assert name != "train"


async def test_words_are_new_and_the_network_is_not(folder: Path, ask: Any) -> None:
    before = latest(folder / "build" / "fern")
    assert before is not None
    edit(folder, "Until next time!", "So long!")
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
    edit(folder, "languages: [en]", "languages: [en, zh]")
    assert preview(folder, None, installed(), before, quiet) is None


def test_a_persona_with_errors_has_no_preview(folder: Path) -> None:
    before = latest(folder / "build" / "fern")
    assert before is not None
    edit(folder, "name: Fern", "nam: Fern")
    with pytest.raises(PersonaInvalid):
        preview(folder, None, installed(), before, quiet)
